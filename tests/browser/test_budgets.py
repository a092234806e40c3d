"""Budgets in a real browser: an admin sets one, the member sees what is left, and what is beyond it waits."""

import pytest
from playwright.sync_api import expect

from accounts import syncing
from generations.models import Budget, Job, JobStatus
from tests.engine import drive
from tests.factories import make_account, make_admin, make_user

pytestmark = pytest.mark.browser


@pytest.fixture
def account(transactional_db, simulator):
    account = make_account(name="Sandbox", base_url=simulator.url, token=simulator.token)
    syncing.sync_account(account)
    return account


def test_a_member_with_two_jobs_a_day_sees_what_is_left_and_the_third_waits(account, open_page):
    ada, mia = make_admin("Ada"), make_user("Mia")
    page = open_page(ada, "/people/")
    page.get_by_role("main").get_by_role("link", name="Budgets").click()
    page.get_by_role("link", name="Change the budget of Mia").click()
    page.get_by_label("Jobs a day").fill("2")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("row", name="Mia")).to_contain_text("0 of 2")

    page = open_page(mia, "/")
    expect(page.locator("#preview")).to_contain_text("2 of 2 jobs left today")
    page.get_by_label("Prompt", exact=True).fill("a {red, blue, green} boat")
    expect(page.locator("#preview")).to_contain_text("1 of these waits until tomorrow")
    page.get_by_role("button", name="Imagine").click()
    expect(page.locator("article.job")).to_have_count(3)
    drive(until=lambda: Job.objects.filter(status=JobStatus.DONE).count() == 2)
    waiting = Job.objects.get(status=JobStatus.QUEUED)
    expect(page.locator("#preview")).to_contain_text("0 of 2 jobs left today")
    page.goto(waiting.get_absolute_url())
    expect(page.get_by_role("main")).to_contain_text("budget of 2 jobs today is used up")
    assert Job.objects.count() == 3

    page = open_page(ada, "/budgets/")
    expect(page.get_by_role("row", name="Mia")).to_contain_text("2 of 2")
    Budget.objects.update(per_day=3)
    drive(until=lambda: Job.objects.filter(status=JobStatus.DONE).count() == 3)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_the_pages_are_accessible(transactional_db, open_page, scheme, width):
    from axe_playwright_python.sync_playwright import Axe

    ada, mia = make_admin("Ada"), make_user("Mia")
    Budget.objects.create(owner=mia, per_day=0, at_once=2)
    Budget.objects.create(owner=ada, per_day=40)
    page = open_page(ada, "/budgets/", width=width, color_scheme=scheme)
    for path in ("/budgets/", f"/budgets/{mia.pk}/", "/budgets/team/", "/settings/", "/"):
        page.goto(path)
        found = Axe().run(page).response["violations"]
        assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.goto(f"/budgets/{mia.pk}/")
    page.get_by_label("Running at once").fill("0")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Use 1 or more, or leave it empty for no limit.")).to_be_visible()
    assert Axe().run(page).response["violations"] == []
