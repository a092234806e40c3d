"""Budgets on pages: who sees and changes them, what is left before submitting, one's own use."""

import json

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account
from generations.budget_notes import notes
from generations.models import Budget, JobStatus, Spend
from tests import factories

LIST, TEAM = reverse("generations:budgets"), reverse("generations:budget-team")


def form_of(person) -> str:
    return reverse("generations:budget-person", args=[person.pk])


@pytest.fixture
def ada(client, admin_user):
    client.force_login(admin_user)
    return client


def spend(person, jobs: int) -> None:
    Spend.objects.create(owner=person, day=timezone.localdate(), jobs=jobs)


def test_an_admin_sees_use_and_limits_of_everybody(ada, member):
    spend(member, 12)
    Budget.objects.create(owner=member, per_day=40, per_month=12)
    factories.make_job(owner=member, status=JobStatus.RUNNING)
    page = ada.get(LIST).content.decode()
    assert "12 of 40" in page
    assert "12 of 12" in page
    assert page.count("Limit reached") == 1


def test_a_lead_sees_the_page_and_can_change_nothing(client, member):
    client.force_login(factories.make_user("Lea", role="lead"))
    page = client.get(LIST)
    assert page.status_code == 200
    assert form_of(member) not in page.content.decode()
    assert TEAM not in page.content.decode()
    assert client.post(form_of(member), {"per_day": 1, "queue_weight": 1}).status_code == 404
    assert client.post(TEAM, {"per_day": 1}).status_code == 404
    assert not Budget.objects.exists()


def test_a_budget_is_set_changed_and_lifted(ada, member):
    ada.post(form_of(member), {"per_day": "40", "per_month": "", "at_once": "2", "queue_weight": "3"})
    budget = Budget.objects.get(owner=member)
    assert (budget.per_day, budget.per_month, budget.at_once) == (40, None, 2)
    member.refresh_from_db()
    assert member.queue_weight == 3
    assert 'value="40"' in ada.get(form_of(member)).content.decode()
    ada.post(form_of(member), {"queue_weight": "3"})
    budget = Budget.objects.get(owner=member)
    assert (budget.per_day, budget.per_month, budget.at_once) == (None, None, None)


def test_the_teams_budget_is_one(ada):
    for count in ("5", "6"):
        ada.post(TEAM, {"per_month": count})
    assert Budget.objects.get(owner=None).per_month == 6


@pytest.mark.parametrize(
    ("name", "written"),
    [("per_day", "-1"), ("per_month", "many"), ("at_once", "0"), ("queue_weight", "0"), ("queue_weight", "11"),
     ("per_day", "1.5"), ("per_day", "9" * 30)],
)  # fmt: skip
def test_what_makes_no_budget_is_told_and_not_stored(ada, member, name, written):
    response = ada.post(form_of(member), {"queue_weight": "1", name: written})
    assert response.status_code == 422
    assert response.context["form"].errors[name]
    assert not Budget.objects.exists()


def test_nothing_a_day_is_a_budget(ada, member):
    assert ada.post(form_of(member), {"per_day": "0", "queue_weight": "1"}).status_code == 302
    assert Budget.objects.get(owner=member).per_day == 0


def test_a_changed_budget_wakes_the_accounts(ada, member):
    account = factories.make_account()
    before = account.woken_at
    ada.post(form_of(member), {"per_day": "5", "queue_weight": "1"})
    assert Account.objects.get().woken_at > before


def test_the_list_takes_as_many_queries_for_many_people_as_for_few(ada, member, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    Budget.objects.create(owner=None, per_day=5, per_month=10, at_once=2)
    with CaptureQueriesContext(
        connection,
    ) as few:
        ada.get(LIST)
    for number in range(20):
        person = factories.make_user()
        spend(person, number)
        Budget.objects.create(owner=person, per_day=5, at_once=2)
    with django_assert_num_queries(len(few)):
        ada.get(LIST)


# Before submitting


def test_what_is_left_stands_beside_the_prompt_only_where_there_is_a_limit(client, member):
    client.force_login(member)
    assert "left today" not in client.get("/").content.decode()
    spend(member, 28)
    Budget.objects.create(owner=member, per_day=40)
    Budget.objects.create(owner=None, per_month=100)
    page = client.get("/").content.decode()
    assert "12 of 40 jobs left today" in page
    assert "the team: 72 of 100 jobs left this month" in page


def test_the_check_says_how_many_wait_until_when_and_nothing_is_refused(client, member):
    factories.make_channel()
    client.force_login(member)
    Budget.objects.create(owner=member, per_day=3)
    text = "a {red, blue, green, grey, pink, teal, gold, jade, ruby, onyx} boat"
    check = client.post(reverse("generations:prompt-check"), {"text": text}, headers={"HX-Request": "true"})
    assert "7 of these wait until tomorrow" in check.content.decode()
    assert client.post(reverse("generations:prompt-create"), {"text": text, "key": "k1"}).status_code == 302
    assert member.jobs.count() == 10


def test_what_is_queued_already_comes_first(member):
    Budget.objects.create(owner=member, per_day=3)
    for _ in range(3):
        factories.make_job(owner=member)
    assert notes(member, 2).waits == ("All of these wait until tomorrow",)
    assert notes(member, 1).waits == ("It waits until tomorrow",)


def test_the_month_holds_up_for_longer_than_the_day(member):
    Budget.objects.create(owner=member, per_day=5, per_month=7)
    day, month = notes(member, 10).waits
    assert day == "5 of these wait until tomorrow" or timezone.localdate().day >= 28
    assert month.startswith("3 of these wait until 1 ") or timezone.localdate().day >= 28


def test_a_budget_of_nothing_waits_for_a_person(member):
    Budget.objects.create(owner=member, per_day=0)
    assert notes(member, 2).waits == ("All of these wait until an admin raises the limit",)


def test_without_limits_the_notes_cost_one_query(member, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert not notes(member, 5)


def test_settings_show_ones_own_use(client, member, other_member):
    client.force_login(member)
    spend(member, 3)
    spend(other_member, 8_675_309)
    Budget.objects.create(owner=member, per_day=8)
    page = client.get(reverse("accounts:preferences")).content.decode()
    assert "3 of 8" in page
    assert "5 of 8 jobs left today" in page
    assert "8,675,309" not in page
    assert "8675309" not in page


def test_the_status_command_shows_the_team_and_whoever_has_a_limit(db, member, other_member, capsys):
    spend(member, 3)
    spend(other_member, 4)
    Budget.objects.create(owner=member, per_day=8)
    call_command("studio_status", as_json=True)
    report = json.loads(capsys.readouterr().out)["budgets"]
    assert report["team"]["day"] == {"used": 7, "limit": None}
    assert [(row["name"], row["day"]) for row in report["members"]] == [("Mia", {"used": 3, "limit": 8})]
    call_command("studio_status")
    assert "Mia  3/8 today  3 this month  0 running" in capsys.readouterr().out
