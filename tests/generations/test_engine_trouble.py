"""What may have been charged is looked up and never sent again; what was certainly not sent is sent again by itself."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Account, AccountState, Channel
from generations import decisions
from generations.engine import settlement, threads
from generations.engine.timing import timing_for
from generations.enqueue import enqueue
from generations.models import Job, JobStatus
from midjourney.simulator.server import Simulator
from tests import factories
from tests.engine import drive

pytestmark = pytest.mark.usefixtures("engine")

S = JobStatus


@pytest.fixture
def simulator():
    """Slow enough that a job outlives the quarantine: an image takes three seconds."""
    with Simulator(speed=10, seed=7, picture_scale=0.05) as server:
        yield server


@pytest.fixture(autouse=True)
def _patience(settings):
    settings.ENGINE_TIMING = {
        **settings.ENGINE_TIMING,
        "quarantine": 0.8,
        "shortest_image_job": 2.8,
        "send_window": 1.0,
        "backoff_cap": 0.5,
    }


def status_of(job: Job) -> str:
    job.refresh_from_db()
    return job.status


def ended(job: Job) -> bool:
    return status_of(job) in {S.DONE, S.FAILED, S.REFUSED, S.CANCELLED}


def imagine(owner, account, text="a lighthouse at dusk") -> Job:
    return enqueue(owner, text, account=account).jobs.get()


ACCEPTED_AND_LOST = [
    "drop-after",
    "500-after-accept",
    "502-after-accept",
    "503-after-accept",
    "truncated-json",
    "cut-off",
    "empty-answer",
    "html-after-accept",
]


@pytest.mark.parametrize("fault", ACCEPTED_AND_LOST)
def test_a_job_whose_answer_was_lost_after_it_was_accepted_is_found_and_paid_once(fault, simulator, sandbox, member):
    simulator.fault("POST jobs/imagine", fault)
    job = imagine(member, sandbox)
    drive(lambda: ended(job))
    assert job.status == S.DONE
    assert job.images.saved().count() == 5
    assert simulator.stats()["paid"] == 1
    assert simulator.count("POST jobs/imagine") == 1
    assert "found" in job.events.values_list("code", flat=True)


def test_a_job_without_reply_ref_upstream_is_found_by_its_prompt(simulator, sandbox, member):
    simulator.fault("POST jobs/imagine", "no-ref")
    simulator.fault("POST jobs/imagine", "drop-after")
    job = imagine(member, sandbox)
    drive(lambda: ended(job))
    assert job.status == S.DONE
    assert simulator.stats()["paid"] == 1


@pytest.mark.parametrize("fault", ["drop-before", "500", "502", "503"])
def test_a_job_that_never_reached_the_service_is_proved_absent_and_sent_again(fault, simulator, sandbox, member):
    simulator.fault("POST jobs/imagine", fault)
    job = imagine(member, sandbox)
    drive(lambda: ended(job))
    assert job.status == S.DONE
    assert simulator.stats()["paid"] == 1
    assert "never_started" in job.events.values_list("code", flat=True)


def test_a_job_that_the_service_queued_out_of_sight_waits_for_a_person_and_is_never_resent(simulator, sandbox, member):
    simulator.fault("POST jobs/imagine", "504-runs-anyway")
    job = imagine(member, sandbox)
    drive(lambda: status_of(job) == S.UNCERTAIN and job.needs_person)
    assert simulator.count("POST jobs/imagine") == 1
    assert job.holds_slot
    assert decisions.did_run(job, member)
    assert status_of(job) == S.FAILED
    assert not job.retry_is_free


def test_a_person_who_says_that_it_did_not_run_sends_it_back_to_the_queue(simulator, sandbox, member):
    simulator.fault("POST jobs/imagine", "504")
    job = imagine(member, sandbox)
    drive(lambda: status_of(job) == S.UNCERTAIN and job.needs_person)
    assert decisions.did_not_run(job, member)
    drive(lambda: ended(job))
    assert job.status == S.DONE
    assert simulator.stats()["paid"] == 1


@pytest.mark.parametrize("fault", ["429", "429-retry-after"])
def test_a_busy_service_gets_the_job_again_later(fault, simulator, sandbox, member):
    simulator.fault("POST jobs/imagine", fault, times=2, seconds=0.2)
    job = imagine(member, sandbox)
    drive(lambda: ended(job))
    assert job.status == S.DONE
    assert simulator.stats()["paid"] == 1


def test_a_blocked_channel_keeps_its_jobs_queued_until_a_person_resets_it(simulator, sandbox, member):
    simulator.fault("POST jobs/imagine", "596")
    job = imagine(member, sandbox)
    drive(lambda: Channel.objects.exclude(block_message="").exists() and status_of(job) == S.QUEUED)
    upstream = sandbox.connect()
    upstream.reset_channel(simulator.channel)
    Channel.objects.update(block_message="", blocked_at=None)
    drive(lambda: ended(job))
    assert job.status == S.DONE
    assert simulator.stats()["paid"] == 1


@pytest.mark.parametrize(("fault", "state"), [("401", AccountState.BAD_TOKEN), ("402", AccountState.NO_SUBSCRIPTION)])
def test_an_account_that_is_turned_away_stops_sending_and_keeps_its_queue(fault, state, simulator, sandbox, member):
    simulator.fault("POST jobs/imagine", fault, times=None)
    simulator.fault("GET jobs", fault, times=None)
    simulator.fault("GET accounts", fault, times=None)
    job = imagine(member, sandbox)
    drive(lambda: Account.objects.get().state == state and status_of(job) == S.QUEUED)
    assert simulator.count("POST jobs/imagine") == 1
    assert Account.objects.get().state_reason


def test_an_unreachable_service_keeps_the_queue_and_gets_it_once_it_is_back(db, settings, member):
    with Simulator(speed=60, seed=7, picture_scale=0.05) as first:
        port = first.origin.rsplit(":", 1)[1]
        account = factories.make_account(base_url=first.url, token=first.token)
        factories.make_channel(account, remote_id=first.channel)
    job = imagine(member, account)
    drive(lambda: Account.objects.get().state == AccountState.UNREACHABLE and status_of(job) == S.QUEUED)
    with Simulator(speed=60, seed=7, picture_scale=0.05, port=int(port)) as second:
        drive(lambda: ended(job))
        assert second.stats()["paid"] == 1
    assert job.status == S.DONE
    assert Account.objects.get().state == AccountState.READY


def test_jobs_of_other_programs_use_slots_too(simulator, sandbox, member):
    for _ in range(3):
        simulator.start_foreign(seconds=40)
    sandbox.wake()
    drive(lambda: len(Channel.objects.get().foreign_jobs) == 3)
    job = imagine(member, sandbox)
    drive(lambda: ended(job))
    assert job.status == S.DONE
    assert simulator.stats()["peak"][simulator.channel]["total"] == 3
    assert simulator.stats()["answers"].get("POST jobs/imagine 429", 0) == 0


def test_cancelling_a_running_job_asks_the_service_to_stop_it(simulator, sandbox, member):
    job = imagine(member, sandbox, "a slow river sim:long")
    drive(lambda: status_of(job) == S.RUNNING)
    assert decisions.cancel(job, member)
    drive(lambda: ended(job))
    assert job.status == S.CANCELLED
    assert simulator.count("DELETE jobs/{jobid}") == 1


@pytest.mark.parametrize("fault", ["media-500", "media-404", "media-truncated", "media-wrong-type", "broken-image"])
def test_a_file_that_arrives_damaged_or_not_at_all_is_fetched_again_until_it_is_safe(
    fault, simulator, sandbox, member, monkeypatch
):
    monkeypatch.setattr("generations.engine.saving.FIRST_RETRY", 0.2)
    simulator.fault("GET proxy", fault, times=2)
    job = imagine(member, sandbox)
    drive(lambda: ended(job))
    assert job.status == S.DONE
    assert job.images.saved().count() == 5
    assert job.save_attempts > 1


# Without a pump: what a new worker does with what a dead one left behind.


def test_a_claim_that_nobody_began_to_send_goes_back_to_the_queue(simulator, sandbox, member):
    long_ago = timezone.now() - timedelta(minutes=1)
    job = factories.make_job(owner=member, account=sandbox, status=S.SUBMITTING, reserved_at=long_ago)
    settlement.release_stale(sandbox, timing_for(sandbox))
    assert status_of(job) == S.QUEUED


def test_a_request_that_may_have_left_with_a_dead_worker_becomes_uncertain_never_queued(simulator, sandbox, member):
    long_ago = timezone.now() - timedelta(minutes=1)
    job = factories.make_job(owner=member, account=sandbox, status=S.SUBMITTING, reserved_at=long_ago, sent_at=long_ago)
    settlement.release_stale(sandbox, timing_for(sandbox))
    assert status_of(job) == S.UNCERTAIN
    assert job.holds_slot


def test_absence_proves_nothing_once_an_accepted_job_could_have_ended(simulator, sandbox, member):
    long_ago = timezone.now() - timedelta(minutes=1)
    job = factories.make_job(
        owner=member, account=sandbox, status=S.UNCERTAIN, reserved_at=long_ago, sent_at=long_ago, lost_at=long_ago
    )
    threads.here(settlement.settle_absent(sandbox, sandbox.connect(), timezone.now(), timing_for(sandbox)))
    assert status_of(job) == S.UNCERTAIN
    assert job.needs_person
