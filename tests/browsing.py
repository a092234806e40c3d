"""A real Chromium for the pages; any console error or CSP report fails the test."""

import pytest
from django.test import Client

from tests import machine


@pytest.fixture(scope="session")
def chromium():
    path = machine.chromium()
    if path is None:
        pytest.skip("no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=machine.CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


def watched(page, complaints=None):
    """The page, noting in `page.complaints` what the console says and what the content security policy forbids."""
    page.complaints = [] if complaints is None else complaints
    page.on("console", lambda said: page.complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    return page


@pytest.fixture
def open_page(chromium, live_server, settings):
    """Opens a page as somebody: `open_page(person, "/people/", width=390)`. Nothing may have complained in the end."""
    settings.PUBLIC_URL = live_server.url  # what links in pages and mails name
    contexts, complaints, tolerated = [], [], ["status of 422", "status of 404"]

    def open_as(person, path, *, width=1440, script=True, tolerate=(), **options):
        tolerated.extend(tolerate)
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, java_script_enabled=script, base_url=live_server.url, **options
        )
        contexts.append(context)
        if person is not None:
            client = Client()
            client.force_login(person)
            cookie = client.cookies["studio_session"].value
            context.add_cookies([{"name": "studio_session", "value": cookie, "url": live_server.url}])
        page = watched(context.new_page(), complaints)
        page.goto(path)
        return page

    yield open_as
    for context in contexts:
        context.close()
    left = [said for said in without_aborts(complaints) if not any(words in said for words in tolerated)]
    assert left == [], left


def without_aborts(complaints):
    """What was complained of, but for polls that were given up for something else: of these htmx says two things."""
    pair = ("htmx:afterRequest", "htmx:sendAbort")
    left = []
    for said in complaints:
        if said.startswith(pair[1]) and left and left[-1].startswith(pair[0]):
            left.pop()
        else:
            left.append(said)
    return left


def unfit(page):
    """What is wrong with a page as it stands: violations of accessibility, and whether it has to be moved sideways."""
    from axe_playwright_python.sync_playwright import Axe

    found = [(each["id"], [node["html"] for node in each["nodes"]]) for each in Axe().run(page).response["violations"]]
    is_wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    return found + [("too-wide", page.url)] * is_wide
