"""Simulated time: wall time, multiplied, with jumps."""

from __future__ import annotations

import threading
import time
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Segment:
    """From `wall` on, simulated time starts at `sim` and runs `speed` times as fast."""

    wall: float
    sim: float
    speed: float


class Clock:
    """Simulated seconds since the first start.

    With speed 0 the clock stands still and only `advance` moves it, which makes tests independent of the machine.
    """

    def __init__(self, speed: float, wall: Callable[[], float] = time.time) -> None:
        self.speed = speed
        self._wall = wall
        self._segments = [Segment(wall(), 0.0, speed)]
        self._changed = threading.Condition()

    def wall(self) -> float:
        """Real Unix time."""
        return self._wall()

    def sim(self) -> float:
        """Simulated seconds since the first start."""
        last = self._segments[-1]
        return last.sim + max(0.0, self._wall() - last.wall) * last.speed

    def wall_of(self, sim: float) -> float:
        """The real time at which simulated time reached (or will reach) `sim`."""
        segments = self._segments
        index = max(0, bisect_right(segments, sim, key=lambda segment: segment.sim) - 1)
        segment = segments[index]
        wall = segment.wall + (sim - segment.sim) / segment.speed if segment.speed else segment.wall
        if index + 1 < len(segments):
            return min(wall, segments[index + 1].wall)
        return wall

    def advance(self, seconds: float) -> Segment:
        """Jump ahead and wake whoever waits."""
        with self._changed:
            segment = Segment(self._wall(), self.sim() + seconds, self.speed)
            self._segments.append(segment)
            self._changed.notify_all()
        return segment

    def restore(self, segments: list[Segment]) -> Segment:
        """Take up the history of an earlier run, then go on at this run's speed."""
        if segments:
            self._segments = list(segments)
        segment = Segment(self._wall(), self.sim(), self.speed)
        self._segments.append(segment)
        return segment

    def first(self) -> Segment:
        """Where this history begins."""
        return self._segments[0]

    def wake(self) -> None:
        """Wake whoever waits, so that it looks at its own stop sign."""
        with self._changed:
            self._changed.notify_all()

    def wait(self, until: float | None, longest: float = 0.5) -> None:
        """Sleep until `until` (simulated), a jump, or `longest` real seconds."""
        with self._changed:
            seconds = longest
            if until is not None:
                left = until - self.sim()
                if left <= 0:
                    return
                if self.speed:
                    seconds = min(longest, left / self.speed)
            self._changed.wait(seconds)
