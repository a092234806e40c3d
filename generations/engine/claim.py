"""Reserves a free slot for the job whose fair turn it is. Database only: no network while the account is locked."""

import random
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Min
from django.utils import timezone

from accounts.models import Account, Channel
from generations import budgets, forecast
from generations.engine import points, turns
from generations.engine.capacity import AccountUse, ChannelUse, account_use
from generations.engine.timing import Timing
from generations.engine.turns import Head
from generations.models import Batch, BatchStatus, Job, JobStatus, ledger

USUAL = 60.0  # slot-seconds that a kind of job is charged with which has never run here
MOST_SET_ASIDE = 20  # jobs of resting batches that one claim puts aside before it leaves the rest to the next


def claim_next(account: Account, timing: Timing) -> Job | None:
    """Reserve a slot and return the job that got it, in state submitting; None where no job may start now.

    One transaction: the account's row serialises count-then-claim across all workers.
    """
    if not Job.objects.waiting().filter(account=account).exists():
        return None  # most ticks: nothing to lock anything for
    with transaction.atomic():
        locked = _lock(account.pk)
        now = timezone.now()
        if locked is None or not locked.may_send or (locked.retry_at and locked.retry_at > now):
            return None
        use = account_use(locked)
        if not any(_is_ready(entry, "", now) for entry in use.channels):
            return None
        for _ in range(MOST_SET_ASIDE):
            head, channel = _choose(locked, use, now)
            if head is None or channel is None:
                return None
            job = Job.objects.get(pk=head.job_id)
            if not _set_aside(job):
                return job if _reserve(job, head, channel, now, timing) else None
    return None


def _lock(account_pk: int) -> Account | None:
    # no_key: new jobs, whose foreign key points here, can still be inserted meanwhile. SQLite ignores row locks; its
    # transactions are IMMEDIATE instead.
    return Account.objects.select_for_update(no_key=True).filter(pk=account_pk).first()


def _choose(account: Account, use: AccountUse, now: datetime) -> tuple[Head | None, Channel | None]:
    """The first in the fair order for whom there is a slot now and whose budget is not used up."""
    for head in turns.in_order(turns.heads(account), now):
        channel = _channel_for(head, use, now)
        if channel is None:
            continue
        if budgets.locked(head.owner_id, ledger.today()).reached(head.owner_id) is None:
            return head, channel
    return None, None


def _set_aside(job: Job) -> bool:
    """Take a job out of the line that came back to it while its batch rests; return whether it was so."""
    if job.batch_id is None:
        return False
    status = Batch.objects.filter(pk=job.batch_id).values_list("status", flat=True).get()
    if status == BatchStatus.RUNNING:
        return False
    # Whoever resumes the batch holds its row; so what is read here stays true until the job is held.
    batch = Batch.objects.select_for_update().get(pk=job.batch_id)
    if batch.status == BatchStatus.PAUSED:
        Job.objects.filter(pk=job.pk, status=JobStatus.QUEUED).update(held=True)
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


def _reserve(job: Job, head: Head, channel: Channel, now: datetime, timing: Timing) -> bool:
    known = forecast.span(job.kind)
    estimate = known.mean if known else USUAL
    moved = job.move(
        JobStatus.SUBMITTING,
        code="claimed",
        channel=channel,
        estimate=estimate,
        counted_on=ledger.today(),
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
        ledger.count(job.owner_id, ledger.today())
        ledger.charge(
            account=job.account_id, lane=job.lane, owner=job.owner_id,
            start=head.start, estimate=estimate, weight=head.weight,
        )  # fmt: skip
        job.refresh_from_db(fields=["attempt"])
        points.reached("claim.reserved")
    return moved


def next_send_at(account: Account) -> datetime | None:
    """When the next pause between submissions ends, where one is under way; None where none is."""
    now = timezone.now()
    return account.channels.open().filter(send_after__gt=now).aggregate(at=Min("send_after"))["at"]
