"""What the engine costs: requests and statements grow with accounts and looks, not with jobs."""

import re
import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import syncing
from accounts.models import Account, Channel
from generations import forecast
from generations.engine import claim, pace, pump, threads
from generations.engine.cycle import Cycle
from generations.engine.timing import Timing, timing_for
from generations.enqueue import enqueue
from generations.forecast import Span
from generations.models import Feed, Job, JobStatus, Prompt, Share
from midjourney.simulator.server import Simulator
from tests import factories
from tests.engine import Alone

pytestmark = pytest.mark.usefixtures("engine")

S = JobStatus
POLITE = {
    "tick": 5.0, "idle_tick": 60.0, "submit_gap": 0.0, "progress_gap": 5.0, "jitter": 0.0, "send_window": 600.0,
}  # fmt: skip


@pytest.fixture
def simulator():
    """A clock that stands still: jobs end when the test says so."""
    with Simulator(speed=0, seed=7, picture_scale=0.05, enforce_limits=False) as server:
        yield server


@pytest.fixture(autouse=True)
def _polite(settings):
    settings.ENGINE_TIMING = POLITE
    forecast.forget()


def look(account: Account, **options) -> tuple[Alone, CaptureQueriesContext]:
    """One look at an account, with the statements that it took."""
    driver = Alone(**options)
    with CaptureQueriesContext(connection) as statements:
        threads.here(Cycle(account.pk, driver).run())
    return driver, statements


def let_time_pass(account: Account) -> None:
    Account.objects.filter(pk=account.pk).update(listed_at=timezone.now() - timedelta(hours=1))


def queue(owner, account: Account, count: int) -> None:
    prompt = Prompt.objects.create(owner=owner, account=account, text="x", idempotency_key=str(timezone.now()))
    jobs = [Job(prompt=prompt, owner=owner, account=account, text=f"boat {number}") for number in range(count)]
    Share.ensure(jobs)
    Job.objects.bulk_create(jobs)


def run(account: Account, owner, count: int) -> None:
    """Have so many jobs running."""
    account.channels.update(max_jobs=count, max_image_jobs=count)
    queue(owner, account, count)
    driver, _ = look(account, most=count)
    for flow in driver.sent:
        threads.here(flow)
    assert Job.objects.filter(account=account, status=S.RUNNING).count() == count
    Feed.objects.update(seen_at=timezone.now() - timedelta(hours=1))


def test_a_look_costs_one_request_and_as_many_statements_for_sixty_jobs_as_for_six(simulator, sandbox, member):
    other = factories.make_account(base_url=simulator.url, token=simulator.token_for(2))
    syncing.sync_account(other)
    costs = []
    for account, count in ((sandbox, 6), (other, 60)):
        run(account, member, count)
        let_time_pass(account)
        lists, details = simulator.count("GET jobs"), simulator.count("GET jobs/{jobid}")
        _, statements = look(account)
        assert simulator.count("GET jobs") == lists + 1
        assert simulator.count("GET jobs/{jobid}") == details
        costs.append(len(statements))
    assert costs[0] == costs[1] <= 6


def test_an_idle_look_costs_at_most_five_statements(sandbox):
    let_time_pass(sandbox)
    assert len(look(sandbox)[1]) <= 5


def test_details_are_asked_of_what_left_the_list_alone_and_its_slots_are_filled_in_the_same_look(
    simulator, sandbox, member
):
    run(sandbox, member, 10)
    queue(member, sandbox, 5)
    for remote_id in simulator.running()[:2]:
        simulator.app.world.jobs[remote_id].lasts = 0.0
    let_time_pass(sandbox)
    details = simulator.count("GET jobs/{jobid}")
    driver, _ = look(sandbox)
    assert simulator.count("GET jobs/{jobid}") == details + 2
    assert Job.objects.filter(status=S.SAVING).count() == 2
    assert len(driver.sent) == 2


def test_however_often_an_account_is_woken_its_list_keeps_its_pace(simulator, sandbox, member):
    run(sandbox, member, 3)
    let_time_pass(sandbox)
    lists = simulator.count("GET jobs")
    for _ in range(10):
        sandbox.wake()
        look(sandbox)
    assert simulator.count("GET jobs") == lists + 1


