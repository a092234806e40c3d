"""The queue page: everybody sees who waits and why, and nobody sees another member's prompts."""

import html
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account, AccountState, User
from generations import forecast
from generations.lines import overview
from generations.models import Batch, BatchStatus, Job, JobStatus, Share
from tests import factories

QUEUE = reverse("generations:queue")
CHANGES = reverse("generations:queue-changes")
HTMX = {"HX-Request": "true"}
SECRET = "the secret recipe of the old bakery"


@pytest.fixture
def account(db):
    account = factories.make_account(name="Team")
    factories.make_channel(account)
    return account


@pytest.fixture
def lead(db):
    return factories.make_user("Lea", role="lead")


def past(account, kind: str, seconds: int) -> None:
    now = timezone.now()
    for _ in range(forecast.ENOUGH):
        factories.make_job(
            account=account, kind=kind, status=JobStatus.DONE,
            accepted_at=now - timedelta(seconds=seconds), ended_at=now,
        )  # fmt: skip


def shown(client, person, path=QUEUE) -> str:
    client.force_login(person)
    return html.unescape(client.get(path).content.decode())


def kept(page: str) -> dict:
    """What the page sends along with each question."""
    return {
        "mark": re.findall(r'name="mark" value="([^"]+)"', page)[0],
        "part": re.findall(r'name="part" value="([^"]+)"', page),
    }


def test_an_empty_queue_leads_to_create(client, member, account):
    page = shown(client, member)
    assert "Nothing waits." in page
    assert "Start at Create" in page


def test_a_member_sees_who_and_what_kind_but_not_the_words_of_others(client, member, account):
    otto = factories.make_user("Otto")
    factories.make_job(owner=otto, account=account, text=SECRET, kind="imagine fast 7")
    factories.make_job(owner=otto, account=account, text=SECRET, kind="imagine fast 7", status=JobStatus.RUNNING)
    factories.make_job(owner=member, account=account, text="my own words")
    page = shown(client, member)
    assert SECRET not in page
    assert page.count("Otto</strong>") == 2
    assert "Imagine, fast, v7" in page
    assert "my own words" in page


def test_the_name_of_a_batch_is_nobody_elses_either(client, member, lead, account):
    otto = factories.make_user("Otto")
    batch = Batch.objects.create(
        owner=otto, account=account, name=SECRET, status=BatchStatus.PAUSED, idempotency_key="k",
        confirmed_at=timezone.now(),
    )  # fmt: skip
    factories.make_job(owner=otto, account=account, batch=batch, held=True)
    page = shown(client, member)
    assert SECRET not in page
    assert "Its batch is paused" in page
    assert SECRET in shown(client, lead)


def test_leads_and_admins_see_the_words_of_all(client, lead, admin_user, account):
    factories.make_job(account=account, text=SECRET)
    assert SECRET in shown(client, lead)
    assert SECRET in shown(client, admin_user)


def test_accounts_that_a_person_may_not_use_are_not_there(client, member, lead):
    hidden = factories.make_account(name="Board only", for_everyone=False)
    job = factories.make_job(account=hidden)
    assert "Board only" not in shown(client, member)
    assert "Board only" not in shown(client, lead)
    assert client.get(f"{QUEUE}?account={hidden.pk}").status_code == 404
    assert client.get(reverse("generations:queue-job", args=[job.ref])).status_code == 404


def test_jobs_of_other_programs_are_shown_as_such(client, member, account):
    account.channels.update(foreign_jobs={"j1": "image"})
    factories.make_job(owner=member, account=account)
    assert "All: 1 of 3 in use, 1 by other programs" in shown(client, member)


def test_the_rest_of_a_running_job_is_told_by_the_past_of_its_kind(client, member, account):
    past(account, "imagine fast 7", 120)
    began = timezone.now() - timedelta(seconds=5)
    running = {"status": JobStatus.RUNNING, "accepted_at": began, "reserved_at": began}
    factories.make_job(owner=member, account=account, kind="imagine fast 7", **running)
    factories.make_job(owner=member, account=account, kind="video fast", **running)
    page = shown(client, member)
    assert "in about 2 min" in page
    assert "nothing like it has ended here yet" in page


def test_waiting_jobs_stand_in_the_order_of_their_starts_with_their_reasons(client, member, account):
    for _ in range(3):
        factories.make_job(account=account, owner=member, status=JobStatus.RUNNING, estimate=60)
    otto = factories.make_user("Otto")
    for _ in range(2):
        factories.make_job(owner=otto, account=account)
    factories.make_job(owner=member, account=account)
    [queue] = overview.queue_page(member).accounts
    reasons = [(turn.owner.name, turn.reason) for turn in queue.turns]
    assert [who for who, _ in reasons] == ["Otto", "Mia", "Otto"]
    assert reasons[0][1] == "3 of 3 slots in use"
    assert reasons[2][1] == "Fair turn: 2 before it"


def test_a_paused_person_waits_at_the_end_with_who_paused_them_and_why(client, member, lead, account):
    factories.make_job(owner=member, account=account)
    User.objects.filter(pk=member.pk).update(
        queue_paused_at=timezone.now(), queue_paused_by=lead, queue_paused_why="Ask me first"
    )
    assert "Your jobs are paused by Lea: Ask me first" in shown(client, member)
    assert "Mia’s jobs are paused by Lea: Ask me first" in shown(client, lead)


