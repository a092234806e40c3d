"""Finding and organising pictures, by keys, pointer, touch, and without script."""

import re

import pytest
from playwright.sync_api import Page, expect

from generations.models import Collection, Image, JobStatus, Tag
from tests.browsing import unfit
from tests.factories import make_image, make_job, make_user
from tests.files import put_picture

pytestmark = pytest.mark.browser


@pytest.fixture
def mia(transactional_db):
    return make_user("Mia")


@pytest.fixture
def pictures(mia) -> list[Image]:
    """Eight pictures, the newest first: four boats, then four castles."""
    made = []
    for text in ("an old castle", "a red boat"):
        job = make_job(owner=mia, status=JobStatus.DONE, text=text)
        made += [make_image(job=job, position=number) for number in (4, 3, 2, 1)]
    for image in made:
        put_picture(image)
    return made[::-1]


def tile(page: Page, image: Image):
    return page.locator(f"#shot-{image.ref}")


def test_keys_move_mark_and_throw_away_and_what_was_done_is_undone(mia, pictures, open_page):
    page = open_page(mia, "/gallery/")
    page.keyboard.press("f")
    expect(page.locator(".toast")).to_contain_text("Move to a picture first")
    page.keyboard.press("ArrowRight")
    expect(tile(page, pictures[0])).to_be_focused()
    page.keyboard.press("f")
    expect(tile(page, pictures[0]).locator(".mark-heart")).to_be_visible()
    expect(tile(page, pictures[0])).to_be_focused()
    page.keyboard.press("4")
    expect(tile(page, pictures[0]).locator(".marks")).to_contain_text("4")
    page.keyboard.press("f")
    expect(tile(page, pictures[0]).locator(".mark-heart")).to_have_count(0)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("x")
    expect(tile(page, pictures[1])).to_have_attribute("data-rejected", "")
    page.keyboard.press("Delete")
    expect(tile(page, pictures[1])).to_have_count(0)
    expect(tile(page, pictures[2])).to_be_focused()
    assert Image.objects.in_trash().get() == pictures[1]
    page.locator(".toast", has_text="in the trash").get_by_role("button", name="Undo").click()
    expect(tile(page, pictures[1])).to_be_visible()
    image = Image.objects.get(pk=pictures[0].pk)
    assert (image.favourite, image.rating) == (False, 4)
    # The same keys in the large view
    tile(page, pictures[2]).click()
    expect(page.locator(".pswp")).to_be_visible()
    page.keyboard.press("5")
    expect(page.locator(".toast").last).to_contain_text("1 picture rated 5")
    assert Image.objects.get(pk=pictures[2].pk).rating == 5


def test_the_search_box_suggests_finds_and_keeps_a_search(mia, pictures, open_page):
    Tag.objects.create(owner=mia, name="Boats", key="boats").images.add(pictures[0])
    page = open_page(mia, "/gallery/")
    page.keyboard.press("/")
    box = page.get_by_role("combobox", name="Search your pictures")
    expect(box).to_be_focused()
    box.press_sequentially("tag:b")
    expect(page.get_by_role("option", name="Boats")).to_be_visible()
    box.press("ArrowDown")
    box.press("Enter")
    expect(box).to_have_value("tag:Boats ")
    box.press("Enter")
    page.wait_for_url(re.compile(r"q=tag%3ABoats"))
    expect(page.locator("[data-gallery] > .tile")).to_have_count(1)
    page.get_by_role("link", name="tag:Boats").click()
    expect(page.locator("[data-gallery] > .tile")).to_have_count(8)
    box.fill("castle")
    page.get_by_role("button", name="Search").click()
    expect(page.locator(".lede")).to_have_text(re.compile("4 pictures"))
    page.get_by_role("link", name="Save this search").click()
    page.get_by_label("Name").fill("Castles")
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_role("heading", name="Castles")).to_be_visible()
    expect(page.locator("[data-gallery] > .tile")).to_have_count(4)
    assert Collection.objects.get().query == "castle"


