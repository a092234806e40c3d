"""Prompts worth keeping: found again, starred, filled in, styled, and not paid for twice unawares."""

import pytest
from playwright.sync_api import Page, expect

from generations.enqueue import enqueue
from generations.models import Job, JobStatus, Prompt, PromptTemplate, Style
from tests.browsing import unfit
from tests.factories import make_account, make_channel, make_image, make_user
from tests.files import put_picture

pytestmark = pytest.mark.browser


@pytest.fixture
def mia(transactional_db):
    make_channel(make_account(name="Sandbox"))
    return make_user("Mia")


@pytest.fixture
def written(mia) -> list[Job]:
    """What Mia asked for before; the first is done and has its picture."""
    texts = ("a red boat in fog --ar 3:2", "a blue house", "a red kite over a house")
    jobs = [enqueue(mia, text).jobs.get() for text in texts]
    Job.objects.filter(pk=jobs[0].pk).update(
        status=JobStatus.DONE, remote_id="j1", channel=jobs[0].account.channels.get()
    )
    jobs[0].refresh_from_db()
    put_picture(make_image(job=jobs[0]))
    return jobs


def prompt(page: Page):
    return page.get_by_role("textbox", name="Prompt", exact=True)


def test_what_was_written_is_searched_starred_and_used_again(mia, written, open_page):
    page = open_page(mia, "/library/")
    entries = page.locator(".history-entry")
    texts = entries.locator(".breakable")
    expect(texts).to_have_text(["a red kite over a house", "a blue house", "a red boat in fog --ar 3:2"])
    expect(entries.last.locator("img")).to_have_count(1)
    page.get_by_label("Search your prompts").fill("HOUSE red")
    page.keyboard.press("Enter")
    expect(texts).to_have_text(["a red kite over a house"])
    star = entries.first.get_by_role("button", name="Favourite")
    star.click()
    expect(star).to_have_attribute("aria-pressed", "true")
    assert [each.text for each in Prompt.objects.exclude(favourite_at=None)] == ["a red kite over a house"]
    page.get_by_label("Search your prompts").fill("")
    page.get_by_text("Favourites").click()
    page.get_by_role("button", name="Search").click()
    expect(texts).to_have_text(["a red kite over a house"])
    star.click()
    expect(star).to_have_attribute("aria-pressed", "false")
    assert not Prompt.objects.exclude(favourite_at=None).exists()
    page.reload()
    expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()
    page.get_by_role("link", name="All prompts").click()
    entries.nth(1).get_by_role("link", name="Use again").click()
    expect(prompt(page)).to_have_value("a blue house")


def test_the_arrow_up_in_an_empty_box_brings_back_what_was_written(mia, written, open_page):
    page = open_page(mia, "/")
    prompt(page).press("ArrowUp")
    expect(page.locator(":focus")).to_have_text("a red kite over a house")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(prompt(page)).to_have_value("a red boat in fog --ar 3:2")
    expect(prompt(page)).to_be_focused()


def test_what_one_has_already_is_shown_and_made_again_by_the_same_button(mia, written, open_page):
    page = open_page(mia, "/")
    prompt(page).fill("a red  boat in fog --aspect 3:2")
    already = page.locator(".already")
    expect(already).to_contain_text("You already have this.")
    expect(already.locator("img")).to_have_count(1)
    expect(already.get_by_role("link")).to_have_attribute("href", written[0].get_absolute_url())
    page.get_by_role("button", name="Imagine").click()
    expect(page.locator("article.job")).to_have_count(4)
    expect(prompt(page)).to_have_value("")
    again = Job.objects.order_by("-pk")[0]
    assert again.fingerprint == written[0].fingerprint
    prompt(page).fill("a red boat in snow --ar 3:2")
    expect(page.locator("#preview")).to_contain_text("1 job")
    expect(already).to_have_count(0)


