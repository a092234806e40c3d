"""What a page of pictures asks of the browser: each picture once, in a size that fits, and nothing that moves."""

import pytest
from django.core.signals import request_started

from benchmarks.photographs import photograph
from generations.gallery.pages import PAGE
from generations.media import library
from generations.media.pictures import nominal
from generations.models import Image, JobStatus
from tests.factories import make_image, make_job, make_user

pytestmark = pytest.mark.browser

SHAPES = [(728, 408), (512, 512), (448, 672), (672, 448)]
SHIFTS = """() => new Promise((resolve) => {
  new PerformanceObserver((list) => resolve(list.getEntries().map((entry) => entry.value)))
    .observe({ type: "layout-shift", buffered: true });
  setTimeout(() => resolve([]), 300);
})"""
TILES = """() => [...document.querySelectorAll("[data-gallery] > .tile > img")].map((image) => {
  const { width, height } = image.getBoundingClientRect();
  return { ref: image.closest(".tile").dataset.ref, width, height, done: image.complete && image.naturalWidth > 0,
    used: Number(image.currentSrc.split("/").pop().split(".")[0]) };
})"""


@pytest.fixture
def mia(transactional_db, tmp_path):
    """Somebody with a full page of pictures, a quarter of each shape."""
    mia, paths = make_user("Mia"), []
    for number, size in enumerate(SHAPES):
        paths.append(tmp_path / f"{number}.png")
        photograph(*size, number).save(paths[-1])
    saved = [library.publish(library.copy(path, "single")) for path in paths]
    for number in range(0, PAGE, 4):
        job = make_job(owner=mia, status=JobStatus.DONE, text=f"page {number}")
        for position, facts in enumerate(saved, 1):
            make_image(job=job, position=position, **facts)
    return mia


@pytest.fixture
def asked():
    """Paths of pictures that the site was asked for."""
    paths = []

    def note(environ, **_):
        if environ["PATH_INFO"].startswith("/images/"):
            paths.append(environ["PATH_INFO"])

    request_started.connect(note)
    yield paths
    request_started.disconnect(note)


def read(page) -> list[dict]:
    """Move down to the end; the tiles once all pictures are there."""
    while page.locator("[data-older]").count() or not page.evaluate(
        "scrollY + innerHeight >= document.documentElement.scrollHeight - 1"
    ):
        page.evaluate("scrollBy(0, innerHeight / 2)")
        page.wait_for_timeout(60)
    while not all(tile["done"] for tile in page.evaluate(TILES)):
        page.wait_for_timeout(30)
    return page.evaluate(TILES)


def is_larger_than_needed(tile: dict, density: int) -> bool:
    """Whether a smaller thumbnail than the one that was taken covers the tile."""
    thumbnails = Image.objects.get(ref=tile["ref"]).thumbnails
    used = next(width for width, _, path in thumbnails if nominal(path) == tile["used"])
    return any(width < used and width >= density * tile["width"] for width, _, path in thumbnails)


@pytest.mark.parametrize(("width", "density"), [(1440, 1), (390, 3)])
def test_a_page_is_read_without_a_shift_and_a_second_time_without_asking_for_a_picture(
    mia, asked, open_page, width, density
):
    page = open_page(mia, "/gallery/", width=width, device_scale_factor=density)
    tiles = read(page)
    assert len(tiles) == PAGE
    assert sorted(asked) == sorted(f"/images/{tile['ref']}/{tile['used']}.webp" for tile in tiles)
    assert [tile for tile in tiles if is_larger_than_needed(tile, density)] == []
    assert sum(page.evaluate(SHIFTS)) == 0
    asked.clear()
    page.goto("/gallery/")
    assert len(read(page)) == PAGE
    assert asked == []
    assert sum(page.evaluate(SHIFTS)) == 0


@pytest.mark.parametrize("width", [1440, 390])
def test_what_comes_in_below_moves_nothing_that_is_in_view(mia, open_page, monkeypatch, width):
    monkeypatch.setattr("generations.gallery.pages.PAGE", 13)
    page = open_page(mia, "/gallery/", width=width)
    assert len(read(page)) == PAGE
    assert sum(page.evaluate(SHIFTS)) == 0