def test_progress_is_fetched_for_those_who_look_and_bounded(simulator, sandbox, member):
    run(sandbox, member, 40)
    let_time_pass(sandbox)
    Job.objects.update(looked_at=None)
    details = simulator.count("GET jobs/{jobid}")
    look(sandbox, watchers={member.pk})
    assert simulator.count("GET jobs/{jobid}") == details + 12


def test_channels_are_sent_to_side_by_side_and_each_keeps_its_gap_without_another_list(settings, member):
    settings.ENGINE_TIMING = {**POLITE, "submit_gap": 30.0}
    with Simulator(speed=0, seed=7, channels=3) as simulator:
        account = factories.make_account(base_url=simulator.url, token=simulator.token)
        syncing.sync_account(account)
        queue(member, account, 9)
        driver = Alone()
        moment = threads.here(Cycle(account.pk, driver).run())
        assert len(driver.sent) == 3
        assert len(set(Job.objects.filter(status=S.SUBMITTING).values_list("channel", flat=True))) == 3
        assert moment <= min(Channel.objects.values_list("send_after", flat=True))
        lists = simulator.count("GET jobs")
        Channel.objects.update(send_after=timezone.now())
        assert len(look(account)[0].sent) == 3
        assert simulator.count("GET jobs") == lists


# Pace


def running_for(seconds: float, **fields) -> Job:
    fields.setdefault("status", S.RUNNING)
    return Job(kind="imagine", accepted_at=timezone.now() - timedelta(seconds=seconds), **fields)


def period(*held: Job, foreign=0, waits=False, is_watched=False) -> float:
    timing = Timing(**POLITE)
    return pace.seconds(held, foreign=foreign, waits=waits, is_watched=is_watched, timing=timing, now=timezone.now())


@pytest.fixture
def known(monkeypatch):
    """Half of the jobs take a minute, nine in ten less than 80 seconds."""
    monkeypatch.setattr(forecast, "span", lambda kind: Span(60.0, 80.0, 62.0, 100))


@pytest.mark.usefixtures("known")
def test_lists_come_fast_while_a_job_may_end_slow_while_none_can_and_rarely_when_nothing_runs():
    assert period(running_for(60)) == 4.0
    assert period(running_for(1), running_for(60)) == 4.0
    assert period(running_for(1)) == 12.5
    assert 5.0 <= period(running_for(25)) < 12.5  # it may end soon after the next list, so that one comes in time
    assert period(running_for(300)) == 5.0  # overdue: nobody knows
    assert period() == 60.0


@pytest.mark.usefixtures("known")
def test_who_looks_what_is_in_doubt_and_others_jobs_in_the_way_keep_the_usual_pace():
    assert period(running_for(1), is_watched=True) == 5.0
    assert period(running_for(1), running_for(1, status=S.UNCERTAIN)) == 5.0
    assert period(foreign=3, waits=True) == 5.0
    assert period(foreign=3) == 12.5
    assert period(running_for(1, status=S.UNCERTAIN, needs_person=True)) == 60.0


def test_nothing_is_slow_where_too_little_is_known(monkeypatch):
    for span in (None, Span(60.0, 80.0, 62.0, 2, is_rough=True)):
        monkeypatch.setattr(forecast, "span", lambda kind, span=span: span)
        assert period(running_for(1)) == 5.0


def test_no_pace_is_faster_than_the_politest_minimum():
    timing, now = Timing(), timezone.now()
    slowest_first = [pace.with_jitter(timing.tick * timing.quick, timing) for _ in range(200)]
    assert min(slowest_first) >= timing.tick * timing.least == 3.0
    assert pace.next_list(now, 0.0, timing, now) == now + timedelta(seconds=3)


# Claims


