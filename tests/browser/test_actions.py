"""What can be done with a picture, in the browser and through the engine: by pointer, keys, touch; without script."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from generations.actions import pressing
from generations.engine import threads
from generations.engine.driving import driving
from generations.enqueue import enqueue
from generations.models import Job, JobStatus
from tests.engine import drive
from tests.factories import make_account, make_channel, make_image, make_job, make_user
from tests.files import put_picture

pytestmark = pytest.mark.browser
SLOW = 60_000  # milliseconds; only a broken promise waits this long
GRID = ["U1", "U2", "U3", "U4", "🔄", "V1", "V2", "V3", "V4"]
SINGLE = ["Upscale (Subtle)", "Vary (Subtle)", "Vary (Strong)", "Custom Zoom", "⬅️", "Animate (Low motion)", "New one"]


@pytest.fixture
def mia(transactional_db):
    return make_user("Mia")


@pytest.fixture
def four(mia, sandbox) -> Iterator[Job]:
    """A finished grid from the simulator."""
    job = enqueue(mia, "a lighthouse at dusk --ar 16:9", account=sandbox).jobs.get()
    drive(lambda: Job.objects.filter(pk=job.pk, status=JobStatus.DONE).exists())
    yield job
    threads.retire(wait=True)


def done(owner, buttons=GRID, pictures=4, **fields) -> Job:
    job = make_job(owner=owner, status=JobStatus.DONE, buttons=list(buttons), **fields)
    for position in range(1, pictures + 1):
        put_picture(make_image(job=job, position=position))
    return job


def cards(page: Page):
    return page.locator("article.job")


def press(page: Page, job: Job, picture: int, name: str) -> None:
    """Press a button on a picture of a card, which shows under the pointer."""
    shot = page.locator(f"#job-{job.ref} .shot").nth(picture - 1)
    shot.hover()
    shot.locator(".over").get_by_role("button", name=name, exact=True).click()


def open_menu(page: Page, job: Job) -> None:
    page.locator(f"#acts-open-{job.ref.hex}").click()


def test_upscale_vary_reroll_pan_and_zoom_bring_their_pictures_to_the_page(mia, four, open_page):
    with driving():
        page = open_page(mia, "/")
        shot = page.locator(f"#job-{four.ref} .shot").nth(1)
        shot.hover()
        shot.locator(".over").get_by_role("button", name="Upscale 2").dblclick(no_wait_after=True)
        expect(cards(page)).to_have_count(2)
        expect(cards(page).first).to_contain_text("Upscaled from picture 2 of")
        expect(cards(page).first.locator("img")).to_have_count(1, timeout=SLOW)
        expect(page.locator(f"#job-{four.ref}").get_by_role("link", name="Upscaled")).to_be_visible()
        [picked] = four.children.all()  # the double click was one

        press(page, four, 3, "Vary 3")
        expect(cards(page)).to_have_count(3)
        expect(cards(page).first.locator("img")).to_have_count(4, timeout=SLOW)
        page.locator(f"#reroll-{four.ref.hex}").click()
        expect(cards(page)).to_have_count(4)
        expect(cards(page).first).to_contain_text("Made again from")

        open_menu(page, picked)
        page.get_by_role("button", name="Pan left").click()
        expect(page.locator(".act-menu:popover-open")).to_have_count(0)
        expect(cards(page)).to_have_count(5)
        expect(cards(page).first).to_contain_text("Panned left from")

        open_menu(page, picked)
        page.get_by_role("link", name="Custom Zoom").click()
        dialog = page.get_by_role("dialog")
        box = dialog.get_by_label("Prompt")
        expect(box).to_have_value("a lighthouse at dusk --ar 16:9 --zoom 1.8")
        dialog.get_by_label("Zoom out to").fill("1.4")
        dialog.get_by_label("Shape").select_option("1:1")
        expect(box).to_have_value("a lighthouse at dusk --zoom 1.4 --ar 1:1")
        box.fill("a lighthouse --zoom 1.4 --nonsense 3")
        expect(dialog).to_contain_text("--nonsense is not a Midjourney parameter")
        dialog.get_by_role("button", name="Custom Zoom").click()
        expect(box).to_have_attribute("aria-invalid", "true")
        expect(box).to_have_value("a lighthouse --zoom 1.4 --nonsense 3")
        box.fill("a lighthouse in fog --zoom 1.4 --ar 1:1")
        dialog.get_by_role("button", name="Custom Zoom").click()
        expect(dialog).to_be_hidden()
        expect(cards(page)).to_have_count(6)
        expect(cards(page).first).to_contain_text("a lighthouse in fog")
        expect(page.locator("article.job[data-status=done]")).to_have_count(6, timeout=SLOW)
    assert picked.children.get(button="Custom Zoom").text == "a lighthouse in fog --zoom 1.4 --ar 1:1"


def test_one_picture_of_a_grid_is_animated_and_its_seed_looked_up_copied_and_used(mia, four, open_page):
    with driving():
        page = open_page(mia, "/", permissions=["clipboard-read", "clipboard-write"])
        shot = page.locator(f"#job-{four.ref} .shot").nth(3)
        shot.hover()
        shot.get_by_role("button", name="More for picture 4").click()
        page.get_by_role("link", name="Animate 4").click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("Upscale picture 4")
        expect(dialog).to_contain_text("no fast GPU minutes")
        expect(dialog).to_contain_text("about 8 GPU minutes")
        dialog.get_by_text("High", exact=True).click()
        dialog.get_by_role("button", name="Animate").click()
        expect(dialog).to_be_hidden()
        expect(cards(page)).to_have_count(3)
        expect(cards(page).first.locator("img")).to_have_count(4, timeout=SLOW)
        expect(cards(page).first.locator(".badge")).to_have_count(4)
        assert Job.objects.get(button="Animate (High motion)").parent.button == "U4"

        open_menu(page, four)
        page.locator(".act-menu:popover-open").get_by_role("button", name="Look up seed").click()
        card = page.locator(f"#job-{four.ref}")
        expect(card.get_by_text(re.compile(r"Seed \d+"))).to_be_visible(timeout=SLOW)
        four.refresh_from_db()
        card.get_by_role("button", name="Copy").click()
        expect(page.get_by_text("Copied.")).to_be_visible()
        assert page.evaluate("navigator.clipboard.readText()") == str(four.seed)
        card.get_by_role("link", name="Use in a new prompt").click()
        box = page.get_by_role("textbox", name="Prompt", exact=True)
        expect(box).to_have_value(f"a lighthouse at dusk --ar 16:9 --seed {four.seed}")
        expect(cards(page)).to_have_count(3)


def test_the_family_tree_grows_while_one_looks_and_leads_to_everybody(mia, four, open_page):
    with driving():
        page = open_page(mia, four.get_absolute_url())
        page.get_by_role("button", name="Upscale 1").click()
        tree = page.locator("#family .tree")
        expect(tree.locator(".relative")).to_have_count(2)
        page.get_by_role("button", name="Vary 2").click()
        expect(tree.locator(".relative")).to_have_count(3)
        expect(tree.locator(".status")).to_have_count(0, timeout=SLOW)  # all of them are done
        expect(tree.locator("[aria-current]")).to_contain_text("Imagine")
        tree.get_by_role("link", name="Upscale 1").click()
        expect(page.get_by_text("Upscaled from picture 1 of")).to_be_visible()
        expect(page.locator("#family [aria-current]")).to_contain_text("Upscale 1")
        page.get_by_role("link", name="a lighthouse at dusk").first.click()
        expect(page.get_by_role("link", name="Upscaled")).to_be_visible()


def test_the_lightbox_offers_what_its_picture_offers(mia, four, open_page):
    with driving():
        page = open_page(mia, "/gallery/")
        page.locator("a.tile").nth(1).click()
        bar = page.locator("#lightbox-actions")
        number = four.images.filter(in_gallery=True).order_by("-created_at", "-id")[1].position
        page.wait_for_timeout(500)  # until it has flown open, keys do nothing
        expect(bar.get_by_role("button", name=f"Vary {number}")).to_be_visible()
        page.keyboard.press("ArrowRight")
        other = four.images.filter(in_gallery=True).order_by("-created_at", "-id")[2].position
        bar.get_by_role("button", name=f"Upscale {other}").click()
        expect(page.get_by_text(f"Queued: Upscale {other}.")).to_be_visible()
        expect(bar.get_by_role("link", name="Upscaled")).to_be_visible()
        bar.get_by_role("button", name="More").click()
        bar.get_by_role("link", name=f"Animate {other}").click()
        expect(page.get_by_role("dialog", name=f"Animate picture {other}")).to_be_visible()
        page.keyboard.press("ArrowRight")  # chooses a motion, or nothing; the picture stays
        page.keyboard.press("Escape")
        expect(page.locator(".pswp")).to_have_count(1)
        expect(bar.get_by_role("link", name="Upscaled")).to_be_visible()
    assert four.children.get().button == f"U{other}"


@pytest.fixture
def studio(mia):
    make_channel(make_account(name="Sandbox"))
    return mia


def test_remix_off_says_so_and_remix_on_takes_another_prompt(studio, open_page):
    job = done(studio, SINGLE, 1)
    page = open_page(studio, job.get_absolute_url())
    expect(page.get_by_text("Whether remix is on is not known")).to_be_visible()
    for on, words in [(False, "Remix is off for this account"), (True, "With a changed prompt")]:
        job.channel.settings = {"remix": on}
        job.channel.save()
        page.reload()
        expect(page.get_by_text(words)).to_be_visible()
    page.get_by_role("link", name="With a changed prompt").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Vary (Strong)").click()
    dialog.get_by_label("Prompt").fill("a red lighthouse --ar 16:9")
    dialog.get_by_role("button", name="Send").click()
    expect(page.locator("#family .relative")).to_have_count(2)
    child = job.children.get()
    assert (child.button, child.text) == ("Vary (Strong)", "a red lighthouse --ar 16:9")


def test_everything_is_reached_and_pressed_by_keys_alone(studio, open_page):
    job = done(studio)
    page = open_page(studio, "/")
    page.locator(f"#job-{job.ref} a.tile").nth(1).focus()
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_attribute("aria-label", "Upscale 2")
    expect(page.locator(":focus")).to_have_css("opacity", "1")
    page.keyboard.press("Enter")
    expect(cards(page)).to_have_count(2)
    expect(page.locator(":focus")).to_contain_text("Upscaled")  # the focus stays with what it has become
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_attribute("aria-label", "More for picture 2")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_attribute("aria-label", "Vary 2")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Enter")
    expect(cards(page)).to_have_count(3)
    assert list(job.children.values_list("button", flat=True)) == ["U2"]
    assert Job.objects.filter(waits_for__isnull=False).count() == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_menus_sheets_and_the_tree_are_accessible_and_fit(studio, open_page, scheme, width):
    from axe_playwright_python.sync_playwright import Axe

    grid, single = done(studio, seed=4711), done(studio, SINGLE, 1)
    single.channel.settings = {"remix": True}
    single.channel.save()
    pressing.press(studio, grid, "U1")
    pressing.press(studio, grid, "V1")
    touch = {"has_touch": True, "is_mobile": True} if width == 390 else {}
    page = open_page(studio, "/", width=width, color_scheme=scheme, **touch)

    def check(what: str) -> None:
        page.wait_for_timeout(300)
        found = Axe().run(page).response["violations"]
        assert [(what, each["id"], each["nodes"][0]["html"]) for each in found] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width, what

    def click(target) -> None:
        target.tap() if width == 390 else target.click()

    check("cards")
    more = page.locator(f"#job-{grid.ref}").get_by_role("button", name="More for picture 2")
    if width == 390:
        box = more.bounding_box()
        assert min(box["width"], box["height"]) >= 44
    page.locator(f"#job-{grid.ref} .shot").nth(1).hover()
    click(more)
    check("menu of a picture")
    click(page.get_by_role("link", name="Animate 2"))
    check("both steps")
    page.keyboard.press("Escape")
    click(page.locator(f"#acts-open-{single.ref.hex}"))
    check("menu of a single picture")
    click(page.get_by_role("link", name="Custom Zoom"))
    check("custom zoom")
    page.keyboard.press("Escape")
    click(page.locator(f"#job-{grid.ref} a.tile").first)
    expect(page.locator("#lightbox-actions")).to_be_visible()
    check("lightbox")
    for path in (
        grid.get_absolute_url(), single.get_absolute_url(), f"/jobs/{single.ref}/remix/?position=1",
        f"/jobs/{grid.ref}/animate/?position=1",
    ):  # fmt: skip
        page.goto(path)
        check(path)


def test_a_press_a_prompt_and_a_chain_work_without_script(studio, open_page):
    grid, single = done(studio), done(studio, SINGLE, 1)
    page = open_page(studio, grid.get_absolute_url(), script=False)
    page.get_by_role("button", name="Vary 2").click()
    expect(page.get_by_text("Queued: Vary 2.")).to_be_visible()
    page.get_by_role("link", name="Animate 1").click()
    page.get_by_text("High", exact=True).click()
    page.get_by_role("button", name="Animate").click()
    expect(page.get_by_text("Two steps queued")).to_be_visible()
    expect(page.locator("#family .relative")).to_have_count(4)
    page.get_by_role("button", name="Look up seed").click()
    expect(page.get_by_text("Looking up the seed…")).to_be_visible()

    page.goto(single.get_absolute_url())
    page.get_by_role("button", name="New one").click()
    page.get_by_role("link", name="Custom Zoom").click()
    page.get_by_label("Prompt").fill("a boat --nonsense 3")
    page.get_by_role("button", name="Custom Zoom").click()
    expect(page.get_by_text("--nonsense is not a Midjourney parameter")).to_be_visible()
    page.get_by_label("Prompt").fill("a boat --zoom 1.2")
    page.get_by_role("button", name="Custom Zoom").click()
    expect(page.locator("#family .relative")).to_have_count(3)
    assert [job.text for job in single.children.filter(button="Custom Zoom")] == ["a boat --zoom 1.2"]
    assert single.children.filter(button="New one").exists()

    page.goto("/")
    page.locator(f"#job-{grid.ref} .shot").nth(3).hover()
    page.locator(f"#job-{grid.ref}").get_by_role("button", name="Upscale 4").click()
    expect(page.get_by_text("Queued: Upscale 4.")).to_be_visible()
