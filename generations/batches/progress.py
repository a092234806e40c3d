"""How a batch is doing, in a fixed number of queries by index."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, Exists, Min, OuterRef, Q, Sum
from django.utils import timezone

from generations import forecast
from generations.models import FINAL, HOLDS_SLOT, Batch, BatchStatus, Image, Job, JobStatus

LATELY = timedelta(minutes=15)  # the rate is that of this time
ENOUGH = 5  # fewer ended jobs than this say nothing of a rate
ENDED_BADLY = (JobStatus.FAILED, JobStatus.REFUSED, JobStatus.CANCELLED)


@dataclass(frozen=True)
class Progress:
    """A line's job that was retried counts once, as its retry.

    `counts` by JobStatus; `ended` how many are final and `share` that as a part of `total`, 0 to 1; `per_minute` jobs
    that ended lately, None where too few have; `expected_end` None where nothing is known or the batch rests;
    `is_rough` where it rests on too little; `gpu_minutes` about what the accepted jobs use, in minutes of fast GPU
    time.
    """

    total: int
    counts: dict[str, int]
    ended: int
    share: float
    per_minute: float | None
    expected_end: datetime | None
    is_rough: bool
    gpu_minutes: float

    @property
    def is_over(self) -> bool:
        return self.ended == self.total


@dataclass
class _Sums:
    """What the jobs of a batch add up to."""

    counts: Counter[str] = field(default_factory=Counter)
    to_come: Counter[str] = field(default_factory=Counter)  # by kind, that hold no slot yet or still
    waiting: Counter[str] = field(default_factory=Counter)  # by kind, of these the ones in the queue
    accepted: int = 0
    lately: int = 0
    since: datetime | None = None  # when the first of the batch was claimed lately


def progress(batch: Batch) -> Progress:
    """Where a confirmed batch stands: two queries, and a few more for a forecast while too few jobs have ended."""
    now = timezone.now()
    sums = _sums(batch, now)
    total = sums.counts.total()
    ended = sum(sums.counts[status] for status in FINAL)
    rate = _rate(sums, now)
    end, is_rough = _expected_end(batch, sums, rate, now)
    cost = batch.lines.filter(is_chosen=True).aggregate(minutes=Sum("gpu_minutes"), lines=Count("pk"))
    return Progress(
        total=total,
        counts={status: count for status, count in sums.counts.items() if count},
        ended=ended,
        share=ended / total if total else 0.0,
        per_minute=rate,
        expected_end=end,
        is_rough=is_rough,
        gpu_minutes=float(cost["minutes"] or 0) / (cost["lines"] or 1) * sums.accepted,
    )


def _sums(batch: Batch, now: datetime) -> _Sums:
    """One query over the batch's jobs."""
    # A retry stays in its batch. Naming that here would lead SQLite away from the index, to the square of the jobs.
    again = Job.objects.filter(retry_of=OuterRef("pk"))
    lately = Q(ended_at__gt=now - LATELY)
    rows = (
        Job.objects.filter(batch=batch.pk)
        .order_by()
        .values("status", "kind")
        .annotate(
            jobs=Count("pk"),
            again=Count("pk", filter=Q(Exists(again), status__in=ENDED_BADLY)),
            accepted=Count("pk", filter=Q(accepted_at__isnull=False) & ~Q(status=JobStatus.REFUSED)),
            lately=Count("pk", filter=lately),
            since=Min("reserved_at", filter=lately),
        )
    )
    sums = _Sums()
    for row in rows:
        sums.counts[row["status"]] += row["jobs"] - row["again"]
        sums.accepted += row["accepted"]
        sums.lately += row["lately"]
        sums.since = min(filter(None, (sums.since, row["since"])), default=None)
        if row["status"] == JobStatus.QUEUED or row["status"] in HOLDS_SLOT:
            sums.to_come[row["kind"]] += row["jobs"]
        if row["status"] == JobStatus.QUEUED:
            sums.waiting[row["kind"]] += row["jobs"]
    return sums


def _rate(sums: _Sums, now: datetime) -> float | None:
    if sums.lately < ENOUGH or sums.since is None:
        return None
    minutes = min(now - sums.since, LATELY).total_seconds() / 60
    return sums.lately / minutes if minutes > 0 else None


def _expected_end(batch: Batch, sums: _Sums, rate: float | None, now: datetime) -> tuple[datetime | None, bool]:
    left = sums.to_come.total()
    rests = batch.status != BatchStatus.RUNNING and sums.counts[JobStatus.QUEUED]
    if not left or rests:
        return None, False
    if rate:
        return now + timedelta(minutes=left / rate), sums.lately < 2 * ENOUGH
    # What runs of it is counted there as running; the rest waits already and must not be counted before itself.
    kinds = sums.waiting or sums.to_come
    known = forecast.batch_forecast(batch.account, kinds, owner_id=batch.owner_id, are_queued=bool(sums.waiting))
    return (now + timedelta(seconds=known.median), known.is_rough) if known else (None, True)


def failed(batch: Batch, after: int = 0, limit: int = 50) -> list[Job]:
    """Jobs that ended badly and were not retried, loaded for cards, after that job's primary key."""
    ended = Job.objects.filter(batch=batch.pk, status__in=(JobStatus.FAILED, JobStatus.REFUSED), pk__gt=after)
    again = Job.objects.filter(retry_of=OuterRef("pk"))
    return list(ended.filter(~Exists(again)).for_cards().order_by("pk")[:limit])


def pictures(batch: Batch, after: int = 0, limit: int = 60) -> list[Image]:
    """Saved pictures without grids, newest first, before that picture's primary key (0: from the newest)."""
    images = Image.objects.in_gallery().filter(job__batch=batch.pk).select_related("job")
    return list((images.filter(pk__lt=after) if after else images).order_by("-pk")[:limit])
