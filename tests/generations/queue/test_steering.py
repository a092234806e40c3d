"""Leads steer the queue, members order their own jobs; both leave a trace and nobody gains by it what is not theirs."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account, AccountState, User
from generations.engine import claim
from generations.engine.timing import Timing
from generations.lines import steering
from generations.lines.steering import NotAllowed, Place
from generations.models import Job, JobStatus, Priority
from generations.models.priority import FRONT, STEP
from tests import factories

HTMX = {"HX-Request": "true"}


@pytest.fixture
def account(db):
    account = factories.make_account(name="Team")
    factories.make_channel(account, max_jobs=9, max_image_jobs=9)
    return account


@pytest.fixture
def lead(db):
    return factories.make_user("Lea", role="lead")


@pytest.fixture
def jobs(member, account) -> list[Job]:
    turn = timezone.now() - timedelta(hours=1)
    return [factories.make_job(owner=member, account=account, turn_at=turn) for _ in range(5)]  # all at one moment


def line(*jobs: Job) -> list[int]:
    """Places of the jobs in their line."""
    order = list(Job.objects.order_by("turn_at", "id").values_list("pk", flat=True))
    return [order.index(job.pk) for job in jobs]


def post(client, person, name, *args, **data):
    client.force_login(person)
    return client.post(reverse(f"generations:{name}", args=args), data)


@pytest.mark.parametrize(
    ("to", "order"),
    [
        (Place.FIRST, [2, 0, 1, 3, 4]),
        (Place.UP, [0, 2, 1, 3, 4]),
        (Place.DOWN, [0, 1, 3, 2, 4]),
        (Place.LAST, [0, 1, 3, 4, 2]),
    ],
)
def test_a_member_orders_their_own_jobs_even_those_of_one_moment(member, jobs, to, order):
    assert steering.move(jobs[2], to, member)
    assert line(*(jobs[number] for number in order)) == [0, 1, 2, 3, 4]


def test_sorting_a_line_gives_it_no_earlier_turns(member, account):
    now = timezone.now()
    jobs = [
        factories.make_job(owner=member, account=account, turn_at=now - timedelta(hours=hours)) for hours in (9, 2, 1)
    ]
    before = sorted(Job.objects.values_list("turn_at", flat=True))
    steering.move(jobs[2], Place.FIRST, member)
    assert sorted(Job.objects.values_list("turn_at", flat=True)) == before
    assert line(jobs[2], jobs[0], jobs[1]) == [0, 1, 2]


def test_jobs_of_another_priority_or_in_front_keep_their_places(member, lead, account, jobs):
    high = factories.make_job(owner=member, account=account, priority=1, turn_at=timezone.now() - STEP)
    steering.move(jobs[0], Place.FRONT, lead)
    steering.move(jobs[3], Place.FIRST, member)
    assert line(jobs[0], high, jobs[3], jobs[1]) == [0, 1, 2, 3]


def test_what_a_lead_puts_first_of_all_starts_next_and_the_last_one_put_there_before_the_others(account, lead, jobs):
    other = factories.make_job(account=account, priority=1, turn_at=timezone.now() - 2 * STEP)
    for number in (4, 3):
        assert steering.move(jobs[number], Place.FRONT, lead)
    started = [claim.claim_next(account, Timing(submit_gap=0.0)) for _ in range(3)]
    assert started == [jobs[3], jobs[4], other]


def test_a_priority_takes_a_job_back_from_the_front(lead, jobs):
    steering.move(jobs[4], Place.FRONT, lead)
    jobs[4].refresh_from_db()
    assert steering.change_priority(jobs[4], Priority.NORMAL, lead)
    jobs[4].refresh_from_db()
    assert jobs[4].turn_at == jobs[4].created_at


def test_a_priority_moves_a_job_by_a_step_and_back(member, jobs):
    before = jobs[1].turn_at
    steering.change_priority(jobs[1], Priority.LOW, member)
    jobs[1].refresh_from_db()
    assert (jobs[1].priority, jobs[1].turn_at) == (Priority.LOW, before + STEP)
    steering.change_priority(jobs[1], Priority.NORMAL, member)
    jobs[1].refresh_from_db()
    assert jobs[1].turn_at == before


def test_members_give_neither_high_priority_nor_the_front(client, member, jobs):
    with pytest.raises(NotAllowed):
        steering.change_priority(jobs[1], Priority.HIGH, member)
    with pytest.raises(NotAllowed):
        steering.move(jobs[1], Place.FRONT, member)
    post(client, member, "queue-job-priority", jobs[1].ref, priority="1")
    post(client, member, "queue-job-move", jobs[1].ref, to="front")
    jobs[1].refresh_from_db()
    assert (jobs[1].priority, jobs[1].turn_at > FRONT) == (0, True)


def test_members_touch_no_job_of_another(client, other_member, jobs):
    for name, data in (
        ("queue-job-move", {"to": "last"}),
        ("queue-job-priority", {"priority": "-1"}),
        ("queue-job-cancel", {}),
    ):
        assert post(client, other_member, name, jobs[0].ref, **data).status_code == 404
    jobs[0].refresh_from_db()
    assert (jobs[0].status, jobs[0].priority) == (JobStatus.QUEUED, 0)
    assert not jobs[0].events.exists()


def test_every_change_is_in_the_jobs_history_with_who_made_it(client, lead, jobs):
    post(client, lead, "queue-job-move", jobs[2].ref, to="front")
    post(client, lead, "queue-job-priority", jobs[2].ref, priority="1")
    post(client, lead, "queue-job-move", jobs[3].ref, to="last")
    post(client, lead, "queue-job-cancel", jobs[2].ref)
    events = [(event.code, event.actor) for event in jobs[2].events.all()]
    assert events == [("put_in_front", lead), ("priority_changed", lead), ("cancelled", lead)]
    assert [(event.code, event.actor) for event in jobs[3].events.all()] == [("moved", lead)]


def test_each_change_has_the_engine_look_at_once(client, lead, account, jobs):
    for name, data in (("queue-job-move", {"to": "front"}), ("queue-job-priority", {"priority": "-1"})):
        Account.objects.update(woken_at="2020-01-01T00:00:00Z")
        post(client, lead, name, jobs[1].ref, **data)
        account.refresh_from_db()
        assert account.woken_at.year > 2020


def test_stopping_a_running_job_of_a_member_asks_first(client, lead, account):
    job = factories.make_job(account=account, status=JobStatus.RUNNING)
    asked = post(client, lead, "queue-job-cancel", job.ref)
    assert "may be charged" in asked.content.decode()
    job.refresh_from_db()
    assert job.cancel_requested_at is None
    post(client, lead, "queue-job-cancel", job.ref, confirmed="yes")
    job.refresh_from_db()
    assert job.cancel_requested_at is not None


def test_a_lead_pauses_and_resumes_an_account_with_a_reason(client, lead, account, jobs):
    assert post(client, lead, "queue-account-pause", account.pk).status_code == 422
    post(client, lead, "queue-account-pause", account.pk, reason="Renewing the plan")
    account.refresh_from_db()
    assert (account.state, account.state_reason) == (AccountState.PAUSED, "Renewing the plan")
    assert claim.claim_next(account, Timing(submit_gap=0.0)) is None
    post(client, lead, "queue-account-resume", account.pk)
    assert claim.claim_next(account, Timing(submit_gap=0.0)) is not None


def test_a_lead_pauses_and_resumes_a_person(client, lead, member, account, jobs):
    post(client, lead, "queue-person-pause", member.pk, reason="Ask me first")
    member.refresh_from_db()
    assert (member.queue_paused_by, member.queue_paused_why) == (lead, "Ask me first")
    assert claim.claim_next(account, Timing(submit_gap=0.0)) is None
    post(client, lead, "queue-person-resume", member.pk)
    member = User.objects.get(pk=member.pk)
    assert (member.queue_paused_at, member.queue_paused_by, member.queue_paused_why) == (None, None, "")
    assert claim.claim_next(account, Timing(submit_gap=0.0)) is not None


def test_the_paused_persons_own_page_hears_of_it(client, lead, member, jobs):
    before = Job.objects.get(pk=jobs[0].pk).change
    steering.pause_person(member, lead, "Ask me first")
    assert Job.objects.get(pk=jobs[0].pk).change > before


def test_a_lead_is_no_admin(client, lead, account):
    client.force_login(lead)
    for name in ("accounts:people", "accounts:account-add"):
        assert client.get(reverse(name)).status_code == 404
    assert client.get(reverse("accounts:account-token", args=[account.pk])).status_code == 404


def test_an_action_answers_with_what_it_changed(client, lead, account, jobs):
    client.force_login(lead)
    url = reverse("generations:queue-job-move", args=[jobs[2].ref])
    response = client.post(url, {"to": "front"}, headers=HTMX)
    assert "It goes before everybody" in response["HX-Trigger"]
    assert "Put first" in response.content.decode()


def test_odd_requests_change_nothing(client, lead, jobs):
    assert post(client, lead, "queue-job-move", jobs[2].ref, to="elsewhere").status_code == 302
    assert post(client, lead, "queue-job-priority", jobs[2].ref, priority="9").status_code == 302
    client.force_login(lead)
    assert client.get(reverse("generations:queue"), {"account": "9" * 40}).status_code == 200
    assert not jobs[2].events.exists()
