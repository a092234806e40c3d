"""What the pages of the gallery and its searches cost with few and with very many pictures."""

import json
import random
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account, User
from benchmarks import workload
from benchmarks.figures import Figure, growth
from benchmarks.studio import empty
from generations.gallery import pages
from generations.gallery.query import parse
from generations.keyset import write_key
from generations.models import Image, Job, JobStatus, Prompt
from tests.plans import reads_of

PORTION = 4000
BEGIN = datetime(2023, 1, 1, tzinfo=UTC)
COMMON, RARE = "boat", "zeppelin"
SEARCHES = {
    "a common word": COMMON,
    "a rare word": RARE,
    "a word in a thousand": "heron",
    "two words": "boat heron",
    "a word without another": "boat -lake",
    "favourites": "is:favourite",
    "five stars": "rating:5",
    "upscales": "kind:upscale",
    "one seed": "seed:4711",
    "a month": "after:2023-03-01 before:2023-03-08",
}
VOCABULARY = [f"word{number}" for number in range(3000)]


def measure(*, tick: float, few: int, many: dict[str, int], deep: int) -> tuple[list[Figure], dict[str, Any]]:
    """Fill the studio with `few` pictures, then with `many` (by database), half of them of one member.

    `deep` is the page that is compared with the first.
    """
    owner = _fill(few)
    first_of_few = _cost(lambda: pages.page(owner))
    owner = _fill(many[connection.vendor])
    first = _cost(lambda: pages.page(owner))
    key = _key(owner, deep)
    figures = [
        *_statements(owner),
        Figure(
            "deep_page_ratio", growth(first, _cost(lambda: pages.page(owner, key))), most=1.25, about=f"page {deep}"
        ),
        Figure(
            "page_growth", growth(first_of_few, first), most=1.5, about=f"{few} → {many[connection.vendor]} pictures"
        ),
    ]
    plans: dict[str, str] = {}
    for name, text in SEARCHES.items():
        query = parse(text, today=timezone.localdate())
        cost = _cost(lambda query=query: pages.page(owner, query=query))  # type: ignore[misc]
        found = len(pages.page(owner, query=query).images)
        figures.append(
            Figure(
                "search_cost",
                cost / max(10 * first, 50 * found),
                most=1.0,
                about=f"{name}: {found} found; 1 is the bound",
            )
        )
        plans[name] = "\n".join(_plans(lambda query=query: pages.page(owner, query=query)))  # type: ignore[misc]
    cost = _cost(lambda: pages.page(owner, is_stacked=True))
    # Each picture of a stack of four is looked up once, to see whether a newer one stands for it.
    figures.append(Figure("stacks_cost", cost / first, most=20.0, about="a page of stacks ÷ a page of pictures"))
    plans["stacks"] = "\n".join(_plans(lambda: pages.page(owner, is_stacked=True)))
    scans = [name for name, plan in plans.items() if _is_scan(plan)]
    figures.append(Figure("table_scans", len(scans), most=0, about="of pictures, in all of these"))
    return figures, {"plans": plans, "scans": scans, "unit": "8 kB pages" if _is_postgresql() else "100 steps"}


# Filling


