"""Blending, describing and animating pictures: from choosing them to what the service made of them."""

import base64

import pytest
from playwright.sync_api import Page, expect

from generations.engine.driving import driving
from generations.media import library
from generations.models import InputRole, Job, JobStatus, Reference, Verb
from generations.references import intake
from midjourney.simulator import describing, ids
from midjourney.simulator.fields import Blob
from tests.factories import make_image, make_job, make_user
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


def choose(page: Page, name: str, opener: str = "Add a picture") -> None:
    """Choose a picture of the library in the dialog."""
    page.get_by_role("button", name=opener).first.click()
    page.get_by_role("dialog").get_by_role("button", name=name, exact=True).click()


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
    page.get_by_role("button", name="Add a picture").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Gallery").click()
    dialog.get_by_role("button", name="a lighthouse at dusk").click()
    expect(names).to_have_text(["red", "green", "a lighthouse at dusk --ar 16:9"])
    page.get_by_role("button", name="Add a picture").click()
    dialog.get_by_label("Pictures to add").set_input_files(upload("orange", "orange"))
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
