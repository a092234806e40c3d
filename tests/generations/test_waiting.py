"""Every queued job says what it waits for."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Account, AccountState, Channel, User
from generations import forecast
from generations.batches import controls
from generations.models import Budget, JobStatus, Spend
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
    Account.objects.update(state=AccountState.UNREACHABLE, retry_at=timezone.now() + timedelta(minutes=4))
    assert "trying again in" in reason(job)


def test_an_account_that_was_asked_to_wait_says_so_and_until_when(job):
    Account.objects.update(retry_at=timezone.now() + timedelta(minutes=4))
    assert reason(job).startswith("The service asked for a pause (429); it is tried again in")


def test_blocked_channels_point_to_an_admin(job):
    Channel.objects.update(block_message="Pending mod message")
    assert "admin" in reason(job)


def test_an_account_without_channels_says_so(job):
    Channel.objects.all().delete()
    assert "no channel" in reason(job)


def test_turns_that_go_before_are_counted(job):
    later = factories.make_job(account=job.account, owner=job.owner)
    assert reason(later) == "1 turn before yours"
    for _ in range(3):
        factories.make_job(account=job.account, status=JobStatus.RUNNING)
    assert reason(later) == "3 of 3 slots in use, 1 turn before yours"


def test_a_paused_person_reads_by_whom_and_why(job):
    lead = factories.make_user("Lea", role="lead")
    User.objects.filter(pk=job.owner_id).update(
        queue_paused_at=timezone.now(), queue_paused_by=lead, queue_paused_why="Ask me first"
    )
    assert reason(job) == "Your jobs are paused by Lea: Ask me first"
    assert Waiting([job]).start(job) is None


def test_a_budget_that_is_used_up_says_when_it_goes_on(job):
    Budget.objects.create(owner=job.owner, per_day=1)
    Spend.objects.create(owner=job.owner, day=timezone.localdate(), jobs=1)
    assert reason(job).startswith("Your budget of 1 job today is used up; it goes on")


def test_a_budget_of_jobs_at_once_goes_on_when_one_ends(job):
    Budget.objects.create(at_once=1)
    factories.make_job(account=job.account, status=JobStatus.RUNNING)
    assert reason(job) == "The team’s budget lets 1 run at once; it goes on when one ends"


def test_a_paused_batch_says_so(job):
    batch = factories.make_batch(owner=job.owner, account=job.account)
    controls.pause(batch, job.owner)
    held = batch.jobs.first()
    assert reason(held) == "Its batch is paused"
    assert Waiting([held]).start(held) is None


def test_a_job_whose_own_channel_is_blocked_says_so(job):
    blocked = factories.make_channel(job.account, block_message="Pending mod message")
    bound = factories.make_job(account=job.account, owner=job.owner, bound_to=blocked.pk)
    assert "Its channel is blocked" in reason(bound)


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
