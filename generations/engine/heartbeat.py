"""Which pumps and savers run, and whether they beat.

The queue is first in, first out, and the next pump waits in it like any task. So savers, which run long, are bounded
below the number of q2's processes: one is always left for the pump.
"""

import os
import socket
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError
from django.utils import timezone

from generations.models import TaskSlot

PUMPS = 1  # pumps that share the accounts; one drives hundreds of them
BEAT_EVERY = 1.0  # seconds
PUMP_IS_STALE = 10.0  # seconds without a beat after which another may take the slot
SAVER_IS_STALE = 25.0
CLUSTER_VARIABLE = "STUDIO_CLUSTER"  # set by the `worker` command for the processes below it


class Slot:
    """A slot that this task holds for as long as it beats."""

    def __init__(self, key: str, holder: str) -> None:
        self.key, self.holder = key, holder

    def beat(self) -> bool:
        """Say that the task lives; False where another has taken its slot meanwhile."""
        return bool(TaskSlot.objects.filter(key=self.key, holder=self.holder).update(beat_at=timezone.now()))

    def release(self) -> None:
        TaskSlot.objects.filter(key=self.key, holder=self.holder).update(holder="")


def take_pump_slot() -> Slot | None:
    """A slot of the pumps, of which there are so many in all; None where all beat."""
    return _take((f"pump {number}" for number in range(PUMPS)), PUMP_IS_STALE)


def take_saver_slot() -> Slot | None:
    """A slot of this cluster's savers; None where all are at work."""
    cluster = os.environ.get(CLUSTER_VARIABLE, "") or f"{socket.gethostname()} {os.getpid()}"
    return _take((f"saver {cluster} {number}" for number in range(max(1, settings.WORKERS - 2))), SAVER_IS_STALE)


def _take(keys: Iterable[str], stale_after: float) -> Slot | None:
    now = timezone.now()
    holder = uuid.uuid4().hex
    mine = {"holder": holder, "beat_at": now, "started_at": now}
    for key in keys:
        rows = TaskSlot.objects.filter(key=key)
        stale = rows.filter(beat_at__lt=now - timedelta(seconds=stale_after))
        if rows.filter(holder="").update(**mine) or stale.update(**mine):
            return Slot(key, holder)
        if not rows.exists():
            try:
                TaskSlot.objects.create(key=key, **mine)
            except IntegrityError:
                continue
            return Slot(key, holder)
    return None


def forget_old_slots() -> None:
    """Remove the slots of clusters that are gone."""
    TaskSlot.objects.filter(beat_at__lt=timezone.now() - timedelta(hours=1)).exclude(key__startswith="pump").delete()


def newest_beat() -> datetime | None:
    """When a pump last beat; None where none has ever run."""
    pumps = TaskSlot.objects.filter(key__startswith="pump")
    return pumps.order_by("-beat_at").values_list("beat_at", flat=True).first()


def seconds_since_beat() -> float | None:
    """Age of the pumps' newest beat in seconds; None where no pump has ever run."""
    newest = newest_beat()
    return (timezone.now() - newest).total_seconds() if newest else None


def some_pump_runs() -> bool:
    fresh = timezone.now() - timedelta(seconds=PUMP_IS_STALE)
    return TaskSlot.objects.filter(key__startswith="pump", beat_at__gt=fresh).exclude(holder="").exists()
