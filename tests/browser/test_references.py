"""Reference pictures: taken into the library, put under a prompt as chips, and sent with it."""

import base64

import pytest
from playwright.sync_api import Page, expect

from generations.engine.driving import driving
from generations.models import Job, JobStatus, Reference
from generations.references import intake
from tests.browsing import unfit
from tests.factories import make_account, make_channel, make_image, make_job, make_user
from tests.files import put_picture
from tests.generations.references.pictures import picture

pytestmark = pytest.mark.browser
SLOW = 60_000  # milliseconds; only a broken promise waits this long
# Drops or pastes a file on the page, as the browser would tell of it.
HAND_OVER = """([how, name, base64]) => {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const carrier = new DataTransfer();
  carrier.items.add(new File([bytes], name, { type: "image/png" }));
  const options = { bubbles: true, cancelable: true, dataTransfer: carrier, clipboardData: carrier };
  const target = document.activeElement ?? document.body;
  if (how === "paste") target.dispatchEvent(new ClipboardEvent("paste", options));
  else for (const name of ["dragover", "drop"]) target.dispatchEvent(new DragEvent(name, options));
}"""


@pytest.fixture
def mia(transactional_db):
    return make_user("Mia")


@pytest.fixture
def studio(mia):
    make_channel(make_account(name="Sandbox"))
    return mia


def file(name: str, content: bytes) -> dict:
    return {"name": f"{name}.png", "mimeType": "image/png", "buffer": content}


def hand_over(page: Page, how: str, name: str, content: bytes) -> None:
    page.evaluate(HAND_OVER, [how, f"{name}.png", base64.b64encode(content).decode()])


def prompt(page: Page):
    return page.get_by_role("textbox", name="Prompt", exact=True)


def add(page: Page, name: str, role: str) -> None:
    """Choose a picture of the library in the dialog, and what it is for."""
    page.get_by_role("button", name="References").click()
    page.get_by_role("dialog", name="Choose a picture").get_by_role("button", name=name, exact=True).click()
    page.get_by_role("dialog", name="Use it as").get_by_role("button", name=role).click()


def test_the_library_takes_pictures_in_says_why_not_renames_and_removes(studio, open_page):
    page = open_page(studio, "/library/references/")
    names = page.locator(".reference-words > p:first-child")
    expect(page.get_by_role("heading", name="No references yet")).to_be_visible()
    picker = page.get_by_label("Pictures to add")
    picker.set_input_files(
        [file("red", picture(color="red")), file("tiny", picture((20, 20))), file("words", b"no picture")]
    )
    expect(names).to_have_text(["red"])
    expect(page.get_by_role("alert")).to_have_count(2)
    expect(page.get_by_text("“tiny” is only 20 × 20 pixels")).to_be_visible()
    expect(page.get_by_text("“words” is no PNG, JPEG or WebP")).to_be_visible()
    expect(page.get_by_role("heading", name="No references yet")).to_be_hidden()
    hand_over(page, "drop", "green", picture(color="green"))
    expect(names).to_have_text(["green", "red"])
    expect(page.get_by_role("alert")).to_have_count(0)
    hand_over(page, "paste", "blue", picture(color="blue"))
    expect(names).to_have_text(["blue", "green", "red"])
    picker.set_input_files(file("red-again", picture(color="red")))
    expect(names.first).to_have_text("red")
    page.reload()
    expect(names).to_have_text(["red", "blue", "green"])

    page.get_by_role("button", name="What to do with green").click()
    page.get_by_label("Name", exact=True).and_(page.locator(":visible")).fill("my  style")
    page.get_by_role("button", name="Rename").and_(page.locator(":visible")).click()
    expect(names).to_have_text(["red", "blue", "my style"])
    page.get_by_role("button", name="What to do with blue").click()
    page.get_by_role("link", name="Remove…").and_(page.locator(":visible")).click()
    dialog = page.get_by_role("dialog", name="Remove blue?")
    expect(dialog).to_contain_text("No job used this picture")
    dialog.get_by_role("link", name="Keep it").click()
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name="What to do with blue").click()
    page.get_by_role("link", name="Remove…").and_(page.locator(":visible")).click()
    dialog.get_by_role("button", name="Remove").click()
    expect(names).to_have_text(["red", "my style"])
    assert set(Reference.objects.in_library().values_list("name", flat=True)) == {"red", "my style"}
    assert Reference.objects.get(name="blue").removed_at


