"""The upstream account's own settings, read and changed by admins as jobs like any other: queued, followed, audited.

They change everybody's pictures, so nothing here happens as a side effect of something else, and the two toggles are
pressed only where it is known which way they will go (useapi-v3.md §4.7).
"""

import re
import uuid
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import Channel, User
from generations import enqueue
from generations.enqueue import CannotEnqueue
from generations.models import Feed, Job, Lane, Priority, Prompt, Verb
from generations.models.priority import turn_at
from midjourney.prompt import Problem

FRESH = timedelta(minutes=15)  # how long what was read counts as the state of a toggle
READS = (Verb.SETTINGS, Verb.INFO)
SPEEDS = (Verb.FAST, Verb.RELAX, Verb.TURBO)
TOGGLES = (Verb.REMIX, Verb.VARIABILITY)
VERBS = (*READS, *SPEEDS, *TOGGLES)
HISTORY = 12

_PHRASES = {
    Verb.SETTINGS: "Read the settings",
    Verb.INFO: "Read plan and usage",
    Verb.FAST: "Switch the account to fast",
    Verb.RELAX: "Switch the account to relax",
    Verb.TURBO: "Switch the account to turbo",
}


_LINE = re.compile(r"\**([^*:]{2,60}?)\**:\**\s*(.*)")
_MOMENT = re.compile(r"<t:(\d{1,10})(?::\w)?>")


def plan(channel: Channel) -> list[tuple[str, str]]:
    """What /info said, line by line as name and value, without the marks that Discord would draw."""
    found = []
    for line in channel.info.splitlines():
        plain = _MOMENT.sub(lambda moment: f"{datetime.fromtimestamp(int(moment[1]), UTC):%-d %B %Y}", line.strip())
        if match := _LINE.fullmatch(plain):
            found.append((match[1].strip(), match[2].replace("*", "").strip()))
        elif plain:
            found.append(("", plain.replace("*", "")))
    return found


def phrase(verb: str, wanted: bool | None = None) -> str:
    """What a job of this verb does, as its button and its line in the history say it."""
    if verb in TOGGLES:
        return f"Switch {Verb(verb).label.lower()} {'on' if wanted else 'off'}"
    return _PHRASES[Verb(verb)]


def state_of(channel: Channel, verb: str) -> bool | None:
    """Whether a toggle is on, as far as that was read not long ago; None where it has to be read first."""
    value = channel.settings.get(verb)
    if value is None or channel.settings_at is None or timezone.now() - channel.settings_at > FRESH:
        return None
    return str(value).lower() in {"true", "1", "on"}


def unfinished(channel: Channel) -> list[Job]:
    """What is under way with the settings of a channel."""
    jobs = Job.objects.unfinished().filter(account=channel.account_id, bound_to=channel.pk, verb__in=VERBS)
    return list(jobs.order_by("pk"))


def history(channel: Channel) -> list[Job]:
    """The last of such jobs, newest first, with who asked for them."""
    jobs = Job.objects.filter(account=channel.account_id, bound_to=channel.pk, verb__in=VERBS)
    return list(jobs.select_related("owner").order_by("-pk")[:HISTORY])


def ask(channel: Channel, verb: str, actor: User, *, wanted: bool | None = None) -> Job:
    """Queue the reading or changing of a channel's settings; what is under way already is not queued twice.

    `wanted` is the state that a toggle is to have. Raises CannotEnqueue where it has that state, where nobody knows
    which it has, or where another change is under way.
    """
    if verb not in VERBS:
        raise _cannot("unknown_setting", "There is no such setting.")
    with transaction.atomic():
        Feed.next_value(actor.pk)  # before the channel's row, as whoever completes such a job takes them
        # Whoever asks for the same channel waits here, so that a toggle is never pressed twice.
        channel = Channel.objects.select_for_update(no_key=True).select_related("account").get(pk=channel.pk)
        under_way = unfinished(channel)
        same = next((job for job in under_way if job.verb == verb), None)
        if same is not None:
            return same
        _check(channel, verb, wanted, under_way)
        job = _job(channel, verb, actor, wanted)
        prompt = Prompt(owner=actor, account=channel.account, text=job.text, idempotency_key=uuid.uuid4().hex)
        enqueue.store([prompt], [job], actor)
    channel.account.wake()
    return job


def read_back(job: Job) -> None:
    """Read the settings once a change of them is through, so that what pages show is what is true."""
    channel = job.channel
    if channel is not None and channel.removed_at is None:
        ask(channel, Verb.SETTINGS, job.owner)


def _check(channel: Channel, verb: str, wanted: bool | None, under_way: list[Job]) -> None:
    if channel.removed_at is not None:
        raise _cannot("channel_removed", "The service no longer lists this channel.")
    if verb in READS:
        return
    if any(job.verb not in READS for job in under_way):
        raise _cannot("change_under_way", "Another change of these settings is under way. Wait for it to end.")
    if verb not in TOGGLES:
        return
    state = state_of(channel, verb)
    if state is None:
        raise _cannot(
            "state_unknown", "Read the settings first: this is a toggle, and it is not known which way it goes."
        )
    if wanted is None or wanted == state:
        raise _cannot("state_same", f"It is {'on' if state else 'off'} already. Nothing was sent.")


def _job(channel: Channel, verb: str, actor: User, wanted: bool | None) -> Job:
    now = timezone.now()
    return Job(
        owner=actor, account=channel.account, bound_to=channel.pk, verb=verb, lane=Lane.OTHER, kind=verb,
        text=phrase(verb, wanted), priority=Priority.HIGH, turn_at=turn_at(now, Priority.HIGH), created_at=now,
    )  # fmt: skip


def _cannot(code: str, message: str) -> CannotEnqueue:
    return CannotEnqueue(Problem("error", code, "", message))
