"""An account's queue at one moment, in memory: what the simulation of the coming turns works on."""

import math
from dataclasses import dataclass, field
from datetime import datetime

from generations.engine.capacity import ChannelUse
from generations.engine.turns import Turns

NEVER = math.inf


@dataclass(frozen=True)
class Waiter:
    """A waiting job. `seconds` is how long it is expected to use a slot."""

    pk: int
    turn_at: datetime
    seconds: float
    priority: int = 0


@dataclass
class Line:
    """The first jobs of one member's line; `total` is how many stand in it in all."""

    lane: str
    owner_id: int
    bound_to: int
    jobs: list[Waiter]
    total: int


@dataclass(frozen=True)
class Holder:
    """Something that holds a slot until `ends`, in seconds from the scene's moment; NEVER where nothing says when.

    `owner_id` is None for another program's job. `correction` is what its end adds to its owner's slot-seconds.
    """

    channel_pk: int
    lane: str
    owner_id: int | None
    ends: float
    correction: float = 0.0


@dataclass
class Gauge:
    """A budget's limit while it is being used up; `what` as in `budgets`. The team's is shared by all members."""

    whose: str
    what: str
    used: int
    most: int

    @property
    def is_reached(self) -> bool:
        return self.used >= self.most


@dataclass
class Scene:
    """Everything that decides who starts next on one account. Times are seconds from `now`.

    `begins` is when anything may start at all; `gap` the pause between two submissions on a channel; `notice` how long
    a free slot stays unnoticed on average. `gauges` are the limits of each owner, the team's among them.
    """

    now: datetime
    channels: list[ChannelUse]
    lines: list[Line]
    turns: Turns
    holders: list[Holder] = field(default_factory=list)
    weights: dict[int, int] = field(default_factory=dict)
    gauges: dict[int, list[Gauge]] = field(default_factory=dict)
    begins: float = 0.0
    gap: float = 0.0
    notice: float = 0.0
