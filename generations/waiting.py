"""Why queued jobs wait and when they are expected to start, computed for a whole page of jobs at once."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Count, IntegerField, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from accounts.models import Account
from generations import forecast
from generations.lines import reasons
from generations.lines.loading import Queue, Snapshot
from generations.lines.order import Start
from generations.models import HOLDS_SLOT, Job, JobStatus


class Waiting:
    """The reasons and expected starts of the queued ones among some jobs.

    A fixed number of queries whatever their number and however long the lines are; none where nothing is queued.
    """

    def __init__(self, jobs: Iterable[Job]) -> None:
        self.jobs = {job.pk: job for job in jobs if job.status == JobStatus.QUEUED}
        self.queues: dict[int, Queue] = {}
        if self.jobs:
            accounts = Account.objects.filter(pk__in={job.account_id for job in self.jobs.values()})
            self.queues = Snapshot(accounts).queues
        self._far: dict[int, Start] | None = None

    def reason(self, job: Job) -> str:
        """What this job waits for, as its owner is told; "" for one that does not wait."""
        if job.pk not in self.jobs or job.account_id not in self.queues:
            return ""
        queue = self.queues[job.account_id]
        if job.owner_id not in queue.snapshot.people:  # it was queued between two of our reads
            return "Next in line"
        return reasons.reason(queue, job, job.owner_id)

    def start(self, job: Job) -> Start | None:
        """When it is expected to start; None for one that does not wait, and where nothing says when."""
        queue = self.queues.get(job.account_id) if job.pk in self.jobs else None
        if queue is None or self._rests(queue, job):
            return None
        start = queue.order.starts.get(job.pk) or self._far_starts().get(job.pk)
        return start if start and start.at else None

    def is_rough(self, job: Job, start: Start) -> bool:
        """Whether the expected start rests on too little to trust it."""
        return not start.is_exact or self.queues[job.account_id].is_rough

    def _rests(self, queue: Queue, job: Job) -> bool:
        is_known = job.owner_id in queue.snapshot.people
        return job.held or not is_known or not queue.may_start(job.owner_id)

    def _far_starts(self) -> dict[int, Start]:
        """Jobs so far back that they were not read: by their place in their own line and the rate of starts."""
        if self._far is None:
            far = [
                job
                for job in self.jobs.values()
                if (queue := self.queues.get(job.account_id)) and queue.order.rate and job.pk not in queue.order.starts
            ]
            before = _jobs_before(far) if far else {}
            self._far = {job.pk: self._far_start(job, before.get(job.pk, 0)) for job in far}
        return self._far

    def _far_start(self, job: Job, before: int) -> Start:
        queue = self.queues[job.account_id]
        order = queue.order
        beside = {owner for _, owner, _ in queue.lines if owner != job.owner_id}
        place = before + sum(min(before, queue.waiting_of(owner)) for owner in beside)
        beyond = max(0, place - len(order.starts))
        at: datetime | None = None
        if order.last_start:
            at = order.last_start + timedelta(seconds=(beyond + 1) / order.rate)
        return Start(place, at, is_exact=False)


def _jobs_before(jobs: list[Job]) -> dict[int, int]:
    """How many jobs stand before each of these in its own line: one query that reads an index."""
    line = Job.objects.waiting().filter(
        Q(turn_at__lt=OuterRef("turn_at")) | Q(turn_at=OuterRef("turn_at"), pk__lt=OuterRef("pk")),
        account=OuterRef("account"), lane=OuterRef("lane"), owner=OuterRef("owner"), bound_to=OuterRef("bound_to"),
    )  # fmt: skip
    counted = line.order_by().annotate(one=Value(1)).values("one").annotate(count=Count("pk")).values("count")
    rows = Job.objects.filter(pk__in=[job.pk for job in jobs])
    number = Coalesce(Subquery(counted, output_field=IntegerField()), 0)
    return dict(rows.annotate(before=number).values_list("pk", "before"))


def ends_at(job: Job, now: datetime) -> datetime | None:
    """When a running job is expected to end, by the past of its kind; None where that is unknown or it is overdue."""
    known = forecast.span(job.kind) if job.status in HOLDS_SLOT and not job.needs_person else None
    if known is None:
        return None
    left = forecast.rest(known, forecast.elapsed(job.accepted_at or job.reserved_at, now))
    return now + timedelta(seconds=left) if left else None
