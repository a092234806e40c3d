"""From text to queued jobs: one transaction, one key, nothing stored for what cannot work."""

import threading

import pytest
from django.db import connection

from generations import decisions
from generations.enqueue import CannotEnqueue, enqueue
from generations.models import Job, JobStatus, Prompt
from tests import factories


@pytest.fixture
def account(db):
    account = factories.make_account()
    factories.make_channel(account)
    return account


def test_the_same_key_twice_is_one_prompt_and_one_job(account, member):
    first = enqueue(member, "a boat", key="k")
    assert enqueue(member, "a boat", key="k") == first
    assert Job.objects.count() == 1


def test_a_double_click_at_the_same_instant_is_one_job(transactional_db, member):
    factories.make_channel()
    made = []

    def click() -> None:
        try:
            made.append(enqueue(member, "a boat", key="k").pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=click) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 6
    assert len(set(made)) == 1
    assert Job.objects.count() == 1


def test_permutations_become_single_jobs_in_order(account, member):
    prompt = enqueue(member, "a {red, blue} boat --ar 3:2")
    jobs = list(prompt.jobs.order_by("pk"))
    assert [job.text for job in jobs] == ["a red boat --ar 3:2", "a blue boat --ar 3:2"]
    assert {(job.ratio_width, job.ratio_height) for job in jobs} == {(3, 2)}


@pytest.mark.parametrize("text", ["", "   ", "--ar 16:9", "x" * 5001, "a boat --video", "a {boat", "a boat --nonsense"])
def test_what_cannot_work_is_refused_with_a_reason_and_nothing_is_stored(account, member, text):
    with pytest.raises(CannotEnqueue) as caught:
        enqueue(member, text)
    assert caught.value.problems[0].message
    assert not Prompt.objects.exists()


def test_more_jobs_than_one_press_may_make_are_refused_with_the_number(account, member):
    with pytest.raises(CannotEnqueue, match="64"):
        enqueue(member, "{a,b,c,d} {a,b,c,d} {a,b,c,d} boat")


def test_an_account_that_was_not_shared_cannot_be_used(account, member):
    private = factories.make_account(for_everyone=False)
    with pytest.raises(CannotEnqueue):
        enqueue(member, "a boat", account=private)
    assert not Job.objects.exists()


def test_without_a_choice_the_least_busy_account_is_taken(account, member):
    free = factories.make_account()
    factories.make_channel(free)
    factories.make_job(account=account)
    assert enqueue(member, "a boat").account == free


def test_a_member_without_any_account_is_told_whom_to_ask(db, member):
    with pytest.raises(CannotEnqueue, match="admin"):
        enqueue(member, "a boat")


def test_a_queued_job_is_cancelled_at_once(account, member):
    job = enqueue(member, "a boat").jobs.get()
    assert decisions.cancel(job, member)
    assert job.status == JobStatus.CANCELLED
    assert job.events.last().actor == member


def test_a_job_in_flight_is_only_asked_to_stop(account, member):
    job = factories.make_job(owner=member, account=account, status=JobStatus.RUNNING)
    assert decisions.cancel(job, member)
    assert job.status == JobStatus.RUNNING
    assert job.cancel_requested_at


def test_an_ended_job_cannot_be_cancelled(account, member):
    job = factories.make_job(owner=member, account=account, status=JobStatus.DONE)
    assert not decisions.cancel(job, member)
    assert job.status == JobStatus.DONE


def test_a_refused_job_is_retried_once_however_often_one_clicks(account, member):
    job = factories.make_job(owner=member, account=account, status=JobStatus.REFUSED)
    first = decisions.retry(job, member)
    assert decisions.retry(job, member) == first
    assert first.jobs.get().retry_of == job
    assert job.retries.count() == 1


@pytest.mark.parametrize("status", [JobStatus.DONE, JobStatus.RUNNING, JobStatus.UNCERTAIN, JobStatus.SAVING])
def test_what_is_not_free_to_repeat_is_not_retried(account, member, status):
    job = factories.make_job(owner=member, account=account, status=status)
    assert decisions.retry(job, member) is None
    assert Job.objects.count() == 1


def test_a_failure_that_had_been_accepted_is_not_a_free_retry(account, member):
    job = factories.make_job(owner=member, account=account, status=JobStatus.FAILED, error_code="timed_out")
    assert not job.retry_is_free