def test_a_template_is_saved_from_the_bar_filled_in_and_run(mia, open_page):
    page = open_page(mia, "/")
    prompt(page).fill("a portrait of {{subject}} in {{place}} --ar 4:5")
    page.get_by_role("button", name="Styles").click()
    page.get_by_role("link", name="Save this prompt as a template").click()
    expect(page.get_by_label("Text")).to_have_value("a portrait of {{subject}} in {{place}} --ar 4:5")
    page.get_by_label("Name").fill("Portrait")
    page.get_by_role("button", name="Save").click()
    template = PromptTemplate.objects.get(owner=mia)
    page.get_by_role("link", name="Portrait").click()
    page.get_by_label("Subject").fill("an old clockmaker")
    page.get_by_role("button", name="Put it into the prompt bar").click()
    expect(page.get_by_role("alert")).to_contain_text("Fill in every place")
    expect(page.get_by_label("Subject")).to_have_value("an old clockmaker")
    page.get_by_label("Place").fill("her workshop")
    page.keyboard.press("Enter")
    text = "a portrait of an old clockmaker in her workshop --ar 4:5"
    expect(prompt(page)).to_have_value(text)
    assert not Job.objects.exists()
    prompt(page).press("Enter")
    expect(page.locator("article.job")).to_contain_text("a portrait of an old clockmaker")
    assert Job.objects.get().text == text
    template.refresh_from_db()
    assert template.used_at


def test_a_style_is_kept_from_the_parameters_of_a_prompt_and_applied_in_one_click(mia, open_page):
    page = open_page(mia, "/")
    prompt(page).fill("a boat --ar 16:9 --raw --s 250")
    page.get_by_role("button", name="Styles").click()
    page.get_by_role("link", name="Save these parameters as a style").click()
    page.get_by_label("Name").fill("Wide")
    page.get_by_role("button", name="Save").click()
    assert Style.objects.get(owner=mia).parameters == "--ar 16:9 --raw --s 250"
    page.goto("/")
    prompt(page).fill("a house --ar 1:1 --chaos 5")
    page.get_by_role("button", name="Styles").click()
    page.get_by_role("link", name="Wide").click()
    expect(prompt(page)).to_have_value("a house --ar 16:9 --chaos 5 --stylize 250 --raw")
    prompt(page).press("Enter")
    expect(page.locator("article.job")).to_have_count(1)
    job = Job.objects.get()
    assert job.text == "a house --ar 16:9 --chaos 5 --stylize 250 --raw"
    assert (job.ratio_width, job.ratio_height) == (16, 9)


@pytest.fixture
def kept(mia, written) -> PromptTemplate:
    Style.objects.create(owner=mia, name="Wide", parameters="--ar 16:9 --raw")
    return PromptTemplate.objects.create(owner=mia, name="Portrait", text="a portrait of {{subject}}", made_for="7")


def test_on_a_phone_every_page_of_the_library_is_accessible_and_fits(mia, kept, open_page):
    page = open_page(mia, "/", width=390, has_touch=True)
    for path in (
        "/library/prompts/", "/library/prompts/?q=nothing", "/library/templates/", f"/library/templates/{kept.ref}/",
        "/library/styles/", "/library/styles/new/",
    ):  # fmt: skip
        page.goto(path)
        assert unfit(page) == [], path
    page.goto("/?text=a%20blue%20house")
    prompt(page).fill("a red kite over a house")
    expect(page.locator(".already")).to_contain_text("It is under way")
    page.get_by_role("button", name="Styles").tap()
    assert unfit(page) == []
    page.get_by_role("link", name="Wide").tap()
    expect(prompt(page)).to_have_value("a red kite over a house --ar 16:9 --raw")


def test_without_script_history_templates_and_styles_lead_to_the_prompt(mia, kept, open_page):
    page = open_page(mia, "/library/prompts/?q=boat", script=False)
    page.get_by_role("button", name="Favourite").click()
    assert Prompt.objects.get(text__contains="boat").favourite_at
    page.goto("/library/prompts/?q=boat")
    page.get_by_role("link", name="Use again").click()
    expect(prompt(page)).to_have_value("a red boat in fog --ar 3:2")
    expect(page.locator(".already")).to_contain_text("You already have this.")
    page.goto(f"/library/templates/{kept.ref}/")
    page.get_by_label("Subject").fill("a cat")
    page.get_by_role("button", name="Put it into the prompt bar").click()
    page.get_by_role("button", name="Imagine").click()
    expect(page.locator("article.job").first).to_contain_text("a portrait of a cat")
    assert Job.objects.filter(text="a portrait of a cat").count() == 1
    page.get_by_role("button", name="Styles").click()
    page.get_by_role("link", name="Wide").click()
    expect(prompt(page)).to_have_value("--ar 16:9 --raw")
