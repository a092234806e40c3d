"""Sharing in the browser: a link from its owner to a visitor and back, on a phone, and without script."""

import re

import pytest
from playwright.sync_api import Page, expect

from generations.models import Grant, Pick, PublicLink
from tests.browsing import unfit
from tests.factories import make_user
from tests.generations.sharing.making import collection, give, link, picture, url

pytestmark = pytest.mark.browser


@pytest.fixture
def olga(transactional_db):
    return make_user("Olga")


@pytest.fixture
def otto(transactional_db):
    return make_user("Otto")


@pytest.fixture
def herons(olga):
    return collection(olga, *[picture(olga, file=True) for _ in range(3)])


def path_of(address: str) -> str:
    return re.sub(r"^https?://[^/]+", "", address)


def hearts(page: Page):
    return page.get_by_role("button", name="Favourite")


def test_an_owner_makes_a_link_a_visitor_picks_and_the_owner_sees_it(olga, herons, open_page):
    page = open_page(olga, url("share-collection", herons.ref))
    expect(page.get_by_text("Private", exact=True)).to_be_visible()
    page.get_by_label("Title").fill("First round")
    page.get_by_label("Visitors mark favourites").check()
    page.get_by_text("1 week").click()
    page.get_by_role("button", name="Make the link").click()
    address = page.get_by_label("Address of the link")
    expect(page.get_by_text("1 public link")).to_be_visible()

    visitor = open_page(None, path_of(address.input_value()))
    expect(visitor.get_by_role("heading", name="First round")).to_be_visible()
    hearts(visitor).nth(1).click()
    expect(hearts(visitor).nth(1)).to_have_attribute("aria-pressed", "true")
    visitor.get_by_role("link", name="Picture 2").click()
    visitor.get_by_label("Note").fill("Warmer, please")
    visitor.get_by_role("button", name="Keep the note").click()
    expect(visitor.get_by_text("Kept.")).to_be_visible()
    visitor.get_by_role("heading", name="First round").click()  # out of the box, so that arrows lead on
    visitor.keyboard.press("ArrowLeft")
    expect(visitor.get_by_role("link", name="Previous picture")).to_have_count(0)
    assert Pick.objects.get().chosen

    page.reload()
    expect(page.get_by_text("Warmer, please")).to_be_visible()
    expect(page.get_by_text("Opened 1 time ")).to_be_visible()
    page.get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("Revoked", exact=True)).to_be_visible()
    assert visitor.goto(path_of(PublicLink.objects.get().get_absolute_url())).status == 404


def test_colleagues_find_it_and_talk(olga, otto, herons, open_page):
    give(herons, otto, "comment")
    page = open_page(otto, url("shared"))
    page.get_by_role("link", name="Herons").click()
    page.get_by_role("link", name="Picture 1").click()
    page.get_by_label("Comment", exact=True).fill("@Olga the light is good")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.get_by_text("the light is good")).to_be_visible()
    expect(page.get_by_label("Comment", exact=True)).to_have_value("")
    mentioned = open_page(olga, url("shared") + "?show=mentions")
    expect(mentioned.get_by_text("the light is good")).to_be_visible()


def test_on_a_phone_and_a_desk_the_pages_are_accessible_and_fit(olga, otto, herons, open_page):
    give(herons, otto, "manage", shows_prompts=True)
    give(herons, None)
    made = link(herons, title="First round", takes_picks=True, allows_download=True, shows_prompts=True)
    locked = link(herons, password="a word")
    image = herons.entries.first().image
    for width in (390, 1440):
        for who, path in [
            (olga, url("share-collection", herons.ref)), (otto, url("shared")), (otto, url("shared-image", image.ref)),
            (otto, url("shared-collection", herons.ref)), (None, url("public", made.key)),
            (None, url("public-picture", made.key, image.ref)), (None, url("public", locked.key)),
        ]:  # fmt: skip
            page = open_page(who, path, width=width, color_scheme="dark" if width == 390 else "light")
            assert unfit(page) == [], (width, path)
            page.context.close()


def test_without_script_it_is_shared_unlocked_and_picked(olga, otto, herons, open_page):
    page = open_page(olga, url("share-collection", herons.ref), script=False)
    page.get_by_label("Share with").select_option("Otto")
    page.get_by_label("They").first.select_option("contribute")
    page.get_by_role("button", name="Share", exact=True).first.click()
    expect(page.get_by_text("Otto finds it under Shared now.")).to_be_visible()
    assert Grant.objects.get().role == "contribute"

    made = link(herons, password="a word", takes_picks=True)
    visitor = open_page(None, url("public", made.key), script=False)
    visitor.get_by_label("Password").fill("another")
    visitor.get_by_role("button", name="Open").click()
    expect(visitor.get_by_text("That is not the password.")).to_be_visible()
    visitor.get_by_label("Password").fill("a word")
    visitor.get_by_role("button", name="Open").click()
    visitor.get_by_label("Your name").fill("Ana")
    visitor.get_by_role("button", name="Keep").click()
    hearts(visitor).first.click()
    expect(hearts(visitor).first).to_have_attribute("aria-pressed", "true")
    assert Pick.objects.get().name == "Ana"
