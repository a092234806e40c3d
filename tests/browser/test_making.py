"""Blending, describing and animating pictures: from choosing them to what the service made of them."""

import base64

import pytest
from playwright.sync_api import Locator, Page, expect

from generations.engine.driving import driving
from generations.media import library
from generations.models import InputRole, Job, JobStatus, Reference, Verb
from generations.references import intake
from midjourney.simulator import describing, ids
from midjourney.simulator.fields import Blob
from tests.browsing import unfit
from tests.factories import make_account, make_channel, make_image, make_job, make_user
from tests.files import put_picture
from tests.generations.references.pictures import picture

pytestmark = pytest.mark.browser
SLOW = 60_000  # milliseconds; only a broken promise waits this long
DROP = """async ([base64, selector]) => {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const carrier = new DataTransfer();
  carrier.items.add(new File([bytes], "dropped.png", { type: "image/png" }));
  const target = document.querySelector(selector);
  const options = { bubbles: true, cancelable: true, dataTransfer: carrier };
  target.dispatchEvent(new DragEvent("dragover", options));
  target.dispatchEvent(new DragEvent("drop", options));
}"""


@pytest.fixture
def mia(transactional_db):
    return make_user("Mia")


@pytest.fixture
def colours(mia) -> list[Reference]:
    """Three pictures in the library."""
    return [intake.take_bytes(mia, picture(color=color), name=color) for color in ("red", "green", "blue")]


def upload(name: str, color: str) -> dict:
    return {"name": f"{name}.png", "mimeType": "image/png", "buffer": picture(color=color)}


def open_picker(page: Page, opener: str = "Add a picture") -> Locator:
    """The dialog to choose a picture in, once its own buttons work."""
    page.get_by_role("button", name=opener).first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Gallery")).to_be_visible()
    expect(dialog.locator(".htmx-added")).to_have_count(0)
    return dialog


def choose(page: Page, name: str, opener: str = "Add a picture") -> None:
    """Choose a picture of the library."""
    open_picker(page, opener).get_by_role("button", name=name, exact=True).click()


def chosen(page: Page) -> list[str]:
    return page.locator(".slot > p").all_inner_texts()


def subject(reference: Reference) -> int:
    """What the simulator says of a picture that it was sent."""
    content = library.full_path(reference.path).read_bytes()
    return ids.digest(describing.look_at_blob(Blob("", "", content), "").subject)


def test_a_blend_takes_pictures_from_everywhere_and_sends_them_in_the_order_that_shows(
    mia, engine, simulator, sandbox, colours, open_page
):
    made = make_image(job=make_job(owner=mia, account=sandbox, status=JobStatus.DONE), color="#aa22aa")
    put_picture(made)
    page = open_page(mia, "/create/blend/")
    names = page.locator(".slot > p")
    send = page.locator("button.primary[value=send]")
    send.click()
    expect(page.get_by_role("alert")).to_contain_text("two to five pictures, and here are 0")
    choose(page, "red")
    expect(names).to_have_text(["red"])
    choose(page, "green")
    expect(names).to_have_text(["red", "green"])
    dialog = open_picker(page)
    dialog.get_by_role("button", name="Gallery").click()
    expect(dialog.get_by_role("button", name="Gallery", pressed=True)).to_be_visible()
    expect(dialog.locator(".htmx-added")).to_have_count(0)
    dialog.get_by_role("button", name="a lighthouse at dusk").click()
    expect(names).to_have_text(["red", "green", "a lighthouse at dusk --ar 16:9"])
    open_picker(page).get_by_label("Pictures to add").set_input_files(upload("orange", "orange"))
    expect(names).to_have_text(["red", "green", "a lighthouse at dusk --ar 16:9", "orange"])
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name="Move picture 1 to the right").click()
    expect(names).to_have_text(["green", "red", "a lighthouse at dusk --ar 16:9", "orange"])
    slots = page.locator(".slot")
    slots.nth(3).drag_to(slots.nth(0))
    expect(names).to_have_text(["orange", "green", "red", "a lighthouse at dusk --ar 16:9"])
    expect(slots.nth(0).get_by_role("button", name="Move picture 1 to the left")).to_be_disabled()
    slots.nth(1).get_by_role("button", name="Remove picture").click()
    expect(names).to_have_text(["orange", "red", "a lighthouse at dusk --ar 16:9"])
    page.get_by_text("Landscape 3:2").click()
    expect(send).to_have_text("Blend 3 pictures")
    with driving():
        send.click()
        page.wait_for_url("**/")
        card = page.locator("article.job").first
        expect(card.get_by_role("list", name="Made from").locator("img")).to_have_count(3)
        expect(card.locator(".job-tiles img")).to_have_count(4, timeout=SLOW)
    job = Job.objects.get(verb=Verb.BLEND)
    inputs = [each.reference for each in job.inputs.filter(role=InputRole.BLEND).order_by("position")]
    assert [each.name for each in inputs] == ["orange", "red", "a lighthouse at dusk --ar 16:9"]
    assert inputs[2].source == made
    [sent] = [each for each in simulator.jobs() if each["verb"] == "blend"]
    assert sent["request"]["blendDimensions"] == "Landscape"
    links = " ".join(f"<https://s.mj.run/{subject(each):016x}>" for each in inputs)
    assert links in sent["response"]["content"]


