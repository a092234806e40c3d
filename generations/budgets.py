"""Budgets: what a member and the team may start, what is left, and when it goes on.

A job is counted when it is claimed, in the claim's own transaction, and taken off again where it turns out to have cost
nothing (models/ledger.py). So a batch of any size can be queued; what the budget does not allow waits, with its reason.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Count, F, Q, QuerySet, Sum
from django.utils import timezone

from generations.models import Budget, Job, Spend
from generations.models.ledger import today

DAY, MONTH, AT_ONCE = "day", "month", "at_once"
MEMBER, TEAM = "member", "team"


@dataclass(frozen=True)
class Use:
    """Jobs that somebody, or everybody, started today and this month, and how many hold a slot now."""

    day: int = 0
    month: int = 0
    at_once: int = 0


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
    """What the budgets allow on one day, read once: at most five queries for all `owners` together."""

    def __init__(self, owners: Iterable[int] = (), *, day: date | None = None) -> None:
        self.day = day or today()
        self._limits: dict[int | None, list[Limit]] = {}
        self._read({None, *owners})

    def limits(self, owner_id: int) -> list[Limit]:
        """Every limit that holds for this member: their own, then the team's."""
        if owner_id not in self._limits:
            self._read({owner_id})
        return [*self._limits[owner_id], *self._limits[None]]

    def reached(self, owner_id: int) -> Limit | None:
        """The limit that keeps this member's next job from starting, the longest of several; None where none does."""
        reached = [limit for limit in self.limits(owner_id) if limit.is_reached]
        return max(reached, key=_lasts, default=None)

    def _read(self, owners: set[int | None]) -> None:
        budgets = {budget.owner_id: budget for budget in _of(owners)}
        members = [owner for owner in budgets if owner is not None]
        use = use_of_members(members, self.day) if members else {}
        for owner in owners:
            budget = budgets.get(owner)
            if budget is None:
                self._limits[owner] = []
            elif owner is None:
                self._limits[owner] = _limits(budget, TEAM, use_of_team(self.day))
            else:
                self._limits[owner] = _limits(budget, MEMBER, use[owner])


def goes_on_at(limit: Limit, now: datetime | None = None) -> datetime | None:
    """When a limit that is reached allows jobs again by itself: the next day or month in the studio's time zone.

    None for jobs at once, which go on when one of them ends, and for a limit of 0, which nothing but a change ends.
    """
    day = today(now)
    if limit.most == 0 or limit.what == AT_ONCE:
        return None
    first = day + timedelta(days=1) if limit.what == DAY else _next_month(day)
    return datetime.combine(first, time.min, tzinfo=timezone.get_default_timezone())


def use_of_members(owners: Iterable[int], day: date | None = None) -> dict[int, Use]:
    """The use of these members, whether they have a budget or not: two queries."""
    owners = set(owners)
    day = day or today()
    spends = Spend.objects.filter(_in_month(day), owner__in=owners).order_by().values_list("owner")
    spent = {owner: (on_day or 0, month) for owner, on_day, month in spends.annotate(**_sums(day))}
    held = Job.objects.holding_slots().filter(owner__in=owners).order_by().values_list("owner")
    running = dict(held.annotate(count=Count("pk")))
    return {owner: Use(*spent.get(owner, (0, 0)), running.get(owner, 0)) for owner in owners}


def use_of_team(day: date | None = None) -> Use:
    """The use of everybody together: two queries."""
    day = day or today()
    spent = Spend.objects.filter(_in_month(day)).aggregate(**_sums(day))
    return Use(spent["on_day"] or 0, spent["in_month"] or 0, Job.objects.holding_slots().count())


def locked(owner_id: int, day: date) -> Allowance:
    """What the budgets allow this member, with the rows locked, so that it stays true until the transaction ends.

    One member's at a time: the team's row is always taken first, and no claim holds two members' rows.
    """
    list(_of({None, owner_id}).select_for_update(no_key=True))
    return Allowance([owner_id], day=day)


def _of(owners: set[int | None]) -> QuerySet[Budget]:
    team = Q(owner=None) if None in owners else Q()
    members = owners - {None}
    limited = ~Q(per_day=None, per_month=None, at_once=None)
    rows = Budget.objects.filter(limited, team | Q(owner__in=members) if members else team)
    return rows.order_by(F("owner_id").asc(nulls_first=True))


def _limits(budget: Budget, whose: str, use: Use) -> list[Limit]:
    figures = (
        (DAY, use.day, budget.per_day),
        (MONTH, use.month, budget.per_month),
        (AT_ONCE, use.at_once, budget.at_once),
    )
    return [Limit(whose, what, used, most) for what, used, most in figures if most is not None]


def _lasts(limit: Limit) -> int:
    return 3 if limit.most == 0 else (AT_ONCE, DAY, MONTH).index(limit.what)


def _sums(day: date) -> dict[str, Sum]:
    return {"on_day": Sum("jobs", filter=Q(day=day)), "in_month": Sum("jobs")}


def _in_month(day: date) -> Q:
    return Q(day__gte=day.replace(day=1), day__lt=_next_month(day))


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
