"""Watches the run: how long it takes after a death until the queue is driven again."""

import statistics
import threading
import time
from dataclasses import dataclass

from django.db import DatabaseError, connection

from accounts.models import Account
from benchmarks.chaos.events import KILLS_WORKER, STOP, Happened
from generations.models import TaskSlot

EVERY = 0.2  # seconds


@dataclass(frozen=True)
class Look:
    """What stood in the database at a moment; Unix times."""

    at: float
    holder: str
    beat: float
    listed: float  # when the account was asked that has been left alone longest


@dataclass(frozen=True)
class Recovery:
    """After one kill: seconds to the first beat of another pump, and to a look at every account."""

    event: Happened
    is_disturbed: bool
    to_beat: float
    to_all_accounts: float


class Watch:
    def __init__(self) -> None:
        self.looks: list[Look] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(EVERY):
            try:
                self.looks.append(_look())
            except DatabaseError:
                connection.close()

    def is_driven(self, since: float) -> bool:
        """Whether every account has been looked at since."""
        return bool(self.looks) and self.looks[-1].listed > since

    def recoveries(self, happened: list[Happened]) -> list[Recovery]:
        kills = [event for event in happened if event.name in KILLS_WORKER]
        others = [event for event in happened if event.name in DISTURBS]
        return [self._recovery(kill, [event for event in others if event is not kill]) for kill in kills]

    def _recovery(self, kill: Happened, others: list[Happened]) -> Recovery:
        holder = next((look.holder for look in reversed(self.looks) if look.at < kill.at), "")
        after = [look for look in self.looks if look.at >= kill.at]
        beats = (look.beat for look in after if look.beat > kill.until and look.holder not in {"", holder})
        looks = (look.at for look in after if look.listed > kill.until)
        never = time.time()
        beat, looked = next(beats, never), next(looks, never)
        is_disturbed = any(event.until > kill.at - 2 and event.at < looked for event in others)
        return Recovery(kill, is_disturbed, round(beat - kill.at, 2), round(looked - kill.at, 2))


# Other events after which the queue stands still for a while of its own.
DISTURBS = {
    *KILLS_WORKER,
    STOP,
    "restart the database",
    "flush Redis",
    "kill the simulator",
}


def _look() -> Look:
    now = time.time()
    pump = TaskSlot.objects.filter(key__startswith="pump").order_by("-beat_at").first()
    listed = list(Account.objects.exclude(listed_at=None).values_list("listed_at", flat=True))
    return Look(
        now,
        pump.holder if pump else "",
        pump.beat_at.timestamp() if pump else 0.0,
        min((at.timestamp() for at in listed if at), default=0.0),
    )


def summary(recoveries: list[Recovery], lease: float) -> dict[str, object]:
    """The figures: of kills that took the pump, and were not followed by another event that stops the queue."""
    counted = [each for each in recoveries if each.event.took_pump and not each.is_disturbed]
    beats = [each.to_beat for each in counted]
    looks = [each.to_all_accounts for each in counted]
    return {
        "lease": lease,
        "kills": len(recoveries),
        "kills_that_took_the_pump": sum(each.event.took_pump for each in recoveries),
        "measured": len(counted),
        "to_next_beat": {"median": statistics.median(beats), "most": max(beats)} if beats else None,
        "to_look_at_every_account": {"median": statistics.median(looks), "most": max(looks)} if looks else None,
        "ratio": round(max(beats) / lease, 3) if beats else None,
    }