def _fill(count: int) -> User:
    """So many saved pictures, four a job, half of them of the member that is returned."""
    empty()
    owner, other = workload.member("half"), workload.member("others")
    account = Account(name="Account", base_url="http://127.0.0.1:1/v3/midjourney")
    account.set_token("user:1001-benchmark")
    account.save()
    prompts = {user.pk: _prompt(user, account) for user in (owner, other)}
    chance = random.Random(7)
    step = timedelta(days=1000) / max(1, count // 4)
    for start in range(0, count // 4, PORTION // 4):
        numbers = range(start, min(start + PORTION // 4, count // 4))
        jobs = [_job(number, (owner, other)[number % 2], account, prompts, step, chance) for number in numbers]
        jobs = Job.objects.bulk_create(jobs)
        Image.objects.bulk_create(image for job in jobs for image in _images(job, chance))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if _is_postgresql() else "ANALYZE")
    return owner


def _prompt(user: User, account: Account) -> Prompt:
    return Prompt.objects.create(owner=user, account=account, text="many", idempotency_key=uuid.uuid4().hex)


def _job(number: int, owner: User, account: Account, prompts: dict, step: timedelta, chance: random.Random) -> Job:
    words = chance.choices(VOCABULARY, k=12) + [COMMON] * (chance.random() < 0.4) + ["lake"] * (chance.random() < 0.1)
    words += ["heron"] * (chance.random() < 0.001) + [RARE] * (number in {40, 41})
    return Job(
        owner=owner, account=account, prompt=prompts[owner.pk], text=" ".join(words), status=JobStatus.DONE,
        remote_id=f"j{number}", ended_at=BEGIN + step * number, created_at=BEGIN + step * number, kind="imagine",
    )  # fmt: skip


def _images(job: Job, chance: random.Random) -> Iterator[Image]:
    for position in (4, 3, 2, 1):
        name = uuid.UUID(int=chance.getrandbits(128)).hex
        yield Image(
            job=job, owner_id=job.owner_id, family=job.pk, kind="single", position=position,
            words=job.text, created_at=job.created_at, saved_at=job.created_at,
            path=f"{name[:2]}/{name}.png", sha256=name * 2, bytes=1_500_000, width=1456,
            height=816, color="#446688", content_type="image/png", model="7", stylize=100,
            thumbnails=[[320, 179, f"{name[:2]}/{name}-320.webp"], [960, 538, f"{name[:2]}/{name}-960.webp"]],
            favourite=chance.random() < 0.01, rating=5 if chance.random() < 0.005 else 0,
            made_by="upscale" if chance.random() < 0.02 else "imagine", seed=4711 if chance.random() < 0.0002 else None,
        )  # fmt: skip


# Measuring


def _key(owner: User, deep: int) -> str:
    """The key of the page so many pages further, or of the last one."""
    rows = pages.pictures(owner).order_by("-created_at", "-id")
    at = min(deep * pages.PAGE, rows.count() - pages.PAGE - 1)
    image = rows[at]
    return write_key(image.created_at, image.pk)


def _statements(owner: User) -> Iterator[Figure]:
    plain = {**settings.STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    with override_settings(STORAGES=plain, ALLOWED_HOSTS=["localhost"]):
        yield from _counted(owner)


def _counted(owner: User) -> Iterator[Figure]:
    client = Client(SERVER_NAME="localhost")
    client.force_login(owner)
    counts = []
    usual = pages.PAGE
    for tiles in (24, 96):
        pages.PAGE = tiles
        client.get(reverse("generations:gallery"))
        with CaptureQueriesContext(connection) as queries:
            response = client.get(reverse("generations:gallery"))
        if response.status_code != 200 or response.content.count(b"data-ref=") != tiles:
            raise RuntimeError(f"the gallery answers {response.status_code}")
        counts.append(len(queries))
        yield Figure("page_statements", counts[-1], most=8, about=f"{tiles} tiles")
    pages.PAGE = usual
    yield Figure("page_statements_growth", growth(counts[0], counts[1]), most=1.0, about="24 → 96 tiles")


def _cost(code: Callable[[], object]) -> float:
    """Pages that the statements touch on PostgreSQL; on SQLite, which counts none, hundreds of steps of its machine."""
    code()
    if not _is_postgresql():
        return _steps(code)
    touched = 0
    with connection.cursor() as cursor:
        for sql, params in reads_of(code):
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", params)
            found = cursor.fetchone()[0]
            plan = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
            touched += plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    return float(touched)


def _steps(code: Callable[[], object]) -> float:
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    connection.ensure_connection()
    connection.connection.set_progress_handler(count, 100)
    try:
        code()
    finally:
        connection.connection.set_progress_handler(None, 0)
    return float(max(1, steps))


def _plans(code: Callable[[], object]) -> list[str]:
    word = "EXPLAIN (COSTS OFF)" if _is_postgresql() else "EXPLAIN QUERY PLAN"
    with connection.cursor() as cursor:
        lines = []
        for sql, params in reads_of(code):
            cursor.execute(f"{word} {sql}", params)
            lines += [str(row[-1]).rstrip() for row in cursor.fetchall()]
    return lines


def _is_scan(plan: str) -> bool:
    lines = [line.strip() for line in plan.splitlines()]
    of_sqlite = [line for line in lines if line.startswith("SCAN generations_image") and "INDEX" not in line]
    return bool(of_sqlite) or any("Seq Scan on generations_image" in line for line in lines)


def _is_postgresql() -> bool:
    return connection.vendor == "postgresql"
