"""Watches what runs on an account: one list call, and details only of what left the list or is being looked at."""

import logging
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.utils import timezone

from accounts.models import Account, Channel
from generations.engine import adoption, breaker, doubt, outcomes, pace, settlement, threads
from generations.engine.threads import Flow
from generations.engine.timing import Timing
from generations.models import Job, JobStatus
from midjourney.upstream import Gone, JobReply, Refused, RunningJob, Upstream, UpstreamError

logger = logging.getLogger(__name__)

Answers = dict[str, JobReply | UpstreamError]
"""Details by upstream id; an error stands where an answer failed."""

MOST_PROGRESS_FETCHES = 12  # a list
AT_ONCE = 6  # requests for details side by side, so that one account does not take the threads of others
UNREADABLE_FOR = 3600.0  # seconds beyond the longest job after which one that nobody can read is given up

# All that following a job needs; its texts and the service's last answer stay where they are.
FOLLOWED = (
    "account_id", "owner_id", "channel_id", "verb", "button", "lane", "kind", "status", "attempt",
    "remote_id", "progress",
    "reserved_at", "sent_at", "accepted_at", "looked_at", "gone_at", "created_at",
    "needs_person", "cancel_requested_at", "cancel_sent_at", "hinted_at",
)  # fmt: skip


def held_jobs(account: Account) -> list[Job]:
    """The account's jobs that hold a slot, with what following them needs: one query."""
    return list(Job.objects.holding_slots().filter(account=account).only(*FOLLOWED))


@dataclass
class Look:
    """What one look needs to know, and what came of it."""

    account: Account
    upstream: Upstream
    timing: Timing
    held: list[Job]
    channels: list[Channel]
    watchers: Collection[int]  # members who have a page open
    half_open: bool = False
    changed: bool = False  # some job may have moved
    trouble: UpstreamError | None = None  # details failed in a way that says something about the whole service


def look(this: Look) -> Flow:
    """List what runs on the account and bring our rows up to date. Raises UpstreamError if the list failed."""
    began = timezone.now()
    listing = yield from threads.ask(this.upstream.running)
    Account.objects.filter(pk=this.account.pk).update(listed_at=began)
    this.account.listed_at = began
    listed = {entry.job_id: entry for entry in listing}
    yield from _follow(this, listed, began)
    is_told = yield from _sort_unknown(this, listing)
    if any(job.status == JobStatus.UNCERTAIN and not job.needs_person for job in this.held):
        this.changed = True
        yield from settlement.settle_absent(this.account, this.upstream, began, this.timing, is_told)


def _follow(this: Look, listed: dict[str, RunningJob], began: datetime) -> Flow:
    """Fetch the details of our jobs that left the list or have run too long."""
    running = [job for job in this.held if job.status == JobStatus.RUNNING]
    left = [job for job in running if job.remote_id not in listed and (job.accepted_at or began) < began]
    overdue = [job for job in running if job.remote_id in listed and _age(job, began) > this.timing.longest_job]
    if left or overdue:
        this.changed = True
        yield from _update(this, [*left, *overdue], listed, began)


def confirm_hints(this: Look) -> Flow:
    """Fetch the details of jobs that a webhook told of, once for each hint: what they say is what counts."""
    began = timezone.now()
    hinted = [job for job in this.held if job.hinted_at and job.status == JobStatus.RUNNING]
    if not hinted:
        return
    this.changed = True
    for job in hinted:  # a hint that comes while we read is one for the next look
        Job.objects.filter(pk=job.pk, hinted_at=job.hinted_at).update(hinted_at=None)
    # As if they were listed: "not found" is no proof here that a job is gone.
    yield from _update(this, hinted, [job.remote_id for job in hinted], began)


