"""Turns are fair by slot-seconds, played in simulated time on the very code that the claim uses."""

import heapq
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from generations.engine.turns import Head, Turns
from generations.models import Priority
from generations.models.priority import FRONT, turn_at

BEGAN = datetime(2026, 5, 1, tzinfo=UTC)
ESTIMATE = 60.0  # what every claim is charged with at first, however long the job then takes


@dataclass
class Member:
    """Somebody with jobs of one kind. `length` gives the seconds of the next job; `arrives` when they were queued."""

    pk: int
    jobs: int
    length: object = lambda: ESTIMATE
    lane: str = "image"
    weight: int = 1
    priority: int = Priority.NORMAL
    arrives: float = 0.0
    at_once: int = 10**9
    turn: datetime | None = None


@dataclass
class Studio:
    """One account in simulated time: `total` slots, of them `lanes[lane]` at most in a lane."""

    members: list[Member]
    total: int
    lanes: dict[str, int] = field(default_factory=dict)
    estimate: float = ESTIMATE
    turns: Turns = field(default_factory=lambda: Turns({}))
    now: float = 0.0
    used: Counter = field(default_factory=Counter)  # slot-seconds by member
    first: dict[int, float] = field(default_factory=dict)  # when a member's first job started
    starts: list[int] = field(default_factory=list)
    running: list = field(default_factory=list)
    numbers: int = 0

    def run(self, seconds: float) -> "Studio":
        while True:
            while self._claim():
                pass
            moments = [self.running[0][0]] if self.running else []
            moments += [member.arrives for member in self.members if member.arrives > self.now]
            if not moments or min(moments) > seconds:
                break
            self.now = min(moments)
            while self.running and self.running[0][0] <= self.now:
                self._end(*heapq.heappop(self.running)[2:])
        for _, _, member, began in self.running:
            self.used[member.pk] += seconds - began
        return self

    def _claim(self) -> bool:
        ready = [self._head(member) for member in self.members if self._may_start(member)]
        now = BEGAN + timedelta(seconds=self.now)
        head = self.turns.choose(ready, now)
        if head is None:
            return False
        self.turns.give(head, ready, self.estimate, now)
        member = next(each for each in self.members if each.pk == head.job_id)
        member.jobs -= 1
        self.numbers += 1
        self.starts.append(member.pk)
        self.first.setdefault(member.pk, self.now)
        heapq.heappush(self.running, (self.now + member.length(), self.numbers, member, self.now))
        return True

    def _may_start(self, member: Member) -> bool:
        held = [each for _, _, each, _ in self.running]
        in_lane = sum(each.lane == member.lane for each in held)
        return (
            member.jobs > 0
            and member.arrives <= self.now
            and len(held) < self.total
            and in_lane < self.lanes.get(member.lane, self.total)
            and sum(each is member for each in held) < member.at_once
        )

    def _head(self, member: Member) -> Head:
        queued = BEGAN + timedelta(seconds=member.arrives)
        at = member.turn or turn_at(queued, member.priority)
        return Head(member.pk, at, member.pk, member.lane, 0, member.weight, member.priority)

    def _end(self, member: Member, began: float) -> None:
        self.used[member.pk] += self.now - began
        moved = (self.now - began - self.estimate) / member.weight
        self.turns.correct((member.lane, member.pk), moved)


def jain(values) -> float:
    values = list(values)
    return sum(values) ** 2 / (len(values) * sum(value * value for value in values))


def lengths(seed: int, mean: float):
    generator = random.Random(seed)
    return lambda: mean * generator.lognormvariate(-0.125, 0.5)


@pytest.mark.parametrize("slots", [1, 3, 12])
@pytest.mark.parametrize("estimate", [6.0, 60.0, 600.0])
def test_equal_members_get_equal_slot_seconds_however_long_their_jobs_and_however_wrong_the_estimate(slots, estimate):
    means = [15.0, 30.0, 60.0, 120.0, 240.0]
    members = [Member(pk, 10**6, lengths(pk, mean)) for pk, mean in enumerate(means, start=1)]
    studio = Studio(members, total=slots, estimate=estimate).run(24 * 3600.0)
    assert jain(studio.used[member.pk] for member in members) >= 0.98
    assert sum(studio.used.values()) == pytest.approx(slots * 24 * 3600.0)


def test_weights_are_kept_by_slot_seconds():
    members = [Member(1, 10**6, lengths(1, 30)), Member(2, 10**6, lengths(2, 90), weight=2), Member(3, 10**6, weight=5)]
    studio = Studio(members, total=6).run(24 * 3600.0)
    assert jain(studio.used[member.pk] / member.weight for member in members) >= 0.98


@pytest.mark.parametrize("mean", [6.0, 60.0, 600.0])
@pytest.mark.parametrize("lane", ["image", "video"])
def test_a_newcomer_gets_the_next_slot_that_frees_beside_a_thousand_waiting_jobs(mean, lane):
    busy, newcomer = Member(1, 1000, lengths(1, mean)), Member(2, 5, lane=lane, arrives=7.5 * mean)
    studio = Studio([busy, newcomer], total=3).run(40 * mean)
    before = studio.starts[: studio.starts.index(2)]
    ended = len(before) - 3  # jobs whose slot was free when the newcomer came, or before
    assert before == [1] * len(before)
    assert studio.first[2] - newcomer.arrives <= 3 * mean
    others = Studio([Member(1, 1000, lengths(1, mean))], total=3).run(newcomer.arrives)
    assert len(others.starts) - 3 == ended  # not one of the busy member's jobs started after the newcomer's came


