"""Downloading in a real browser: with and without script, on both widths, and without findings of axe."""

import zipfile

import pytest
from playwright.sync_api import expect

from tests.browsing import unfit
from tests.factories import make_user
from tests.generations.home.conftest import content_of, put

pytestmark = pytest.mark.browser


@pytest.fixture
def mia(transactional_db):
    return make_user("Mia")


@pytest.mark.parametrize("script", [True, False])
def test_the_form_leads_to_the_archive_and_can_be_sent_again(mia, open_page, tmp_path, script):
    images = [put(mia, ending) for ending in ("png", "mp4")]
    page = open_page(mia, "/downloads/?" + "&".join(f"image={image.ref}" for image in images), script=script)
    page.get_by_label("File names").fill("{number} {seed}")
    page.get_by_text("Nothing", exact=True).click()
    with page.expect_download() as found:
        page.get_by_role("button", name="Download 2 files").click()
    path = tmp_path / "archive.zip"
    found.value.save_as(path)
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == ["001 42.png", "002 42.mp4"]
        assert [archive.read(name) for name in archive.namelist()] == [content_of(image) for image in images]


def test_an_unknown_placeholder_keeps_what_was_typed(mia, open_page):
    page = open_page(mia, f"/downloads/?image={put(mia).ref}", script=False)
    page.get_by_label("File names").fill("{author}")
    page.get_by_role("button", name="Download 1 file").click()
    expect(page.get_by_text("There is nothing called {author}")).to_be_visible()
    expect(page.get_by_label("File names")).to_have_value("{author}")


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_are_accessible(mia, open_page, scheme, width):
    image = put(mia)
    for path in (f"/downloads/?image={image.ref}", "/downloads/"):
        assert unfit(open_page(mia, path, width=width, color_scheme=scheme)) == []
    page = open_page(mia, "/downloads/gone/", width=width, color_scheme=scheme)
    expect(page.get_by_role("heading", name="no longer kept")).to_be_visible()
    assert unfit(page) == []
