"""Every queued job says what it waits for."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Account, Channel
from generations import forecast
from generations.models import JobStatus
from generations.waiting import Waiting
from tests import factories


@pytest.fixture
def job(db):
    account = factories.make_account(name="Team")
    factories.make_channel(account)
    return factories.make_job(account=account)


def reason(job) -> str:
    return Waiting([job]).reason(job)


def test_a_job_that_does_not_wait_gives_no_reason(db):
    assert reason(factories.make_job(status=JobStatus.RUNNING)) == ""


def test_free_slots_mean_next_in_line(job):
    assert reason(job) == "Next in line"


def test_full_slots_are_counted(job):
    for _ in range(3):
        factories.make_job(account=job.account, status=JobStatus.RUNNING)
    assert reason(job) == "3 of 3 slots in use"


@pytest.mark.parametrize(
    ("state", "words"),
    [("paused", "Team is paused: lunch"), ("bad_token", "token"), ("no_subscription", "subscription")],
)
def test_an_account_that_waits_for_a_person_says_so(job, state, words):
    Account.objects.update(state=state, state_reason="lunch")
    assert words in reason(job)


def test_an_account_that_cannot_be_reached_says_until_when_it_is_left_alone(job):
    Account.objects.update(retry_at=timezone.now() + timedelta(minutes=4))
    assert "trying again in" in reason(job)


def test_blocked_channels_point_to_an_admin(job):
    Channel.objects.update(block_message="Pending mod message")
    assert "admin" in reason(job)


def test_an_account_without_channels_says_so(job):
    Channel.objects.all().delete()
    assert "no channel" in reason(job)


def test_an_account_that_is_no_longer_shared_says_so(job):
    Account.objects.update(for_everyone=False)
    assert "no longer shared" in reason(job)
    job.account.members.add(job.owner)
    assert "no longer shared" not in reason(job)


def test_a_page_of_waiting_jobs_costs_as_much_as_one(job, django_assert_max_num_queries):
    jobs = [job, *(factories.make_job() for _ in range(10))]
    Account.objects.update(for_everyone=False)
    forecast.spans([""])
    with django_assert_max_num_queries(9):
        waiting = Waiting(jobs)
        assert all(waiting.reason(each) for each in jobs)
