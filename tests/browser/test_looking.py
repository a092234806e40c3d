"""Moving through many pictures: both ways without end, to a place that stays, and stacks that open in place."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from generations.gallery import pages
from generations.models import Image, Job, JobStatus
from tests.browsing import unfit
from tests.factories import make_image, make_job, make_user
from tests.files import put_picture

pytestmark = pytest.mark.browser

BEGIN = datetime(2026, 1, 5, 12, tzinfo=UTC)


@pytest.fixture
def mia(transactional_db):
    return make_user("Mia")


def fill(owner, jobs: int) -> list[Image]:
    """Four pictures a job, one job every four days, newest first."""
    made = []
    for number in range(jobs):
        job = make_job(owner=owner, status=JobStatus.DONE, text=f"a boat number {number}")
        at = BEGIN + timedelta(days=4 * number)
        made += [make_image(job=job, position=place, created_at=at) for place in (4, 3, 2, 1)]
    for image in made:
        put_picture(image)
    return made[::-1]


def tile(page: Page, image: Image):
    return page.locator(f"#shot-{image.ref}")


def top_of(page: Page, image: Image) -> float:
    return tile(page, image).bounding_box()["y"]


def go_to(page: Page, image: Image) -> None:
    """Scroll until a picture is at the top, and wait until the address says so."""
    tile(page, image).evaluate("each => each.scrollIntoView({block: 'start'})")
    at = image.created_at.strftime("%Y-%m-%dT%H")
    expect(page).to_have_url(re.compile(f"from={at}"))


def test_the_place_survives_reload_and_going_back_and_leads_both_ways(mia, open_page, monkeypatch):
    monkeypatch.setattr(pages, "PAGE", 12)
    images = fill(mia, 20)
    page = open_page(mia, "/gallery/")
    for _ in range(12):
        if tile(page, images[40]).count():
            break
        page.mouse.wheel(0, 4000)
        page.wait_for_timeout(150)
    go_to(page, images[40])
    page.reload()
    expect(tile(page, images[40])).to_be_in_viewport()
    # What is newer comes in above, and what is in view stays where it is.
    before = top_of(page, images[40])
    expect(tile(page, images[33])).to_be_attached()
    assert abs(top_of(page, images[40]) - before) < 4
    titles = page.locator(".gallery-day").evaluate_all("all => all.map(each => each.id)")
    assert len(titles) == len(set(titles))
    # Up to the first
    for _ in range(20):
        if tile(page, images[0]).count() and page.evaluate("window.scrollY") == 0:
            break
        page.mouse.wheel(0, -4000)
        page.wait_for_timeout(150)
    expect(tile(page, images[0])).to_be_in_viewport()
    expect(page.locator("[data-newer]")).to_have_count(0)
    expect(page).to_have_url(re.compile("/gallery/$"))
    # To another page and back
    go_to(page, images[20])
    page.goto("/collections/")
    page.go_back()
    expect(tile(page, images[20])).to_be_in_viewport()


def test_the_rail_says_where_one_is_and_jumps(mia, open_page):
    fill(mia, 12)
    page = open_page(mia, "/gallery/")
    rail = page.get_by_role("navigation", name="Years")
    expect(rail.get_by_role("link", name="Feb")).to_have_attribute("aria-current", "true")
    rail.get_by_role("link", name="Jan").click()
    expect(page.locator(".gallery-day").first).to_contain_text("January")
    expect(rail.get_by_role("link", name="Jan")).to_have_attribute("aria-current", "true")
    narrow = open_page(mia, "/gallery/", width=390)
    expect(narrow.get_by_role("navigation", name="Years")).to_be_hidden()
    expect(narrow.get_by_role("button", name="Jump to a month")).to_be_visible()


@pytest.mark.parametrize("width", [1440, 390])
def test_a_stack_opens_in_place_by_pointer_and_key_and_closes(mia, open_page, width):
    images = fill(mia, 3)
    page = open_page(mia, "/gallery/", width=width)
    page.get_by_role("button", name="Families as stacks").click()
    expect(page.locator(".pile")).to_have_count(3)
    expect(tile(page, images[5])).to_have_count(0)
    page.get_by_role("link", name="Open the stack of 4").nth(1).click()
    expect(tile(page, images[5])).to_be_visible()
    assert unfit(page) == []
    page.get_by_role("link", name="Close the stack").click()
    expect(tile(page, images[5])).to_have_count(0)
    tile(page, images[4]).focus()
    page.keyboard.press("o")
    expect(tile(page, images[7])).to_be_visible()
    expect(tile(page, images[4])).to_be_focused()
    page.keyboard.press("o")
    expect(tile(page, images[7])).to_have_count(0)
    page.get_by_role("button", name="Families as stacks").click()
    expect(page.locator(".pile")).to_have_count(0)


def test_without_script_a_stack_is_a_page_and_the_parts_are_links(mia, open_page, monkeypatch):
    monkeypatch.setattr(pages, "PAGE", 4)
    images = fill(mia, 3)
    page = open_page(mia, "/gallery/", script=False)
    page.get_by_role("link", name="Older").click()
    expect(tile(page, images[4])).to_be_visible()
    page.get_by_role("link", name="Newer").click()
    expect(tile(page, images[0])).to_be_visible()
    page.get_by_role("button", name="Families as stacks").click()
    page.goto("/gallery/")
    page.get_by_role("link", name="Open the stack of 4").first.click()
    expect(page.get_by_role("heading", name="A family of pictures")).to_be_visible()
    expect(page.locator("a.tile")).to_have_count(4)


def test_the_large_view_shows_the_family_and_leads_through_it(mia, open_page):
    images = fill(mia, 2)
    page = open_page(mia, "/gallery/")
    tile(page, images[0]).click()
    strip = page.get_by_role("list", name="Its family")
    expect(strip.get_by_role("link")).to_have_count(4)
    strip.get_by_role("link").nth(2).click()
    expect(page.locator(".pswp__counter")).to_have_text("3 / 8")
    expect(strip.get_by_role("link").nth(2)).to_have_attribute("aria-current", "true")


def test_ticked_pictures_are_animated_after_their_cost_was_shown(mia, open_page):
    images = fill(mia, 1)
    page = open_page(mia, "/gallery/?select=1")
    for image in images[:2]:
        tile(page, image).locator("input").check()
    page.get_by_role("button", name="Animate").click()
    expect(page.get_by_role("heading", name="Animate 2 pictures")).to_be_visible()
    expect(page.get_by_text("GPU minutes")).to_be_visible()
    assert unfit(page) == []
    page.get_by_role("button", name="Make 2 videos").click()
    expect(page.get_by_text("2 videos queued.")).to_be_visible()
    assert Job.objects.filter(lane="video").count() == 2
