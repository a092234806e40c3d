"""The arithmetic of the figures: from moments and counts to ratios. Knows no database and no clock."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Interval = tuple[float, float]
"""From one moment to a later one, in seconds."""


@dataclass(frozen=True)
class Figure:
    """One result. Where there is a bound, the figure must not be beyond it: above `most`, or below `least`."""

    name: str
    value: float
    most: float | None = None
    least: float | None = None
    about: str = ""

    @property
    def has_bound(self) -> bool:
        return self.most is not None or self.least is not None

    @property
    def is_met(self) -> bool:
        """Whether it keeps its bound; true where it has none, false where nothing could be measured."""
        if not self.has_bound:
            return True
        if math.isnan(self.value):
            return False
        return (self.most is None or self.value <= self.most) and (self.least is None or self.value >= self.least)


def makespan_bound(durations: Sequence[float], slots: int) -> float:
    """The least time in which any schedule could run jobs of these durations."""
    return max(math.fsum(durations) / slots, max(durations))


def list_schedule(durations: Iterable[float], slots: int) -> float:
    """The time a schedule without any delay needs that starts each job, in this order, where a slot is free first."""
    free = [0.0] * slots
    for duration in durations:
        first = min(range(slots), key=free.__getitem__)
        free[first] += duration
    return max(free)


def idle_seconds(runs: Iterable[Interval], waits: Iterable[Interval], slots: int, window: Interval) -> float:
    """Slot-seconds that stood idle within the window although a job waited for them.

    `runs` are the intervals in which a job held a slot, `waits` those in which one was ready to. Two idle slots and
    one job that waits count as one.
    """
    first, last = window
    edges = [edge for start, end in runs for edge in ((start, 1, 0), (end, -1, 0))]
    edges += [edge for start, end in waits for edge in ((start, 0, 1), (end, 0, -1))]
    running = waiting = 0
    idle, since = 0.0, first
    for at, run, wait in [*sorted(edges), (last, 0, 0)]:
        until = min(max(at, first), last)
        idle += (until - since) * max(0, min(slots - running, waiting))
        running, waiting, since = running + run, waiting + wait, until
    return idle


def jain(shares: Sequence[float]) -> float:
    """Jain's index: 1 where all have the same, 1/n where one has everything."""
    squares = math.fsum(share * share for share in shares)
    return math.fsum(shares) ** 2 / (len(shares) * squares) if squares else math.nan


def overlap(interval: Interval, window: Interval) -> float:
    """Seconds of an interval that lie in the window."""
    return max(0.0, min(interval[1], window[1]) - max(interval[0], window[0]))


def mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if values else math.nan


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile: the smallest value that at least this share does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else math.nan


def growth(before: float, after: float) -> float:
    """How many times as much it became."""
    return after / before if before else math.nan