def follow_progress(this: Look) -> Flow:
    """Fetch how far those jobs are whose owner is looking."""
    began = timezone.now()
    running = [job for job in this.held if job.status == JobStatus.RUNNING]
    if pace.are_told(running, this.account.hooked_at, this.timing, began):
        return
    watched = watched_jobs(running, this.watchers, began, this.timing)
    if watched and this.trouble is None:
        yield from _update(this, watched, [job.remote_id for job in watched], began)


def _update(this: Look, jobs: list[Job], listed: Collection[str], began: datetime) -> Flow:
    pks = {job.remote_id: job.pk for job in jobs}

    def take_in(answers: Answers) -> None:
        rows = Job.objects.filter(pk__in=[pks[remote_id] for remote_id in answers]).select_related("channel")
        for job in rows.order_by("pk"):
            job.account = this.account
            try:
                _take_in(job, answers[job.remote_id], began, this.timing, is_listed=job.remote_id in listed)
            except Exception:
                # What is odd about one job must not keep the others from being looked after.
                logger.exception("details could not be taken in job=%s", job.pk)

    yield from _details(this, list(pks), take_in)


def _details(this: Look, remote_ids: list[str], take_in: Callable[[Answers], None]) -> Flow:
    """Fetch jobs' details, some side by side; stop where the service as a whole does not answer.

    One job that cannot be read is that job's own trouble, as long as another can.
    """
    at_once = 1 if this.half_open else AT_ONCE
    failures: list[UpstreamError] = []
    some_answered = False
    while remote_ids and this.trouble is None:
        wave, remote_ids = remote_ids[:at_once], remote_ids[at_once:]
        found = yield [partial(this.upstream.job, remote_id) for remote_id in wave]
        answers: Answers = {}
        for remote_id, answer in zip(wave, found, strict=True):
            if isinstance(answer, (JobReply, UpstreamError)):
                answers[remote_id] = answer
            else:
                logger.error("details fault remote=%s", remote_id, exc_info=answer)
        take_in(answers)
        broken = [answer for answer in answers.values() if isinstance(answer, UpstreamError) and breaker.opens(answer)]
        failures += broken
        some_answered |= len(broken) < len(answers)
        if failures and not some_answered and (len(failures) > 1 or _is_of_service(failures[0])):
            this.trouble = failures[0]
        at_once = AT_ONCE


def _is_of_service(error: UpstreamError) -> bool:
    """Whether it says by itself that the service is not there; an error 500 may be about that one job."""
    return error.code != "server_error"


def _take_in(job: Job, answer: JobReply | UpstreamError, now: datetime, timing: Timing, *, is_listed: bool) -> None:
    age = _age(job, now)
    if isinstance(answer, JobReply):
        if not answer.is_final and age > timing.longest_job:
            outcomes.fail(job, "timed_out", answer)
        else:
            outcomes.take_in(job, answer)
    elif isinstance(answer, Gone):
        if not is_listed:
            _note_gone(job, answer, now, timing)
    else:
        # A failed read says nothing about the job: ask again at the next tick.
        logger.info("details failed job=%s code=%s", job.pk, answer.code)
        if not is_listed and age > timing.longest_job + UNREADABLE_FOR:
            outcomes.fail(job, "unreadable", note=answer.message)


def _note_gone(job: Job, answer: Gone, now: datetime, timing: Timing) -> None:
    """Give a job up once it has been "not found" for a while; a single such answer may be a slip of the service."""
    if job.gone_at is None:
        Job.objects.filter(pk=job.pk, gone_at=None).update(gone_at=now)
    elif (now - job.gone_at).total_seconds() > timing.fresh:
        outcomes.fail(job, answer.code, note=answer.message)


def _age(job: Job, now: datetime) -> float:
    return (now - (job.accepted_at or now)).total_seconds()


def watched_jobs(running: Iterable[Job], watchers: Collection[int], now: datetime, timing: Timing) -> list[Job]:
    """Running jobs whose owner has a page open and whose progress is due, those not asked for longest first."""
    asked_before = now - timedelta(seconds=timing.progress_gap)
    due = [
        job for job in running if job.owner_id in watchers and (job.looked_at is None or job.looked_at < asked_before)
    ]
    return sorted(due, key=lambda job: job.looked_at or job.created_at)[:MOST_PROGRESS_FETCHES]


