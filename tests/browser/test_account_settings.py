"""What admins do with an account's channels: read and change its settings, add a channel, and remove one with care."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import Account
from generations.engine.driving import driving
from generations.models import Job, JobStatus, Verb
from tests.browsing import unfit
from tests.factories import make_account, make_admin, make_channel

pytestmark = pytest.mark.browser
SLOW = 60_000  # milliseconds; only a broken promise waits this long
TOKEN = "MTexample-discord-token.very.secret"


@pytest.fixture
def ada(transactional_db):
    return make_admin("Ada")


def settings_path(channel) -> str:
    return f"/accounts/{channel.account_id}/channels/{channel.pk}/settings/"


def test_settings_are_read_changed_once_confirmed_and_read_back(ada, engine, simulator, sandbox, open_page):
    channel = sandbox.channels.get()
    page = open_page(ada, f"/accounts/{sandbox.pk}/")
    page.get_by_role("link", name="Midjourney settings").click()
    expect(page.get_by_role("heading", name="Not read yet")).to_be_visible()
    expect(page.get_by_role("link", name="remix")).to_have_count(0)
    steps = page.locator(".timeline > li")
    with driving():
        page.get_by_role("button", name="Read settings").click()
        expect(steps.first).to_have_attribute("data-tone", "good", timeout=SLOW)
        facts = page.locator("dl.facts")
        expect(facts).to_contain_text("Remix")
        page.get_by_role("button", name="Read plan and usage").click()
        expect(page.get_by_text("Fast Time Remaining")).to_be_visible(timeout=SLOW)
        page.get_by_role("link", name="Switch remix on…").click()
        expect(page.get_by_text("This changes the pictures of everybody")).to_be_visible()
        page.get_by_role("link", name="Leave it").click()
        assert simulator.count("POST jobs/remix") == 0
        page.get_by_role("link", name="Switch remix on…").click()
        page.get_by_role("button", name="Switch remix on").click()
        expect(page.get_by_role("link", name="Switch remix off…")).to_be_visible(timeout=SLOW)
        expect(steps).to_have_count(4)
        expect(page.locator(".timeline > li[data-tone=good]")).to_have_count(4, timeout=SLOW)
        expect(steps.nth(1)).to_contain_text("Switch remix on")
        expect(steps.nth(1)).to_contain_text("Ada")
    channel.refresh_from_db()
    assert channel.remix is True
    assert simulator.count("POST jobs/remix") == 1
    assert simulator.count("POST jobs/settings") == 2
    assert set(Job.objects.values_list("owner", "verb", "status")) == {
        (ada.pk, verb, JobStatus.DONE) for verb in (Verb.SETTINGS, Verb.INFO, Verb.REMIX)
    }


def test_a_channel_is_added_with_a_token_that_shows_nowhere_and_removed_by_its_digits(
    ada, simulator, sandbox, open_page
):
    page = open_page(ada, f"/accounts/{sandbox.pk}/")
    page.get_by_role("link", name="Add channel").click()
    token = page.get_by_label("Discord token")
    expect(token).to_have_attribute("type", "password")
    token.fill(TOKEN)
    page.get_by_text("Own limits", exact=True).click()
    page.get_by_role("button", name="Send to the service").click()
    expect(page.get_by_text("Write a number")).to_have_count(3)
    expect(token).to_have_value("")
    assert TOKEN not in page.content()
    assert len(simulator.channels) == 1
    token.fill(TOKEN)
    page.get_by_label("Jobs at once").fill("2")
    page.get_by_label("of them pictures").fill("2")
    page.get_by_label("of them videos").fill("1")
    page.get_by_role("button", name="Send to the service").click()
    expect(page.get_by_text("runs up to 2 jobs at once")).to_be_visible()
    assert TOKEN not in page.content()
    added = sandbox.channels.order_by("pk").last()
    assert (added.max_jobs, added.max_image_jobs, added.max_video_jobs) == (2, 2, 1)
    assert added.remote_id in simulator.channels_of(simulator.token)
    assert TOKEN not in str([*Account.objects.values(), *sandbox.channels.values()])

    card = page.locator(f"#channel-{added.pk}")
    card.get_by_role("link", name="Remove…").click()
    digits = page.get_by_label("Last four digits of the channel")
    digits.fill("none")
    page.get_by_role("button", name="Remove the channel").click()
    expect(page.get_by_text(f"Type {added.remote_id[-4:]} to confirm")).to_be_visible()
    assert added.remote_id in simulator.channels_of(simulator.token)
    digits.fill(added.remote_id[-4:])
    page.get_by_role("button", name="Remove the channel").click()
    expect(page.get_by_text("The channel is removed.")).to_be_visible()
    added.refresh_from_db()
    assert added.removed_at
    assert added.remote_id not in simulator.channels_of(simulator.token)


@pytest.fixture
def channel(ada):
    read = {"version": "7", "remix": False, "variability": True, "fast": True, "relax": False, "suffix": ""}
    return make_channel(make_account(name="Main"), settings=read, settings_at=timezone.now())


def test_on_a_phone_the_pages_of_a_channel_are_accessible_and_fit(ada, channel, open_page):
    page = open_page(ada, settings_path(channel), width=390, has_touch=True, color_scheme="dark")
    account = f"/accounts/{channel.account_id}/channels"
    for path in (
        settings_path(channel), f"{settings_path(channel)}remix/?wanted=on", f"{account}/add/",
        f"{account}/{channel.pk}/remove/",
    ):  # fmt: skip
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert unfit(page) == [], path


def test_without_script_a_change_is_confirmed_and_queued_once(ada, channel, open_page):
    page = open_page(ada, settings_path(channel), script=False)
    expect(page.get_by_text("In force")).to_have_count(1)
    page.get_by_role("link", name="Switch remix on…").click()
    assert not Job.objects.exists()
    page.get_by_role("button", name="Switch remix on").click()
    expect(page.locator(".timeline > li")).to_contain_text("Switch remix on")
    page.get_by_role("link", name="Switch variability off…").click()
    page.get_by_role("button", name="Switch variability off").click()
    expect(page.get_by_text("Another change of these settings is under way")).to_be_visible()
    job = Job.objects.get()
    assert (job.verb, job.text, job.owner, job.bound_to) == (Verb.REMIX, "Switch remix on", ada, channel.pk)
