"""Why a job waits, in one short line. What holds it longest is said first."""

from datetime import datetime

from django.utils.timesince import timeuntil

from accounts.models import AccountState
from generations.budgets import AT_ONCE, DAY, TEAM, Limit, goes_on_at
from generations.explanations import explain
from generations.lines import words
from generations.lines.loading import Queue
from generations.models import BatchStatus, Job


def reason(queue: Queue, job: Job, reader_id: int, *, is_listed: bool = False) -> str:
    """What this queued job of the account waits for, as its reader is told; shorter where its line stands around it."""
    return (
        access_reason(queue, job.owner_id, reader_id)
        or account_reason(queue)
        or batch_reason(queue, job)
        or person_reason(queue, job.owner_id, reader_id)
        or (budget_reason(queue, job.owner_id, reader_id) if job.lane else "")
        or channel_reason(queue, job)
        or turn_reason(queue, job, reader_id, is_listed=is_listed)
    )


def whose(queue: Queue, owner_id: int, reader_id: int) -> str:
    return "your" if owner_id == reader_id else f"{queue.snapshot.people[owner_id]}’s"


def access_reason(queue: Queue, owner_id: int, reader_id: int) -> str:
    if queue.may_use(owner_id):
        return ""
    if owner_id == reader_id:
        return f"{queue.account} is no longer shared with you. Cancel this, or ask an admin"
    return f"{queue.account} is no longer shared with {queue.snapshot.people[owner_id]}"


def account_reason(queue: Queue) -> str:
    account, now = queue.account, queue.snapshot.now
    match account.state:
        case AccountState.PAUSED:
            because = f": {account.state_reason}" if account.state_reason else ""
            return f"{account} is paused{because}"
        case AccountState.BAD_TOKEN | AccountState.NO_SUBSCRIPTION:
            return explain(account.state).what
    if account.retry_at and account.retry_at > now:
        if account.state != AccountState.UNREACHABLE:  # it answers, and what it answers is 429
            return asked_to_wait(account.retry_at, now)
        return f"{account} cannot be reached; trying again in {timeuntil(account.retry_at, now)}"
    return ""


def asked_to_wait(until: datetime, now: datetime) -> str:
    """What a 429 means for those who wait (useapi-v3.md §9)."""
    return f"The service asked for a pause (429); it is tried again {words.when(until, now)}"


def batch_reason(queue: Queue, job: Job) -> str:
    if job.held and job.waits_for_id:
        return "Starts by itself when the step before it has ended"
    batch = queue.snapshot.batches.get(job.batch_id or 0)
    if batch is not None and batch.status == BatchStatus.STOPPED:
        return "Its batch was stopped"
    return "Its batch is paused" if job.held or queue.snapshot.is_resting(job.batch_id) else ""


def person_reason(queue: Queue, owner_id: int, reader_id: int) -> str:
    person = queue.snapshot.people[owner_id]
    if person.queue_paused_at is None:
        return ""
    by = f" by {person.queue_paused_by}" if person.queue_paused_by else ""
    why = f": {person.queue_paused_why}" if person.queue_paused_why else ""
    who = whose(queue, owner_id, reader_id)
    return f"{who[:1].upper()}{who[1:]} jobs are paused{by}{why}"


def budget_reason(queue: Queue, owner_id: int, reader_id: int) -> str:
    limit = queue.snapshot.allowance.reached(owner_id)
    if limit is None:
        return ""
    who = "the team’s" if limit.whose == TEAM else whose(queue, owner_id, reader_id)
    return budget_words(limit, who, queue.snapshot.now)


def budget_words(limit: Limit, who: str, now: datetime) -> str:
    """A limit that is reached, and when it goes on."""
    who = who[:1].upper() + who[1:]
    if limit.what == AT_ONCE:
        return f"{who} budget lets {limit.most} run at once; it goes on when one ends"
    period = "today" if limit.what == DAY else "this month"
    goes_on = goes_on_at(limit, now)
    then = f"; it goes on {words.when(goes_on, now)}" if goes_on else ""
    return f"{who} budget of {limit.most} job{'' if limit.most == 1 else 's'} {period} is used up{then}"


def channel_reason(queue: Queue, job: Job) -> str:
    if not queue.channels:
        return f"{queue.account} has no channel yet"
    if not queue.open:
        return "Every channel is blocked until an admin resets it"
    if job.bound_to and not any(use.channel.pk == job.bound_to for use in queue.channels):
        return "Its channel is no longer configured at the service. Cancel it, or ask an admin to add the channel again"
    if job.bound_to and not any(use.channel.pk == job.bound_to for use in queue.open):
        return "Its channel is blocked until an admin resets it"
    return ""


def turn_reason(queue: Queue, job: Job, reader_id: int, *, is_listed: bool = False) -> str:
    usable = [use for use in queue.open if job.bound_to in {0, use.channel.pk}]
    turns = _turns_before(queue, job, reader_id)
    if turns and is_listed:
        return f"Fair turn: {turns.replace(' turns', '').replace(' turn', '')}"
    used = sum(use.used(job.lane) for use in usable)
    limit = sum(min(use.channel.limit(job.lane), use.channel.max_jobs) for use in usable)
    if not any(use.free(job.lane) for use in usable):
        slots = f"{used} of {limit} slots in use" if used >= limit else "All slots in use"
        return f"{slots}, {turns}" if turns else slots
    if turns:
        return turns[0].upper() + turns[1:]
    pausing = [use.channel for use in usable if use.free(job.lane)]
    if all(channel.send_after > queue.snapshot.now for channel in pausing):
        if any(channel.busy_answers for channel in pausing):
            return asked_to_wait(min(channel.send_after for channel in pausing), queue.snapshot.now)
        return "A short pause between two submissions"
    return "Next in line"


def _turns_before(queue: Queue, job: Job, reader_id: int) -> str:
    start = queue.order.starts.get(job.pk)
    its = "yours" if job.owner_id == reader_id else "it"
    if start is None:
        return f"more than {len(queue.order.starts)} turns before {its}" if queue.order.starts else ""
    if start.place == 0:
        return ""
    return f"{start.place} turn{'' if start.place == 1 else 's'} before {its}"