def test_many_are_chosen_with_shift_and_a_box_and_put_into_a_collection(mia, pictures, open_page):
    campaign = Collection.objects.create(owner=mia, name="Campaign A")
    page = open_page(mia, "/gallery/?select=1")
    tile(page, pictures[0]).click()
    tile(page, pictures[2]).click(modifiers=["Shift"])
    expect(page.locator("input[name=image]:checked")).to_have_count(3)
    first, last = tile(page, pictures[3]).bounding_box(), tile(page, pictures[4]).bounding_box()
    page.mouse.move(first["x"] + 5, first["y"] + 20)
    page.mouse.down()
    page.mouse.move(last["x"] + last["width"] - 5, last["y"] + last["height"] - 5, steps=4)
    page.mouse.up()
    chosen = page.locator("input[name=image]:checked")
    expect(tile(page, pictures[3]).locator("input")).to_be_checked()
    expect(tile(page, pictures[4]).locator("input")).to_be_checked()
    count = chosen.count()
    page.get_by_role("button", name="Collect").click()
    page.locator("#pick-collect").get_by_role("button", name="Add").click()
    expect(page.locator(".toast").last).to_contain_text(f"{count} pictures added to “Campaign A”")
    assert campaign.entries.count() == count
    assert unfit(page) == []
    page.goto(campaign.get_absolute_url())
    expect(page.locator("[data-gallery] > .tile")).to_have_count(count)
    assert unfit(page) == []


def test_on_a_phone_all_that_match_are_rated(mia, pictures, open_page):
    page = open_page(mia, "/gallery/?select=1&q=castle", width=390, has_touch=True)
    page.get_by_label("All that match").check()
    page.get_by_role("button", name="Rate").tap()
    page.locator("#pick-rate").get_by_role("button", name="3").tap()
    expect(page.locator(".toast")).to_contain_text("4 pictures rated 3")
    assert Image.objects.filter(rating=3).count() == 4
    assert unfit(page) == []
    page.goto("/collections/")
    assert unfit(page) == []


def test_without_script_pictures_are_found_thrown_away_and_put_back(mia, pictures, open_page):
    page = open_page(mia, "/gallery/?select=1", script=False)
    page.get_by_label("Search your pictures").fill("boat")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("label.tile")).to_have_count(4)
    page.locator("label.tile").first.click()
    page.get_by_role("button", name="Move to the trash").click()
    expect(page.locator(".toasts")).to_contain_text("1 picture in the trash")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("label.tile")).to_have_count(4)
    assert not Image.objects.in_trash().exists()


def test_what_is_chosen_is_compared_downloaded_and_made_into_a_batch(mia, pictures, open_page):
    def chosen(number: int) -> Page:
        page.goto("/gallery/?select=1")
        for image in pictures[:number]:
            tile(page, image).click()
        return page

    page = open_page(mia, "/gallery/")
    chosen(2).get_by_role("button", name="Compare").click()
    expect(page.get_by_role("heading", name="Compare")).to_be_visible()
    page.get_by_label("How much of the first is shown").fill("80")
    assert "80%" in page.locator("[data-over]").get_attribute("style")
    assert unfit(page) == []
    chosen(3).get_by_role("button", name="Download").click()
    expect(page.locator("main")).to_contain_text("3 files")
    chosen(3).get_by_role("button", name="Batch from selection").click()
    page.wait_for_url("**/batches/from-pictures/")
    expect(page.locator("main")).to_contain_text("3 pictures")


def test_space_begins_to_tick_arrows_move_and_shift_goes_on_ticking(mia, pictures, open_page):
    page = open_page(mia, "/gallery/")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press(" ")
    expect(tile(page, pictures[1]).locator("input")).to_be_checked()
    expect(tile(page, pictures[1]).locator("input")).to_be_focused()
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator("input[name=image]:checked")).to_have_count(3)
    page.keyboard.press("ArrowRight")
    expect(page.locator("input[name=image]:checked")).to_have_count(3)
    page.keyboard.press(" ")
    expect(page.locator("input[name=image]:checked")).to_have_count(4)
    page.keyboard.press("f")
    expect(page.locator(".toast")).to_contain_text("4 pictures")
