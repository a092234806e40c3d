"""The pages in a real browser: text and panel in step, live cards that do not jump, and all of it without script."""

import pytest
from playwright.sync_api import expect

from generations.cards import PAGE
from generations.models import Image, Job, JobStatus
from tests.factories import make_account, make_channel, make_image, make_job, make_user
from tests.files import put_picture

pytestmark = pytest.mark.browser


@pytest.fixture
def mia(transactional_db):
    make_channel(make_account(name="Sandbox"))
    return make_user("Mia")


def done_job(owner, **fields) -> Job:
    job = make_job(owner=owner, status=JobStatus.DONE, **fields)
    for position in range(1, 5):
        put_picture(make_image(job=job, position=position))
    return job


def prompt(page):
    return page.get_by_role("textbox", name="Prompt", exact=True)


def test_enter_queues_the_prompt_and_empties_the_box(mia, open_page):
    page = open_page(mia, "/")
    prompt(page).fill("a red boat --ar 3:2")
    prompt(page).press("Enter")
    expect(page.locator("article.job")).to_have_count(1)
    expect(prompt(page)).to_have_value("")
    expect(page.get_by_text("Your first picture is a sentence away")).to_be_hidden()
    assert Job.objects.get().text == "a red boat --ar 3:2"


def test_control_enter_queues_and_keeps_the_text(mia, open_page):
    page = open_page(mia, "/")
    prompt(page).fill("a red boat")
    prompt(page).press("Control+Enter")
    expect(page.locator("article.job")).to_have_count(1)
    prompt(page).press("Enter")
    expect(page.locator("article.job")).to_have_count(2)
    expect(prompt(page)).to_have_value("")


def test_a_refused_prompt_stays_in_the_box(mia, open_page):
    page = open_page(mia, "/")
    prompt(page).fill("a boat --nonsense 4")
    prompt(page).press("Enter")
    expect(page.locator("#preview")).to_contain_text("--nonsense is not a Midjourney parameter")
    expect(prompt(page)).to_have_value("a boat --nonsense 4")
    expect(prompt(page)).to_have_attribute("aria-invalid", "true")


def test_a_failing_network_loses_no_text(mia, open_page):
    page = open_page(mia, "/", tolerate=["ERR_FAILED", "htmx:"])
    page.route("**/prompts/", lambda route: route.abort())
    prompt(page).fill("a long thought")
    prompt(page).press("Enter")
    expect(page.get_by_text("The studio did not answer")).to_be_visible()
    expect(prompt(page)).to_have_value("a long thought")


def test_half_typed_text_survives_a_reload(mia, open_page):
    page = open_page(mia, "/")
    prompt(page).fill("a long thought")
    page.reload()
    expect(prompt(page)).to_have_value("a long thought")


def test_panel_and_text_stay_in_step_both_ways(mia, open_page):
    page = open_page(mia, "/")
    prompt(page).fill("a boat --ar 16:9 --s 250")
    page.locator("#panel > summary").click()
    expect(page.get_by_label("Stylize", exact=True)).to_have_value("250")
    expect(page.get_by_role("radio", name="16:9")).to_be_checked()
    page.get_by_label("Chaos", exact=True).fill("30")
    expect(prompt(page)).to_have_value("a boat --ar 16:9 --s 250 --chaos 30")
    page.get_by_label("Model", exact=True).select_option("6.1")
    expect(page.get_by_label("Character reference")).to_be_visible()
    expect(page.get_by_label("Omni reference")).to_be_hidden()


def test_what_is_typed_while_an_answer_is_on_its_way_is_kept(mia, open_page):
    page = open_page(mia, "/")
    prompt(page).fill("a boat")
    expect(page.locator("#preview")).to_contain_text("1 job")
    held = []
    page.route("**/prompts/check/", lambda route: route.continue_() if held else held.append(route))
    page.locator("#panel > summary").click()
    page.get_by_label("Chaos", exact=True).fill("30")
    page.wait_for_timeout(500)
    prompt(page).press("End")
    prompt(page).press_sequentially(" in fog")
    held[0].continue_()
    expect(prompt(page)).to_have_value("a boat in fog --chaos 30")


def test_a_card_does_not_jump_from_waiting_to_its_pictures_and_keeps_the_focus(mia, open_page):
    job = make_job(owner=mia, ratio_width=64, ratio_height=36)
    below = make_job(owner=mia)
    page = open_page(mia, "/")
    page.locator(f"#job-{job.ref}-reuse").focus()
    before = page.locator(f"#job-{job.ref} .job-tiles").bounding_box()
    Job.objects.filter(pk=job.pk).update(status=JobStatus.DONE, remote_id="j1")
    for position in range(1, 5):
        put_picture(make_image(job=job, position=position, width=64, height=36))
    job.touch(progress=100)
    expect(page.locator(f"#job-{job.ref} img")).to_have_count(4, timeout=15_000)
    after = page.locator(f"#job-{job.ref} .job-tiles").bounding_box()
    assert after == before
    assert page.evaluate("document.activeElement.id") == f"job-{job.ref}-reuse"
    assert page.locator(f"#job-{below.ref}").count() == 1