def test_a_picture_dropped_on_the_page_is_chosen(mia, sandbox, open_page):
    page = open_page(mia, "/create/describe/")
    page.evaluate(DROP, [base64.b64encode(picture((20, 20))).decode(), "main"])
    expect(page.get_by_role("alert").filter(has_text="is only 20 × 20 pixels")).to_be_visible()
    page.evaluate(DROP, [base64.b64encode(picture(color="teal")).decode(), "main"])
    expect(page.locator(".slot > p")).to_have_text(["dropped"])
    expect(page.get_by_text("is only 20 × 20 pixels")).to_have_count(0)
    assert Reference.objects.get(owner=mia).name == "dropped"


def test_a_description_brings_four_prompts_to_copy_change_and_run(mia, engine, simulator, sandbox, colours, open_page):
    page = open_page(mia, "/create/describe/", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Describe").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose the picture")
    choose(page, "blue", "Choose a picture")
    expect(page.locator(".slot > p")).to_have_text(["blue"])
    with driving():
        page.get_by_role("button", name="Describe").click()
        page.wait_for_url("**/")
        prompts = page.locator(".suggestion > p")
        expect(prompts).to_have_count(4, timeout=SLOW)
        job = Job.objects.get(verb=Verb.DESCRIBE)
        expect(prompts).to_have_text(job.suggestions)
        assert [each["verb"] for each in simulator.jobs()] == ["describe"]

        page.get_by_role("button", name="Copy").nth(2).click()
        expect(page.get_by_text("Copied.")).to_be_visible()
        assert page.evaluate("navigator.clipboard.readText()") == job.suggestions[2]
        page.get_by_role("link", name="Edit").first.click()
        box = page.get_by_role("textbox", name="Prompt", exact=True)
        expect(box).to_have_value(job.suggestions[0])
        box.fill(f"in fog, {job.suggestions[0]}")
        box.press("Enter")
        expect(page.locator("article.job")).to_have_count(2)
        page.locator(".suggestion").nth(1).get_by_role("button", name="Run").click()
        expect(page.get_by_role("link", name="Queued: see its job")).to_have_count(1)
        page.get_by_role("button", name="Run all 4").click()
        expect(page.get_by_role("link", name="Queued: see its job")).to_have_count(4)
        expect(page.get_by_role("button", name="Run all 4")).to_have_count(0)
        expect(page.locator("article.job[data-status=done]")).to_have_count(6, timeout=SLOW)
    children = job.children.order_by("parent_position")
    assert [child.text for child in children] == job.suggestions
    sent = sorted(each["request"]["prompt"] for each in simulator.jobs() if each["verb"] == "imagine")
    assert sent == sorted([*job.suggestions, f"in fog, {job.suggestions[0]}"])


