"""Reserves a free slot for the job whose fair turn it is. Database only: no network while the account is locked."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Min, Q
from django.utils import timezone

from accounts.models import Account, Channel, Role, User
from generations.engine.capacity import AccountUse, ChannelUse, account_use
from generations.engine.timing import Timing
from generations.models import Job, JobStatus


@dataclass(frozen=True)
class Head:
    """The first job in line of one member in one lane at one priority."""

    owner_id: int
    lane: str
    priority: int
    job_id: int


def claim_next(account: Account, timing: Timing) -> Job | None:
    """Reserve a slot and return the job that got it, in state submitting; None where no job may start now.

    One transaction: the account's row serialises count-then-claim across all workers.
    """
    if not Job.objects.filter(account=account, status=JobStatus.QUEUED).exists():
        return None  # most ticks: nothing to lock anything for
    with transaction.atomic():
        locked = _lock(account.pk)
        now = timezone.now()
        if locked is None or not locked.may_send or (locked.retry_at and locked.retry_at > now):
            return None
        use = account_use(locked)
        for head in _fair_order(_heads(locked), use):
            channel = _channel_for(head.lane, use, now)
            if channel is None:
                continue
            job = Job.objects.get(pk=head.job_id)
            if _reserve(job, channel, now, timing):
                return job
    return None


def _lock(account_pk: int) -> Account | None:
    # no_key: new jobs, whose foreign key points here, can still be inserted meanwhile. SQLite ignores row locks; its
    # transactions are IMMEDIATE instead.
    return Account.objects.select_for_update(no_key=True).filter(pk=account_pk).first()


def _heads(account: Account) -> list[Head]:
    """The heads of the queues of everybody who may still use this account."""
    rows = (
        Job.objects.filter(account=account, status=JobStatus.QUEUED)
        .order_by()
        .values_list("owner_id", "lane", "priority")
        .annotate(first=Min("pk"))
    )
    heads = [Head(*row) for row in rows]
    people = User.objects.filter(pk__in={head.owner_id for head in heads}, is_active=True)
    if not account.for_everyone:
        people = people.filter(Q(role=Role.ADMIN) | Q(chosen_accounts=account))
    allowed = set(people.values_list("pk", flat=True))
    return [head for head in heads if head.owner_id in allowed]


def _fair_order(heads: list[Head], use: AccountUse) -> list[Head]:
    """Priority first, then the member with the fewest running, then the job that has waited longest."""
    return sorted(heads, key=lambda head: (-head.priority, use.running_by_owner[head.owner_id], head.job_id))


def _channel_for(lane: str, use: AccountUse, now: datetime) -> Channel | None:
    """The emptiest open channel with a free slot whose pause between two submissions is over."""
    ready = [entry for entry in use.channels if _is_ready(entry, lane, now)]
    return (
        min(ready, key=lambda entry: (entry.total / entry.channel.max_jobs, entry.channel.pk)).channel
        if ready
        else None
    )


def _is_ready(entry: ChannelUse, lane: str, now: datetime) -> bool:
    return entry.channel.is_open and entry.free(lane) > 0 and entry.channel.send_after <= now


def _reserve(job: Job, channel: Channel, now: datetime, timing: Timing) -> bool:
    moved = job.move(
        JobStatus.SUBMITTING,
        code="claimed",
        channel=channel,
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
