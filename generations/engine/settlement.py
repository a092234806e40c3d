"""Settles what is not known: reservations of dead workers, lost answers, and jobs of other programs.

A lost answer is looked up, never sent again. What proves that it never started is a list that began after nothing of
it could still arrive upstream, and while the shortest possible job would still be running; anything later proves
nothing, and a person decides (engine-notes, useapi-v3.md §9).
"""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils import timezone

from accounts.models import Account
from generations.actions.catalogue import ONCE
from generations.engine import outcomes, threads
from generations.engine.threads import Flow
from generations.engine.timing import Timing
from generations.models import Job, JobStatus, Lane, Verb
from midjourney import prompt as language
from midjourney.upstream import JobReply, Upstream

logger = logging.getLogger(__name__)

QUICK = {"--turbo", "--draft"}  # such a job may end before the quarantine does
# What may be sent twice at no cost: it reads, sets what it says, or is done once per job by the service (§8.2).
HARMLESS = {Verb.SEED, Verb.SETTINGS, Verb.INFO, Verb.FAST, Verb.RELAX, Verb.TURBO}
# Jobs that take as long as the figures of the timing say; anything else may end within seconds.
LASTS = {Verb.IMAGINE, Verb.BLEND, Verb.BUTTON}
JUST_AFTER = timedelta(seconds=0.2)
CLOCK_SKEW = timedelta(seconds=5)
# An answer that is on its way normally comes within this; until then a match in the list is left to it.
ANSWER_IS_DUE = timedelta(seconds=3)


def release_stale(account: Account, timing: Timing, held: Iterable[Job] | None = None) -> bool:
    """Take back what a worker claimed and did not finish sending; return whether there was such a job.

    `held` are the account's jobs that hold a slot, where the caller has them.
    """
    now = timezone.now()
    if held is None:
        held = Job.objects.filter(account=account, status=JobStatus.SUBMITTING)
    unsent_since = now - timedelta(seconds=timing.send_window + 1)
    sent_since = now - timedelta(seconds=timing.quarantine)
    found = False
    for job in held:
        if job.status != JobStatus.SUBMITTING:
            continue
        if job.sent_at is None and job.reserved_at and job.reserved_at < unsent_since:
            found |= outcomes.requeue(job, "not_sent", only_if={"attempt": job.attempt, "sent_at": None})
        elif job.sent_at and job.sent_at < sent_since:
            found |= job.move(
                JobStatus.UNCERTAIN, code="worker_lost", only_if={"attempt": job.attempt, "sent_at": job.sent_at},
                error_code="lost_answer", lost_at=now,
            )  # fmt: skip
    return found


def match(doubtful: Iterable[Job], reply: JobReply) -> Job | None:
    """The doubtful job that this upstream job is: by our reference, or by prompt, channel and time without one."""
    for job in doubtful:
        if reply.reply_ref:
            if reply.reply_ref == str(job.ref):
                return job
        elif _looks_alike(job, reply):
            return job
    return None


def _looks_alike(job: Job, reply: JobReply) -> bool:
    same_channel = job.channel is not None and reply.channel in {"", job.channel.remote_id}
    began = job.sent_at is not None and (reply.created is None or reply.created >= job.sent_at - CLOCK_SKEW)
    return same_channel and began and bool(job.text) and language.is_same_text(job.text, reply.prompt)


def adopt_match(job: Job, reply: JobReply) -> bool:
    """Tie a doubtful job to the upstream job it was found to be, unless its own answer is about to do so."""
    if job.status == JobStatus.SUBMITTING and job.sent_at and timezone.now() - job.sent_at < ANSWER_IS_DUE:
        return False
    adopted = outcomes.adopt(job, reply, code="found", only_if={"attempt": job.attempt})
    if adopted:
        logger.info("job found upstream job=%s remote=%s", job.pk, reply.job_id)
    return adopted


def settle_absent(
    account: Account, upstream: Upstream, listing_began: datetime, timing: Timing, is_told: bool = True
) -> Flow:
    """A flow that decides what a list without them says about the account's uncertain jobs."""
    uncertain = Job.objects.filter(account=account, status=JobStatus.UNCERTAIN, needs_person=False)
    channels: set[str] | None = None
    for job in list(uncertain.exclude(sent_at=None).select_related("channel")):
        quiet, until = proof_window(job, timing)
        only_if = {"attempt": job.attempt, "status": JobStatus.UNCERTAIN}
        if is_harmless(job) and quiet <= listing_began:
            outcomes.requeue(job, "sent_again", only_if=only_if)
        elif job.absence_is_proof and quiet <= listing_began <= until:
            if not is_told:
                continue
            if channels is None:  # a list of another account, or without the job's channel, proves nothing
                channels = {info.channel for info in (yield from threads.ask(upstream.channels))}
            if job.channel is None or job.channel.remote_id not in channels:
                Job.objects.filter(pk=job.pk).update(absence_is_proof=False)
                continue
            outcomes.requeue(job, "never_started", only_if=only_if)
        elif listing_began > max(quiet, until):
            job.record(code="needs_person", only_if=only_if, needs_person=True)


def is_harmless(job: Job) -> bool:
    """Whether sending it twice costs nothing and changes nothing."""
    return job.verb in HARMLESS or (job.verb == Verb.BUTTON and job.button in ONCE)


def proof_window(job: Job, timing: Timing) -> tuple[datetime, datetime]:
    """From when on nothing can still arrive, and until when an accepted job would still be running."""
    assert job.sent_at is not None  # noqa: S101
    shortest = timing.shortest_video_job if job.lane == Lane.VIDEO else timing.shortest_image_job
    if QUICK & set(job.text.split()) or job.verb not in LASTS or job.kind == "pick":
        shortest = 0.0
    shortest = min(shortest, *_recent_durations(job))
    return job.sent_at + timedelta(seconds=timing.quarantine), job.sent_at + timedelta(seconds=shortest)


def _recent_durations(job: Job) -> list[float]:
    """Seconds that the account's last jobs of this kind took: an account may be in turbo mode as a whole."""
    done = Job.objects.filter(account=job.account_id, lane=job.lane, status=JobStatus.DONE).order_by("-pk")
    spans = done.exclude(accepted_at=None).exclude(ended_at=None).values_list("sent_at", "accepted_at", "ended_at")[:50]
    taken = [(ended - _began(sent, accepted)).total_seconds() for sent, accepted, ended in spans if accepted and ended]
    return taken or [float("inf")]


def _began(sent: datetime | None, accepted: datetime) -> datetime:
    """When a job began: with its answer, or, where it was only found later, at some time after it was sent."""
    return accepted if sent is None or accepted - sent <= ANSWER_IS_DUE else sent


def next_settlement(held: Iterable[Job], timing: Timing, since: datetime | None) -> datetime | None:
    """The first moment after `since` at which a list can decide one of these jobs that are uncertain or stale."""
    moments: list[datetime] = []
    for job in held:
        if job.sent_at is None or job.needs_person:
            continue
        if job.status == JobStatus.SUBMITTING:  # uncertain from then on
            moments.append(job.sent_at + timedelta(seconds=timing.quarantine) + JUST_AFTER)
        elif job.status == JobStatus.UNCERTAIN:
            quiet, until = proof_window(job, timing)
            moments += [quiet + JUST_AFTER, max(quiet, until) + JUST_AFTER]
    return min((at for at in moments if since is None or at > since), default=None)