def plans(statements: CaptureQueriesContext) -> list[str]:
    """The query plans of everything that reads waiting jobs."""
    reads = [
        entry["sql"]
        for entry in statements.captured_queries
        if entry["sql"].startswith("SELECT") and re.search(r"status\"? = 'queued'", entry["sql"])
    ]
    found = []
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET enable_seqscan = off")
            cursor.execute("ANALYZE")
        for sql in reads:
            sql = sql.replace(" FOR NO KEY UPDATE", "")
            cursor.execute(("EXPLAIN " if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN ") + sql)
            found.append("\n".join(str(row[-1]) for row in cursor.fetchall()))
        if connection.vendor == "postgresql":
            cursor.execute("RESET enable_seqscan")
    return found


def test_a_claim_costs_the_same_with_five_thousand_waiting_as_with_fifty_and_reads_only_an_index(sandbox, member):
    sandbox.channels.update(max_jobs=12, max_image_jobs=12)
    counts = []
    timing = timing_for(sandbox)
    for more in (50, 4950):
        queue(member, sandbox, more)
        claim.claim_next(sandbox, timing)  # the first of a day makes rows
        with CaptureQueriesContext(connection) as statements:
            assert claim.claim_next(sandbox, timing) is not None
        counts.append(len(statements))
    assert counts[0] == counts[1]
    found = plans(statements)
    assert found
    word = "Index Only Scan using job_in_line" if connection.vendor == "postgresql" else "COVERING INDEX job_in_line"
    for plan in found:
        assert word in plan, plan
        assert not re.search(r"SCAN generations_job\b|Seq Scan on generations_job", plan), plan


def test_where_no_slot_is_free_nothing_is_locked(simulator, sandbox, member):
    run(sandbox, member, 4)
    queue(member, sandbox, 50)
    _, statements = look(sandbox)
    assert not [entry for entry in statements.captured_queries if entry["sql"].startswith(("BEGIN", "UPDATE"))]


# The pump


def test_leases_of_all_accounts_take_as_many_statements_as_that_of_one(member):
    counts = []
    for _ in range(2):
        for _ in range(10):
            factories.make_account()
        driver = pump.Pump()
        driver._read_accounts()
        with CaptureQueriesContext(connection) as statements:
            driver._take_leases(0.0)
        assert len(driver.leased) == Account.objects.count()
        driver._give_back(list(driver.leased))
        counts.append(len(statements))
    assert counts[0] == counts[1]


def test_an_account_that_another_pump_has_leased_is_left_to_it(sandbox):
    first, second = pump.Pump(), pump.Pump()
    for driver in (first, second):
        driver._read_accounts()
        driver._take_leases(0.0)
    assert list(first.leased) == [sandbox.pk]
    assert not second.leased


def test_a_pump_forgets_accounts_that_are_gone(sandbox):
    driver = pump.Pump()
    driver._read_accounts()
    driver._take_leases(0.0)
    driver.next_look[sandbox.pk] = driver.sync_asked[sandbox.pk] = 1.0
    sandbox.delete()
    driver._read_accounts()
    assert not driver.leased
    assert not driver.next_look
    assert not driver.sync_asked


def test_so_many_jobs_of_an_account_are_sent_at_once_and_the_end_of_one_makes_way(sandbox):
    driver = pump.Pump()
    gate = threading.Event()

    def hanging() -> threads.Flow:
        yield [gate.wait]
        return True

    sent = 0
    while driver.may_send(sandbox.pk):
        driver.send(sandbox.pk, hanging())
        sent += 1
    assert sent == pump.MOST_SENDS
    assert driver.may_send(sandbox.pk + 1)
    gate.set()
    assert driver.crew.join(30)
    assert driver.may_send(sandbox.pk)
    assert driver.next_look[sandbox.pk]  # it is looked at again at once
    driver.drain()


# Flows


def test_calls_that_hang_keep_no_thread_from_the_database():
    crew = threads.crew()
    gate = threading.Event()

    def hanging() -> threads.Flow:
        yield [gate.wait]
        return True

    def quick() -> threads.Flow:
        answers = yield [lambda: 1, lambda: 1 / 0]
        return answers

    hung = [crew.start(hanging()) for _ in range(60)]
    one, two = crew.start(quick()).result(timeout=30)
    assert one == 1
    assert isinstance(two, ZeroDivisionError)
    assert not any(future.done() for future in hung)
    crew.close()  # ends when the last of them has
    gate.set()
    assert [future.result(timeout=30) for future in hung] == [True] * 60


def test_a_fault_in_a_flow_ends_that_flow_alone():
    def faulty() -> threads.Flow:
        yield from threads.ask(lambda: 1 / 0)

    crew = threads.crew()
    future = crew.start(faulty())
    assert isinstance(future.exception(timeout=30), ZeroDivisionError)
    assert crew.join(30)
    crew.close()


def test_enqueueing_wakes_the_account_so_that_it_starts_without_waiting_for_a_look(sandbox, member):
    before = Account.objects.get(pk=sandbox.pk).woken_at
    enqueue(member, "a boat", account=sandbox)
    assert Account.objects.get(pk=sandbox.pk).woken_at != before
