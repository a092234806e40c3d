"""The poller: nothing new costs next to nothing, and what changed arrives once, in order."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from generations import decisions, live
from generations.cards import PAGE
from generations.enqueue import enqueue
from generations.models import Feed, Job, JobStatus
from tests.factories import make_account, make_channel, make_image, make_job, make_user

CREATE = reverse("generations:create")
LIVE = reverse("generations:live")
HTMX = {"HX-Request": "true"}


@pytest.fixture
def mia(client, member):
    make_channel(make_account(name="Sandbox"))
    client.force_login(member)
    return member


def cursor_of(page: str) -> dict:
    fields = dict(re.findall(r'<input type="hidden" name="(after|newest|day|job)" value="([^"]*)"', page))
    return {**fields, "oldest": re.findall(r'name="oldest" value="(\d+)"', page)}


def open_page(client) -> dict:
    return cursor_of(client.get(CREATE).content.decode())


def poll(client, cursor: dict):
    return client.get(LIVE, cursor, headers=HTMX)


def cards(page: str) -> list[str]:
    return re.findall(r'<article class="job" id="job-([0-9a-f-]+)"', page)


def test_nothing_new_is_an_empty_204(client, mia):
    make_job(owner=mia)
    response = poll(client, open_page(client))
    assert (response.status_code, response.content) == (204, b"")


def test_nothing_new_costs_one_read_of_the_feed(client, mia):
    cursor = open_page(client)
    with CaptureQueriesContext(connection) as queries:
        poll(client, cursor)
    assert len(queries) == 3  # session, user, feed
    assert "generations_feed" in queries[-1]["sql"]


def test_asking_tells_the_engine_at_most_every_ten_seconds_that_somebody_looks(client, mia):
    cursor = open_page(client)
    just_now = timezone.now() - timedelta(seconds=5)
    Feed.objects.filter(owner=mia).update(seen_at=just_now)
    poll(client, cursor)
    assert Feed.objects.get(owner=mia).seen_at == just_now
    Feed.objects.filter(owner=mia).update(seen_at=timezone.now() - timedelta(seconds=11))
    poll(client, cursor)
    assert timezone.now() - Feed.objects.get(owner=mia).seen_at < timedelta(seconds=5)


def test_a_changed_job_replaces_its_card_and_no_other(client, mia):
    job, other = make_job(owner=mia), make_job(owner=mia)
    cursor = open_page(client)
    job.touch(priority=1)
    page = poll(client, cursor).content.decode()
    assert cards(page) == [str(job.ref)]
    assert 'hx-swap-oob="outerHTML"' in page
    assert str(other.ref) not in page


def test_a_change_is_told_once(client, mia):
    job = make_job(owner=mia)
    cursor = open_page(client)
    job.touch(priority=1)
    after = cursor_of(poll(client, cursor).content.decode())
    assert poll(client, {**cursor, **after}).status_code == 204


def test_a_new_job_is_put_on_top_of_its_day(client, mia):
    old = make_job(owner=mia)
    cursor = open_page(client)
    enqueue(mia, "a red boat")
    page = poll(client, cursor).content.decode()
    new = Job.objects.exclude(pk=old.pk).get()
    assert cards(page) == [str(new.ref)]
    assert f'hx-swap-oob="afterbegin:#day-{timezone.localdate().isoformat()}"' in page


def test_the_first_job_brings_its_day_along(client, mia):
    cursor = open_page(client)
    enqueue(mia, "a red boat")
    page = poll(client, cursor).content.decode()
    assert 'hx-swap-oob="afterbegin:#job-days"' in page
    assert "Today" in page


def test_after_midnight_today_becomes_yesterday(client, mia):
    make_job(owner=mia, created_at=timezone.now() - timedelta(days=1))
    cursor = open_page(client)
    enqueue(mia, "a red boat")
    page = poll(client, cursor).content.decode()
    assert ">Yesterday</h2>" in page
    assert ">Today</h2>" in page


def test_a_job_that_is_not_on_the_page_is_left_out(client, mia):
    far = make_job(owner=mia)
    for _ in range(PAGE):
        make_job(owner=mia)
    cursor = open_page(client)
    far.touch(priority=1)
    assert cards(poll(client, cursor).content.decode()) == []


def test_a_part_that_was_loaded_later_is_kept_up_to_date_as_well(client, mia):
    far = make_job(owner=mia)
    for _ in range(PAGE):
        make_job(owner=mia)
    cursor = open_page(client)
    far.touch(priority=1)
    assert cards(poll(client, {**cursor, "oldest": [*cursor["oldest"], far.pk]}).content.decode()) == [str(far.ref)]


def test_a_page_that_slept_through_very_many_jobs_is_loaded_anew(client, mia):
    cursor = open_page(client)
    for letter in "abc":
        enqueue(mia, letter + " boat in colour {1,2,3,4,5,6,7,8,9,10} --repeat 4")
    assert poll(client, cursor)["HX-Refresh"] == "true"


def test_the_pace_follows_what_runs(client, mia):
    assert "every 10s" in client.get(CREATE).content.decode()
    job = make_job(owner=mia)
    assert "every 4s" in client.get(CREATE).content.decode()
    make_job(owner=mia, status=JobStatus.RUNNING)
    assert "every 1500ms" in client.get(CREATE).content.decode()
    Job.objects.filter(pk=job.pk).update(status=JobStatus.DONE)


def test_waiting_cards_are_told_anew_why_they_wait_though_nothing_of_theirs_changed(client, mia):
    job = make_job(owner=mia)
    page = client.get(CREATE).content.decode()
    [told] = re.findall(r'name="told" value="([0-9]+)"', page)
    cursor = cursor_of(page)
    for _ in range(3):
        make_job(account=job.account, status=JobStatus.RUNNING)
    assert poll(client, {**cursor, "told": told}).status_code == 204
    later = poll(client, {**cursor, "told": str(int(told) - live.TELL_EVERY)}).content.decode()
    assert cards(later) == [str(job.ref)]
    assert "3 of 3 slots in use" in later


def test_what_has_ended_is_announced(client, mia):
    job = make_job(owner=mia, status=JobStatus.SAVING, text="a tall tree")
    cursor = open_page(client)
    job.move(JobStatus.DONE)
    page = poll(client, cursor).content.decode()
    [news] = re.findall(r'id="news"[^>]*>([^<]*)<', page)
    assert news.strip() == "Done: a tall tree."


def test_changes_of_others_are_nobody_elses(client, mia):
    cursor = open_page(client)
    stranger = make_user()
    make_job(owner=stranger).touch(priority=1)
    assert poll(client, cursor).status_code == 204


def test_a_lapsed_session_reloads_instead_of_pasting_the_sign_in_page(client, mia):
    cursor = open_page(client)
    client.logout()
    response = poll(client, cursor)
    assert response["HX-Refresh"] == "true"
    assert b"<form" not in response.content


def test_an_action_answers_with_what_it_changed(client, mia):
    job = make_job(owner=mia)
    cursor = open_page(client)
    response = client.post(reverse("generations:job-cancel", args=[job.ref]), cursor, headers=HTMX)
    page = response.content.decode()
    assert cards(page) == [str(job.ref)]
    assert 'data-status="cancelled"' in page
    assert "It was not sent, so it cost nothing." in response["HX-Trigger"]


def test_submitting_answers_with_the_new_card(client, mia):
    cursor = open_page(client)
    data = {**cursor, "text": "a red boat", "key": "k"}
    page = client.post(reverse("generations:prompt-create"), data, headers=HTMX).content.decode()
    assert cards(page) == [str(Job.objects.get().ref)]


def test_the_job_page_hears_of_its_own_job(client, mia):
    job, other = make_job(owner=mia), make_job(owner=mia)
    cursor = cursor_of(client.get(job.get_absolute_url()).content.decode())
    other.touch(priority=1)
    quiet = poll(client, cursor).content.decode()
    assert f"job-{job.ref}" not in quiet
    job.touch(priority=1)
    assert f'id="job-{job.ref}" hx-swap-oob="outerHTML"' in poll(client, cursor).content.decode()


def test_live_queries_do_not_grow_with_the_changes(client, mia, django_assert_num_queries):
    account = make_account()

    def change(count):
        for _ in range(count):
            make_image(job=make_job(owner=mia, account=account, status=JobStatus.SAVING)).job.touch(priority=1)
            make_job(owner=mia, account=account).touch(priority=1)

    cursor = open_page(client)
    change(1)
    poll(client, cursor)  # how long jobs of a kind take is looked up once in a while
    with CaptureQueriesContext(connection) as queries:
        poll(client, cursor)
    few = len(queries)
    cursor = open_page(client)
    change(8)
    with django_assert_num_queries(few):
        poll(client, cursor)


@pytest.mark.parametrize("broken", [{}, {"after": "x"}, {"after": "-1"}, {"after": "0", "day": "<b>", "newest": "?"}])
def test_a_cursor_that_makes_no_sense_breaks_nothing(client, mia, broken):
    make_job(owner=mia).touch(priority=1)
    assert client.get(LIVE, broken, headers=HTMX).status_code in {200, 204}


def test_a_page_that_missed_very_much_is_told_to_load_anew_instead_of_getting_it_all(client, member, monkeypatch):
    monkeypatch.setattr(live, "MOST_CHANGED", 3)
    account = make_account()
    for _ in range(4):
        decisions.cancel(make_job(owner=member, account=account), member)
    changes = live.changes(member, live.Cursor(after=0, newest=10**9))
    assert changes.is_too_much
    assert not changes.known