def test_a_newcomer_does_not_pay_for_estimates_that_were_far_too_long():
    busy, newcomer = Member(1, 10**5, lambda: 6.0), Member(2, 5, arrives=25.0)
    studio = Studio([busy, newcomer], total=12, estimate=600.0).run(60.0)
    assert studio.first[2] <= 30.0


def test_newcomers_do_not_wait_for_a_line_that_is_older_than_the_step_of_ageing():
    busy, newcomer = Member(1, 10**5, lengths(1, 60)), Member(2, 5, arrives=9 * 3600.0)
    studio = Studio([busy, newcomer], total=3).run(10 * 3600.0)
    assert studio.starts[len(Studio([Member(1, 10**5, lengths(1, 60))], total=3).run(9 * 3600.0).starts)] == 2


def test_nobody_saves_up_turns_by_staying_away():
    one, other = Member(1, 10**6), Member(2, 10**6)
    late = Member(3, 10**6, arrives=8 * 3600.0)
    studio = Studio([one, other, late], total=3)
    studio.run(8 * 3600.0 - 1)
    before = Counter(studio.used)
    studio = Studio([Member(1, 10**6), Member(2, 10**6), late], total=3).run(9 * 3600.0)
    since = [studio.used[1] - before[1], studio.used[2] - before[2], studio.used[3]]
    assert jain(since) >= 0.98


def test_nobody_pays_for_slots_that_were_lent_to_them_while_idle():
    """Alone for hours, or beside somebody whose budget lets them use one slot only."""
    alone, late = Member(1, 10**6), Member(2, 10**6, arrives=8 * 3600.0)
    studio = Studio([alone, late], total=4).run(8 * 3600.0 - 1)
    before = studio.used[1]
    studio = Studio([Member(1, 10**6), late], total=4).run(9 * 3600.0)
    assert jain([studio.used[1] - before, studio.used[2]]) >= 0.98


def test_whoever_was_kept_at_one_job_at_a_time_neither_saves_turns_nor_costs_others_theirs():
    held, free = Member(1, 10**6, at_once=1), Member(2, 10**6)
    studio = Studio([held, free], total=4).run(8 * 3600.0)
    assert studio.used[1] == pytest.approx(8 * 3600.0)
    assert studio.used[2] == pytest.approx(3 * 8 * 3600.0)
    held.at_once, before = 4, Counter(studio.starts)
    studio.run(9 * 3600.0)
    assert jain(Counter(studio.starts)[pk] - before[pk] for pk in (1, 2)) >= 0.98


def test_lanes_do_not_touch_each_others_turns_where_each_has_its_slots():
    """Long videos of one member must not make the images' turns go by age."""
    film = Member(1, 10**6, lengths(1, 600), lane="video")
    pictures = [Member(2, 10**6, lengths(2, 20)), Member(3, 10**6, lengths(3, 90), arrives=1.0)]
    studio = Studio([film, *pictures], total=4, lanes={"image": 3, "video": 1}).run(24 * 3600.0)
    assert studio.used[1] == pytest.approx(24 * 3600.0)
    assert jain([studio.used[2], studio.used[3]]) >= 0.98


@pytest.mark.parametrize("slots", [1, 3])
def test_lanes_that_want_the_same_slots_take_turns_as_members_do(slots):
    members = [
        Member(1, 10**6, lengths(1, 60)), Member(2, 10**6, lengths(2, 60)),
        Member(3, 10**6, lengths(3, 240), lane="video"), Member(4, 10**6, lengths(4, 10), lane=""),
    ]  # fmt: skip
    studio = Studio(members, total=slots).run(48 * 3600.0)
    assert jain(studio.used[member.pk] for member in members) >= 0.95


def test_idle_slots_go_to_whoever_has_something_to_start():
    studio = Studio([Member(1, 10**6), Member(2, 3)], total=12).run(3600.0)
    assert sum(studio.used.values()) == pytest.approx(12 * 3600.0)


def test_low_is_served_in_the_end_beside_an_endless_stream_of_high():
    urgent = Member(1, 10**6, priority=Priority.HIGH)
    low = Member(2, 100, priority=Priority.LOW)
    studio = Studio([urgent, low], total=2).run(11.9 * 3600.0)
    assert 2 not in studio.first
    studio = Studio([Member(1, 10**6, priority=Priority.HIGH), low], total=2).run(13 * 3600.0)
    assert studio.first[2] <= 12.1 * 3600.0


def test_low_competes_as_normal_after_a_step_and_gets_its_whole_share():
    normal, low = Member(1, 10**6), Member(2, 10**6, priority=Priority.LOW)
    studio = Studio([normal, low], total=2).run(10 * 3600.0)
    assert studio.first[2] >= 5.9 * 3600.0
    assert jain([studio.used[1] - 6 * 7200.0, studio.used[2]]) >= 0.95


def test_high_goes_first_and_what_a_lead_put_in_front_before_that():
    members = [
        Member(1, 1), Member(2, 1, priority=Priority.HIGH), Member(3, 1, priority=Priority.LOW),
        Member(4, 1, turn=FRONT), Member(5, 1, lane="video", turn=FRONT - timedelta(seconds=1)),
    ]  # fmt: skip
    assert Studio(members, total=1).run(3600.0).starts == [5, 4, 2, 1, 3]
