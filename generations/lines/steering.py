"""What people change in the queue: the order of jobs, their priority, whose jobs and which accounts rest.

Members order their own jobs among themselves; leads put any job before everybody's. Whatever is changed is written into
the job's history with who did it, or into the log, and wakes the account.
"""

import logging
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction
from django.utils import timezone

from accounts import connecting
from accounts.models import Account, User
from accounts.models.account import wake_accounts
from generations.models import Feed, Job, JobStatus, Priority
from generations.models.many import change_waiting
from generations.models.priority import FRONT, STEP, turn_at

logger = logging.getLogger(__name__)

CHUNK = 500
MOST_TOLD = 100  # cards of a person's waiting jobs that hear at once that they rest, or go on
TICK = timedelta(microseconds=1)
# Room before FRONT, so that moving what stands there never moves it out of there.
FIRST_FRONT = FRONT - timedelta(days=1)


class Place(StrEnum):
    """Where a job is moved to: among its owner's jobs, or before everybody's."""

    FIRST = "first"
    UP = "up"
    DOWN = "down"
    LAST = "last"
    FRONT = "front"


class NotAllowed(Exception):
    """This person may not do that; the words say who may."""


def is_in_front(job: Job) -> bool:
    """Whether a lead has put it before everybody's."""
    return job.turn_at <= FRONT


def move(job: Job, to: Place, actor: User) -> bool:
    """Move a waiting job; return False where it no longer waits or stands there already. Raises NotAllowed."""
    if to == Place.FRONT:
        return _put_in_front(job, actor)
    with transaction.atomic():
        Feed.next_value(job.owner_id)  # whoever changes this owner's jobs holds this row
        job.refresh_from_db()
        line = _line(job)
        old = [pk for pk, _ in line]
        if job.pk not in old:
            return False
        new = _moved(old, job.pk, to)
        if new == old:
            return False
        _give_turns(new, line)
        job.refresh_from_db()
        moved = job.record(code="moved", note=_WORDS[to], actor=actor, only_if={"status": JobStatus.QUEUED})
    job.account.wake()
    return moved


_WORDS = {
    Place.FIRST: "To the first place of its line.",
    Place.UP: "One place forward in its line.",
    Place.DOWN: "One place back in its line.",
    Place.LAST: "To the last place of its line.",
}


def change_priority(job: Job, priority: int, actor: User) -> bool:
    """Give a waiting job another priority, or take it back from the front. Returns False where it no longer waits.

    Raises NotAllowed where a member asks for high.
    """
    if priority == Priority.HIGH and not actor.is_lead:
        raise NotAllowed("Only leads give a job high priority.")
    if priority == job.priority and not is_in_front(job):
        return job.status == JobStatus.QUEUED
    turn = turn_at(job.created_at, priority) if is_in_front(job) else job.turn_at + STEP * (job.priority - priority)
    asked = {"status": JobStatus.QUEUED, "turn_at": job.turn_at}
    note = f"{Priority(job.priority).label} before, {Priority(priority).label.lower()} now."
    done = job.record(code="priority_changed", note=note, actor=actor, only_if=asked, priority=priority, turn_at=turn)
    job.account.wake()
    return done


def pause_account(account: Account, actor: User, reason: str) -> None:
    connecting.pause(account, reason)
    logger.info("account paused account=%s by=%s", account.pk, actor.pk)


def resume_account(account: Account, actor: User) -> bool:
    """End a pause; return whether there was one."""
    resumed = connecting.resume(account)
    if resumed:
        logger.info("account resumed account=%s by=%s", account.pk, actor.pk)
    return resumed


def pause_person(person: User, actor: User, reason: str) -> bool:
    """Let nothing new of this person start until they are resumed; return False where they were paused already."""
    paused = {"queue_paused_at": timezone.now(), "queue_paused_by": actor, "queue_paused_why": reason[:200]}
    if not User.objects.filter(pk=person.pk, queue_paused_at=None).update(**paused):
        return False
    logger.info("person paused person=%s by=%s", person.pk, actor.pk)
    _tell(person)
    return True


def resume_person(person: User, actor: User) -> bool:
    """Let this person's jobs start again; return False where they were not paused."""
    resumed = {"queue_paused_at": None, "queue_paused_by": None, "queue_paused_why": ""}
    if not User.objects.filter(pk=person.pk, queue_paused_at__isnull=False).update(**resumed):
        return False
    logger.info("person resumed person=%s by=%s", person.pk, actor.pk)
    _tell(person)
    return True


def _put_in_front(job: Job, actor: User) -> bool:
    if not actor.is_lead:
        raise NotAllowed("Only leads put a job before everybody’s.")
    with transaction.atomic():
        # The account's row keeps two leads from giving the same place.
        Account.objects.select_for_update(no_key=True).get(pk=job.account_id)
        turn = _before_all(job.account_id)
        asked = {"status": JobStatus.QUEUED, "held": False}
        done = job.record(code="put_in_front", actor=actor, only_if=asked, turn_at=turn)
    job.account.wake()
    return done


def _before_all(account_id: int) -> datetime:
    in_front = Job.objects.waiting().filter(account=account_id, turn_at__lte=FRONT).order_by("turn_at")
    first = in_front.values_list("turn_at", flat=True).first()
    return min(first, FIRST_FRONT) - timedelta(seconds=1) if first else FIRST_FRONT


def _line(job: Job) -> list[tuple[int, datetime]]:
    """The waiting jobs of its line that are as urgent as this one, in order, each with its turn.

    Jobs of another priority keep their places: nobody's become more urgent by being moved.
    """
    alike = Job.objects.waiting().filter(
        account=job.account_id, lane=job.lane, owner=job.owner_id, bound_to=job.bound_to, priority=job.priority
    )
    alike = alike.filter(turn_at__lte=FRONT) if is_in_front(job) else alike.filter(turn_at__gt=FRONT)
    return list(alike.order_by("turn_at", "id").values_list("pk", "turn_at"))


def _moved(line: list[int], pk: int, to: Place) -> list[int]:
    at = line.index(pk)
    rest = [each for each in line if each != pk]
    target = {Place.FIRST: 0, Place.UP: max(0, at - 1), Place.DOWN: at + 1, Place.LAST: len(rest)}[to]
    return [*rest[:target], pk, *rest[target:]]


def _give_turns(order: list[int], line: list[tuple[int, datetime]]) -> None:
    """Give the turns of a line to its jobs in another order, each a little later than the one before.

    The turns stay the same as a whole, so a line gains nothing on others by being sorted.
    """
    old = dict(line)
    changed = []
    last: datetime | None = None
    for pk, (_, turn) in zip(order, line, strict=True):
        last = turn if last is None else max(turn, last + TICK)
        if old[pk] != last:
            changed.append(Job(pk=pk, turn_at=last))
    Job.objects.filter(status=JobStatus.QUEUED).bulk_update(changed, ["turn_at"], batch_size=CHUNK)


def _tell(person: User) -> None:
    """Have the person's pages show it, and the engine look at the accounts that they wait on."""
    waiting = Job.objects.waiting().filter(owner=person)
    newest = list(waiting.order_by("-pk").values_list("pk", flat=True)[:MOST_TOLD])
    change_waiting(Job.objects.filter(pk__in=newest), person.pk)
    wake_accounts(list(waiting.order_by().values_list("account", flat=True).distinct()))
