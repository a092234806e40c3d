"""What the budgets mean for somebody who is about to submit, in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import User
from generations.budgets import AT_ONCE, DAY, MONTH, TEAM, Allowance, Limit, goes_on_at
from generations.models import Job

MOST_TOLD = 2  # limits, those with the least left
_SPANS = {DAY: "today", MONTH: "this month"}


@dataclass(frozen=True)
class Notes:
    """What is left (`left`), the least first, and what of the jobs in hand waits for the budget (`waits`), in words.

    Limits of jobs at once are not told: they hold nothing up for long.
    """

    left: tuple[str, ...] = ()
    waits: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.left or self.waits)


def notes(owner: User, count: int) -> Notes:
    """For a member who has `count` new jobs in hand. One query where no limit holds for them."""
    limits = Allowance([owner.pk]).limits(owner.pk)
    if not limits:
        return Notes()
    queued = Job.objects.waiting().filter(owner=owner).count()
    dated = sorted((limit for limit in limits if limit.what != AT_ONCE), key=lambda limit: limit.left)
    return Notes(tuple(_left(limit) for limit in dated[:MOST_TOLD]), tuple(_waits(dated, queued, count)))


def when(limit: Limit, now: datetime | None = None) -> str:
    """Until when a limit that is reached holds things up: "tomorrow", "1 December", "one of them ends"."""
    at = goes_on_at(limit, now)
    if at is None:
        return "one of them ends" if limit.what == AT_ONCE else "an admin raises the limit"
    tomorrow = timezone.localdate(now, at.tzinfo) + timedelta(days=1)
    return "tomorrow" if at.date() == tomorrow else date_format(at, "j F")


def _left(limit: Limit) -> str:
    whose = "the team: " if limit.whose == TEAM else ""
    return f"{whose}{limit.left:,} of {limit.most:,} jobs left {_SPANS[limit.what]}"


def _waits(limits: Iterable[Limit], queued: int, count: int) -> Iterable[str]:
    """One phrase for each time until which some of the jobs in hand wait, those that wait longest last.

    What is queued already comes first.
    """
    beyond: dict[str, int] = {}
    for limit in sorted(limits, key=lambda each: each.what == MONTH):
        held = min(count, queued + count - limit.left)
        if held > 0:
            until = when(limit)
            beyond[until] = max(held, beyond.get(until, 0))
    for until, held in beyond.items():
        if count == 1:
            yield f"It waits until {until}"
        elif held == count:
            yield f"All of these wait until {until}"
        else:
            yield f"{held:,} of these wait{'s' if held == 1 else ''} until {until}"
