"""How urgent a job is, and where that puts it in line.

A job's place in its owner's line is one moment, `turn_at`: when it was queued, a step earlier for each priority above
normal and a step later for each below. So the order never has to be computed anew, and waiting makes up for a low
priority: after a step a low job stands where a normal one would that was queued just now.
"""

from datetime import UTC, datetime, timedelta

from django.db import models

STEP = timedelta(hours=6)
# What a lead puts in front of everybody's line stands before this moment.
FRONT = datetime(2001, 1, 1, tzinfo=UTC)


class Priority(models.IntegerChoices):
    LOW = -1, "Low"
    NORMAL = 0, "Normal"
    HIGH = 1, "High"


def turn_at(queued_at: datetime, priority: int) -> datetime:
    return queued_at - STEP * priority


def level(turn: datetime, now: datetime) -> int:
    """What a place in line counts for against other members': -1 low, 0 normal, 1 high, 2 put in front by a lead.

    It rises with waiting up to high, so low is never starved.
    """
    if turn <= FRONT:
        return Priority.HIGH + 1
    return max(int(Priority.LOW), min(int(Priority.HIGH), (now - turn) // STEP))
