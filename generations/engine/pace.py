"""How long until an account's running jobs are listed again: short while one is about to end, long while none can."""

import math
import random
from collections.abc import Iterable
from datetime import datetime, timedelta

from generations import forecast
from generations.engine.timing import Timing
from generations.models import Job, JobStatus

# Durations are about log-normal: of their logarithms, 90 % lie below the mean plus 1.28 deviations, and all but one in
# a thousand above the mean less 3.1.
TO_P90 = 1.2816
TO_EARLIEST = 3.1


def seconds(
    held: Iterable[Job],
    *,
    foreign: int,
    waits: bool,
    is_watched: bool,
    timing: Timing,
    now: datetime,
    hooked_at: datetime | None = None,
) -> float:
    """Seconds between two lists of an account with these jobs.

    `held` are those of ours that hold a slot, `foreign` is the number of other programs' jobs; `waits` says whether
    one of ours waits for a slot, `is_watched` whether somebody follows the progress of one that runs; `hooked_at` is
    when the service last told of a job by itself.
    """
    held = [job for job in held if not job.needs_person]
    if not held:
        if foreign:
            return timing.tick if waits else timing.tick * timing.slow
        return timing.idle_tick
    if are_told(held, hooked_at, timing, now):
        return timing.tick * timing.hooked
    in_doubt = any(job.status != JobStatus.RUNNING for job in held)
    chances = [_chance(job, now) for job in held if job.status == JobStatus.RUNNING]
    if any(quick for quick, _ in chances):
        return timing.tick * timing.quick
    if in_doubt or is_watched or (foreign and waits):
        return timing.tick
    soonest = min(earliest for _, earliest in chances)
    return max(timing.tick, min(soonest, timing.tick * timing.slow))


def are_told(held: Iterable[Job], hooked_at: datetime | None, timing: Timing, now: datetime) -> bool:
    """Whether the service tells of these jobs by itself: events come, and it has told of each not long ago."""
    since = now - timedelta(seconds=timing.hooks_fresh)
    if hooked_at is None or hooked_at < since:
        return False
    return all(
        job.status == JobStatus.RUNNING and max(filter(None, (job.looked_at, job.accepted_at)), default=since) > since
        for job in held
    )


def with_jitter(period: float, timing: Timing) -> float:
    return period * random.uniform(1 - timing.jitter, 1 + timing.jitter)


def next_list(listed_at: datetime | None, period: float, timing: Timing, now: datetime) -> datetime:
    """When to list next; never sooner after the last list than the least gap, whoever woke the account."""
    if listed_at is None:
        return now
    return listed_at + timedelta(seconds=max(period, timing.tick * timing.least))


def _chance(job: Job, now: datetime) -> tuple[bool, float]:
    """Whether the job is at the age at which most of its kind end, and the seconds before which it will not end."""
    span = forecast.span(job.kind)
    if span is None or span.is_rough or span.median <= 0 or job.accepted_at is None:
        return False, 0.0
    age = (now - job.accepted_at).total_seconds()
    deviation = max(0.05, math.log(max(span.p90, span.median) / span.median) / TO_P90)
    p10 = span.median * math.exp(-TO_P90 * deviation)
    earliest = span.median * math.exp(-TO_EARLIEST * deviation)
    return p10 <= age <= span.p90, max(0.0, earliest - age)
