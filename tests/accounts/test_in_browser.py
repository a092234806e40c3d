"""The pages in a real browser: accessible in both themes and widths, with and without script, nothing inline."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import expect

from accounts.models import AccountState
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def ada(transactional_db):
    return factories.make_admin("Ada")


@pytest.fixture
def furnished(ada):
    """An account with everything that can be wrong with one."""
    account = factories.make_account(name="Main", owner=ada, for_everyone=False)
    factories.make_channel(account, max_jobs=12, foreign_jobs={"j1": "image"})
    factories.make_channel(account, block_message="Pending mod message", blocked_at=account.state_since)
    factories.make_channel(account, removed_at=account.state_since)
    account.set_state(AccountState.PAUSED, "Over budget")
    factories.make_account(name="Broken").set_state(AccountState.BAD_TOKEN, "Unauthorized")
    return account


def violations(page):
    found = Axe().run(page).response["violations"]
    return [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found]


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_for_admins_are_accessible_and_fit(open_page, ada, furnished, theme, width):
    blocked = furnished.channels.exclude(block_message="").get()
    page = open_page(ada, "/accounts/", width=width, color_scheme=theme)
    for path in (
        "/accounts/", "/accounts/add/", f"/accounts/{furnished.pk}/", f"/accounts/{furnished.pk}/token/",
        f"/accounts/{furnished.pk}/access/", f"/accounts/{furnished.pk}/pause/", f"/accounts/{furnished.pk}/delete/",
        reverse("accounts:channel-reset", args=[furnished.pk, blocked.pk]),
        "/people/", "/people/add/", f"/people/{ada.pk}/", "/settings/", "/people/password/change/",
    ):  # fmt: skip
        page.goto(path)
        assert violations(page) == [], path
        assert fits(page), path


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_on_the_way_in_are_accessible_and_fit(open_page, db, theme, width):
    page = open_page(None, "/people/login/", width=width, color_scheme=theme)
    for path in (
        "/people/login/", "/people/password/reset/", "/people/password/reset/done/", "/people/signup/",
        "/people/inactive/", "/people/password/reset/key/1-wrong-key/", "/nowhere/",
    ):  # fmt: skip
        page.goto(path)
        assert violations(page) == [], path
        assert fits(page), path


def test_the_admin_site_works_under_the_policy(open_page, ada, furnished):
    page = open_page(ada, "/admin/")
    for path in ("accounts/account/", f"accounts/account/{furnished.pk}/change/", f"accounts/user/{ada.pk}/change/"):
        page.goto(f"/admin/{path}")
        expect(page.locator("#content")).to_be_visible()


def test_a_theme_shows_at_once_and_is_kept(open_page, ada):
    page = open_page(ada, "/settings/")
    page.get_by_text("Dark", exact=True).click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.get_by_role("status", name="Messages")).to_contain_text("Saved.")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_keys_open_pages_and_the_list_of_keys_and_can_be_switched_off(open_page, ada):
    page = open_page(ada, "/settings/")
    page.keyboard.press("g")
    page.keyboard.press("p")
    expect(page).to_have_url(re.compile("/people/$"))
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    page.get_by_role("switch").click()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("s")
    page.wait_for_timeout(200)
    expect(page).to_have_url(re.compile("/people/$"))


def test_typing_into_a_field_is_no_shortcut(open_page, ada):
    page = open_page(ada, "/settings/")
    page.get_by_label("Name").fill("")
    page.get_by_label("Name").press_sequentially("gp?")
    expect(page.get_by_label("Name")).to_have_value("gp?")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_pausing_happens_in_a_dialog_and_keeps_the_typed_reason_when_it_is_closed(open_page, ada, transactional_db):
    account = factories.make_account(name="Main")
    page = open_page(ada, f"/accounts/{account.pk}/")
    page.get_by_role("link", name="Pause").click()
    dialog = page.get_by_role("dialog", name="Pause Main")
    dialog.get_by_label("Reason").fill("Over budget")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.get_by_role("link", name="Pause").click()
    expect(dialog.get_by_label("Reason")).to_have_value("Over budget")
    dialog.get_by_role("button", name="Pause account").click()
    expect(page.get_by_text("“Over budget”")).to_be_visible()
    expect(page.get_by_role("status", name="Messages")).to_contain_text("Main is paused")


def test_a_double_click_adds_one_person_and_the_link_can_be_copied(open_page, ada, live_server):
    page = open_page(ada, "/people/add/", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_label("E-mail").fill("nia@studio.test")
    page.get_by_role("button", name="Add person").dblclick()
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("status", name="Messages")).to_contain_text("Copied.")
    link = page.get_by_label("One-time link").input_value()
    assert page.evaluate("navigator.clipboard.readText()") == link

    newcomer = open_page(None, link)
    newcomer.get_by_label("New password").fill("lamps over quiet water")
    newcomer.get_by_label("The same again").fill("lamps over quiet water")
    newcomer.get_by_role("button", name="Set password").click()
    newcomer.get_by_role("link", name="Sign in").click()
    newcomer.get_by_label("E-mail").fill("nia@studio.test")
    newcomer.get_by_label("Password").fill("lamps over quiet water")
    newcomer.get_by_role("button", name="Sign in").click()
    newcomer.goto("/settings/")
    expect(newcomer.get_by_role("heading", name="Settings")).to_be_visible()


def test_without_script_one_adds_pauses_resumes_and_signs_out(open_page, ada, simulator):
    page = open_page(ada, "/accounts/add/", script=False)
    page.get_by_label("Name").fill("Main")
    page.get_by_label("Address of the service").fill(simulator.url)
    page.get_by_label("API token").fill(simulator.token)
    page.get_by_role("button", name="Test and add").click()
    expect(page.get_by_role("heading", name="Main")).to_be_visible()
    page.get_by_role("link", name="Pause").click()
    page.get_by_label("Reason").fill("Over budget")
    page.get_by_role("button", name="Pause account").click()
    page.get_by_role("button", name="Resume").click()
    expect(page.locator("h1 + .status")).to_have_text("Ready")
    page.get_by_role("button", name="More").click()
    page.get_by_role("link", name="Replace token").click()
    expect(page.get_by_role("heading", name="Replace token")).to_be_visible()
    page.goto("/settings/")
    page.get_by_text("Dark", exact=True).click()
    page.get_by_role("button", name="Save theme").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_request_that_fails_is_said_in_words_and_stays_on_screen(open_page, ada):
    page = open_page(ada, "/settings/", tolerate=["status of 500", "Error Code 500"])
    page.route("**/settings/theme/", lambda route: route.fulfill(status=500, body="<h1>Broken</h1>"))
    page.get_by_text("Light", exact=True).click()
    toast = page.get_by_role("status", name="Messages")
    expect(toast).to_contain_text("Something went wrong in the studio.")
    toast.get_by_role("button", name="Dismiss").click()
    expect(toast).to_be_empty()


def test_a_phone_has_targets_for_thumbs(open_page, ada, furnished):
    page = open_page(ada, f"/accounts/{furnished.pk}/", width=390)
    for target in page.locator("main .button:visible, .rail a:visible").all():
        assert target.bounding_box()["height"] >= 44, target.inner_text()