def test_a_video_says_its_cost_sends_only_what_videos_know_and_plays(
    mia, engine, simulator, sandbox, colours, open_page
):
    page = open_page(mia, "/create/video/")
    choose(page, "red", "Choose a picture")
    expect(page.get_by_text("about 8 GPU minutes")).to_be_visible()
    choose(page, "blue", "Choose a picture")
    expect(page.get_by_role("list", name="Last frame").locator("p")).to_have_text("blue")
    page.get_by_label("What happens").fill("the boat drifts away --ar 16:9")
    page.get_by_text("High", exact=True).click()
    page.locator("#making").get_by_text("2", exact=True).click()
    page.get_by_text("Raw").click()
    page.get_by_role("button", name="Check").click()
    expect(page.locator("#left-out")).to_contain_text("--ar 16:9")
    text = f"{colours[0].token} the boat drifts away --video --motion high --raw --end {colours[2].token} --bs 2"
    expect(page.locator("#film-text")).to_have_text(text)
    assert not Job.objects.exists()
    with driving():
        page.get_by_role("button", name="Make the video").click()
        page.wait_for_url("**/")
        card = page.locator("article.job")
        expect(card.locator("a[data-video] img")).to_have_count(2, timeout=SLOW)
        tile = card.locator("a[data-video]").first
        expect(tile.locator(".badge")).to_contain_text("5")
        assert page.request.get(tile.locator("img").get_attribute("src")).headers["content-type"] == "image/webp"
        tile.hover()
        expect(tile.locator("video")).to_have_count(1)
        assert page.request.get(tile.get_attribute("href")).headers["content-type"] == "video/mp4"
    job = Job.objects.get()
    assert (job.text, job.lane, job.status) == (text, "video", JobStatus.DONE)
    assert set(job.inputs.values_list("role", "reference__name")) == {("start", "red"), ("end", "blue")}
    sent = simulator.job(job.remote_id)["request"]["prompt"]
    assert "the boat drifts away --video --motion high --raw --end http" in sent
    assert "--ar" not in sent


@pytest.fixture
def studio(mia, colours):
    make_channel(make_account(name="Sandbox"))
    return mia


def test_on_a_phone_nothing_is_out_of_reach(studio, colours, open_page):
    page = open_page(studio, "/create/blend/", width=390, has_touch=True, color_scheme="dark")
    codes = "&".join(f"reference={each.code}" for each in colours)
    for path in (f"/create/blend/?{codes}", f"/create/describe/?{codes[:18]}", f"/create/video/?{codes[:18]}"):
        page.goto(path)
        expect(page.locator(".slot > p").first).to_have_text("red")
        assert unfit(page) == [], path
    page.get_by_role("button", name="Choose a picture").tap()
    expect(page.get_by_role("dialog").get_by_role("button", name="blue")).to_be_visible()
    assert unfit(page) == []
    page.get_by_role("dialog").get_by_role("button", name="blue").tap()
    page.get_by_text("Loop").tap()
    page.get_by_role("button", name="Make the video").tap()
    expect(page.locator("article.job")).to_have_count(1)
    assert Job.objects.get().inputs.filter(role=InputRole.END, reference=colours[2]).exists()


def test_without_script_pictures_are_uploaded_moved_and_sent(studio, colours, open_page):
    page = open_page(studio, f"/create/blend/?reference={colours[0].code}", script=False)
    page.get_by_label("Add a picture").set_input_files([upload("pink", "pink"), upload("gold", "gold")])
    page.get_by_role("button", name="Upload").click()
    assert chosen(page) == ["red", "pink", "gold"]
    page.get_by_role("button", name="Move picture 3 to the left").click()
    page.get_by_role("button", name="Remove picture 1").click()
    page.get_by_role("button", name="Blend 2 pictures").click()
    expect(page.locator("article.job")).to_contain_text("Blend of 2 pictures")
    assert [each.reference.name for each in Job.objects.get().inputs.order_by("position")] == ["gold", "pink"]

    page.goto(f"/create/describe/?reference={colours[1].code}")
    page.get_by_role("button", name="Describe").click()
    described = Job.objects.get(verb=Verb.DESCRIBE)
    Job.objects.filter(pk=described.pk).update(status=JobStatus.DONE, remote_id="j1", suggestions=["a cat", "a dog"])
    page.goto("/")
    page.get_by_role("button", name="Run", exact=True).nth(1).click()
    expect(page.get_by_text("Queued.")).to_be_visible()
    assert described.children.get().text == "a dog"
    page.goto(f"/create/video/?reference={colours[1].code}")
    page.get_by_text("Loop").click()
    page.get_by_role("button", name="Make the video").click()
    assert Job.objects.get(lane="video").text == f"{colours[1].token} --video --loop"
