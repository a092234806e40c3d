"""Whose turn it is on an account: the heads of all members' lines, in the order in which they may start."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Q, Subquery

from accounts.models import Account, Role, User
from generations.models import Job, Priority, Share
from generations.models.priority import level


@dataclass(frozen=True)
class Head:
    """The first job in one line of one member."""

    job_id: int
    turn_at: datetime
    owner_id: int
    lane: str
    bound_to: int
    weight: int
    start: float  # the fair clock's time at which this turn would begin, in weighted slot-seconds


def heads(account: Account) -> list[Head]:
    """The heads of the lines of everybody who may use the account now: three queries, each a few index reads a line."""
    in_line = (
        Job.objects.waiting()
        .filter(account=account.pk, lane=OuterRef("lane"), owner=OuterRef("owner_id"), bound_to=OuterRef("bound_to"))
        .order_by("turn_at", "id")
    )
    lines = list(
        Share.objects.filter(account=account)
        .annotate(head=Subquery(in_line.values("id")[:1]), turn_at=Subquery(in_line.values("turn_at")[:1]))
        .values_list("lane", "owner_id", "bound_to", "spent", "started", "head", "turn_at")
    )
    clock = max((started for *_, started, _, _ in lines), default=0.0)
    spent = {(lane, owner): seconds for lane, owner, bound, seconds, *_ in lines if not bound}
    weights = _weights(account, {owner for _, owner, *_, head, _ in lines if head})
    return [
        Head(head, turn_at, owner, lane, bound, weights[owner], max(clock, spent.get((lane, owner), 0.0)))
        for lane, owner, bound, _, _, head, turn_at in lines
        if head and owner in weights
    ]


def _weights(account: Account, owners: set[int]) -> dict[int, int]:
    """The weights of those of them whose jobs may start."""
    people = User.objects.filter(pk__in=owners, is_active=True, queue_paused_at=None)
    if not account.for_everyone:
        people = people.filter(Q(role=Role.ADMIN) | Q(chosen_accounts=account))
    return dict(people.values_list("pk", "queue_weight"))


def in_order(found: list[Head], now: datetime) -> list[Head]:
    """What a lead put in front, then by priority as waiting has raised it, then whoever had least, then who waits."""
    return sorted(found, key=lambda head: place(head, now))


def place(head: Head, now: datetime) -> tuple:
    """A sort key: the smallest starts next."""
    height = level(head.turn_at, now)
    is_in_front = height > Priority.HIGH
    return (-height, 0.0 if is_in_front else head.start, head.turn_at, head.job_id)
