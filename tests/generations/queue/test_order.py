"""The order that the queue page promises is the order in which the engine's claims start the jobs."""

import heapq
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Account, Channel
from generations import forecast
from generations.engine import claim
from generations.engine.timing import Timing
from generations.lines.loading import Snapshot
from generations.models import Batch, BatchStatus, Budget, Job, JobStatus
from generations.models.priority import FRONT, turn_at
from tests import factories

KINDS = {"imagine fast 7": 40, "imagine relax 7": 130, "video fast": 90}  # seconds that each takes, always
NOON = datetime(2026, 3, 30, 12, tzinfo=timezone.get_default_timezone())
TIMING = Timing(submit_gap=0.0, tick=0.0)


@dataclass
class Clock:
    now: datetime = NOON


@pytest.fixture
def clock(monkeypatch):
    """A clock for the whole program that only the test moves."""
    clock = Clock()
    monkeypatch.setattr("django.utils.timezone.now", lambda: clock.now)
    return clock


@pytest.fixture
def patient(db, settings):
    """Nothing passes between an end and the next start, so that both sides can be compared to the second."""
    settings.ENGINE_TIMING = {"submit_gap": 0.0, "tick": 0.0}


@dataclass
class Studio:
    """One account whose jobs take exactly as long as those before them did."""

    clock: Clock
    account: Account = field(init=False)
    running: list[tuple[datetime, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clock.now = NOON
        forecast.forget()
        elsewhere = factories.make_account()
        for kind, seconds in KINDS.items():
            for _ in range(forecast.ENOUGH):
                factories.make_job(
                    account=elsewhere, kind=kind, status=JobStatus.DONE,
                    accepted_at=NOON - timedelta(hours=1, seconds=seconds), ended_at=NOON - timedelta(hours=1),
                )  # fmt: skip
        self.account = factories.make_account()

    def channel(self, **limits) -> Channel:
        return factories.make_channel(self.account, send_after=NOON - timedelta(hours=1), **limits)

    def wait(self, owner, kind: str = "imagine fast 7", *, age: timedelta = timedelta(), priority: int = 0, **fields):
        fields.setdefault("turn_at", turn_at(NOON - age, priority))
        lane = forecast.lane_of(kind)
        return factories.make_job(
            owner=owner, account=self.account, kind=kind, lane=lane, priority=priority, created_at=NOON - age, **fields
        )

    def run(self, owner, kind: str, channel: Channel, *, since: float) -> None:
        began = NOON - timedelta(seconds=since)
        job = factories.make_job(
            owner=owner, account=self.account, kind=kind, lane=forecast.lane_of(kind), channel=channel,
            status=JobStatus.RUNNING, reserved_at=began, accepted_at=began, estimate=KINDS[kind],
        )  # fmt: skip
        self._ends(job, began)

    def promised(self) -> list[int]:
        queue = Snapshot([self.account]).queues[self.account.pk]
        return [pk for pk, start in queue.order.starts.items() if start.is_exact]

    def promised_times(self) -> dict[int, datetime]:
        queue = Snapshot([self.account]).queues[self.account.pk]
        return {pk: start.at for pk, start in queue.order.starts.items() if start.is_exact and start.at}

    def really(self, most: int = 500) -> dict[int, datetime]:
        """Claim, let time pass until something ends, and so on; the jobs with their starts, in order."""
        began: dict[int, datetime] = {}
        while len(began) < most:
            job = claim.claim_next(self.account, TIMING)
            if job is not None:
                began[job.pk] = self.clock.now
                self._ends(job, self.clock.now)
            elif not self._pass_time():
                break
        return began

    def _ends(self, job: Job, began: datetime) -> None:
        heapq.heappush(self.running, (began + timedelta(seconds=KINDS[job.kind]), job.pk))

    def _pass_time(self) -> bool:
        if not self.running:
            return False
        self.clock.now = self.running[0][0]
        while self.running and self.running[0][0] <= self.clock.now:
            Job.objects.get(pk=heapq.heappop(self.running)[1]).move(JobStatus.SAVING)
        return True


@pytest.fixture
def studio(patient, clock):
    return Studio(clock)


def test_a_newcomer_is_promised_the_next_turn_and_gets_it(studio):
    studio.channel(max_jobs=1, max_image_jobs=1)
    busy, newcomer = factories.make_user(), factories.make_user()
    for _ in range(5):
        studio.wait(busy)
    late = studio.wait(newcomer)
    promised = studio.promised()
    assert promised.index(late.pk) <= 1
    assert promised == list(studio.really())


def test_what_a_lead_put_in_front_is_promised_before_everything(studio):
    studio.channel(max_jobs=1, max_image_jobs=1)
    one, other = factories.make_user(), factories.make_user()
    for _ in range(3):
        studio.wait(one, priority=1, age=timedelta(hours=9))
    first = studio.wait(other, turn_at=FRONT - timedelta(days=1))
    promised = studio.promised()
    assert promised[0] == first.pk
    assert promised == list(studio.really())


def test_a_promise_names_the_moment_at_which_the_job_starts(studio):
    studio.channel(max_jobs=2, max_image_jobs=2, max_video_jobs=1)
    mia, otto = factories.make_user(), factories.make_user()
    for number in range(6):
        studio.wait(mia, "video fast" if number % 2 else "imagine fast 7")
        studio.wait(otto)
    promised = studio.promised_times()
    assert promised == studio.really()


def test_a_low_job_that_has_waited_long_enough_is_promised_as_the_claim_will_take_it(studio):
    studio.channel(max_jobs=1, max_image_jobs=1)
    patient, other = factories.make_user(), factories.make_user()
    for _ in range(4):
        studio.wait(other)
    # It becomes as urgent as the others while they are served.
    studio.wait(patient, priority=-1, age=timedelta(hours=6) - timedelta(seconds=60))
    assert studio.promised() == list(studio.really())


def test_a_budget_that_is_used_up_goes_on_the_next_day(studio):
    studio.channel(max_jobs=3, max_image_jobs=3)
    mia = factories.make_user()
    Budget.objects.create(owner=mia, per_day=2)
    jobs = [studio.wait(mia) for _ in range(3)]
    times = studio.promised_times()
    assert [times[job.pk].date() - NOON.date() for job in jobs] == [timedelta(), timedelta(), timedelta(days=1)]


def test_a_limit_of_jobs_at_once_is_kept_in_the_promise(studio):
    studio.channel(max_jobs=3, max_image_jobs=3)
    mia, otto = factories.make_user(), factories.make_user()
    Budget.objects.create(owner=mia, at_once=1)
    for _ in range(4):
        studio.wait(mia)
        studio.wait(otto)
    promised = studio.promised_times()
    assert promised == studio.really()


def test_jobs_of_a_paused_batch_or_person_get_no_promise(studio):
    studio.channel()
    mia, otto = factories.make_user(), factories.make_user(queue_paused_at=NOON)
    batch = Batch.objects.create(
        owner=mia, account=studio.account, name="B", status=BatchStatus.PAUSED, idempotency_key="k", confirmed_at=NOON
    )
    studio.wait(mia, batch=batch)
    studio.wait(mia, batch=batch, held=True)
    studio.wait(otto)
    free = studio.wait(mia)
    assert studio.promised() == [free.pk]
    assert list(studio.really()) == [free.pk]


def test_a_long_queue_is_played_in_part_and_the_rest_follows_by_rate(studio):
    studio.channel()
    mia = factories.make_user()
    model = studio.wait(mia)
    Job.objects.bulk_create(
        Job(
            prompt=model.prompt, owner=mia, account=studio.account, kind=model.kind,
            turn_at=NOON + timedelta(microseconds=number),
        )
        for number in range(400)
    )  # fmt: skip
    order = Snapshot([studio.account]).queues[studio.account.pk].order
    assert (len(order.starts), order.has_more) == (200, True)
    assert 0.06 < order.rate < 0.09  # three slots, 40 s each
    assert list(order.starts) == list(studio.really(most=200))


def test_an_account_on_which_nothing_can_start_still_has_an_order_but_no_times(studio):
    studio.channel(block_message="Pending mod message")
    mia, otto = factories.make_user(), factories.make_user()
    jobs = [studio.wait(mia), studio.wait(mia), studio.wait(otto)]
    starts = Snapshot([studio.account]).queues[studio.account.pk].order.starts
    assert list(starts) == [jobs[0].pk, jobs[2].pk, jobs[1].pk]
    assert all(start.at is None for start in starts.values())


CHANNELS = st.lists(
    st.fixed_dictionaries(
        {
            "max_jobs": st.integers(1, 3),
            "max_image_jobs": st.integers(1, 3),
            "max_video_jobs": st.integers(1, 2),
            "block_message": st.sampled_from(["", "", "", "Pending"]),
            "foreign_jobs": st.just({}),
        }
    ),
    min_size=1,
    max_size=3,
)
MEMBERS = st.lists(st.tuples(st.sampled_from([1, 2, 4]), st.sampled_from([None, None, 1, 2])), min_size=1, max_size=4)
WAITERS = st.lists(
    st.fixed_dictionaries(
        {
            "owner": st.integers(0, 3),
            "kind": st.sampled_from(sorted(KINDS)),
            "priority": st.sampled_from([-1, 0, 0, 0, 1]),
            "age": st.integers(0, 13 * 60).map(lambda minutes: timedelta(minutes=minutes)),
            "bound": st.sampled_from([None, None, None, 0, 1]),
            "front": st.sampled_from([False] * 9 + [True]),
        }
    ),
    min_size=1,
    max_size=14,
)
RUNNERS = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from(sorted(KINDS)), st.integers(0, 2), st.integers(0, 39)), max_size=3
)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(limits=CHANNELS, members=MEMBERS, waiters=WAITERS, runners=RUNNERS)
def test_whatever_waits_starts_in_the_promised_order_at_the_promised_time(
    patient, clock, limits, members, waiters, runners
):
    with transaction.atomic():
        studio = Studio(clock)
        channels = [studio.channel(**each) for each in limits]
        people = [factories.make_user(queue_weight=weight) for weight, _ in members]
        for person, (_, at_once) in zip(people, members, strict=True):
            if at_once:
                Budget.objects.create(owner=person, at_once=at_once)
        for owner, kind, number, since in runners:
            studio.run(people[owner % len(people)], kind, channels[number % len(channels)], since=since)
        for number, each in enumerate(waiters):
            fields = {"turn_at": FRONT - timedelta(seconds=number)} if each["front"] else {}
            if each["bound"] is not None:
                fields["bound_to"] = channels[each["bound"] % len(channels)].pk
            owner = people[each["owner"] % len(people)]
            studio.wait(owner, each["kind"], age=each["age"], priority=each["priority"], **fields)
        promised = studio.promised_times()
        assert list(promised.items()) == list(studio.really().items())
        transaction.set_rollback(True)
