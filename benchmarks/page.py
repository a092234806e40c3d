"""What a page of the gallery costs who looks at it: bytes of pictures, shifts, requests; and a poll without news."""

import uuid
from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from accounts.models import Account, User
from benchmarks import polling, workload
from benchmarks.figures import Figure
from benchmarks.photographs import photograph
from benchmarks.site import Request, Site, running, session_of
from benchmarks.studio import DidNotHappen, empty
from generations.gallery import facts
from generations.media import library
from generations.models import Image, Job, JobStatus, Prompt
from tests import machine

TILES = 48
SHARE = 0.25  # bytes for each device pixel that is shown
SHAPES = [(1456, 816), (1024, 1024), (896, 1344), (1344, 896), (928, 1232), (816, 1456)]
SCREENS = [(1440, 900, 1), (1440, 900, 2), (390, 844, 3)]  # CSS pixels, and device pixels for each
WATCH = """
window.shifts = [];
const rect = ({ x, y, width, height }) => [x, y, width, height].map(Math.round).join(" ");
const told = ({ node, previousRect, currentRect }) =>
  `${node?.nodeName}.${node?.className} ${rect(previousRect)} → ${rect(currentRect)}`;
new PerformanceObserver((list) => {
  for (const { value, sources } of list.getEntries()) window.shifts.push({ value, sources: sources.map(told) });
}).observe({ type: "layout-shift", buffered: true });
"""
SHOWN = """() => [...document.querySelectorAll("[data-gallery] > .tile > img")].map((image) => {
  const { width, height } = image.getBoundingClientRect();
  const used = Number(image.currentSrc.split("/").pop().split(".")[0]);
  return { area: width * height, done: image.complete && image.naturalWidth > 0, used, width, height };
})"""


def measure(*, tick: float, photographs: int, polls: int) -> tuple[list[Figure], dict[str, Any]]:
    """Fill a gallery with `TILES` pictures made from so many photographs, look at it in Chromium, and poll."""
    empty()
    owner = workload.member("looks")
    _fill(owner, photographs)
    cookie = session_of(owner)  # before the browser, in whose loop Django’s models cannot be used
    figures: list[Figure] = []
    notes: dict[str, Any] = {}
    with running() as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_chromium(), args=machine.CHROMIUM_ARGUMENTS)
        for width, height, density in SCREENS:
            about = f"{width} wide, {density} device pixels a pixel"
            found, notes[about] = _look(browser, site, cookie, (width, height), density)
            figures += [Figure(name, value, most=most, about=about) for name, value, most in found]
        browser.close()
    return [*figures, *polling.figures(owner, polls)], notes


# Filling


def _fill(owner: User, count: int) -> None:
    """Jobs of four pictures, saved like any other: the photographs by turns."""
    account = Account(name="Account", base_url="http://127.0.0.1:1/v3/midjourney")
    account.set_token("user:1001-benchmark")
    account.save()
    folder = settings.DATA_DIR / "samples"
    folder.mkdir(parents=True)
    paths = []
    for number in range(count):
        paths.append(folder / f"{number}.png")
        photograph(*SHAPES[number % len(SHAPES)], number).save(paths[-1])
    prompt = Prompt.objects.create(owner=owner, account=account, text="a page", idempotency_key=uuid.uuid4().hex)
    for number in range(TILES):
        if number % 4 == 0:
            job = Job.objects.create(
                owner=owner,
                account=account,
                prompt=prompt,
                text="a page",
                status=JobStatus.DONE,
                remote_id=f"j{number}",
            )
        saved = library.publish(library.copy(paths[number % count], "single"))
        Image.objects.create(
            job=job, owner=owner, kind="single", position=number % 4 + 1, saved_at=job.created_at, **facts.of_job(job),
            **saved,
        )  # fmt: skip


# Looking


def _chromium() -> str:
    path = machine.chromium()
    if path is None:
        raise DidNotHappen("Chromium is found (CHROMIUM)")
    return path


def _look(
    browser: Browser, site: Site, cookie: str, size: tuple[int, int], density: int
) -> tuple[Iterator[tuple[str, float, float]], dict[str, Any]]:
    """The first view, the second, and what both say."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, device_scale_factor=density, base_url=site.url
    )
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": site.url}])
    context.add_init_script(WATCH)
    try:
        first, shown, shifts = _view(context, site)
        second, _, again = _view(context, site)
    finally:
        context.close()
    pixels = sum(tile["area"] for tile in shown) * density**2
    sizes = sum(request.bytes for request in first)
    found = [
        ("page_tiles", float(len(shown)), TILES),
        ("page_bytes_ratio", sizes / (pixels * SHARE), 1.3),
        ("page_layout_shift", sum(shift["value"] for shift in [*shifts, *again]), 0.0),
        ("second_view_requests", float(len(second)), 0.0),
    ]
    notes = {
        "bytes": sizes, "pixels": round(pixels), "requests": Counter(request.path[-9:] for request in first),
        "tiles": Counter(f"{tile['width']:.0f} × {tile['height']:.0f}: {tile['used']}" for tile in shown),
        "shifts": [*shifts, *again],
    }  # fmt: skip
    return iter(found), notes


def _view(context: BrowserContext, site: Site) -> tuple[list[Request], list[dict[str, Any]], list[dict[str, Any]]]:
    """Open the gallery and read it to its end: pictures that the site was asked for, the tiles, what shifted."""
    begin = len(site.settled(0))
    page = context.new_page()
    page.goto("/gallery/")
    _read(page)
    asked = [request for request in site.settled(begin) if request.path.startswith("/images/")]
    shown, shifts = page.evaluate(SHOWN), page.evaluate("window.shifts")
    page.close()
    return asked, shown, shifts


def _read(page: Page) -> None:
    """Move down by half a screen at a time until all pictures are there."""
    while not page.evaluate("scrollY + innerHeight >= document.documentElement.scrollHeight - 1"):
        page.evaluate("scrollBy(0, innerHeight / 2)")
        page.wait_for_timeout(100)
    while not all(tile["done"] for tile in page.evaluate(SHOWN)):
        page.wait_for_timeout(100)
