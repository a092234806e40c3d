"""Interleavings in which an engine could pay twice, lose a job or stall the queue: each was possible once."""

import errno
import threading
import time
from datetime import timedelta

import pytest
import requests
from django.db import OperationalError, connection
from django.utils import timezone

from accounts import connecting, syncing
from accounts.models import Account, Channel
from generations import decisions
from generations.engine import building, claim, clients, outcomes, pump, saving, submission
from generations.engine.driving import driving
from generations.engine.timing import Timing, timing_for
from generations.enqueue import enqueue
from generations.models import Feed, Job, JobStatus
from midjourney.simulator.server import Simulator
from midjourney.upstream import Busy, ChannelInfo, JobReply, Refused, Submission
from tests import factories
from tests.engine import drive

pytestmark = pytest.mark.usefixtures("engine")

S = JobStatus


@pytest.fixture
def simulator():
    with Simulator(speed=10, seed=7, picture_scale=0.05, channels=2) as server:
        yield server


@pytest.fixture(autouse=True)
def _patience(settings):
    settings.ENGINE_TIMING = {
        **settings.ENGINE_TIMING,
        "quarantine": 0.8,
        "shortest_image_job": 2.8,
        "send_window": 1.0,
        "backoff_cap": 0.5,
        "fresh": 0.3,
    }


@pytest.fixture
def polite(settings):
    """The pace of a real service, at which an engine that spins is seen at once."""
    settings.ENGINE_TIMING = {
        "tick": 5.0, "idle_tick": 60.0, "submit_gap": 1.0, "backoff_base": 5.0, "quarantine": 0.8,
        "shortest_image_job": 1.0,
    }  # fmt: skip


def status_of(job: Job) -> str:
    job.refresh_from_db()
    return job.status


def claimed(account: Account, owner, text: str = "a lighthouse") -> Job:
    enqueue(owner, text, account=account)
    return claim.claim_next(account, timing_for(account))


def lose_the_answer(simulator, account: Account, owner, text: str = "a lighthouse") -> Job:
    """A job that the service accepted and whose answer was lost, in the hands of a worker that then died."""
    simulator.fault("POST jobs/imagine", "drop-after")
    job = claimed(account, owner, text)
    submission.send(job, clients.client_for(account), timing_for(account))
    return job


def run_for(seconds: float) -> None:
    with driving():
        time.sleep(seconds)


def test_absence_is_no_proof_while_a_listed_job_cannot_be_read(simulator, sandbox, member):
    simulator.fault("POST jobs/imagine", "drop-after")
    simulator.fault("GET jobs/{jobid}", "500", times=None)
    job = enqueue(member, "a lighthouse", account=sandbox).jobs.get()
    drive(lambda: status_of(job) == S.UNCERTAIN and job.needs_person)
    assert simulator.count("POST jobs/imagine") == 1


def test_absence_is_no_proof_for_modes_that_may_end_before_the_quarantine_does(simulator, sandbox, member):
    job = lose_the_answer(simulator, sandbox, member, "a lighthouse sim:quick --turbo")
    time.sleep(0.6)
    drive(lambda: status_of(job) == S.UNCERTAIN and job.needs_person)
    assert simulator.stats()["paid"] == 1


def test_absence_is_no_proof_on_a_channel_that_was_removed_meanwhile(simulator, sandbox, member):
    job = lose_the_answer(simulator, sandbox, member, "a boat sim:long")
    requests.delete(f"{simulator.url}/accounts/{job.channel.remote_id}", headers=simulator.headers, timeout=10)
    syncing.sync_account(sandbox)
    time.sleep(0.9)
    drive(lambda: status_of(job) == S.UNCERTAIN and job.needs_person)
    assert simulator.stats()["paid"] == 1


def test_an_answer_that_comes_after_the_job_went_back_to_the_queue_still_counts(simulator, sandbox, member):
    job = claimed(sandbox, member)
    assert submission._begin(job, timing_for(sandbox))
    reply = clients.client_for(sandbox).submit(building.submission(job))
    swept = Job.objects.get(pk=job.pk)
    swept.move(S.UNCERTAIN, code="worker_lost")
    outcomes.requeue(swept, "never_started")
    submission.record_reply(job, reply)
    drive(lambda: status_of(job) == S.DONE)
    assert simulator.stats()["paid"] == 1


def test_a_job_that_was_cancelled_while_it_was_turned_away_is_not_sent_again(simulator, sandbox, member):
    job = claimed(sandbox, member)
    assert decisions.cancel(Job.objects.get(pk=job.pk), member)
    submission.record_error(job, Busy("no slot", retry_after=0), timing_for(sandbox))
    assert status_of(job) == S.CANCELLED
    assert claim.claim_next(sandbox, timing_for(sandbox)) is None


def test_an_answer_that_names_a_job_of_ours_ends_the_job_instead_of_going_round(simulator, sandbox, member):
    factories.make_job(owner=member, account=sandbox, status=S.DONE, remote_id="j1x")
    job = claimed(sandbox, member)
    assert submission._begin(job, timing_for(sandbox))
    submission.record_reply(job, JobReply("j1x", "completed"))
    assert status_of(job) == S.FAILED


@pytest.mark.usefixtures("polite")
@pytest.mark.parametrize(("fault", "more"), [("402", {}), ("401", {}), ("html", {"status": 403}), ("redirect", {})])
def test_requests_that_are_turned_away_while_the_list_works_are_not_repeated_without_a_pause(
    simulator, sandbox, member, fault, more
):
    simulator.fault("POST jobs/imagine", fault, times=None, **more)
    enqueue(member, "a lighthouse", account=sandbox)
    run_for(4)
    assert simulator.count("POST jobs/imagine") <= 2