def test_a_long_queue_lists_fifty_and_counts_the_rest_by_whose_it_is(member, account):
    model = factories.make_job(owner=member, account=account)
    Job.objects.bulk_create(Job(prompt=model.prompt, owner=member, account=account) for _ in range(80))
    [queue] = overview.queue_page(member).accounts
    assert (len(queue.turns), queue.waiting) == (50, 81)
    assert [(group.count, group.owner) for group in queue.beyond] == [(31, member)]


def test_many_accounts_list_fewer_each_and_lead_to_their_own_page(client, member):
    for number in range(6):
        account = factories.make_account(name=f"Account {number}")
        factories.make_channel(account)
        model = factories.make_job(owner=member, account=account)
        Job.objects.bulk_create(Job(prompt=model.prompt, owner=member, account=account) for _ in range(20))
    page = overview.queue_page(member)
    assert {len(queue.turns) for queue in page.accounts} == {12}
    alone = f"?account={page.accounts[0].account.pk}"
    assert alone in shown(client, member)
    assert len(overview.queue_page(member, page.accounts[0].account.pk).accounts[0].turns) == 21


def test_the_number_of_queries_is_the_same_for_few_and_for_many(client, member, account):
    others = [factories.make_user() for _ in range(3)]
    model = factories.make_job(owner=member, account=account)
    client.force_login(member)

    def count() -> int:
        client.get(QUEUE)
        with CaptureQueriesContext(connection) as queries:
            client.get(QUEUE)
        return len(queries)

    few = count()
    Share.ensure(Job(account=account, lane="image", owner=owner) for owner in others)
    Job.objects.bulk_create(
        Job(prompt=model.prompt, owner=others[number % 3], account=account) for number in range(3000)
    )
    for number in range(4):
        factories.make_job(owner=others[number % 3], account=account, status=JobStatus.RUNNING)
    factories.make_channel(factories.make_account())
    assert count() == few


def test_nothing_new_is_an_empty_answer_from_a_handful_of_reads(client, member, account):
    factories.make_job(account=account)
    sent = kept(shown(client, member))
    with CaptureQueriesContext(connection) as queries:
        response = client.get(CHANGES, sent, headers=HTMX)
    # Twice, in case a half minute has just begun between the two.
    if response.status_code != 204:
        sent = kept(shown(client, member))
        with CaptureQueriesContext(connection) as queries:
            response = client.get(CHANGES, sent, headers=HTMX)
    assert (response.status_code, response.content) == (204, b"")
    assert len(queries) == 5  # session, user, accounts with channels, pauses, feeds


@pytest.mark.parametrize(
    "change",
    [
        lambda job: job.touch(priority=1),
        lambda job: factories.make_job(account=job.account, owner=job.owner).touch(progress=None),
        lambda job: job.account.set_state(AccountState.PAUSED, "lunch"),
        lambda job: job.account.channels.update(foreign_jobs={"j1": "image"}),
        lambda job: job.account.channels.update(block_message="Pending"),
        lambda job: User.objects.filter(pk=job.owner_id).update(queue_paused_at=timezone.now()),
        lambda job: Account.objects.update(retry_at=timezone.now() + timedelta(minutes=5)),
    ],
    ids=["job", "new job", "account", "other program", "blocked", "person", "unreachable"],
)
def test_whatever_changes_for_anybody_is_told(client, member, account, change):
    job = factories.make_job(account=account)
    sent = kept(shown(client, member))
    change(job)
    assert client.get(CHANGES, sent, headers=HTMX).status_code == 200


def test_only_the_parts_that_changed_are_sent(client, member, account, monkeypatch):
    monkeypatch.setattr("generations.views.queue.half_minute", lambda: 1)  # times are told anew in each
    other = factories.make_account(name="Beside")
    factories.make_channel(other)
    for each in (account, other):
        factories.make_job(owner=member, account=each)
    sent = kept(shown(client, member))
    account.channels.update(foreign_jobs={"j1": "image"})
    page = client.get(CHANGES, sent, headers=HTMX).content.decode()
    assert f'id="queue-account-{account.pk}"' in page
    assert f'id="queue-account-{other.pk}"' not in page


def test_a_page_without_script_shows_the_same(client, member, account):
    job = factories.make_job(owner=member, account=account)
    page = shown(client, member, reverse("generations:queue-job", args=[job.ref]))
    assert "<!doctype html>" in page
    assert "It was not sent, so it costs nothing." in page


def test_create_and_the_job_page_say_when_it_starts_and_what_it_takes(client, member, account):
    past(account, "imagine fast 7", 120)
    began = timezone.now()
    for _ in range(3):
        factories.make_job(
            account=account, status=JobStatus.RUNNING, kind="imagine fast 7", accepted_at=began, reserved_at=began
        )
    job = factories.make_job(owner=member, account=account, kind="imagine fast 7")
    for path in ("/", job.get_absolute_url()):
        page = shown(client, member, path)
        assert "3 of 3 slots in use · starts" in page
        assert "takes about 2 min" in page
    checked = client.post(reverse("generations:prompt-check"), {"text": "a boat --v 7 --fast"}, headers=HTMX)
    assert "<span>about 2 min</span>" in checked.content.decode()


def test_a_job_far_back_has_a_rough_start(client, member, account):
    past(account, "imagine fast 7", 60)
    model = factories.make_job(owner=member, account=account, kind="imagine fast 7")
    Job.objects.bulk_create(
        Job(prompt=model.prompt, owner=member, account=account, kind="imagine fast 7") for _ in range(600)
    )
    page = shown(client, member, "/")
    assert re.search(r'data-until="roughly"', page)
    assert "More than 200 turns before yours" in page
