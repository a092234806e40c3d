"""What a job's moves cost its owner: slot-seconds in the fair turns, and jobs of the budget.

Called inside the transaction of the move, so the books agree with the states at every commit.
"""

from datetime import date, datetime
from typing import Any

from django.db.models import F
from django.utils import timezone

from accounts.models import User
from generations.explanations import MAY_HAVE_COST
from generations.models.budget import Spend
from generations.models.share import Share
from generations.models.states import HOLDS_SLOT, JobStatus

# Of a job, read before its move.
FIELDS = ("status", "account_id", "lane", "owner_id", "reserved_at", "estimate", "counted_on", "remote_id")
LONGEST_CHARGE = 20 * 60.0  # seconds; a lost answer that waits for a person for days is no use of a slot


def charge(
    *, account: int, lane: str, owner: int, now: datetime,
    moved: float, started: float, account_moved: float, account_started: float, left: list[int],
) -> None:  # fmt: skip
    """Write a turn down, as engine/turns.py reckoned it. By how much, because a job that ends meanwhile corrects it."""
    lines = Share.objects.filter(account=account, lane=lane, bound_to=0)
    lines.filter(owner=owner).update(
        spent=F("spent") + moved,
        started=started,
        account_spent=F("account_spent") + account_moved,
        account_started=account_started,
        competes=True,
        served_at=now,
    )
    if left:
        lines.filter(owner__in=left).update(competes=False)


def count(owner: int, day: date) -> None:
    """Take a job that starts off the owner's budget of that day."""
    if not Spend.objects.filter(owner=owner, day=day).update(jobs=F("jobs") + 1):
        Spend.objects.bulk_create([Spend(owner_id=owner, day=day)], ignore_conflicts=True)
        Spend.objects.filter(owner=owner, day=day).update(jobs=F("jobs") + 1)


def today(now: datetime | None = None) -> date:
    """The day in the studio's time zone, by which budgets count."""
    return timezone.localdate(now, timezone.get_default_timezone())


def settle(before: dict[str, Any], to: JobStatus, error_code: str, now: datetime) -> dict[str, Any]:
    """Correct the books for a move that is no claim; return the job's fields that change with them."""
    if (
        before["status"] == JobStatus.QUEUED and to == JobStatus.RUNNING and before["lane"]
    ):  # it had been sent and turned up after all
        count(before["owner_id"], today(now))
        return {"counted_on": today(now), "reserved_at": now, "estimate": 0.0}
    if before["status"] not in HOLDS_SLOT or to in HOLDS_SLOT:
        return {}
    if before["reserved_at"]:
        _correct(before, min((now - before["reserved_at"]).total_seconds(), LONGEST_CHARGE))
    was_free = (
        to == JobStatus.QUEUED
        or (to == JobStatus.REFUSED and error_code not in MAY_HAVE_COST)
        or (to in {JobStatus.FAILED, JobStatus.CANCELLED} and not before["remote_id"] and error_code != "ran_untracked")
    )
    if not was_free or before["counted_on"] is None:
        return {}
    counted = Spend.objects.filter(owner=before["owner_id"], day=before["counted_on"], jobs__gt=0)
    counted.update(jobs=F("jobs") - 1)
    return {"counted_on": None}


def _correct(before: dict[str, Any], used: float) -> None:
    weight = User.objects.filter(pk=before["owner_id"]).values_list("queue_weight", flat=True).first() or 1
    line = Share.objects.filter(account=before["account_id"], lane=before["lane"], owner=before["owner_id"], bound_to=0)
    moved = (used - before["estimate"]) / weight
    line.update(spent=F("spent") + moved, account_spent=F("account_spent") + moved)
