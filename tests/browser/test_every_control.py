"""A walk over every page that links lead to: every link opens, and no button, form or switch does nothing."""

import re
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from django.urls import Resolver404, resolve
from playwright.sync_api import Error, Page, Route

from tests.browser import everything

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAGES_OF_A_VIEW = 2
NOT_FOLLOWED = {"account_logout", "accounts:app-manifest"}  # ends the walk; is no page
FILE = re.compile(r"original$|\.(webp|png|jpg|zip|csv|json)$|/archive/")
LAST = re.compile(r"delete|discard|remove|deactivate|stop|cancel", re.IGNORECASE)

# What a page offers to use. Its identity leaves out what differs from row to row only.
CONTROLS = """() => {
  const plain = (url) => (url || "").replace(/[0-9a-f]{8}-[0-9a-f-]{27}|\\d+/g, "#").replace(/\\?.*/, "");
  const all = document.querySelectorAll(
    "button, input[type=checkbox], input[type=radio]:not(:checked), select, summary, [role=tab], [role=menuitem]");
  return [...all].map((it, index) => {
    it.dataset.walkIndex = index;
    const form = it.form;
    const words = (it.getAttribute("aria-label") || it.innerText || it.textContent || it.name || "").trim();
    return {
      index,
      disabled: Boolean(it.disabled) || it.getAttribute("aria-disabled") === "true",
      key: [it.tagName, words.replace(/\\d+/g, "#").replace(/\\s+/g, " ").slice(0, 40), it.type || "",
        plain(it.getAttribute("formaction") || (form && form.getAttribute("action")) || ""),
        plain(it.getAttribute("hx-get") || it.getAttribute("hx-post") || ""),
        Object.keys(it.dataset).filter((name) => name !== "walkIndex").sort().join(",")].join(" | "),
    };
  });
}"""
LISTEN = """() => {
  const isNew = window.walkEffects === undefined;
  window.walkEffects = [];
  if (!isNew) return;
  const note = (what) => window.walkEffects.push(what);
  new MutationObserver((all) => note(`${all[0].type} ${all[0].attributeName || ""}`)).observe(document, {
    subtree: true, childList: true, attributes: true, characterData: true });
  for (const name of ["toggle", "submit", "invalid", "input", "change", "focusin", "scroll"])
    document.addEventListener(name, () => note(name), true);
  const write = navigator.clipboard && navigator.clipboard.writeText;
  if (write) navigator.clipboard.writeText = (text) => { note("clipboard"); return Promise.resolve(); };
}"""
USE = """(index) => {
  const it = document.querySelector(`[data-walk-index="${index}"]`);
  if (!it) return false;
  const dialog = it.closest("dialog");
  if (dialog && !dialog.open) dialog.showModal();
  if (it.tagName === "SELECT") {
    const other = [...it.options].find((option) => !option.selected && !option.disabled);
    if (other) { it.value = other.value; }
    it.dispatchEvent(new Event("input", { bubbles: true }));
    it.dispatchEvent(new Event("change", { bubbles: true }));
  } else it.click();
  return true;
}"""


@dataclass
class Walk:
    page: Page
    pages: list[str] = field(default_factory=list)
    offers: dict[str, set[str]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    idle: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    sent: int = 0
    posted: int = 0
    is_opening: bool = False

    def read(self, start: str) -> None:
        """Open every page that a link leads to, a few of each view."""
        waiting, known, of_view = [start], {start}, Counter()
        while waiting:
            path = waiting.pop(0)
            view = self._view(path)
            if view in NOT_FOLLOWED or of_view[view] >= PAGES_OF_A_VIEW:
                continue
            of_view[view] += 1
            assert self._open(path), f"{path} does not open"
            self.pages.append(path)
            self.offers[path] = {each["key"] for each in self.page.evaluate(CONTROLS)}
            for href in self.page.eval_on_selector_all("a[href]", "all => all.map(it => it.getAttribute('href'))"):
                found = self._inside(href, path)
                if found and found not in known:
                    known.add(found)
                    waiting.append(found)

    def use(self) -> None:
        """Use each control there is once; those that take something away come last."""
        for is_last in (False, True):
            for path in self.pages:
                if any(self._is_due(key, is_last) for key in self.offers[path]):
                    self._use_all(path, is_last=is_last)

    def _use_all(self, path: str, *, is_last: bool) -> None:
        while self._open(path):  # unless another control has done away with it
            has_sent = False
            while not has_sent:
                controls = [each for each in self.page.evaluate(CONTROLS) if not each["disabled"]]
                control = next((each for each in controls if self._is_due(each["key"], is_last)), None)
                if control is None:
                    return
                has_sent = self._use(control, path)

    def _is_due(self, key: str, is_last: bool) -> bool:
        return key not in self.used and "/logout/" not in key and bool(LAST.search(key)) <= is_last

    def _use(self, control: dict, path: str) -> bool:
        """Use it and wait for anything to come of it; return whether something was sent with it."""
        self.sent = self.posted = 0
        self.used.add(control["key"])
        self.page.evaluate(LISTEN)
        self.page.evaluate(USE, control["index"])
        try:
            self.page.wait_for_function("() => window.walkEffects.length > 0", timeout=1500)
        except Error:
            if not self.sent:
                self.idle.append(f"{control['key']} on {path}")
        return self.posted > 0

    def answer(self, route: Route) -> None:
        """Let everything through, but stay on the page where a control leads to another: where it leads was read."""
        request = route.request
        if request.resource_type in {"image", "media"}:
            route.abort()
            return
        self.sent += 1
        self.posted += request.method == "POST"
        if not request.is_navigation_request() or self.is_opening:
            route.continue_()
            return
        self.posted += request.method != "POST"  # a form that was sent is not sent again from the same page
        response = route.fetch(max_redirects=0)
        if response.status in {403, 405} or response.status >= 500:
            self.refused.append(f"{request.method} {request.url} answers {response.status}")
        route.fulfill(status=204)

    def _open(self, path: str) -> bool:
        for attempt in (1, 2, 3):
            self.is_opening = True
            try:
                response = self.page.goto(path)
                return response is None or response.status < 400
            except Error:  # the answer to a control that leads elsewhere came in between
                if attempt == 3:
                    raise
            finally:
                self.is_opening = False
        return False

    def _inside(self, href: str, path: str) -> str | None:
        parts = urlsplit(href)
        if (
            parts.scheme
            or parts.netloc
            or not parts.path
            or FILE.search(parts.path)
            or parts.path.startswith("/admin/")
        ):
            return None
        return f"{parts.path}?{parts.query}" if parts.query else parts.path

    @staticmethod
    def _view(path: str) -> str:
        try:
            return resolve(urlsplit(path).path).view_name
        except Resolver404:
            pytest.fail(f"a link leads nowhere: {path}")


def test_every_link_opens_and_no_control_does_nothing(transactional_db, open_page):
    """As a member, then as an admin, who uses what is new to them: the rest is the same page."""
    studio = everything.make()
    used: set[str] = set()
    for person in (studio.member, studio.admin):
        page = open_page(person, "/", tolerate=["status of 4", "Failed to load resource"])
        walk = Walk(page, used=used)
        page.on("dialog", lambda dialog: dialog.dismiss())
        page.route(lambda url: True, walk.answer)
        walk.read("/")
        assert len(walk.pages) > 20
        walk.use()
        assert len(used) > 60
        assert walk.idle == []
        assert walk.refused == []
