"""What the pages of batches show: the list, a batch's bar by state, and what changed since a page was made."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Count, Exists, OuterRef, Q
from django.http import HttpRequest

from generations import live
from generations.batches import controls, review
from generations.batches import progress as progressing
from generations.batches.progress import Progress
from generations.cards import Card, make_cards
from generations.models import HOLDS_SLOT, Batch, BatchLine, BatchStatus, Image, Job, JobStatus, LineLevel
from generations.waiting import Waiting

S = JobStatus
PAGE = 20
FAILED, WAITING, MOST_WAITING, PICTURES = 4, 6, 500, 48

# In the order of the bar: state as the sheet colours it, its word, the statuses that it stands for.
GROUPS = (
    ("done", "Done", (S.DONE,)),
    ("failed", "Failed", (S.FAILED, S.REFUSED)),
    ("cancelled", "Cancelled", (S.CANCELLED,)),
    ("uncertain", "Being checked", (S.UNCERTAIN,)),
    ("saving", "Saving", (S.SAVING,)),
    ("running", "Running", (S.RUNNING, S.SUBMITTING)),
    ("queued", "Waiting", (S.QUEUED,)),
)
WIDTH = 1000  # units of the drawn bar
LEAST = 6  # so that one of ten thousand can be seen


@dataclass(frozen=True)
class Segment:
    """A state in the bar; x and width in units of the drawing."""

    state: str
    label: str
    count: int
    x: int
    width: int


def segments(counts: dict[str, int]) -> list[Segment]:
    """The states that occur, with their places in a bar of WIDTH units."""
    found = [(state, label, sum(counts.get(each, 0) for each in statuses)) for state, label, statuses in GROUPS]
    found = [each for each in found if each[2]]
    total = sum(count for *_, count in found)
    widths = [max(LEAST, count * WIDTH // total) for *_, count in found]
    if widths:
        widths[widths.index(max(widths))] += WIDTH - sum(widths)
    at, drawn = 0, []
    for (state, label, count), width in zip(found, widths, strict=True):
        drawn.append(Segment(state, label, count, at, width))
        at += width
    return drawn


def state_of(batch: Batch, counts: dict[str, int]) -> tuple[str, str]:
    """How a batch is shown: the state's name for the sheets, and its word."""
    unfinished = sum(counts.values()) - sum(counts.get(each, 0) for each in (S.DONE, S.REFUSED, S.FAILED, S.CANCELLED))
    if batch.status == BatchStatus.DRAFT:
        return "draft", "Draft"
    if batch.status == BatchStatus.STOPPED:
        return "cancelled", "Stopping" if unfinished else "Stopped"
    if not unfinished:
        return ("done", "Done") if counts.get(S.DONE) else ("failed", "Ended")
    if batch.status == BatchStatus.PAUSED:
        return "paused", "Paused"
    started = unfinished < sum(counts.values()) or any(counts.get(each) for each in (*HOLDS_SLOT, S.SAVING))
    return ("running", "Running") if started else ("queued", "Waiting")


@dataclass(frozen=True)
class Listed:
    """A batch in the list. `counts` by job status; of a draft `chosen` and `lines` instead."""

    batch: Batch
    counts: dict[str, int]
    lines: int = 0
    chosen: int = 0

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def state(self) -> tuple[str, str]:
        return state_of(self.batch, self.counts)

    @cached_property
    def segments(self) -> list[Segment]:
        return segments(self.counts)


def newest(user, before: int | None = None) -> tuple[list[Listed], int | None]:
    """A page of a person's batches, newest first, and the key of the next page; three queries whatever they hold."""
    batches = Batch.objects.visible_to(user).select_related("account").order_by("-id").defer("written")
    if before is not None:
        batches = batches.filter(pk__lt=before)
    found = list(batches[: PAGE + 1])
    page = found[:PAGE]
    jobs, lines = _job_counts(page), _line_counts(page)
    listed = [Listed(batch, jobs.get(batch.pk, {}), *lines.get(batch.pk, (0, 0))) for batch in page]
    return listed, page[-1].pk if len(found) > PAGE else None


def _job_counts(batches: Iterable[Batch]) -> dict[int, dict[str, int]]:
    """Jobs by batch and status; one that was retried counts as its retry."""
    again = Job.objects.filter(retry_of=OuterRef("pk"))  # which is of the same batch
    jobs = Job.objects.filter(batch__in=batches).filter(~Exists(again)).order_by()
    found: dict[int, dict[str, int]] = {}
    for batch, status, count in jobs.values_list("batch", "status").annotate(count=Count("pk")):
        found.setdefault(batch, {})[status] = count
    return found


def _line_counts(batches: Iterable[Batch]) -> dict[int, tuple[int, int]]:
    """All lines and the chosen ones of each draft."""
    drafts = [batch for batch in batches if batch.status == BatchStatus.DRAFT]
    rows = BatchLine.objects.filter(batch__in=drafts).order_by().values_list("batch", "is_chosen")
    found: dict[int, tuple[int, int]] = {}
    for batch, is_chosen, count in rows.annotate(count=Count("pk")):
        lines, chosen = found.get(batch, (0, 0))
        found[batch] = (lines + count, chosen + count * is_chosen)
    return found


@dataclass(frozen=True)
class Level:
    """A chip of the dry run: lines of one level, "" for all."""

    key: str
    label: str
    count: int


def levels(counts: dict[str, int]) -> list[Level]:
    every = Level("", "All", sum(counts.values()))
    return [every, *(Level(key, label, counts[key]) for key, label in LineLevel.choices if counts.get(key))]


