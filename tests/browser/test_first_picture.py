"""The first thing that anybody does, on the real thing: one command, sign in, a prompt, four pictures."""

import re
import signal
import subprocess

import pytest
import requests
from playwright.sync_api import expect

from tests.browsing import watched
from tests.studio.processes import studio, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def installation(tmp_path):
    with studio(tmp_path, SIMULATOR_SPEED="4") as found:
        yield found


def answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/health/", timeout=2).ok
    except requests.RequestException:
        return False


def sign_in(page, url: str, password: str) -> None:
    page.goto(url)
    page.get_by_label("E-mail").fill("admin@studio.local")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_make_run_gives_a_working_studio_that_keeps_everything_when_it_is_stopped(chromium, installation):
    run = installation.start("make", "run")
    wait_until(lambda: answers(installation.url), "the site answers")
    password = re.search(r"password\s+(\S+)", installation.log())[1]
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    page = watched(context.new_page())

    sign_in(page, installation.url, password)
    prompt = page.get_by_role("textbox", name=re.compile("prompt", re.IGNORECASE))
    prompt.fill("a lighthouse at dusk --ar 16:9")
    prompt.press("Enter")
    pictures = page.locator("img[src*='/images/']")
    expect(pictures).to_have_count(4, timeout=30_000)
    for number in range(4):
        expect(pictures.nth(number)).to_have_js_property("complete", True)
    page.get_by_role("link", name="Gallery").first.click()
    expect(page.locator("img[src*='/images/']")).to_have_count(4)

    # Ctrl-C reaches the whole group of the terminal's foreground job.
    run.send_signal(signal.SIGINT)
    subprocess.run(["pkill", "-INT", "-g", str(run.pid)], check=False)
    run.wait(timeout=30)
    assert not answers(installation.url)

    installation.start("make", "run")
    wait_until(lambda: answers(installation.url), "the site answers again")
    assert installation.log().count("password  ") == 1
    page.goto(f"{installation.url}/gallery/")
    expect(page.locator("img[src*='/images/']")).to_have_count(4)
    assert page.complaints == []
    context.close()
