"""How large a run is and how fast its clocks go."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

RESULT = Path(__file__).resolve().parents[1] / "results" / "chaos.json"


@dataclass(frozen=True)
class Plan:
    seed: int = 1
    jobs: int = 500
    accounts: int = 3
    people: int = 6
    workers: int = 4
    slots: int = 8  # per channel, two channels an account
    rounds: int = 2  # of all events of the machine
    gap: tuple[float, float] = (1.0, 4.0)  # seconds between two events of the machine
    storms: tuple[float, float] = (2.0, 8.0)  # and of the service
    database: str = "postgresql"
    port: int = 0
    result: Path | None = RESULT
    keep: bool = False
    spread: float = 120.0  # seconds over which the second half of the jobs is asked for
    is_short: bool = False  # no waiting for leases between deaths, and no promise about times
    must_settle_within: float = 240.0  # seconds after the last event
    disk: int = 400  # megabytes for pictures
    # An image takes 30 to 35 simulated seconds, so at least 10 real ones. What is sent leaves within 2 s and arrives
    # within 2 more (`delay-before=2`); after 7 nothing can arrive, and until 9.5 it would still be listed.
    speed: float = 3.0
    timing: dict[str, float] = field(
        default_factory=lambda: {
            "tick": 0.5, "idle_tick": 2.0, "submit_gap": 0.0, "backoff_base": 0.5, "backoff_cap": 4.0,
            "send_window": 5.0, "quarantine": 7.0, "shortest_image_job": 9.5, "shortest_video_job": 28.0,
            "fresh": 3.0, "sync_every": 30.0, "blocked_sync_every": 5.0,
        }
    )  # fmt: skip

    @classmethod
    def short(cls) -> Plan:
        """For `make test`: the service's pace is unknown, so a lost answer that is not found goes to a person."""
        plan = cls(
            jobs=30, accounts=2, people=3, workers=2, slots=3, rounds=1, gap=(0.5, 1.5), storms=(1.0, 3.0), spread=10.0,
            result=None, is_short=True, must_settle_within=150.0, disk=40, speed=10.0,
        )  # fmt: skip
        proof = {"quarantine": 3.0, "shortest_image_job": 0.0, "shortest_video_job": 0.0}
        return replace(plan, timing={**plan.timing, **proof})

    def but(self, **values) -> Plan:
        return replace(self, **values)
