"""Budgets: what a member and the team may start, and what is left.

A job is counted when it is claimed, in the claim's own transaction, and taken off again where it turns out to have cost
nothing (models/ledger.py). So a batch of any size can be queued; what the budget does not allow waits, with its reason.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, Sum

from generations.models import Budget, Job, Spend
from generations.models.ledger import today

DAY, MONTH, AT_ONCE = "day", "month", "at_once"


@dataclass(frozen=True)
class Limit:
    """One limit and how much of it is used. `whose` is "member" or "team", `what` is "day", "month" or "at_once"."""

    whose: str
    what: str
    used: int
    most: int

    @property
    def left(self) -> int:
        return max(0, self.most - self.used)

    @property
    def is_reached(self) -> bool:
        return self.used >= self.most


class Allowance:
    """What the budgets allow, read once. Inside a claim (`locked`) the rows stay locked, so the answer stays true."""

    def __init__(self, *, locked: bool = False) -> None:
        self.locked = locked
        self.day = today()
        # The team's row first, always: claims of several accounts take these locks in one order.
        self.team = self._row(owner=None)
        self.members: dict[int, Budget | None] = {}

    def _row(self, **which) -> Budget | None:
        rows = Budget.objects.filter(**which)
        return (rows.select_for_update() if self.locked else rows).first()

    def limits(self, owner_id: int) -> list[Limit]:
        """Every limit that holds for this member: their own, then the team's."""
        if owner_id not in self.members:
            self.members[owner_id] = self._row(owner=owner_id)
        own = self.members[owner_id]
        return [*self._of(own, "member", owner_id), *self._of(self.team, "team", None)]

    def reached(self, owner_id: int) -> Limit | None:
        """The limit that keeps this member's next job from starting; None where none does."""
        return next((limit for limit in self.limits(owner_id) if limit.is_reached), None)

    def _of(self, budget: Budget | None, whose: str, owner_id: int | None) -> list[Limit]:
        if budget is None:
            return []
        figures: tuple[tuple[str, int | None, Callable[[], int]], ...] = (
            (DAY, budget.per_day, lambda: spent(owner_id, self.day, self.day)),
            (MONTH, budget.per_month, lambda: spent(owner_id, self.day.replace(day=1), self.day)),
            (AT_ONCE, budget.at_once, lambda: running(owner_id)),
        )
        return [Limit(whose, what, used(), most) for what, most, used in figures if most is not None]


def spent(owner_id: int | None, first: date, last: date) -> int:
    """Jobs that a member, or everybody, started from one day to another, both included."""
    whose = Q() if owner_id is None else Q(owner=owner_id)
    return Spend.objects.filter(whose, day__gte=first, day__lte=last).aggregate(jobs=Sum("jobs"))["jobs"] or 0


def running(owner_id: int | None) -> int:
    """Jobs of a member, or of everybody, that hold a slot on any account."""
    jobs = Job.objects.holding_slots()
    return (jobs if owner_id is None else jobs.filter(owner=owner_id)).count()
