"""What a page shows of jobs: cards, their tiles and days, in a fixed number of queries."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import groupby

from django.utils import timezone

from generations import family, forecast
from generations.actions import catalogue
from generations.actions.offers import Offers, Surroundings
from generations.explanations import Explanation, explain
from generations.lines.words import each_takes
from generations.models import Image, ImageKind, Job, JobStatus, Lane, Reference, Verb
from generations.models.job import QUIET
from generations.waiting import Waiting, ends_at
from midjourney import prompt as language

PAGE = 12
S = JobStatus

LABELS = {
    S.QUEUED: "Waiting",
    S.SUBMITTING: "Sending",
    S.UNCERTAIN: "Checking",
    S.RUNNING: "Running",
    S.SAVING: "Saving",
    S.DONE: "Done",
    S.REFUSED: "Refused",
    S.FAILED: "Failed",
    S.CANCELLED: "Cancelled",
}

SAYS_WHY = {S.QUEUED, S.UNCERTAIN, S.SAVING, S.REFUSED, S.FAILED}
# Why a job was cancelled that nobody cancelled.
STOPPED_BY_ITSELF = {"chain_broken", "not_offered"}


@dataclass(frozen=True)
class Tile:
    """A box of the final shape, with its picture once that is on our disk."""

    width: int
    height: int
    number: int
    image: Image | None = None
    is_trashed: bool = False


@dataclass(frozen=True)
class Suggestion:
    """One of the prompts that a describe job brought, and the job that it was run as."""

    number: int
    text: str
    job: Job | None = None


@dataclass
class Card:
    """A job as it is shown. `waiting` is why it waits, "" where it does not; `starts_at` is when that is expected to
    end, roughly where too little is known, None where nothing is."""

    job: Job
    waiting: str = ""
    images: list[Image] = field(default_factory=list)
    starts_at: datetime | None = None
    starts_roughly: bool = False
    around: Surroundings | None = None  # of all the cards of a page
    runs: dict[int, Job] = field(default_factory=dict)  # of a describe job: which suggestion was run as which job

    @cached_property
    def offers(self) -> Offers:
        """What can be done with its pictures."""
        return Offers(self.job, self.pictures, self.around or Surroundings([self.job]))

    @cached_property
    def origin(self) -> family.Origin | None:
        """The picture that it was made from by a button."""
        around = self.around or Surroundings([self.job])
        return family.origin(self.job, around.parents.get(self.job.parent_id or 0))

    @property
    def takes(self) -> str:
        """How long it is expected to take once it has started, in words; "" where nothing like it has ended here."""
        return each_takes(forecast.span(self.job.kind))

    @property
    def ends_at(self) -> datetime | None:
        """When it is expected to end, for one that runs."""
        return ends_at(self.job, timezone.now())

    @cached_property
    def tiles(self) -> list[Tile]:
        return list(_tiles(self.job, self.images))

    @cached_property
    def pictures(self) -> list[Image]:
        """Its results without a grid that only repeats them."""
        return pieces(self.images)

    @cached_property
    def shape(self) -> str:
        """How the tiles are laid out: a row of four for tall pictures, two by two for others."""
        if not self.tiles:
            return "none"
        if len(self.tiles) == 1:
            return "one"
        ratio = self.tiles[0].width / self.tiles[0].height
        return "tall" if ratio < 0.9 else "square" if ratio < 1.25 else "wide"

    @property
    def label(self) -> str:
        if self.job.needs_person and self.job.status == S.UNCERTAIN:
            return "Needs you"
        if self.job.cancel_requested_at and not self.job.is_final and self.job.status != S.SAVING:
            return "Stopping"
        return LABELS[S(self.job.status)]

    @cached_property
    def parsed(self) -> language.Prompt:
        return language.parse(self.job.text)

    @cached_property
    def summary(self) -> str:
        """One line such as "16:9 · v7"; for a button that was pressed, its name stands first."""
        return " · ".join(filter(None, (self.action, language.summary(self.parsed))))

    @cached_property
    def summary_alone(self) -> str:
        """The same without what was done, for where that is said beside it."""
        return language.summary(self.parsed)

    @property
    def action(self) -> str:
        """What was done to another job's picture, such as "Upscale (Subtle)"; "" for a prompt of its own."""
        job = self.job
        return catalogue.name(catalogue.read(job.button, job.lane)) if job.verb == Verb.BUTTON else ""

    @cached_property
    def words(self) -> str:
        """The prompt without its parameters."""
        return self.parsed.words or self.job.text

    @property
    def inputs(self) -> list[Reference]:
        """The pictures that it is made from, each once, in order."""
        return list(dict.fromkeys(each.reference for each in self.job.inputs.all()))

    @property
    def suggestions(self) -> list[Suggestion]:
        """What a describe job brought."""
        return [
            Suggestion(number, text, self.runs.get(number)) for number, text in enumerate(self.job.suggestions, start=1)
        ]

    @property
    def explanation(self) -> Explanation | None:
        job = self.job
        if job.status == S.CANCELLED:
            # What it had waited for before does not matter any more.
            is_told = job.error_code.startswith("cancelled") or job.error_code in STOPPED_BY_ITSELF
            return explain(job.error_code if is_told else "cancelled")
        if not job.error_code or job.status not in SAYS_WHY:
            return None
        return explain(job.error_code, base_url=job.account.base_url)

    @property
    def unsafe(self) -> int:
        """How many of its results are not on our disk yet."""
        return sum(1 for image in self.images if not image.is_saved and image.given_up_at is None)

    @property
    def saved(self) -> int:
        return sum(1 for image in self.pictures if image.is_saved)

    @property
    def ticks_since(self) -> datetime | None:
        """From when on a clock is shown that runs."""
        job = self.job
        if job.is_final or job.needs_person:
            return None
        return job.created_at if job.status == S.QUEUED else job.reserved_at or job.created_at

    @property
    def elapsed(self) -> timedelta | None:
        return timezone.now() - self.ticks_since if self.ticks_since else None

    @property
    def took(self) -> timedelta | None:
        """From its turn to the end upstream."""
        job = self.job
        return job.ended_at - job.reserved_at if job.ended_at and job.reserved_at else None

    @property
    def cancel_is_free(self) -> bool:
        return self.job.status == S.QUEUED

    @property
    def asks_whether_it_ran(self) -> bool:
        return self.job.status == S.UNCERTAIN and self.job.needs_person

    @property
    def can_look_up(self) -> bool:
        return self.job.status == S.UNCERTAIN and not self.job.needs_person


