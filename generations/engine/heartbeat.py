"""Which pump holds which slot, and whether any beats."""

from datetime import timedelta

from django.db import IntegrityError
from django.utils import timezone

from generations.models import PumpSlot

PUMPS = 1  # pumps that share the accounts; one drives hundreds of them
BEAT_EVERY = 1.0  # seconds
STALE_AFTER = 10.0  # seconds without a beat after which another may take the slot


def take_slot(holder: str) -> int | None:
    """Take a slot that is free or whose pump has stopped beating; None where all beat."""
    now = timezone.now()
    stale = now - timedelta(seconds=STALE_AFTER)
    for number in range(1, PUMPS + 1):
        mine = {"holder": holder, "beat_at": now, "started_at": now}
        rows = PumpSlot.objects.filter(number=number)
        if rows.filter(holder="").update(**mine) or rows.filter(beat_at__lt=stale).update(**mine):
            return number
        if not rows.exists():
            try:
                PumpSlot.objects.create(number=number, **mine)
            except IntegrityError:
                continue
            return number
    return None


def beat(number: int, holder: str) -> bool:
    """Say that the pump lives; False where another has taken its slot meanwhile."""
    return bool(PumpSlot.objects.filter(number=number, holder=holder).update(beat_at=timezone.now()))


def release(number: int, holder: str) -> None:
    PumpSlot.objects.filter(number=number, holder=holder).update(holder="")


def seconds_since_beat() -> float | None:
    """Age of the newest beat in seconds; None where no pump has ever run."""
    newest = PumpSlot.objects.order_by("-beat_at").values_list("beat_at", flat=True).first()
    return (timezone.now() - newest).total_seconds() if newest else None


def some_pump_runs() -> bool:
    fresh = timezone.now() - timedelta(seconds=STALE_AFTER)
    return PumpSlot.objects.filter(beat_at__gt=fresh).exclude(holder="").exists()
