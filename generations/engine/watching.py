"""Watches what runs on an account: one list call, and details only of what left the list or is being looked at."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from accounts.models import Account, Channel
from generations.engine import outcomes, settlement
from generations.engine.timing import Timing
from generations.models import HOLDS_SLOT, Feed, Job, JobStatus
from midjourney.upstream import Gone, JobReply, Refused, RunningJob, Unreachable, Upstream, UpstreamError

logger = logging.getLogger(__name__)

Fetch = Callable[[Iterable[str]], dict[str, JobReply | UpstreamError]]
"""Fetches several jobs' details side by side; an error stands where an answer failed."""

MOST_PROGRESS_FETCHES = 12  # a tick
UNREADABLE_FOR = 3600.0  # seconds beyond the longest job after which one that nobody can read is given up


def look(account: Account, upstream: Upstream, fetch: Fetch, timing: Timing) -> None:
    """List what runs on the account and bring our rows up to date. Raises UpstreamError if the list failed."""
    began = timezone.now()
    listing = upstream.running()
    Account.objects.filter(pk=account.pk).update(listed_at=began)
    listed = {entry.job_id: entry for entry in listing}
    running = list(Job.objects.filter(account=account, status=JobStatus.RUNNING).select_related("channel", "account"))
    _follow(running, listed, began, fetch, timing)
    is_told = _sort_unknown(account, listing, fetch)
    settlement.settle_absent(account, upstream, began, timing, is_told)


def _follow(running: list[Job], listed: dict[str, RunningJob], began: datetime, fetch: Fetch, timing: Timing) -> None:
    """Fetch the details of our jobs that left the list, have run too long, or whose owner is looking."""
    left = [job for job in running if job.remote_id not in listed and (job.accepted_at or began) < began]
    overdue = [job for job in running if job.remote_id in listed and _age(job, began) > timing.longest_job]
    watched = _watched([job for job in running if job.remote_id in listed], began, timing)
    jobs = {job.remote_id: job for job in [*left, *overdue, *watched]}
    for remote_id, answer in fetch(jobs).items():
        try:
            _take_in(jobs[remote_id], answer, began, timing, is_listed=remote_id in listed)
        except Exception:
            # What is odd about one job must not keep the others from being looked after.
            logger.exception("details could not be taken in job=%s", jobs[remote_id].pk)


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


def _watched(running: list[Job], now: datetime, timing: Timing) -> list[Job]:
    """Running jobs whose owner has a page open, those not asked for longest first."""
    if not running:
        return []
    since = now - timedelta(seconds=timing.watched_for)
    looking = set(
        Feed.objects.filter(owner_id__in={job.owner_id for job in running}, seen_at__gt=since).values_list(
            "pk", flat=True
        )
    )
    asked_before = now - timedelta(seconds=timing.progress_gap)
    due = [
        job for job in running if job.owner_id in looking and (job.looked_at is None or job.looked_at < asked_before)
    ]
    return sorted(due, key=lambda job: job.looked_at or job.created_at)[:MOST_PROGRESS_FETCHES]


def _sort_unknown(account: Account, listing: Iterable[RunningJob], fetch: Fetch) -> bool:
    """Tell jobs of other programs, which use slots too, from our own whose answer was lost.

    Returns False where some could not be told: then absence proves nothing yet.
    """
    listed = {entry.job_id: entry for entry in listing}
    channels = list(account.channels.filter(removed_at=None))
    known_foreign = {job_id for channel in channels for job_id in channel.foreign_jobs}
    ours = set(
        Job.objects.filter(account=account, status__in=HOLDS_SLOT, remote_id__in=listed).values_list(
            "remote_id", flat=True
        )
    )
    unknown = [job_id for job_id in listed if job_id not in ours and job_id not in known_foreign]
    doubtful = settlement.in_doubt(account) if unknown else []
    is_told = True
    if doubtful:
        answers = fetch(unknown)
        is_told = not any(isinstance(answer, UpstreamError) for answer in answers.values())
        ours |= _adopt_found(doubtful, answers)
    for channel in channels:
        foreign = {
            entry.job_id: entry.lane
            for entry in listed.values()
            if entry.channel == channel.remote_id and entry.job_id not in ours
        }
        if foreign != channel.foreign_jobs:
            Channel.objects.filter(pk=channel.pk).update(foreign_jobs=foreign)
    return is_told


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


def stop_cancelled(account: Account, upstream: Upstream) -> None:
    """Pass on what people asked to stop; the job's own answer then says how it ended."""
    wanted = Job.objects.filter(account=account, status=JobStatus.RUNNING, cancel_sent_at=None)
    for job in wanted.exclude(cancel_requested_at=None):
        try:
            upstream.cancel(job.remote_id)
        except (Gone, Refused):
            note, code = "It had already ended.", "cancel_too_late"
        except Unreachable:
            continue
        else:
            note, code = "", "cancel_sent"
        job.record(code=code, note=note, only_if={"status": JobStatus.RUNNING}, cancel_sent_at=timezone.now())


def has_work(account: Account) -> bool:
    """Whether anything waits or runs on the account, ours or another program's."""
    active = Q(status=JobStatus.QUEUED) | Q(status__in=HOLDS_SLOT)
    if Job.objects.filter(active, account=account).exists():
        return True
    return any(account.channels.filter(removed_at=None).values_list("foreign_jobs", flat=True))
