"""Has anything changed that the queue page shows? One short text that differs if so, from three small reads.

Each change to a job raises its owner's feed by one, so the sum of all feeds differs after any change to anybody's job;
feeds only grow, so no two changes cancel out. Accounts, channels and pauses are few rows, read whole. Forecasts also
drift by themselves: while anything waits or runs, the page is made anew with each half minute.
"""

import hashlib
import json

from django.db.models import Sum
from django.utils import timezone

from accounts.models import Account, User
from generations.models import Feed

DRIFT = 30  # seconds


def mark_of(reader: User) -> str:
    """The mark of what this person's queue page shows now."""
    rows = Account.objects.visible_to(reader).values_list(
        "pk", "name", "state", "state_reason", "retry_at", "channels__pk", "channels__foreign_jobs",
        "channels__block_message", "channels__removed_at", "channels__max_jobs", "channels__max_image_jobs",
        "channels__max_video_jobs",
    ).order_by("pk", "channels__pk")  # fmt: skip
    paused = User.objects.filter(queue_paused_at__isnull=False).order_by("pk").values_list("pk", "queue_paused_at")
    changes = Feed.objects.aggregate(sum=Sum("value"))["sum"] or 0
    told = json.dumps([changes, list(rows), list(paused)], default=str)
    return hashlib.blake2s(told.encode(), digest_size=12).hexdigest()


def with_drift(mark: str, *, is_moving: bool) -> str:
    """The mark as a page keeps it: one on which something moves remembers when it was made."""
    return f"{mark}.{half_minute()}" if is_moving else mark


def is_current(kept: str, mark: str) -> bool:
    """Whether a page that keeps this mark shows what there is."""
    seen, _, made = kept.partition(".")
    return seen == mark and made in {"", str(half_minute())}


def half_minute() -> int:
    """Which half minute this is: expected times are told anew once in each."""
    return int(timezone.now().timestamp() // DRIFT)
