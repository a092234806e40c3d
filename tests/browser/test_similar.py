"""From a picture of the gallery to what is like it, with and without script, at both widths."""

import pytest
from playwright.sync_api import expect

from tests.browsing import unfit
from tests.factories import make_user
from tests.generations.gallery.scenes import COPIES, save, scene

pytestmark = pytest.mark.browser


@pytest.fixture
def mia(transactional_db):
    return make_user("Mia")


@pytest.fixture
def pictures(mia):
    """A picture, its copy, another with a prompt like its own, and one that is unlike it in every way."""
    city, sailor, boat = (scene(text) for text in ("a city at night", "portrait of an old sailor", "a red boat"))
    return (
        save(mia, city, text="a city at night"),
        save(mia, COPIES["half as wide"](city), text="what was brought back"),
        save(mia, sailor, text="an old city"),
        save(mia, boat, text="a red boat"),
    )


def test_a_copy_is_found_from_the_gallery(mia, pictures, open_page):
    image, copy, other, unlike = pictures
    page = open_page(mia, "/gallery/")
    page.locator(f"#shot-{image.ref}").click()
    page.get_by_role("button", name="About").click()
    page.get_by_role("link", name="Similar pictures").first.click()
    near = page.get_by_role("region", name="Looks like it")
    expect(near.locator(".tile")).to_have_count(1)
    expect(near.locator(f"#shot-{copy.ref}")).to_contain_text("Same")
    alike = page.get_by_role("region", name="Prompts like its own")
    expect(alike.locator(f"#shot-{other.ref}")).to_be_visible()
    expect(page.locator(f"#shot-{unlike.ref}")).to_have_count(0)
    near.locator(".tile").click()
    expect(page.locator(".pswp")).to_be_visible()


@pytest.mark.parametrize(("width", "scheme"), [(1440, "dark"), (390, "light")])
def test_the_page_fits_and_is_accessible(mia, pictures, open_page, width, scheme):
    page = open_page(mia, f"/images/{pictures[0].ref}/similar/", width=width, color_scheme=scheme)
    assert unfit(page) == []
    page.goto(f"/images/{pictures[3].ref}/similar/")
    expect(page.get_by_text("No other picture in your gallery looks like this one.")).to_be_visible()
    assert unfit(page) == []


def test_without_script_it_is_reached_from_the_page_of_the_job(mia, pictures, open_page):
    page = open_page(mia, pictures[0].job.get_absolute_url(), script=False)
    page.get_by_role("link", name="Similar pictures").first.click()
    expect(page.locator(f"#shot-{pictures[1].ref}")).to_be_visible()
