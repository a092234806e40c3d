"""The queue in a real browser: reasons for everybody, words for their owner, and what leads do there."""

import pytest
from playwright.sync_api import expect

from accounts.models import AccountState
from generations.models import Job, JobStatus
from tests.factories import make_account, make_channel, make_job, make_user

pytestmark = pytest.mark.browser
SECRET = "the secret recipe of the old bakery"


@pytest.fixture
def mia(transactional_db):
    return make_user("Mia")


@pytest.fixture
def otto(transactional_db):
    return make_user("Otto")


@pytest.fixture
def lea(transactional_db):
    return make_user("Lea", role="lead")


@pytest.fixture
def account(transactional_db, mia, otto):
    account = make_account(name="Team")
    make_channel(account)
    for _ in range(3):
        make_job(owner=otto, account=account, status=JobStatus.RUNNING, text=SECRET, estimate=60)
    make_job(owner=otto, account=account, text=SECRET)
    make_job(owner=mia, account=account, text="a red boat on a green lake")
    return account


def rows(page):
    return page.locator("ol .queue-row")


def test_everybody_sees_the_reasons_and_only_their_own_words(mia, account, open_page):
    page = open_page(mia, "/queue/")
    expect(rows(page)).to_have_count(2)
    expect(rows(page).first).to_contain_text("3 of 3 slots in use")
    expect(rows(page).nth(1)).to_contain_text("Fair turn: 1 before")
    expect(page.get_by_text("a red boat on a green lake")).to_be_visible()
    assert SECRET not in page.content()


def test_the_page_follows_what_happens_to_others(mia, otto, account, open_page):
    page = open_page(mia, "/queue/")
    Job.objects.filter(owner=otto, status=JobStatus.QUEUED).first().move(JobStatus.CANCELLED)
    expect(rows(page)).to_have_count(1, timeout=15_000)


def test_a_lead_puts_a_job_first_of_all(lea, account, open_page):
    page = open_page(lea, "/queue/")
    second = rows(page).nth(1)
    name = second.locator("strong").inner_text()
    second.get_by_role("link", name="order, priority, cancel").click()
    page.get_by_role("button", name="Put first of all").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(rows(page).first.locator("strong")).to_have_text(name)
    expect(rows(page).first).to_contain_text("Put first")


def test_a_lead_pauses_an_account_and_lets_it_go_on(lea, account, open_page):
    page = open_page(lea, "/queue/")
    page.get_by_role("link", name="Pause… Team").click()
    page.get_by_label("Reason").fill("Renewing the plan")
    page.get_by_role("button", name="Pause Team").click()
    expect(page.locator(".banner")).to_contain_text("Renewing the plan")
    account.refresh_from_db()
    assert account.state == AccountState.PAUSED
    page.get_by_role("link", name="Resume… Team").click()
    page.get_by_role("button", name="Resume", exact=True).click()
    expect(page.locator(".banner")).to_have_count(0)


def test_a_reason_is_asked_for_and_the_dialog_stays(lea, account, open_page):
    page = open_page(lea, "/queue/")
    page.get_by_role("link", name="Pause… Team").click()
    page.get_by_label("Reason").fill(" ")
    page.get_by_role("button", name="Pause Team").click()
    expect(page.get_by_role("dialog")).to_contain_text("This field is required")


def test_a_lead_pauses_a_person(lea, mia, account, open_page):
    page = open_page(lea, "/queue/")
    page.get_by_role("link", name="Pause… Mia").click()
    page.get_by_label("Reason").fill("Ask me first")
    page.get_by_role("button", name="Pause Mia’s jobs").click()
    expect(page.locator(".resting")).to_contain_text("Mia’s jobs are paused by Lea: Ask me first")
    expect(rows(page)).to_have_count(1)


def test_a_lead_cancels_a_waiting_and_stops_a_running_job(lea, account, open_page):
    page = open_page(lea, "/queue/")
    rows(page).first.get_by_role("link", name="order, priority, cancel").click()
    page.get_by_role("button", name="Cancel the job").click()
    expect(page.get_by_text("It was not sent, so it cost nothing.")).to_be_visible()
    expect(rows(page)).to_have_count(1)
    page.locator(".going .queue-row").first.get_by_role("link", name="order, priority, cancel").click()
    expect(page.get_by_role("dialog")).to_contain_text("may be charged")
    page.get_by_role("button", name="Stop it").click()
    expect(page.locator(".going")).to_contain_text("is being stopped")


def test_a_member_orders_their_own_jobs(mia, account, open_page):
    last = make_job(owner=mia, account=account, text="a blue boat")
    page = open_page(mia, "/queue/")
    page.locator(f"#queue-job-{last.ref}").click()
    expect(page.get_by_role("button", name="Put first of all")).to_have_count(0)
    expect(page.get_by_role("button", name="High")).to_have_count(0)
    page.get_by_role("button", name="First", exact=True).click()
    mine = page.locator('ol .queue-row[data-mine="yes"]')
    expect(mine.first).to_contain_text("a blue boat")


def test_it_works_without_script(lea, account, open_page):
    page = open_page(lea, "/queue/", script=False)
    rows(page).first.get_by_role("link", name="order, priority, cancel").click()
    page.get_by_role("button", name="Cancel the job").click()
    expect(rows(page)).to_have_count(1)
    page.get_by_role("link", name="Pause… Team").click()
    page.get_by_label("Reason").fill("Renewing the plan")
    page.get_by_role("button", name="Pause Team").click()
    expect(page.get_by_text("Paused: “Renewing the plan”")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_the_page_and_its_dialogs_are_accessible(lea, mia, account, open_page, scheme, width):
    from axe_playwright_python.sync_playwright import Axe

    make_account(name="Spare", state="paused", state_reason="lunch")
    make_channel(account, block_message="Pending")

    def check(page) -> None:
        page.wait_for_timeout(400)
        found = Axe().run(page).response["violations"]
        assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width

    page = open_page(lea, "/queue/", width=width, color_scheme=scheme)
    check(page)
    rows(page).first.get_by_role("link", name="order, priority, cancel").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    check(page)
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Pause… Mia").click()
    expect(page.get_by_role("dialog")).to_contain_text("Pause Mia")
    check(page)
    Job.objects.update(status=JobStatus.CANCELLED)
    page.goto("/queue/")
    check(page)