def lines_page(batch: Batch, level: str, after: int) -> dict:
    """The next lines of a dry run, and the key of those that follow."""
    rows = review.lines(batch, level, after, review.PAGE + 1)
    page = rows[: review.PAGE]
    return {"lines": page, "more": page[-1].position if len(rows) > review.PAGE else None, "level": level}


@dataclass(frozen=True)
class Cursor:
    """How far a batch's page has seen: the feed's value, the batch's own state, how many waiting lines it shows."""

    after: int
    state: str
    waiting: int = WAITING

    @classmethod
    def read(cls, request: HttpRequest) -> "Cursor | None":
        """The cursor that a page sends along; None where there is none, as without script."""
        sent = request.POST if request.method == "POST" else request.GET
        after = sent.get("after", "")
        if not after.isdecimal() or len(after) > 18:
            return None
        return cls(int(after), sent.get("state", ""), waiting_shown(sent.get("waiting", "")))


def waiting_shown(text: str) -> int:
    """How many waiting lines a page is asked to show."""
    return max(WAITING, min(MOST_WAITING, int(text))) if text.isdecimal() and len(text) < 6 else WAITING


@dataclass(frozen=True)
class Line:
    """A waiting or failed job of a batch, with why it waits or what went wrong."""

    card: Card
    reason: str = ""


@dataclass
class Running:
    """Everything that the page of a confirmed batch shows and that changes by itself."""

    batch: Batch
    cursor: Cursor
    progress: Progress

    @property
    def state(self) -> tuple[str, str]:
        return state_of(self.batch, self.progress.counts)

    @cached_property
    def segments(self) -> list[Segment]:
        return segments(self.progress.counts)

    def count(self, *statuses: str) -> int:
        return sum(self.progress.counts.get(status, 0) for status in statuses)

    @property
    def done(self) -> int:
        return self.count(S.DONE)

    @property
    def in_line(self) -> int:
        return self.count(S.QUEUED)

    @property
    def under_way(self) -> int:
        return self.count(*HOLDS_SLOT)

    @property
    def ended_badly(self) -> int:
        return self.count(S.FAILED, S.REFUSED)

    @cached_property
    def waiting(self) -> list[Line]:
        jobs = self.batch.jobs.filter(status=S.QUEUED).for_cards().order_by("turn_at", "pk")
        found = list(jobs[: self.cursor.waiting])
        reasons = Waiting(found)
        is_paused = self.batch.status == BatchStatus.PAUSED
        said = "This batch is paused"
        return [Line(Card(job), said if is_paused or job.held else reasons.reason(job)) for job in found]

    @property
    def more_waiting(self) -> int | None:
        """How many to show next; None where all are shown, or as many as there may be on a page."""
        shown = len(self.waiting)
        return min(shown + 50, MOST_WAITING) if shown < min(self.in_line, MOST_WAITING) else None

    @cached_property
    def failed(self) -> list[Card]:
        return make_cards(progressing.failed(self.batch, 0, FAILED))

    @cached_property
    def free_retries(self) -> int:
        """How many of those that ended badly cost nothing and can be queued again; none once it is stopped."""
        if not self.ended_badly or self.batch.status == BatchStatus.STOPPED:
            return 0
        ended = controls.not_retried(self.batch.jobs.filter(status__in=controls.ENDED_BADLY))
        never_accepted = Q(status=S.FAILED, remote_id="") & ~Q(error_code="ran_untracked")
        return ended.filter(Q(status=S.REFUSED) | never_accepted).count()

    @property
    def costly_retries(self) -> int:
        return 0 if self.batch.status == BatchStatus.STOPPED else max(0, self.ended_badly - self.free_retries)

    @property
    def only_saves(self) -> bool:
        """Whether nothing waits or runs any more and pictures are being saved."""
        return not self.count(S.QUEUED) and not self.under_way and self.count(S.SAVING) > 0

    @property
    def can_pause(self) -> bool:
        return self.batch.status == BatchStatus.RUNNING and not self.progress.is_over

    @property
    def can_resume(self) -> bool:
        return self.batch.status == BatchStatus.PAUSED and not self.progress.is_over

    @property
    def can_stop(self) -> bool:
        return not self.progress.is_over and (self.batch.status != BatchStatus.STOPPED or bool(self.under_way))

    @property
    def pace(self) -> str:
        if self.progress.is_over:
            return live.SLOW
        return live.FAST if self.under_way or self.count(S.SAVING) else live.MIDDLE


def state_key(batch: Batch) -> str:
    """What a page shows of the batch's own row, in short."""
    return f"{batch.status}.{batch.priority}"


def running(batch: Batch, value: int, waiting: int = WAITING) -> Running:
    """The page of a batch. `value` of the feed must have been read before, so that nothing is missed."""
    return Running(batch, Cursor(value, state_key(batch), waiting), progressing.progress(batch))


def new_pictures(batch: Batch, after: int) -> list[Image]:
    """Pictures of the batch's jobs that changed since then, newest first: all that are new, and perhaps some more."""
    changed = Job.objects.filter(owner=batch.owner_id, change__gt=after, batch=batch)
    images = Image.objects.in_gallery().filter(job__in=changed).select_related("job")
    return list(images.order_by("-pk")[: 4 * PICTURES])


def has_news(batch: Batch, cursor: Cursor) -> bool:
    """Whether anything of this batch changed; other jobs of its owner do not matter."""
    if cursor.state != state_key(batch):
        return True
    return Job.objects.filter(owner=batch.owner_id, change__gt=cursor.after, batch=batch).exists()
