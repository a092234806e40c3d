"""The order in which waiting jobs will start, and when: the claim, played forward in memory.

Who is next is decided by the engine's own `Turns`; slots, pauses and budgets follow engine/claim.py (a test compares
the two). Each job takes as long as its kind usually does. The play ends after so many starts; what comes after them is
reckoned by rate, so that the cost has a bound.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import count

from django.utils import timezone

from generations.budgets import AT_ONCE, DAY, MONTH
from generations.engine.capacity import ChannelUse
from generations.engine.turns import Head
from generations.lines.scene import NEVER, Gauge, Holder, Line, Scene, Waiter

EXACT = 200  # starts that are played
FARTHEST = 32 * 24 * 3600.0  # seconds; about what begins later nothing is said


@dataclass(frozen=True)
class Start:
    """A coming start. `place` counts the starts before it; `at` is None where nothing says when."""

    place: int
    at: datetime | None
    is_exact: bool


@dataclass
class Order:
    """`starts` by the job's primary key, in order. `ends_at` is when the last of the played jobs ends.

    `has_more` where jobs wait beyond the played ones; `rate` is starts a second, 0.0 where nothing starts.
    """

    starts: dict[int, Start] = field(default_factory=dict)
    ends_at: datetime | None = None
    last_start: datetime | None = None
    has_more: bool = False
    rate: float = 0.0


def play(scene: Scene, most: int = EXACT) -> Order:
    """Play the coming turns. The scene is used up by it."""
    return _Play(scene, most).run()


class _Play:
    def __init__(self, scene: Scene, most: int) -> None:
        self.scene = scene
        self.most = most
        self.time = scene.begins
        self.uses = {use.channel.pk: use for use in scene.channels}
        self.ready_at = {pk: (use.channel.send_after - scene.now).total_seconds() for pk, use in self.uses.items()}
        self.started: list[tuple[Waiter, float]] = []
        self.is_cut = False  # a line was played to the end of what was read of it
        self.held = count()
        self.ends: list[tuple[float, int, Holder]] = []
        for holder in scene.holders:
            self._hold(holder)
        self.day = timezone.localdate(scene.now)

    # The run

    def run(self) -> Order:
        while self._goes_on() and self.time <= FARTHEST:
            self._release()
            if self._claim():
                continue
            later = self._next_moment()
            if later is None:
                break
            self.time = later
            self._turn_day()
        return self._order()

    def _goes_on(self) -> bool:
        return not self.is_cut and len(self.started) < self.most and any(line.jobs for line in self.scene.lines)

    def _hold(self, holder: Holder) -> None:
        heapq.heappush(self.ends, (holder.ends, next(self.held), holder))

    def _release(self) -> None:
        while self.ends and self.ends[0][0] <= self.time:
            _, _, holder = heapq.heappop(self.ends)
            use = self.uses.get(holder.channel_pk)
            if use is not None:
                (use.foreign if holder.owner_id is None else use.lanes)[holder.lane] -= 1
            if holder.owner_id is not None:
                self.scene.turns.correct((holder.lane, holder.owner_id), holder.correction)
                for gauge in self._gauges(holder.owner_id, AT_ONCE):
                    gauge.used -= 1

    def _claim(self) -> bool:
        """Start the job whose turn it is at this moment; return False where none may start."""
        if not any(self._is_ready(use, "") for use in self.uses.values()):
            return False
        lines = {head.job_id: (head, line) for head, line in self._heads() if self._may_start(head)}
        ready = [head for head, _ in lines.values()]
        head = self.scene.turns.choose(ready, self._moment(self.time))
        if head is None:
            return False
        use = self._channel_for(head)
        if use is not None:
            self._start(head, lines[head.job_id][1], use, ready)
        return use is not None

    def _heads(self) -> list[tuple[Head, Line]]:
        return [(self._head(line, line.jobs[0]), line) for line in self.scene.lines if line.jobs]

    def _head(self, line: Line, job: Waiter) -> Head:
        weight = self.scene.weights[line.owner_id]
        return Head(job.pk, job.turn_at, line.owner_id, line.lane, line.bound_to, weight, job.priority)

    def _start(self, head: Head, line: Line, use: ChannelUse, ready: list[Head]) -> None:
        scene = self.scene
        job = self._take(head, line, ready, self.time)
        self.started.append((job, self.time))
        use.lanes[line.lane] += 1
        self.ready_at[use.channel.pk] = self.time + scene.gap
        for gauge in self._gauges(line.owner_id, "" if line.lane else AT_ONCE):
            gauge.used += 1
        ends = self.time + job.seconds + scene.notice
        self._hold(Holder(use.channel.pk, line.lane, line.owner_id, ends, scene.notice / head.weight))

    def _take(self, head: Head, line: Line, ready: list[Head], at: float) -> Waiter:
        job = line.jobs.pop(0)
        line.total -= 1
        self.is_cut = self.is_cut or (not line.jobs and line.total > 0)
        self.scene.turns.give(head, ready, job.seconds, self._moment(at))
        return job

    # What may start

    def _may_start(self, head: Head) -> bool:
        if self._channel_for(head) is None:
            return False
        return not head.lane or not any(gauge.is_reached for gauge in self._gauges(head.owner_id))

    def _channel_for(self, head: Head) -> ChannelUse | None:
        usable = (use for pk, use in self.uses.items() if head.bound_to in {0, pk})
        ready = [use for use in usable if self._is_ready(use, head.lane)]
        return min(ready, key=lambda use: (use.total / use.channel.max_jobs, use.channel.pk)) if ready else None

    def _is_ready(self, use: ChannelUse, lane: str) -> bool:
        return use.channel.is_open and use.free(lane) > 0 and self.ready_at[use.channel.pk] <= self.time

    def _gauges(self, owner_id: int, what: str = "") -> Iterator[Gauge]:
        return (gauge for gauge in self.scene.gauges.get(owner_id, ()) if what in {"", gauge.what})

    # Time

    def _moment(self, seconds: float) -> datetime:
        return self.scene.now + timedelta(seconds=min(seconds, FARTHEST))

    def _next_moment(self) -> float | None:
        moments = [moment for moment in self.ready_at.values() if moment > self.time]
        moments += [self.ends[0][0]] if self.ends and self.ends[0][0] < NEVER else []
        moments += [self._midnight()] if self._waits_for_a_day() else []
        return min(moments, default=None)

    def _waits_for_a_day(self) -> bool:
        """Whether somebody's limit is reached that another day ends."""
        limits = (gauge for line in self.scene.lines if line.jobs for gauge in self._gauges(line.owner_id))
        return any(gauge.is_reached and gauge.what in {DAY, MONTH} and gauge.most for gauge in limits)

    def _midnight(self) -> float:
        return (_begin(self.day + timedelta(days=1)) - self.scene.now).total_seconds()

    def _turn_day(self) -> None:
        """What a new day, and a new month, do to the budgets."""
        today = timezone.localdate(self._moment(self.time))
        if today == self.day:
            return
        over = {DAY} if (today.year, today.month) == (self.day.year, self.day.month) else {DAY, MONTH}
        self.day = today
        for gauges in self.scene.gauges.values():
            for gauge in gauges:
                if gauge.what in over:
                    gauge.used = 0

    # The result

    def _order(self) -> Order:
        moments = enumerate(self.started)
        starts = {job.pk: Start(number, self._moment(at), is_exact=True) for number, (job, at) in moments}
        last = self.started[-1][1] if self.started else self.scene.begins
        rate = self._rate(last) if self.is_cut or len(self.started) >= self.most else 0.0
        for number, job in enumerate(self._left(), start=1):
            at = self._moment(last + number / rate) if rate else None
            starts[job.pk] = Start(len(starts), at, is_exact=False)
        ends = [ends for ends, _, holder in self.ends if ends < NEVER and holder.owner_id is not None]
        return Order(
            starts=starts,
            ends_at=self._moment(max([last, *ends])) if ends or self.started else None,
            last_start=self._moment(last) if self.started else None,
            has_more=any(line.total for line in self.scene.lines),
            rate=rate,
        )

    def _rate(self, last: float) -> float:
        """Starts a second: as they were played, or what the slots can do where that was too short to tell."""
        slots = sum(use.channel.max_jobs for use in self.uses.values() if use.channel.is_open)
        played, took = len(self.started), last - self.scene.begins
        if played > 2 * slots and took > 0:
            return (played - slots) / took
        each = sum(job.seconds + self.scene.notice for job, _ in self.started) / max(1, played)
        return slots / each if each else 0.0

    def _left(self) -> list[Waiter]:
        """The jobs that were read and not started, in turn as if each found a slot at once; then line by line."""
        left: list[Waiter] = []
        while len(self.started) + len(left) < self.most:
            lines = {head.job_id: (head, line) for head, line in self._heads()}
            ready = [head for head, _ in lines.values()]
            head = self.scene.turns.choose(ready, self._moment(self.time))
            if head is None:
                break
            left.append(self._take(head, lines[head.job_id][1], ready, self.time))
        rest = sorted(
            (number * job.seconds / self.scene.weights[line.owner_id], job.turn_at, job.pk, job)
            for line in self.scene.lines
            for number, job in enumerate(line.jobs)
        )
        return [*left, *(job for *_, job in rest)]


def _begin(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
