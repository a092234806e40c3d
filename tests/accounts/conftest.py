"""A real Chromium for the pages of this package; any console error or CSP report fails the test."""

import shutil

import pytest
from django.test import Client

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="session")
def chromium():
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium, live_server):
    """Opens a page as somebody: `open_page(person, "/people/", width=390)`. Nothing may have complained in the end."""
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
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(path)
        return page

    yield open_as
    for context in contexts:
        context.close()
    assert [said for said in complaints if not any(words in said for words in tolerated)] == []
