"""A batch from paste to ZIP on the real thing, and its pages in both themes and widths, by keys, without script."""

import re
import sys
import zipfile

import pytest
from playwright.sync_api import expect

from generations.models import Batch, BatchStatus, Budget, Job, JobStatus
from tests.browser.test_first_picture import answers, sign_in
from tests.browsing import watched
from tests.factories import make_account, make_batch, make_channel, make_image, make_job, make_user
from tests.files import put_picture
from tests.studio.processes import studio, wait_until

pytestmark = [pytest.mark.browser]

LINES = """a red boat --ar 16:9
a boat --nonsense 4
a red boat --ar 16:9
a blue boat sim:moderated
a green boat {at dawn, at dusk}"""
SLOW = 120_000  # milliseconds; only a broken promise waits this long


@pytest.fixture
def running_studio(tmp_path):
    """A studio with its processes, on a simulator that draws small pictures; and the first admin's password."""
    with studio(tmp_path) as found:
        password = re.search(r"password\s+(\S+)", found.prepare())
        assert password
        simulator = ("-m", "midjourney.simulator", "--port", str(found.simulator_port))
        found.start(sys.executable, *simulator, "--speed", "30", "--picture-scale", "0.1")
        found.start(sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", "mjstudio.wsgi")
        found.start(sys.executable, "manage.py", "worker")
        wait_until(lambda: answers(found.url), "the site answers")
        yield found, password[1]


def write(page, lines: str, name: str) -> None:
    page.get_by_role("link", name="Batch", exact=True).click()
    page.get_by_role("link", name="New batch").click()
    page.get_by_label("Prompts, one a line").fill(lines)
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Show the dry run").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()


@pytest.mark.slow
def test_a_batch_from_paste_to_zip_on_the_real_thing(chromium, running_studio, tmp_path):
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    page = watched(context.new_page())
    installation, password = running_studio
    sign_in(page, installation.url, password)

    write(page, LINES, "Boats")
    expect(page.locator(".dry-line")).to_have_count(6)
    expect(page.locator('.dry-line[data-level="impossible"]')).to_contain_text("--nonsense is not a Midjourney")
    expect(page.locator('.dry-line[data-level="duplicate"]')).to_contain_text("The same prompt as in line 1")
    page.get_by_role("button", name="Start 4 jobs").dblclick()

    expect(page.locator("#batch-status")).to_be_visible()
    expect(page.locator("#failed")).to_contain_text("Midjourney's moderation stopped this prompt.", timeout=SLOW)
    expect(page.locator("#failed")).to_contain_text("It cost nothing.")
    expect(page.locator("#pictures img")).to_have_count(12, timeout=SLOW)
    expect(page.locator("#batch-status .legend")).to_contain_text("3 done")
    expect(page.locator("#batch-status")).to_contain_text("4 of 4 lines ended")
    page.locator("#pictures a").first.click()
    expect(page.locator(".pswp__counter")).to_have_text("1 / 12")
    page.wait_for_timeout(500)  # until it has flown open, keys do nothing
    page.keyboard.press("Escape")
    expect(page.locator(".pswp")).to_have_count(0)

    page.get_by_role("button", name="Retry 1, free").click()
    expect(page.get_by_text("1 line queued again.")).to_be_visible()
    expect(page.locator("#batch-status")).to_contain_text("4 of 4 lines ended", timeout=SLOW)

    with page.expect_download() as download:
        page.get_by_role("link", name="ZIP").click()
    saved = tmp_path / "boats.zip"
    download.value.save_as(saved)
    with zipfile.ZipFile(saved) as archive:
        assert archive.testzip() is None
        assert len([name for name in archive.namelist() if not name.endswith(".csv")]) == 12

    # The double click made one batch.
    page.get_by_role("link", name="Batch", exact=True).click()
    expect(page.locator(".batch-row")).to_have_count(1)
    assert page.complaints == []

    write(page, "\n".join(f"a harbour, study {number}" for number in range(40)), "Harbours")
    page.get_by_role("button", name="Start 40 jobs").click()
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    expect(page.locator("#waiting")).to_contain_text("This batch is paused")
    # What runs ends, and nothing more starts.
    expect(page.locator(".legend [data-state=running]")).to_have_count(0, timeout=SLOW)
    left = page.locator(".legend [data-state=queued] strong").inner_text()
    assert int(left) > 0
    page.get_by_role("button", name="Resume").click()
    expect(page.locator(".legend [data-state=running]")).to_have_count(1, timeout=SLOW)
    page.get_by_role("link", name="Stop…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("dropped at once and for good")
    if dialog.get_by_role("checkbox").count():
        expect(dialog).to_contain_text("may be charged")
        dialog.get_by_role("checkbox").check()
    dialog.get_by_role("button", name="Stop it").click()
    expect(dialog).to_be_hidden()
    expect(page.locator("#batch-status .status")).to_have_text("Stopped", timeout=SLOW)
    expect(page.locator("#batch-status")).to_contain_text("40 of 40 lines ended")
    assert page.complaints == []
    context.close()


# The pages


@pytest.fixture
def mia(transactional_db):
    make_channel(make_account(name="Sandbox"))
    return make_user("Mia", role="lead")


def filled(owner) -> tuple[Batch, Batch]:
    """A draft with lines of every kind, and a batch with jobs in every state."""
    account = make_account(name="Second")
    channel = make_channel(account)
    lines = "a boat\na boat\na boat --nonsense 4\na cat --v 7 --cref https://a.b/c.png"
    draft = make_batch(owner=owner, account=account, text=lines, name="Dry", shared="--chaos 20", confirmed=False)
    batch = make_batch(
        owner=owner, account=account, text="\n".join(f"boat {number}" for number in range(24)), name="Wet"
    )
    states = [JobStatus.DONE] * 4 + [JobStatus.REFUSED, JobStatus.FAILED] * 3 + [JobStatus.RUNNING, JobStatus.UNCERTAIN]
    for job, status in zip(batch.jobs.order_by("pk"), states, strict=False):
        code = {JobStatus.REFUSED: "moderated", JobStatus.FAILED: "timed_out"}.get(status, "")
        Job.objects.filter(pk=job.pk).update(
            status=status, channel=channel, error_code=code, remote_id=f"r{job.pk}" if code != "moderated" else ""
        )
        if status == JobStatus.DONE:
            for position in range(1, 5):
                put_picture(make_image(job=job, position=position))
    Budget.objects.create(owner=owner, per_day=1)
    return draft, batch


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_the_pages_are_accessible_and_fit(mia, open_page, scheme, width):
    from axe_playwright_python.sync_playwright import Axe

    page = open_page(mia, "/batches/", width=width, color_scheme=scheme)

    def check(what: str) -> None:
        page.wait_for_timeout(300)
        found = Axe().run(page).response["violations"]
        assert [(what, each["id"], each["nodes"][0]["html"]) for each in found] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width, what

    check("empty list")
    draft, batch = filled(mia)
    ways = [f"/batches/new/?from={way}" for way in ("lines", "file", "template", "gallery")]
    stop = f"{batch.get_absolute_url()}stop/"
    shown = [draft.get_absolute_url(), batch.get_absolute_url(), f"{batch.get_absolute_url()}failed/", stop]
    for path in ("/batches/", *ways, *shown, "/gallery/?select=1"):
        page.goto(path)
        check(path)
    page.get_by_role("checkbox").first.check(force=True)
    page.get_by_role("button", name="Batch from selection").click()
    check("pictures")
    page.goto("/batches/new/")
    page.get_by_text("Set them with controls").click()
    check("controls of the shared parameters")
    page.get_by_role("button", name="Show the dry run").click()
    expect(page.get_by_role("alert")).to_contain_text("There is no prompt in this text")
    check("a refused form")
    page.goto(batch.get_absolute_url())
    page.get_by_role("link", name="Stop…").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    check("the stop dialog")


def test_ticks_are_kept_as_they_are_set_and_the_start_button_follows(mia, open_page):
    lines = "\n".join(f"boat {number}" for number in range(8))
    draft = make_batch(owner=mia, text=lines, confirmed=False)
    page = open_page(mia, draft.get_absolute_url())
    ticks = page.locator("[data-tick]")
    ticks.nth(1).uncheck()
    expect(page.get_by_role("button", name="Start 7 jobs")).to_be_visible()
    ticks.nth(4).click(modifiers=["Shift"])  # everything between the two
    expect(page.get_by_role("button", name="Start 4 jobs")).to_be_visible()
    page.reload()
    assert [tick.is_checked() for tick in ticks.all()] == [True, False, False, False, False, True, True, True]
    page.get_by_role("button", name="Leave all out").click()
    expect(page.get_by_role("button", name="Nothing to start")).to_be_disabled()


def test_a_double_click_on_the_form_and_on_start_makes_one_batch(mia, open_page):
    page = open_page(mia, "/batches/new/")
    page.get_by_label("Prompts, one a line").fill("a boat\na tree")
    page.get_by_role("button", name="Show the dry run").dblclick()
    page.get_by_role("button", name="Start 2 jobs").dblclick()
    expect(page.locator("#batch-status")).to_be_visible()
    assert Batch.objects.count() == 1
    assert Job.objects.count() == 2


def test_the_shared_parameters_and_their_controls_stay_in_step(mia, open_page):
    page = open_page(mia, "/batches/new/")
    shared = page.get_by_label("Parameters for every line")
    shared.fill("--ar 3:2")
    page.get_by_text("Set them with controls").click()
    page.get_by_label("Chaos", exact=True).fill("30")
    expect(shared).to_have_value("--ar 3:2 --chaos 30")
    expect(page.get_by_role("radio", name="3:2")).to_be_checked()
    shared.fill("dreamy")
    expect(page.locator("#preview")).to_contain_text("Words belong in the lines")


def test_a_dropped_file_is_taken(mia, open_page):
    page = open_page(mia, "/batches/new/?from=file")
    transfer = page.evaluate_handle("""() => {
        const data = new DataTransfer();
        data.items.add(new File(["a boat\\na tree"], "boats.txt"));
        return data;
    }""")
    page.dispatch_event("[data-drop]", "drop", {"dataTransfer": transfer})
    expect(page.locator("[data-drop-name]")).to_have_text("boats.txt")
    page.get_by_role("button", name="Show the dry run").click()
    expect(page.get_by_role("heading", name="boats")).to_be_visible()
    expect(page.locator(".dry-line")).to_have_count(2)


def test_waiting_lines_are_moved_by_keys_and_the_focus_stays_with_them(mia, open_page):
    batch = make_batch(owner=mia, text="boat 0\nboat 1\nboat 2\nboat 3")
    page = open_page(mia, batch.get_absolute_url())
    up = page.get_by_role("button", name="Line 3 up")
    up.focus()
    page.keyboard.press("Enter")
    lines = page.locator("#waiting .waiting-line .plain-link")
    expect(lines).to_have_text(["boat 0", "boat 2", "boat 1", "boat 3"])
    expect(up).to_be_focused()
    page.keyboard.press("Enter")
    expect(lines).to_have_text(["boat 2", "boat 0", "boat 1", "boat 3"])
    page.get_by_role("button", name="Line 4 first").press("Enter")
    expect(lines).to_have_text(["boat 3", "boat 2", "boat 0", "boat 1"])


def test_pictures_come_once_while_the_page_is_open(mia, open_page):
    batch = make_batch(owner=mia, text="boat 0\nboat 1")
    page = open_page(mia, batch.get_absolute_url())
    job = batch.jobs.first()
    for position in range(1, 5):
        put_picture(make_image(job=job, position=position))
    Job.objects.filter(pk=job.pk).update(status=JobStatus.DONE, channel=make_channel(job.account))
    job.touch(progress=100)
    expect(page.locator("#pictures img")).to_have_count(4, timeout=15_000)
    job.touch(progress=100)
    seen = page.locator("#seen").get_attribute("value")
    expect(page.locator("#seen")).not_to_have_value(seen, timeout=15_000)
    expect(page.locator("#pictures img")).to_have_count(4)


def test_a_rename_is_done_in_place(mia, open_page):
    batch = make_batch(owner=mia, name="Boats")
    page = open_page(mia, batch.get_absolute_url())
    page.locator(".rename > summary").press("Enter")
    page.get_by_label("Name of the batch").fill("Ships")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Ships")).to_be_visible()


def test_everything_works_without_script(mia, open_page):
    job = make_job(owner=mia, status=JobStatus.DONE, buttons=["V1"])
    put_picture(make_image(job=job))
    page = open_page(mia, "/batches/new/", script=False)
    page.get_by_role("radio", name="Template").check(force=True)
    page.get_by_role("textbox", name="Template").fill("a {{who}}")
    page.get_by_label("Values").fill("who: cat | dog | cow")
    page.get_by_role("button", name="Show the dry run").click()
    page.locator("[data-tick]").nth(1).uncheck()
    page.get_by_role("button", name="Keep these ticks").click()
    page.get_by_role("button", name="Start 2 jobs").click()
    page.get_by_role("button", name="Line 3 first").click()
    expect(page.locator("#waiting .plain-link")).to_have_text(["a cow", "a cat"])
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("Paused. What runs now ends")).to_be_visible()
    page.get_by_role("button", name="Low").click()
    page.get_by_role("link", name="Stop…").click()
    page.get_by_role("button", name="Stop it").click()
    expect(page.locator("#batch-status .status")).to_have_text("Stopped")
    assert Batch.objects.get().status == BatchStatus.STOPPED

    page.goto("/gallery/")
    page.get_by_role("link", name="Select").click()
    page.get_by_role("checkbox").first.check(force=True)
    page.get_by_role("button", name="Batch from selection").click()
    page.get_by_role("button", name="Show the dry run").click()
    expect(page.get_by_role("button", name="Start 1 job")).to_be_visible()
