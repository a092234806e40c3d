"""Reserves a free slot for the job whose fair turn it is. Database only: no network while the account is locked."""

import random
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Min
from django.utils import timezone

from accounts.models import Account, Channel
from generations import budgets, forecast
from generations.budgets import Allowance
from generations.engine import points, turns
from generations.engine.capacity import AccountUse, ChannelUse, account_use
from generations.engine.timing import Timing
from generations.engine.turns import Head
from generations.models import Batch, BatchStatus, Job, JobStatus, ledger

USUAL = 60.0  # slot-seconds that a kind of job is charged with which has never run here
MOST_TRIES = 20  # jobs in a row that turn out not to start after all; the rest is left to the next look


def claim_next(account: Account, timing: Timing) -> Job | None:
    """Reserve a slot and return the job that got it, in state submitting; None where no job may start now."""
    spent: set[int] = set()
    for _ in range(MOST_TRIES):
        if not some_wait(account):
            return None  # most ticks: nothing to lock anything for
        with transaction.atomic():
            job, is_settled = _try(account.pk, timing, spent)
        if is_settled:
            return job
    return None


def some_wait(account: Account) -> bool:
    """Whether any job waits on the account: one read of an index, whatever the account has behind it.

    The order is the index's own; without one the databases may go through all the jobs that the account ever had.
    """
    in_line = Job.objects.waiting().filter(account=account)
    return bool(in_line.order_by("lane", "owner_id", "bound_to", "turn_at", "id").values_list("id", flat=True)[:1])


def _try(account_pk: int, timing: Timing, spent: set[int]) -> tuple[Job | None, bool]:
    """One transaction's worth of claiming: the job, if any, and whether it is no use to try once more.

    The account's row serialises count-then-claim across all workers. Locks are taken in the order account, batch,
    budgets (the team's, the member's), feed, job, and those of one member only, so claims on several accounts that
    want the same members wait for each other but never in a circle. `spent` collects who is at a limit after all.
    """
    locked = _lock(account_pk)
    now = timezone.now()
    if locked is None or not locked.may_send or (locked.retry_at and locked.retry_at > now):
        return None, True
    use = account_use(locked)
    if not any(_is_ready(entry, "", now) for entry in use.channels):
        return None, True
    heads, order = turns.read(locked, now)
    ready = _ready(heads, use, now, spent)
    head = order.choose(ready, now)
    if head is None:
        return None, True
    job = Job.objects.get(pk=head.job_id)
    if _set_aside(job):
        return None, False
    day = ledger.today(now)
    counts = bool(head.lane)  # what only reads or switches something is no job of a budget
    if counts and budgets.locked(head.owner_id, day).reached(head.owner_id):
        spent.add(head.owner_id)
        return None, False
    channel = _channel_for(head, use, now)
    assert channel is not None  # noqa: S101  # it is ready
    if not _reserve(job, channel, now, timing):
        return None, False
    if counts:
        ledger.count(job.owner_id, day)
    given = order.give(head, ready, job.estimate, now)
    ledger.charge(account=job.account_id, lane=job.lane, owner=job.owner_id, now=now, **vars(given))
    points.reached("claim.reserved")
    return job, True


def _lock(account_pk: int) -> Account | None:
    # no_key: new jobs, whose foreign key points here, can still be inserted meanwhile. SQLite ignores row locks; its
    # transactions are IMMEDIATE instead.
    return Account.objects.select_for_update(no_key=True).filter(pk=account_pk).first()


def _ready(heads: list[Head], use: AccountUse, now: datetime, spent: set[int]) -> list[Head]:
    """Those for whom there is a slot now and whose budget is not used up, as far as can be told without its lock."""
    placed = [head for head in heads if (not head.lane or head.owner_id not in spent) and _channel_for(head, use, now)]
    counted = {head.owner_id for head in placed if head.lane}
    if not counted:
        return placed
    allowance = Allowance(counted, day=ledger.today(now))
    return [head for head in placed if not head.lane or allowance.reached(head.owner_id) is None]


def _set_aside(job: Job) -> bool:
    """Take a job out of the line that came back to it while its batch rests; return whether it was so."""
    if job.batch_id is None:
        return False
    status = Batch.objects.filter(pk=job.batch_id).values_list("status", flat=True).get()
    if status == BatchStatus.RUNNING:
        return False
    # Whoever resumes the batch holds its row; so what is read here stays true until the job is held.
    batch = Batch.objects.select_for_update(no_key=True).get(pk=job.batch_id)
    if batch.status == BatchStatus.PAUSED:
        job.touch(only_if={"status": JobStatus.QUEUED}, held=True)
    elif batch.status == BatchStatus.STOPPED:
        job.move(JobStatus.CANCELLED, code="batch_stopped", only_if={"status": JobStatus.QUEUED})
    else:
        return False
    return True


def _channel_for(head: Head, use: AccountUse, now: datetime) -> Channel | None:
    """The emptiest open channel with a free slot whose pause is over, of those that the job may run on."""
    usable = [entry for entry in use.channels if head.bound_to in {0, entry.channel.pk}]
    ready = [entry for entry in usable if _is_ready(entry, head.lane, now)]
    return (
        min(ready, key=lambda entry: (entry.total / entry.channel.max_jobs, entry.channel.pk)).channel
        if ready
        else None
    )


def _is_ready(entry: ChannelUse, lane: str, now: datetime) -> bool:
    return entry.channel.is_open and entry.free(lane) > 0 and entry.channel.send_after <= now


def _reserve(job: Job, channel: Channel, now: datetime, timing: Timing) -> bool:
    known = forecast.span(job.kind)
    moved = job.move(
        JobStatus.SUBMITTING,
        code="claimed",
        only_if={"held": False},  # its batch may have been paused just now
        channel=channel,
        estimate=known.mean if known else USUAL,
        counted_on=ledger.today(now) if job.lane else None,
        attempt=F("attempt") + 1,
        reserved_at=now,
        sent_at=None,
        lost_at=None,
        absence_is_proof=True,
        needs_person=False,
        error_code="",
        error_text="",
    )
    if moved and timing.submit_gap:
        gap = timing.submit_gap * random.uniform(1.0, 1.25)
        Channel.objects.filter(pk=channel.pk).update(send_after=now + timedelta(seconds=gap))
    if moved:
        job.refresh_from_db(fields=["attempt"])
    return moved


def next_send_at(account: Account) -> datetime | None:
    """When the next pause between submissions ends, where one is under way; None where none is."""
    now = timezone.now()
    return account.channels.open().filter(send_after__gt=now).aggregate(at=Min("send_after"))["at"]
