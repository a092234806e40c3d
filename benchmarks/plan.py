"""Which measurements there are, and with which sizes."""

from dataclasses import dataclass, field
from typing import Any

# A tick is the time between two looks at an account. In production that is 5 s; here it is scaled with the durations.
MEAN, TICK = 4.0, 0.1


@dataclass(frozen=True)
class Case:
    """One run of one measurement. `seconds` is about how long it takes."""

    name: str
    measurement: str  # a module of this package with a function `measure`
    title: str
    seconds: float
    tick: float
    sizes: dict[str, Any] = field(default_factory=dict)

    @property
    def parameters(self) -> dict[str, Any]:
        return {"tick": self.tick, **self.sizes}


@dataclass(frozen=True)
class Backend:
    """A database with a broker, and how many processes the worker has."""

    name: str
    title: str
    workers: int


SQLITE = Backend("sqlite", "SQLite, tasks in the database, one worker (its smallest: 3 processes)", 3)
POSTGRESQL = Backend("postgresql", "PostgreSQL and Redis, 4 worker processes", 4)

FULL = [
    Case("makespan-12", "makespan", "600 jobs on 12 slots", 330, 0.1, {"mean": 6.0, "slots": 12, "jobs": 600}),
    Case("makespan-3", "makespan", "600 jobs on 3 slots", 830, 0.06, {"mean": 4.0, "slots": 3, "jobs": 600}),
    Case("makespan-real", "makespan", "the proportions of production: a mean job of 6.5 ticks", 80, 0.6,
         {"mean": 3.9, "slots": 12, "jobs": 180, "is_bound": False}),
    Case("lag", "lag", "36 slots on three accounts", 110, 1.0,
         {"mean": 12.0, "slots": 12, "accounts": 3, "seconds": 75.0}),
    Case("requests", "requests", "12 and 200 jobs at once on one account", 190, 1.0,
         {"mean": 25.0, "channels": [(1, 12), (20, 10)], "seconds": 40.0}),
    Case("newcomer", "newcomer", "one job beside a thousand", 50, TICK,
         {"mean": MEAN, "slots": 3, "waiting": 1000, "newcomers": 8}),
    Case("fairness", "fairness", "four equal members with jobs of unequal length", 100, TICK,
         {"mean": MEAN, "slots": 6, "seconds": 80.0}),
    Case("claims", "claims", "the claim alone", 40, TICK,
         {"backlogs": [100, 10_000], "members": 10, "claims": 60, "history": 20_000}),
    Case("backlog", "backlog", "the same work before a short and a long queue", 110, TICK,
         {"mean": MEAN, "slots": 12, "backlogs": [100, 10_000], "jobs": 90}),
    Case("accounts", "accounts", "200 accounts with 10 running jobs each", 300, 5.0,
         {"mean": 240.0, "accounts": 200, "slots": 10, "seconds": 150.0}),
    Case("gallery", "gallery", "a million pictures, on SQLite 100,000", 400, TICK,
         {"few": 10_000, "many": {"postgresql": 1_000_000, "sqlite": 100_000}, "deep": 8000}),
    Case("page", "page", "a gallery of 48 tiles in Chromium, and a poll without news", 90, TICK,
         {"photographs": 24, "polls": 400}),
    Case("zip", "zip", "an archive of 2 GB", 40, TICK, {"files": 400, "megabytes": 5}),
    Case("ingest", "ingest", "pictures taken in, as the service makes them", 70, TICK,
         {"samples": ["grid", "single", "square", "wide", "upscale", "jpeg", "alpha", "webp"], "rounds": 9}),
]  # fmt: skip

# The same measurements, so small that the figures say little: to see that everything runs.
QUICK = [
    Case("makespan-12", "makespan", "60 jobs on 12 slots", 30, TICK, {"mean": 2.0, "slots": 12, "jobs": 60}),
    Case("makespan-3", "makespan", "18 jobs on 3 slots", 25, TICK, {"mean": 2.0, "slots": 3, "jobs": 18}),
    Case("makespan-real", "makespan", "the proportions of production: a mean job of 6.5 ticks", 25, 0.3,
         {"mean": 1.95, "slots": 12, "jobs": 48, "is_bound": False}),
    Case("lag", "lag", "12 slots on two accounts", 25, 0.5, {"mean": 5.0, "slots": 6, "accounts": 2, "seconds": 15.0}),
    Case("requests", "requests", "6 and 30 jobs at once on one account", 60, 0.5,
         {"mean": 6.0, "channels": [(1, 6), (3, 10)], "seconds": 12.0}),
    Case("newcomer", "newcomer", "one job beside sixty", 25, TICK,
         {"mean": 2.0, "slots": 3, "waiting": 60, "newcomers": 3}),
    Case("fairness", "fairness", "four equal members with jobs of unequal length", 35, TICK,
         {"mean": 2.0, "slots": 6, "seconds": 20.0}),
    Case("claims", "claims", "the claim alone", 5, TICK,
         {"backlogs": [60, 1000], "members": 5, "claims": 20, "history": 3000}),
    Case("backlog", "backlog", "the same work before a short and a long queue", 40, TICK,
         {"mean": 2.0, "slots": 12, "backlogs": [20, 500], "jobs": 24}),
    Case("accounts", "accounts", "20 accounts with 5 running jobs each", 60, 1.0,
         {"mean": 20.0, "accounts": 20, "slots": 5, "seconds": 15.0}),
    Case("gallery", "gallery", "10,000 pictures", 30, TICK,
         {"few": 2000, "many": {"postgresql": 10_000, "sqlite": 10_000}, "deep": 80}),
    Case("page", "page", "the same from few photographs", 60, TICK, {"photographs": 6, "polls": 50}),
    Case("zip", "zip", "an archive of 200 MB", 15, TICK, {"files": 40, "megabytes": 5}),
    Case("ingest", "ingest", "two pictures taken in", 15, TICK, {"samples": ["single", "square"], "rounds": 3}),
]  # fmt: skip

# What the engine's waiting times are relative to the tick, as for a service elsewhere (generations/engine/timing.py).
SCALED = {"tick": 1.0, "progress_gap": 1.0, "submit_gap": 0.2, "idle_tick": 12.0}


def timing(tick: float) -> dict[str, float]:
    """Values for ENGINE_TIMING with this tick in seconds."""
    return {name: tick * factor for name, factor in SCALED.items()}