def pieces(images: Iterable[Image]) -> list[Image]:
    """The pictures to look at: the four of a grid where they came, else the grid."""
    images = list(images)
    return [image for image in images if image.kind != ImageKind.GRID] or images


def make_cards(jobs: Iterable[Job]) -> list[Card]:
    """Cards of jobs that were loaded with `for_cards()`."""
    jobs = list(jobs)
    waiting, around = Waiting(jobs), Surroundings(jobs)
    runs = _runs([job for job in jobs if job.suggestions])
    return [_card(job, waiting, around, runs.get(job.pk, {})) for job in jobs]


def _runs(described: list[Job]) -> dict[int, dict[int, Job]]:
    """The jobs that suggestions were run as, by describe job and number; no query where there is none."""
    found: dict[int, dict[int, Job]] = {}
    if described:
        run = Job.objects.filter(parent__in=described, verb=Verb.IMAGINE).only("ref", "parent", "parent_position")
        for job in run.order_by("pk"):
            found.setdefault(job.parent_id or 0, {})[job.parent_position] = job
    return found


def _card(job: Job, waiting: Waiting, around: Surroundings, runs: dict[int, Job]) -> Card:
    start = waiting.start(job)
    return Card(
        job=job,
        waiting=waiting.reason(job),
        images=list(job.images.all()),
        starts_at=start.at if start else None,
        starts_roughly=start is not None and waiting.is_rough(job, start),
        around=around,
        runs=runs,
    )


@dataclass
class Day:
    """The cards of one day; `is_continued` where an earlier part of the page has the day's title already."""

    date: date
    label: str
    cards: list[Card]
    is_continued: bool = False

    @property
    def key(self) -> str:
        return self.date.isoformat()


def days(cards: Iterable[Card], *, after: str = "") -> list[Day]:
    """Cards, newest first, by the day of their prompt. `after` is the day that was shown last."""
    grouped = groupby(cards, key=lambda card: timezone.localdate(card.job.created_at))
    return [Day(day, day_label(day), list(of_day), day.isoformat() == after) for day, of_day in grouped]


def day_label(day: date) -> str:
    today = timezone.localdate()
    if day == today:
        return "Today"
    if day == today - timedelta(days=1):
        return "Yesterday"
    return f"{day:%A}, {day.day} {day:%B}" + ("" if day.year == today.year else f" {day.year}")


def newest_jobs(user, before: int | None = None) -> tuple[list[Job], int | None]:
    """A page of a person's jobs outside batches, newest first, and the key of the next page; None at the end."""
    jobs = Job.objects.visible_to(user).alone().for_cards().order_by("-id")
    if before is not None:
        jobs = jobs.filter(pk__lt=before)
    page = list(jobs[: PAGE + 1])
    return page[:PAGE], page[PAGE - 1].pk if len(page) > PAGE else None


def _tiles(job: Job, images: list[Image]) -> Iterator[Tile]:
    shown = pieces(images)
    if not shown and job.is_final:
        return
    if not shown:
        expected = _expected(job)
        yield from (Tile(job.ratio_width, job.ratio_height, number) for number in range(1, expected + 1))
        return
    for image in shown:
        width, height = image.width or job.ratio_width, image.height or job.ratio_height
        is_trashed = image.trashed_at is not None
        yield Tile(width, height, image.position or 1, image if image.is_saved and not is_trashed else None, is_trashed)


def _expected(job: Job) -> int:
    if job.verb in {*QUIET, Verb.DESCRIBE}:
        return 0
    if job.verb == Verb.BUTTON:
        return 1 if job.kind in {"pick", "upscale"} else 4
    batch = str(job.parameters.get("bs", "")) if job.lane == Lane.VIDEO else ""
    return int(batch) if batch in {"1", "2"} else 4
