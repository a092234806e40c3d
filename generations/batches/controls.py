"""What people decide about a batch. All of it is rows, so it survives every restart; the engine acts on them.

Every change holds the batch's row, then the owner's feed, then the jobs: the engine takes them in the same order.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from accounts.models import Account, User
from accounts.models.account import wake_accounts
from generations import decisions, enqueue
from generations.batches.drafting import Written, draft
from generations.explanations import explain
from generations.models import Batch, BatchStatus, Feed, Job, JobEvent, JobStatus, Priority, Prompt, many
from generations.models.job import JobQuerySet
from generations.models.priority import FRONT, STEP

FIRST, LAST, UP, DOWN = "first", "last", "up", "down"
CONFIRMED = (BatchStatus.RUNNING, BatchStatus.PAUSED, BatchStatus.STOPPED)
ENDED_BADLY = (JobStatus.FAILED, JobStatus.REFUSED)
_A_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Retried:
    """`queued` new jobs; `not_free` says why the rest were left alone: sentence by number of jobs."""

    queued: int
    not_free: dict[str, int]


def pause(batch: Batch, actor: User) -> bool:
    """Start nothing more of it; what runs ends. False where it is not running."""
    return _hold(batch, BatchStatus.RUNNING, BatchStatus.PAUSED, held=True)


def resume(batch: Batch, actor: User) -> bool:
    """Let a paused batch go on; False where it is not paused."""
    return _hold(batch, BatchStatus.PAUSED, BatchStatus.RUNNING, held=False)


def _hold(batch: Batch, before: BatchStatus, after: BatchStatus, *, held: bool) -> bool:
    with transaction.atomic():
        if not Batch.objects.filter(pk=batch.pk, status=before).update(status=after):
            return False
        many.change_waiting(_jobs(batch).filter(held=not held), batch.owner_id, held=held)
        _wake(batch)
    batch.status = after
    return True


def stop(batch: Batch, actor: User, *, cancel_running: bool = False) -> int:
    """Drop what waits at once, for good; return how many jobs. What runs ends, or is asked to stop.

    A stopped batch can be stopped again, to cancel what still runs.
    """
    with transaction.atomic():
        if not Batch.objects.filter(pk=batch.pk, status__in=CONFIRMED).update(status=BatchStatus.STOPPED):
            return 0
        dropped = many.cancel_waiting(_jobs(batch), batch.owner_id, code="batch_stopped", actor=actor)
    batch.status = BatchStatus.STOPPED
    if cancel_running:
        for job in _jobs(batch).holding_slots().filter(cancel_requested_at=None).select_related("account"):
            decisions.cancel(job, actor)
    return dropped


def retry_failed(batch: Batch, actor: User) -> Retried:
    """Queue again what ended badly and is free to retry, in the same batch and lines. Twice makes one job each.

    What somebody cancelled stays cancelled.
    """
    not_free: Counter[str] = Counter()
    jobs: list[Job] = []
    with transaction.atomic():
        status = Batch.objects.select_for_update().get(pk=batch.pk).status
        usable = set(Account.objects.visible_to(batch.owner).values_list("pk", flat=True))
        for job in not_retried(_jobs(batch).filter(status__in=ENDED_BADLY)).order_by("pk"):
            reason = _why_not(job, status, usable)
            if reason:
                not_free[reason] += 1
                continue
            again = enqueue.copy_of(job)
            again.turn_at += len(jobs) * timedelta(milliseconds=1)
            again.held = status == BatchStatus.PAUSED
            jobs.append(again)
        if jobs:
            enqueue.store([_prompt(job) for job in jobs], jobs, actor)
            _wake(batch)
    return Retried(len(jobs), dict(not_free))


def not_retried(jobs: JobQuerySet) -> JobQuerySet:
    """Those that no other job has tried again."""
    return jobs.filter(~Exists(Job.objects.filter(retry_of=OuterRef("pk"))))


def _why_not(job: Job, status: str, usable: set[int]) -> str:
    if status == BatchStatus.STOPPED:
        return "The batch is stopped. Run it again as a new one."
    if not job.retry_is_free:
        explanation = explain(job.error_code)
        return f"{explanation.what} {explanation.cost}".strip()
    return "" if job.account_id in usable else "You may not use the account any more."


def _prompt(again: Job) -> Prompt:
    assert again.retry_of is not None  # noqa: S101  # a copy knows what it is of
    key = decisions.retry_key(again.retry_of)
    return Prompt(owner_id=again.owner_id, account_id=again.account_id, text=again.text, idempotency_key=key)


def set_priority(batch: Batch, priority: int, actor: User) -> int:
    """Change the priority of what waits, keeping its order; return how many jobs.

    Raises PermissionError for high unless a lead asks, and ValueError for a priority that there is not.
    """
    if priority not in Priority.values:
        raise ValueError(priority)
    if priority > Priority.NORMAL and not actor.is_lead:
        raise PermissionError("High priority is for leads. Choose normal or low.")
    with transaction.atomic():
        if not Batch.objects.filter(pk=batch.pk).exclude(priority=priority).update(priority=priority):
            return 0
        changed = 0
        for old in Priority.values:
            if old != priority:
                waiting = _jobs(batch).filter(priority=old)
                step = STEP * (priority - old)
                # What a lead put in front of everybody stays there.
                changed += many.change_waiting(
                    waiting.filter(turn_at__gt=FRONT), batch.owner_id, priority=priority, turn_at=F("turn_at") - step
                )
                changed += many.change_waiting(waiting.filter(turn_at__lte=FRONT), batch.owner_id, priority=priority)
        _wake(batch)
    batch.priority = priority
    return changed


def move(job: Job, where: str, actor: User) -> bool:
    """Put a waiting job first, last, up or down among the waiting jobs of its batch; False where nothing changed."""
    if job.batch_id is None:
        return False
    with transaction.atomic():
        Batch.objects.select_for_update().get(pk=job.batch_id)
        value = Feed.next_value(job.owner_id)
        waiting = Job.objects.filter(batch=job.batch_id, status=JobStatus.QUEUED)
        current = waiting.filter(pk=job.pk).first()
        other = _neighbour(waiting, current, where) if current else None
        if current is None or other is None:
            return False
        turns = _exchanged(current, other, where)
        for pk, turn in turns.items():
            waiting.filter(pk=pk).update(turn_at=turn, change=value)
        JobEvent.objects.create(job=current, status=current.status, code="moved", note=where, actor=actor)
    job.turn_at = turns[job.pk]
    return True


def _neighbour(waiting: JobQuerySet, job: Job, where: str) -> Job | None:
    """The job that it is put beside, None where it has its place already."""
    before = Q(turn_at__lt=job.turn_at) | Q(turn_at=job.turn_at, pk__lt=job.pk)
    after = Q(turn_at__gt=job.turn_at) | Q(turn_at=job.turn_at, pk__gt=job.pk)
    condition, order = {
        FIRST: (before, ("turn_at", "pk")),
        UP: (before, ("-turn_at", "-pk")),
        DOWN: (after, ("turn_at", "pk")),
        LAST: (after, ("-turn_at", "-pk")),
    }[where]
    return waiting.filter(condition).order_by(*order).first()


def _exchanged(job: Job, other: Job, where: str) -> dict[int, datetime]:
    """The new turns by primary key."""
    if where in {UP, DOWN} and job.turn_at != other.turn_at:
        return {job.pk: other.turn_at, other.pk: job.turn_at}
    return {job.pk: other.turn_at + (_A_MOMENT if where in {LAST, DOWN} else -_A_MOMENT)}


def rename(batch: Batch, name: str) -> bool:
    """Give it another name; False where that is empty or the same."""
    name = " ".join(name.replace("\x00", "").split())[:120]
    if not name or not Batch.objects.filter(pk=batch.pk).exclude(name=name).update(name=name):
        return False
    batch.name = name
    return True


def run_again(batch: Batch, actor: User) -> Batch:
    """A new draft of the same writing, to be looked at and confirmed. Raises CannotDraft."""
    account = Account.objects.visible_to(batch.owner).filter(pk=batch.account_id).first()
    again = draft(
        batch.owner,
        Written.from_data(batch.written),
        name=batch.name,
        shared=batch.shared,
        account=account,
        priority=batch.priority if batch.owner.is_lead else min(batch.priority, int(Priority.NORMAL)),
    )
    again.again_of = batch
    again.save(update_fields=["again_of"])
    return again


def _jobs(batch: Batch) -> JobQuerySet:
    return Job.objects.filter(batch=batch.pk)


def _wake(batch: Batch) -> None:
    """Have the engine look at the accounts of what waits, once this is committed."""
    waiting = _jobs(batch).filter(status=JobStatus.QUEUED).order_by()
    accounts = set(waiting.values_list("account", flat=True).distinct())
    transaction.on_commit(lambda: wake_accounts(sorted(accounts)))
