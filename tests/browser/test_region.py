"""Painting a region: by mouse, by keyboard, by touch, and without script."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image as Pillow
from playwright.sync_api import expect

from generations.media import library
from generations.models import Job, JobStatus
from tests.factories import make_account, make_channel, make_image, make_job, make_user
from tests.files import put_picture

pytestmark = pytest.mark.browser


@pytest.fixture
def mia(transactional_db):
    make_channel(make_account(name="Sandbox"))
    return make_user("Mia")


@pytest.fixture
def job(mia) -> Job:
    found = make_job(
        owner=mia, account=make_account(), status=JobStatus.DONE, verb="button", button="U1", buttons=["Vary (Region)"]
    )
    image = make_image(job=found, width=400, height=200)
    put_picture(image, (400, 200))
    return found


def drag(page, *places) -> None:
    """Press at the first place, move over the others, let go; places are shares of the picture."""
    box = page.locator("#region-stage").bounding_box()
    points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in places]
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point, steps=8)
    page.mouse.up()


def share(page) -> str:
    return page.locator("#region-share").inner_text()


def sent_mask(job: Job) -> Pillow.Image:
    return Pillow.open(library.full_path(Job.objects.get(parent=job).mask)).convert("L")


def test_rectangles_lassos_erasing_undo_and_invert_do_what_they_say(mia, job, open_page):
    page = open_page(mia, f"/jobs/{job.ref}/region/")
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()
    page.keyboard.press("r")
    drag(page, (0.25, 0.25), (0.75, 0.75))
    expect(page.locator("#region-share")).to_have_text("25 % of the picture")
    page.get_by_role("button", name="Erase").click()
    drag(page, (0.25, 0.25), (0.5, 0.75))
    expect(page.locator("#region-share")).to_contain_text("1")
    expect(page.locator("#region-share")).to_have_text("13 % of the picture")
    page.keyboard.press("Control+z")
    expect(page.locator("#region-share")).to_have_text("25 % of the picture")
    page.keyboard.press("Control+Shift+z")
    expect(page.locator("#region-share")).to_have_text("13 % of the picture")
    page.get_by_role("button", name="Invert").click()
    expect(page.locator("#region-share")).to_contain_text("more than a half")
    page.get_by_role("button", name="Clear").click()
    expect(page.locator("#region-share")).to_have_text("Nothing painted yet")
    page.get_by_role("button", name="Erase").click()
    page.get_by_role("button", name="Lasso").click()
    drag(page, (0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.1))
    expect(page.locator("#region-share")).to_have_text("32 % of the picture")
    page.get_by_role("button", name="Vary the region").click()
    page.wait_for_url(
        f"**{Job.objects.get(parent=job).get_absolute_url()}" if Job.objects.filter(parent=job) else "**/jobs/**"
    )
    expect(page.get_by_role("heading", name="The region")).to_be_visible()
    mask = sent_mask(job)
    assert mask.size == (400, 200)
    assert mask.getpixel((300, 60)) == 255
    assert mask.getpixel((60, 180)) == 0


def test_a_refusal_and_a_reload_lose_nothing_that_was_painted(mia, job, open_page):
    page = open_page(mia, f"/jobs/{job.ref}/region/")
    page.get_by_role("button", name="Vary the region").click()
    expect(page.locator("#region-problems")).to_contain_text("Nothing is painted yet")
    drag(page, (0.3, 0.5), (0.6, 0.5))
    expect(page.locator("#region-share")).to_contain_text("% of the picture")
    before = share(page)
    Job.objects.update(buttons=[])
    page.get_by_role("button", name="Vary the region").click()
    expect(page.locator("#region-problems")).to_contain_text("does not offer")
    assert share(page) == before
    page.wait_for_timeout(800)  # until the painting is kept
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(page.locator("#region-share")).to_have_text(before)


def test_all_of_it_works_by_keyboard_alone(mia, job, open_page):
    page = open_page(mia, f"/jobs/{job.ref}/region/")
    page.keyboard.press("r")
    expect(page.locator("#region-stage")).to_be_focused()
    page.keyboard.press("Space")
    for _ in range(3):
        page.keyboard.press("Shift+ArrowRight")
        page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Space")
    expect(page.locator("#region-share")).to_have_text("9 % of the picture")
    page.keyboard.press("l")
    for key in ("Space", "Shift+ArrowLeft", "Space", "Shift+ArrowUp", "Space", "Enter"):
        page.keyboard.press(key)
    page.locator("#region-submit").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="The region")).to_be_visible(timeout=20_000)
    assert Job.objects.get(parent=job).mask


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_a_finger_paints_and_nothing_is_out_of_reach(mia, job, open_page, scheme):
    page = open_page(mia, f"/jobs/{job.ref}/region/", width=390, has_touch=True, color_scheme=scheme)
    box = page.locator("#region-stage").bounding_box()
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator("#region-share")).to_contain_text("% of the picture")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert Axe().run(page).violations_count == 0


def test_without_script_a_rectangle_by_numbers_is_sent(mia, job, open_page):
    page = open_page(mia, f"/jobs/{job.ref}/region/", script=False)
    for name, value in (("Left", "10"), ("Top", "10"), ("Width", "40"), ("Height", "40")):
        page.get_by_label(name).fill(value)
    page.get_by_role("button", name="Vary the region").click()
    expect(page.get_by_role("heading", name="The region")).to_be_visible()
    assert sent_mask(job).getbbox() == (40, 20, 200, 100)