def _sort_unknown(this: Look, listing: Iterable[RunningJob]) -> Flow:
    """Tell jobs of other programs, which use slots too, from our own whose answer was lost.

    Returns False where some could not be told: then absence proves nothing yet.
    """
    listed = {entry.job_id: entry for entry in listing}
    ours = {job.remote_id for job in this.held if job.remote_id}
    known_foreign = {job_id for channel in this.channels for job_id in channel.foreign_jobs}
    unknown = [job_id for job_id in listed if job_id not in ours and job_id not in known_foreign]
    is_told = True
    if unknown:  # a job's answer may have come while the list was under way
        ours |= set(Job.objects.filter(account=this.account, remote_id__in=unknown).values_list("remote_id", flat=True))
        unknown = [job_id for job_id in unknown if job_id not in ours]
    doubtful = doubt.in_doubt(this.account) if unknown else []
    if doubtful:
        answers: Answers = {}
        yield from _details(this, unknown, answers.update)
        is_told = all(isinstance(answers.get(remote_id), JobReply) for remote_id in unknown)
        ours |= {remote_id for remote_id in unknown if remote_id not in answers}
        ours |= _adopt_found(doubtful, answers)
        this.changed = True
    elif unknown:
        ours |= yield from _adopt_children(this, unknown[:AT_ONCE])
    for channel in this.channels:
        foreign = {
            entry.job_id: entry.lane
            for entry in listed.values()
            if entry.channel == channel.remote_id and entry.job_id not in ours
        }
        if foreign != channel.foreign_jobs:
            this.changed |= len(foreign) < len(channel.foreign_jobs)
            channel.foreign_jobs = foreign
            Channel.objects.filter(pk=channel.pk).update(foreign_jobs=foreign)
    return is_told


def _adopt_children(this: Look, remote_ids: list[str]) -> Flow:
    """Adopt what another program makes from our pictures, when it is first listed; return the ids that are ours now."""
    answers: Answers = {}
    yield from _details(this, remote_ids, answers.update)
    adopted = set()
    for remote_id, answer in answers.items():
        if isinstance(answer, JobReply) and adoption.from_reply(this.account, answer):
            adopted.add(remote_id)
            this.changed = True
    return adopted


def _adopt_found(doubtful: list[Job], answers: dict[str, JobReply | UpstreamError]) -> set[str]:
    """Adopt what turns out to be ours; return the ids that are, or that could not be told yet."""
    ours = set()
    for remote_id, answer in answers.items():
        if isinstance(answer, UpstreamError):
            ours.add(remote_id)  # not told yet: ask again at the next tick rather than call it another program's
            continue
        job = settlement.match(doubtful, answer)
        if job is not None:
            ours.add(remote_id)
            if settlement.adopt_match(job, answer):
                doubtful.remove(job)
    return ours


def stop_cancelled(upstream: Upstream, held: Iterable[Job]) -> Flow:
    """Pass on what people asked to stop; the job's own answer then says how it ended."""
    wanted = [job for job in held if job.cancel_requested_at and not job.cancel_sent_at]
    for job in [job for job in wanted if job.status == JobStatus.RUNNING]:
        try:
            yield from threads.ask(upstream.cancel, job.remote_id)
        except (Gone, Refused):
            note, code = "It had already ended.", "cancel_too_late"
        except UpstreamError as error:
            if breaker.opens(error) and _is_of_service(error):
                raise
            logger.warning("cancel failed job=%s code=%s", job.pk, error.code)
            continue
        else:
            note, code = "", "cancel_sent"
        job.record(code=code, note=note, only_if={"status": JobStatus.RUNNING}, cancel_sent_at=timezone.now())
