"""A job and what it looks like at any moment; nothing runs, everything is computed from the clock."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from midjourney.simulator.replies import Json

Status = Literal["created", "started", "progress", "completed", "failed", "moderated", "cancelled"]
Lane = Literal["image", "video", ""]

FINAL: frozenset[str] = frozenset({"completed", "failed", "moderated", "cancelled"})
PERCENTS = (0, 15, 31, 46, 62, 78, 93)
ROUNDING = 1e-6
STUCK_SECONDS = 14 * 60.0
EXPIRY_SECONDS = 62 * 86_400.0
FREE_VERBS = frozenset({"seed", "settings", "info", "fast", "relax", "turbo", "variability", "remix"})


@dataclass(frozen=True, slots=True)
class Phase:
    """What a job shows, and since when (simulated seconds after its acceptance)."""

    status: Status
    since: float
    percent: int | None = None


@dataclass(slots=True)
class Job:
    """One accepted job. Times are simulated seconds; `starts` and `lasts` count from `accepted`.

    `starts` is None where the job ends without ever having started. `frozen` is the moment from which nothing moves
    any more until the 14-minute limit.
    """

    jobid: str
    account: str
    channel: str
    verb: str
    lane: Lane
    created_wall: float
    accepted: float
    lasts: float
    starts: float | None
    outcome: Status
    request: Json
    snowflake: int
    guid: str
    seed: int
    origin: str = ""
    show_type: bool = True
    code: int | None = 200
    error: str = ""
    details: str = ""
    parent: str = ""
    button: str = ""
    effective: str = ""
    speed: str = "fast"
    reply_url: str = ""
    recipe: Json = field(default_factory=dict)
    result: Json = field(default_factory=dict)
    buttons: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    fault_seconds: float | None = None
    fault_location: str = ""
    frozen: float | None = None
    planned: float | None = None
    listed: bool = True
    foreign: bool = False
    children: dict[str, str] = field(default_factory=dict)
    once: dict[str, str] = field(default_factory=dict)

    @property
    def ends(self) -> float:
        """When it reaches its final state, in simulated time."""
        return self.accepted + self.lasts

    @property
    def reply_ref(self) -> str:
        return str(self.request.get("replyRef", ""))

    @property
    def is_paid(self) -> bool:
        """Whether Midjourney bills it: real work that was begun, whatever came of it."""
        return self.verb not in FREE_VERBS and self.starts is not None

    def is_running(self, sim: float) -> bool:
        return self.elapsed(sim) < self.lasts

    def elapsed(self, sim: float) -> float:
        """Seconds since its acceptance, so rounded that the very moment of a change counts as after it."""
        return sim - self.accepted + ROUNDING

    def phases(self) -> list[Phase]:
        """Every state that it goes through, first to last."""
        steps = [Phase("created", 0.0)]
        if self.starts is not None and self.starts < self.lasts:
            steps.append(Phase("started", self.starts))
            span = self.planned or self.lasts
            for index, percent in enumerate(PERCENTS):
                at = self.starts + (span - self.starts) * (index + 0.6) / (len(PERCENTS) + 0.6)
                steps.append(Phase("progress", at, percent))
        limit = min(self.lasts, self.frozen - self.accepted) if self.frozen is not None else self.lasts
        steps = [step for step in steps if step.since < limit or step.since == 0.0]
        steps.append(Phase(self.outcome, self.lasts))
        return steps

    def phase(self, sim: float) -> Phase:
        """The state at that simulated time."""
        elapsed = self.elapsed(sim)
        if elapsed >= self.lasts:
            return Phase(self.outcome, self.lasts)
        current = Phase("created", 0.0)
        for step in self.phases():
            if step.since > elapsed:
                break
            current = step
        return current

    def cancel(self, sim: float, status: Status = "failed") -> None:
        """End it now as a cancelled job does (useapi-v3.md §9)."""
        self.planned = self.planned or self.lasts
        self.frozen = sim
        self.lasts = max(ROUNDING / 10, sim - self.accepted)
        self.outcome, self.code = status, None
        self.error, self.details = "Job cancelled by user", ""
        self.buttons = []

    def get_stuck(self, sim: float) -> None:
        """Stop moving until the 14-minute limit fails it (useapi-v3.md §7.1)."""
        self.planned = self.planned or self.lasts
        self.frozen = sim
        self.lasts = max(STUCK_SECONDS, sim - self.accepted)
        self.outcome, self.code, self.error, self.details = "failed", 504, "Job timed out", ""
        self.buttons = []

    def as_record(self) -> dict[str, Any]:
        """All of it as JSON values, for the store."""
        return asdict(self)
