"""What the pages of budgets show: limits beside use, for everybody in a fixed number of queries."""

from dataclasses import dataclass

from django.db.models import F

from accounts.models import User
from generations.budgets import Use, use_of_members, use_of_team
from generations.models import Budget


@dataclass(frozen=True)
class Figure:
    """A limit beside what is used of it. `most` is None where there is no limit."""

    label: str
    used: int
    most: int | None

    @property
    def is_reached(self) -> bool:
        return self.most is not None and self.used >= self.most


@dataclass(frozen=True)
class Row:
    person: User | None  # None is the team
    figures: tuple[Figure, ...]

    @property
    def has_limits(self) -> bool:
        return any(figure.most is not None for figure in self.figures)


def team() -> Row:
    return _row(None, use_of_team(), Budget.objects.filter(owner=None).first())


def person(who: User) -> Row:
    return _row(who, use_of_members([who.pk])[who.pk], Budget.objects.filter(owner=who).first())


def people() -> list[Row]:
    """Everybody who may sign in, by name: four queries."""
    persons = list(User.objects.filter(is_active=True).order_by(F("name").asc(), "email"))
    limits = {budget.owner_id: budget for budget in Budget.objects.exclude(owner=None)}
    use = use_of_members(each.pk for each in persons)
    return [_row(each, use[each.pk], limits.get(each.pk)) for each in persons]


def _row(who: User | None, use: Use, budget: Budget | None) -> Row:
    limits = budget or Budget()
    return Row(
        who,
        (
            Figure("Today", use.day, limits.per_day),
            Figure("This month", use.month, limits.per_month),
            Figure("Now", use.at_once, limits.at_once),
        ),
    )