@pytest.mark.parametrize("width", [1440, 390])
def test_a_job_that_ends_without_pictures_keeps_its_box_while_the_page_is_open(mia, open_page, width):
    job = make_job(owner=mia, status=JobStatus.SAVING, ratio_width=16, ratio_height=9)
    page = open_page(mia, "/", width=width)
    tiles = page.locator(f"#job-{job.ref} .job-tiles")
    before = tiles.bounding_box()
    job.move(JobStatus.FAILED, code="media_lost", error_code="media_lost")
    expect(page.locator(f"#job-{job.ref}")).to_have_attribute("data-status", "failed", timeout=15_000)
    assert tiles.bounding_box() == before
    page.reload()
    expect(tiles).to_have_count(0)


def test_the_lightbox_counts_and_goes_on_into_the_older_pictures(mia, open_page, monkeypatch):
    monkeypatch.setattr("generations.gallery.pages.PAGE", 4)
    done_job(mia)
    done_job(mia)
    held = []
    page = open_page(mia, "/")
    page.route("**/gallery/more/**", lambda route: held.append(route))  # Playwright takes no built-in
    page.goto("/gallery/")
    page.locator("a.tile").first.click()
    counter = page.locator(".pswp__counter")
    expect(counter).to_have_text("1")  # nobody knows yet how many there are
    page.wait_for_timeout(500)
    for number in (2, 3, 4):
        page.keyboard.press("ArrowRight")
        expect(counter).to_have_text(str(number))
    for route in held:
        route.continue_()
    expect(counter).to_have_text("4 / 8")
    page.keyboard.press("ArrowRight")
    expect(counter).to_have_text("5 / 8")


def test_stopping_a_running_job_asks_first(mia, open_page):
    job = make_job(owner=mia, status=JobStatus.RUNNING)
    page = open_page(mia, "/")
    page.get_by_role("link", name="Stop…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("may be charged")
    dialog.get_by_role("button", name="Stop it").click()
    expect(dialog).to_be_hidden()
    expect(page.locator(f"#job-{job.ref} .status")).to_contain_text("Stopping")


def test_older_jobs_come_as_one_scrolls(mia, open_page):
    for _ in range(PAGE + 3):
        make_job(owner=mia, status=JobStatus.CANCELLED, channel=None, remote_id="")
    page = open_page(mia, "/")
    page.locator("a.older").scroll_into_view_if_needed()
    expect(page.locator("article.job")).to_have_count(PAGE + 3)


def test_the_gallery_is_walked_and_opened_by_keys(mia, open_page):
    done_job(mia, text="a tall tree")
    page = open_page(mia, "/gallery/")
    for key in ("ArrowRight", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    expect(page.locator(".pswp__counter")).to_have_text("2 / 4")
    expect(page.locator(".pswp__caption")).to_have_text("a tall tree")
    page.wait_for_timeout(500)  # until it has flown open, keys do nothing
    page.keyboard.press("ArrowRight")
    expect(page.locator(".pswp__counter")).to_have_text("3 / 4")
    page.keyboard.press("Escape")
    expect(page.locator(".pswp")).to_have_count(0)
    third = Image.objects.order_by("-saved_at", "-id")[2]
    assert page.evaluate("document.activeElement.getAttribute('href')") == third.original_url()


def test_everything_works_without_script(mia, open_page):
    page = open_page(mia, "/", script=False)
    prompt(page).fill("a {red, blue} boat")
    page.locator("#panel > summary").click()
    page.get_by_label("Stylize", exact=True).fill("300")
    page.locator("#panel > summary").click()
    page.get_by_role("button", name="Check").click()
    expect(page.locator("#preview")).to_contain_text("2 jobs")
    expect(prompt(page)).to_have_value("a {red, blue} boat --stylize 300")
    page.get_by_role("button", name="Imagine").click()
    expect(page.locator("article.job")).to_have_count(2)
    page.get_by_role("button", name="Cancel").first.click()
    expect(page.get_by_text("It was not sent, so it cost nothing.")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_the_pages_are_accessible(mia, open_page, scheme, width):
    from axe_playwright_python.sync_playwright import Axe

    job = done_job(mia)
    make_job(owner=mia, status=JobStatus.REFUSED, error_code="moderated", error_text="Banned")
    make_job(owner=mia, status=JobStatus.UNCERTAIN, error_code="lost_answer", needs_person=True)
    page = open_page(mia, "/", width=width, color_scheme=scheme)
    for path in ("/", "/gallery/", job.get_absolute_url()):
        page.goto(path)
        page.wait_for_timeout(300)
        found = Axe().run(page).response["violations"]
        assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []
    page.goto("/")
    prompt(page).fill("a boat --nonsense 4 --sref 12")
    page.locator("#panel > summary").click()
    expect(page.locator("#preview")).to_contain_text("nonsense")
    assert Axe().run(page).response["violations"] == []
