"""A service that does not answer is left alone, and nobody else notices."""

from contextlib import ExitStack
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import syncing
from accounts.models import Account, AccountState
from generations.engine import breaker, claim, clients, saving, threads
from generations.engine.cycle import Cycle
from generations.engine.timing import timing_for
from generations.enqueue import enqueue
from generations.models import Job, JobStatus
from midjourney.simulator.server import Simulator
from tests import factories
from tests.engine import Alone, drive

pytestmark = pytest.mark.usefixtures("engine")

S = JobStatus


def make_sandbox(simulator: Simulator, **fields) -> Account:
    account = factories.make_account(base_url=simulator.url, token=simulator.token, **fields)
    syncing.sync_account(account)
    return account


def imagine(owner, account, count=1) -> list[Job]:
    return [enqueue(owner, f"boat number {number}", account=account).jobs.get() for number in range(count)]


def all_done(jobs) -> bool:
    return Job.objects.filter(pk__in=[job.pk for job in jobs], status=S.DONE).count() == len(jobs)


@pytest.mark.parametrize("endpoint", ["GET jobs", "POST jobs/imagine"])
def test_accounts_whose_service_hangs_take_nothing_from_the_others(endpoint, simulator, sandbox, member):
    """More of them than there are threads for the database: each waits for its answer on a thread of its own."""
    with ExitStack() as stack:
        hanging = [stack.enter_context(Simulator(speed=60, seed=number, picture_scale=0.05)) for number in range(3)]
        for service in hanging:
            account = make_sandbox(service)
            service.fault(endpoint, "delay-before", times=None, seconds=300)
            imagine(member, account, 4)
        jobs = imagine(member, sandbox, 9)
        drive(lambda: all_done(jobs))
        for service in hanging:
            assert not any(name.startswith(endpoint) for name in service.stats()["answers"])
            assert service.count(endpoint) <= 3  # its slots
            assert service.count("GET jobs/{jobid}") == 0


@pytest.mark.parametrize("fault", ["503", "html", "drop-before", "429", "401"])
def test_while_it_is_open_only_the_list_is_tried_and_its_answer_closes_it(fault, simulator, sandbox, member):
    jobs = imagine(member, sandbox, 6)
    drive(lambda: simulator.count("POST jobs/imagine") >= 3)
    simulator.fault("GET jobs", fault, times=None)
    drive(lambda: _failures(sandbox) >= 1)
    simulator.finish()
    before = _paid_for_and_asked(simulator)
    lists = simulator.count("GET jobs")
    drive(lambda: _failures(sandbox) >= 4)
    assert _paid_for_and_asked(simulator) == before
    assert simulator.count("GET jobs") - lists <= 5
    simulator.clear_faults()
    drive(lambda: all_done(jobs))
    assert _failures(sandbox) == 0
    assert simulator.stats()["paid"] == 6


def _failures(account: Account) -> int:
    return Account.objects.values_list("failures", flat=True).get(pk=account.pk)


def _paid_for_and_asked(simulator: Simulator) -> list[int]:
    return [simulator.count(name) for name in ("POST jobs/imagine", "GET jobs/{jobid}", "DELETE jobs/{jobid}")]


def look(account: Account) -> Alone:
    """One look at an account, and what it would have sent."""
    driver = Alone()
    threads.here(Cycle(account.pk, driver).run())
    return driver


def test_after_a_lost_answer_the_list_has_to_answer_before_the_next_job_is_sent(simulator, sandbox, member):
    imagine(member, sandbox, 2)
    breaker.suspect(sandbox)
    simulator.fault("GET jobs", "503")
    assert not look(sandbox).sent
    Account.objects.update(retry_at=timezone.now())
    assert len(look(sandbox).sent) == 2


def test_nothing_at_all_is_asked_before_the_time_has_come(simulator, sandbox, member):
    imagine(member, sandbox)
    requests = simulator.stats()["requests"]
    Account.objects.update(failures=1, retry_at=timezone.now() + timedelta(minutes=1))
    for _ in range(3):
        sandbox.wake()
        assert not look(sandbox).sent
    assert simulator.stats()["requests"] == requests


def running(simulator: Simulator, account: Account, owner, count: int) -> list[Job]:
    jobs = imagine(owner, account, count)
    for flow in look(account).sent:
        threads.here(flow)
    assert Job.objects.filter(status=S.RUNNING).count() == count
    simulator.finish()
    Account.objects.update(listed_at=None)
    return jobs


def test_one_job_that_cannot_be_read_is_its_own_trouble(simulator, sandbox, member):
    running(simulator, sandbox, member, 3)
    simulator.fault("GET jobs/{jobid}", "500", times=1)
    look(sandbox)
    assert sorted(Job.objects.values_list("status", flat=True)) == [S.RUNNING, S.SAVING, S.SAVING]
    assert _failures(sandbox) == 0


def test_a_service_of_which_no_job_can_be_read_is_left_alone_after_a_few(simulator, sandbox, member):
    running(simulator, sandbox, member, 3)
    simulator.fault("GET jobs/{jobid}", "503", times=None)
    look(sandbox)
    assert simulator.count("GET jobs/{jobid}") == 3
    assert _failures(sandbox) == 1
    Account.objects.update(retry_at=timezone.now())
    look(sandbox)
    assert simulator.count("GET jobs/{jobid}") <= 3 + 2 * 3
    assert _failures(sandbox) >= 1


def test_one_outage_is_one_failure_however_many_requests_meet_it(sandbox):
    timing = timing_for(sandbox)
    moments = {breaker.back_off(sandbox, timing) for _ in range(5)}
    assert len(moments) == 1
    assert _failures(sandbox) == 1


def test_no_job_is_claimed_and_no_link_renewed_while_it_is_open(simulator, sandbox, member):
    (job,) = running(simulator, sandbox, member, 1)
    look(sandbox)
    imagine(member, sandbox)
    Account.objects.update(failures=1, retry_at=timezone.now() + timedelta(minutes=1), state=AccountState.UNREACHABLE)
    asked = simulator.count("GET jobs/{jobid}")
    job.refresh_from_db()
    job.account.refresh_from_db()
    saving._refresh_links(job, clients.client_for(sandbox))
    assert simulator.count("GET jobs/{jobid}") == asked
    assert claim.claim_next(sandbox, timing_for(sandbox)) is None