def test_chips_under_the_prompt_are_added_weighted_removed_and_sent(mia, engine, simulator, sandbox, open_page):
    red = intake.take_bytes(mia, picture(color="red"), name="red")
    made = make_image(job=make_job(owner=mia, account=sandbox, status=JobStatus.DONE))
    put_picture(made)
    page = open_page(mia, "/")
    chips = page.locator(".chip-used")
    prompt(page).fill("a red boat")
    add(page, "red", "Style")
    expect(prompt(page)).to_have_value(f"a red boat --sref {red.token}")
    expect(chips).to_contain_text(["Style"])
    expect(chips.locator("img")).to_have_count(1)
    page.locator("#panel > summary").click()
    page.get_by_label("Style weight", exact=True).fill("300")
    expect(chips).to_contain_text(["Style · 300"])
    page.keyboard.press("Escape")
    expect(page.locator("#panel[open]")).to_have_count(0)

    page.get_by_role("button", name="References").click()
    dialog = page.get_by_role("dialog", name="Choose a picture")
    expect(dialog.get_by_role("button", name="Gallery")).to_be_visible()
    expect(dialog.locator(".htmx-added")).to_have_count(0)
    dialog.get_by_role("button", name="Gallery").click()
    expect(dialog.get_by_role("button", name="Gallery", pressed=True)).to_be_visible()
    expect(dialog.locator(".htmx-added")).to_have_count(0)
    dialog.get_by_role("button", name="a lighthouse at dusk").click()
    page.get_by_role("dialog", name="Use it as").get_by_role("button", name="Image prompt").click()
    expect(chips).to_have_count(2)
    taken = Reference.objects.get(source=made)
    hand_over(page, "paste", "teal", picture(color="teal"))
    page.get_by_role("dialog", name="Use it as").get_by_role("button", name="Style").click()
    expect(chips).to_have_count(3)
    teal = Reference.objects.get(name="teal")
    text = f"{taken.token} a red boat --sref {red.token} {teal.token} --sw 300"
    expect(prompt(page)).to_have_value(text)
    page.get_by_role("button", name="Remove style teal").click()
    expect(chips).to_have_count(2)
    text = f"{taken.token} a red boat --sref {red.token} --sw 300"
    expect(prompt(page)).to_have_value(text)
    expect(page.get_by_role("button", name="Remove style teal")).to_have_count(0)
    with driving():
        prompt(page).press("Enter")
        expect(chips).to_have_count(0)
        expect(page.locator("article.job[data-status=done]")).to_have_count(2, timeout=SLOW)
    job = Job.objects.order_by("-pk")[0]
    assert job.text == text
    assert set(job.inputs.values_list("role", "reference")) == {("image", taken.pk), ("style", red.pk)}
    sent = simulator.job(job.remote_id)["request"]["prompt"]
    assert "ref:" not in sent
    assert sent.startswith("http")
    assert " a red boat --sref http" in sent
    assert sent.endswith(" --sw 300")


def test_without_a_public_address_a_service_elsewhere_is_not_sent_a_picture_and_says_why(mia, open_page):
    make_channel(make_account(name="Elsewhere", base_url="https://mj.example.org/v3/midjourney"))
    red = intake.take_bytes(mia, picture(color="red"), name="red")
    page = open_page(mia, f"/?use={red.code}&role=style")
    expect(prompt(page)).to_have_value(f"--sref {red.token}")
    prompt(page).fill(f"a boat --sref {red.token}")
    words = "This studio has no public address, so Elsewhere cannot fetch your picture"
    expect(page.locator("#preview")).to_contain_text(words)
    expect(page.locator("#preview")).to_contain_text("PUBLIC_URL")
    prompt(page).press("Enter")
    expect(prompt(page)).to_have_attribute("aria-invalid", "true")
    expect(prompt(page)).to_have_value(f"a boat --sref {red.token}")
    assert not Job.objects.exists()


def test_on_a_phone_library_menu_picker_and_chips_are_accessible_and_fit(studio, open_page):
    for color in ("red", "green", "blue"):
        intake.take_bytes(studio, picture(color=color), name=color)
    page = open_page(studio, "/library/references/", width=390, has_touch=True)
    assert unfit(page) == []
    page.get_by_role("button", name="What to do with green").tap()
    assert unfit(page) == []
    page.get_by_role("link", name="Use as style").and_(page.locator(":visible")).tap()
    expect(page.locator(".chip-used")).to_contain_text("green")
    assert unfit(page) == []
    page.get_by_role("button", name="References").tap()
    expect(page.get_by_role("dialog").get_by_role("button", name="blue", exact=True)).to_be_visible()
    assert unfit(page) == []
    page.get_by_role("dialog").get_by_role("button", name="blue", exact=True).tap()
    expect(page.get_by_role("dialog", name="Use it as")).to_be_visible()
    assert unfit(page) == []


def test_without_script_pictures_are_uploaded_used_and_removed(studio, open_page):
    page = open_page(studio, "/library/references/", script=False)
    page.get_by_label("Pictures to add").set_input_files(
        [file("red", picture(color="red")), file("tiny", picture((9, 9)))]
    )
    page.get_by_role("button", name="Add to the library").click()
    expect(page.get_by_text("It is in your library.")).to_be_visible()
    expect(page.get_by_text("“tiny” is only 9 × 9 pixels")).to_be_visible()
    page.get_by_role("button", name="What to do with red").click()
    page.get_by_role("link", name="Use as image prompt").click()
    red = Reference.objects.get()
    prompt(page).fill(f"{red.token} a boat")
    page.get_by_role("button", name="Imagine").click()
    expect(page.locator("article.job")).to_have_count(1)
    assert Job.objects.get().inputs.get().reference == red
    page.goto("/library/references/")
    page.get_by_role("button", name="What to do with red").click()
    page.get_by_role("link", name="Remove…").click()
    expect(page.get_by_text("1 job used this picture and keeps it")).to_be_visible()
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("heading", name="No references yet")).to_be_visible()
    assert Reference.objects.get().removed_at