@pytest.mark.usefixtures("polite")
@pytest.mark.parametrize("trouble", [None, "429"])
def test_the_list_is_not_asked_faster_for_a_job_that_only_a_person_can_settle(simulator, sandbox, member, trouble):
    simulator.fault("POST jobs/imagine", "504")
    if trouble:
        simulator.fault("GET jobs", trouble, times=None)
    enqueue(member, "a lighthouse", account=sandbox)
    run_for(5)
    assert simulator.count("GET jobs") <= 5


@pytest.mark.usefixtures("polite")
def test_one_outage_is_one_failure_however_many_requests_meet_it(member):
    account = factories.make_account()  # nothing listens at its address
    factories.make_channel(account, max_jobs=12, max_image_jobs=12)
    enqueue(member, "{a,b,c,d,e,f,g,h,i,j,k,l} boat", account=account)
    drive(lambda: Account.objects.get().retry_at is not None)
    assert Account.objects.get().failures == 1


def test_a_channel_that_the_service_no_longer_knows_costs_no_job(simulator, sandbox, member):
    gone = simulator.channels[0]
    requests.delete(f"{simulator.url}/accounts/{gone}", headers=simulator.headers, timeout=10)
    jobs = [enqueue(member, f"boat {number}", account=sandbox).jobs.get() for number in range(4)]
    drive(lambda: all(status_of(job) == S.DONE for job in jobs))
    assert Channel.objects.get(remote_id=gone).removed_at


def test_one_not_found_does_not_end_a_job_that_runs(simulator, sandbox, member):
    job = enqueue(member, "a boat", account=sandbox).jobs.get()
    drive(lambda: status_of(job) == S.RUNNING)
    Feed.objects.update(seen_at=timezone.now())
    simulator.fault("GET jobs/{jobid}", "404")
    drive(lambda: job.is_final or status_of(job) in {S.DONE, S.FAILED})
    assert job.status == S.DONE


def test_a_token_that_opens_other_channels_is_not_put_in_place_of_the_old_one(simulator, sandbox, member):
    before = sandbox.token
    with pytest.raises(Refused, match="account of its own"):
        connecting.replace_token(sandbox, simulator.token_for(77))
    assert Account.objects.get(pk=sandbox.pk).token == before


def test_a_fault_while_saving_pauses_that_job_and_spares_the_others(simulator, sandbox, member, monkeypatch):
    job = factories.make_job(
        owner=member, account=sandbox, status=S.SAVING, save_due_at=timezone.now(), ended_at=timezone.now()
    )
    monkeypatch.setattr(saving, "_save_images", lambda *_: 1 / 0)
    factories.make_image(job=job, saved=False)
    assert saving.save_due() == 0
    job.refresh_from_db()
    assert job.error_code == "saving_fault"
    assert job.save_due_at > timezone.now() + timedelta(seconds=1)


def test_pictures_are_saved_from_links_that_still_work_although_the_api_does_not(
    simulator, sandbox, member, monkeypatch
):
    monkeypatch.setattr(saving, "FIRST_RETRY", 0.2)
    monkeypatch.setattr(saving, "LAST_RETRY", 0.3)
    simulator.fault("GET proxy", "media-500", times=5)
    job = enqueue(member, "a lighthouse", account=sandbox).jobs.get()
    drive(lambda: status_of(job) == S.SAVING)
    simulator.fault("GET jobs/{jobid}", "402", times=None)
    drive(lambda: status_of(job) == S.DONE)


def test_a_full_disk_is_called_so_and_not_taken_for_the_network(simulator, sandbox):
    class Full:
        def write(self, data: bytes) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    upstream = clients.client_for(sandbox)
    reply = upstream.submit(Submission("imagine", prompt="a boat", channel=simulator.channel))
    simulator.finish()
    media = upstream.job(reply.job_id).media[0]
    with pytest.raises(OSError, match="No space left"):
        upstream.download(media.url, Full(), max_bytes=10**9, max_seconds=60)


def test_an_account_that_does_not_answer_is_not_asked_for_its_channels_by_every_new_pump(sandbox, monkeypatch):
    asked = []
    monkeypatch.setattr(saving, "enqueue", lambda *task: asked.append(task))
    Account.objects.update(
        synced_at=timezone.now() - timedelta(hours=1), retry_at=timezone.now() + timedelta(seconds=300)
    )
    for _ in range(20):
        pump.Pump()._keep_house()
    assert not asked


def test_syncing_channels_and_claiming_at_the_same_time_never_deadlock(member):
    account = factories.make_account()
    channels = [factories.make_channel(account, max_jobs=500, max_image_jobs=500) for _ in range(3)]
    infos = tuple(ChannelInfo(channel.remote_id, 500, 500, 3) for channel in channels)
    for _ in range(60):
        factories.make_job(owner=member, account=account)
    errors: list[str] = []
    over = threading.Event()

    def repeat(action) -> None:
        try:
            while not over.is_set():
                action()
                time.sleep(0.005)  # SQLite gives the lock to whoever asks just then; nobody syncs without a pause
        except OperationalError as error:
            errors.append(str(error))
        finally:
            connection.close()

    def claim_one() -> None:
        if (
            claim.claim_next(account, Timing(submit_gap=0.001)) is None
            and not Job.objects.filter(status=S.QUEUED).exists()
        ):
            over.set()

    threads = [
        threading.Thread(target=repeat, args=(action,))
        for action in (lambda: syncing.store_channels(account, infos), claim_one)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert errors == []
    assert over.is_set()
