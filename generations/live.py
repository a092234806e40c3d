"""What changed for a person since their page was made. Nothing new costs one read by primary key."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from generations import cards, family
from generations.cards import Card, Day
from generations.models import HOLDS_SLOT, Feed, Image, Job, JobStatus

SEEN_EVERY = timedelta(seconds=10)
MOST_NEW = 100  # cards put on top of a page that was left open; beyond that the page is loaded anew
TELL_EVERY = 20  # seconds: why and how long jobs wait changes with other people's jobs, which no feed tells
MOST_TOLD = 40  # waiting cards that are made anew with it
MOST_CHANGED = 300  # cards of any age in one answer, likewise

FAST, MIDDLE, SLOW = "1500ms", "4s", "10s"


@dataclass(frozen=True)
class Cursor:
    """How far a page has seen: the feed's value, its newest and oldest job, its newest day; or the one job it shows.

    `told` is when, in seconds, it was last told why its jobs wait; 0 where none does.
    """

    after: int = 0
    newest: int = 0
    oldest: int = 0
    day: str = ""
    job: str = ""
    told: int = 0

    @classmethod
    def read(cls, request: HttpRequest) -> "Cursor | None":
        """The cursor that a page sends along; None where there is none, as without script."""
        sent = request.POST if request.method == "POST" else request.GET
        if not sent.get("after", "").isdecimal():
            return None
        oldest = [_number(value) for value in sent.getlist("oldest")]
        return cls(
            after=_number(sent["after"]),
            newest=_number(sent.get("newest", "")),
            oldest=min(oldest, default=0),
            day=sent["day"] if _is_day(sent.get("day", "")) else "",
            job=_ref(sent.get("job", "")),
            told=_number(sent.get("told", "")),
        )


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 19 else 0


def _ref(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return ""


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


@dataclass
class Changes:
    """What to put into a page. `known` cards are on it already, `days` hold the new ones, `shown_day` is its newest."""

    cursor: Cursor
    pace: str
    known: list[Card] = field(default_factory=list)
    days: list[Day] = field(default_factory=list)
    shown_day: str = ""
    unsafe: int = 0
    is_too_much: bool = False
    family_of: Job | None = None  # the one job that the page shows, where its family has news

    @property
    def ended(self) -> list[Card]:
        return [card for card in self.known if card.job.is_final]

    @property
    def yesterday(self) -> Day | None:
        """The day that was "Today" on the page until a new one began."""
        if not self.shown_day or not self.days or self.days[0].key == self.shown_day:
            return None
        day = date.fromisoformat(self.shown_day)
        return Day(day, cards.day_label(day), [])


def look(user) -> int:
    """The person's feed value; tells the engine, now and then, that somebody is looking."""
    row = Feed.objects.filter(owner=user).values_list("value", "seen_at").first()
    if row is None:
        return Feed.objects.get_or_create(owner=user)[0].value
    value, seen_at = row
    now = timezone.now()
    if now - seen_at > SEEN_EVERY:
        Feed.objects.filter(owner=user).update(seen_at=now)
    return value


def unfinished(user) -> set[str]:
    """The states in which this person's unfinished jobs are."""
    return set(Job.objects.visible_to(user).unfinished().values_list("status", flat=True).distinct())


def pace(user) -> str:
    """How often a page asks: fast while something runs, slow when there is nothing to wait for."""
    return _pace(unfinished(user))


def _pace(statuses: set[str]) -> str:
    if statuses & {*HOLDS_SLOT, JobStatus.SAVING}:
        return FAST
    return MIDDLE if statuses else SLOW


def unsafe_count(user) -> int:
    """How many of a person's results are not on our disk yet."""
    return Image.objects.visible_to(user).not_yet_safe().count()


def first_cursor(user, jobs: list[Job], value: int) -> Cursor:
    """The cursor of a page of these jobs. `value` must have been read before them, so that nothing is missed."""
    return Cursor(
        after=value,
        newest=jobs[0].pk if jobs else 0,
        oldest=jobs[-1].pk if jobs else 0,
        day=timezone.localdate(jobs[0].created_at).isoformat() if jobs else "",
        told=told_now(job.status for job in jobs),
    )


def told_now(statuses: Iterable[str]) -> int:
    """The cursor's `told` for a page that has just been made, if something on it waits."""
    return int(timezone.now().timestamp()) if JobStatus.QUEUED in statuses else 0


def _waits_untold(user, cursor: Cursor) -> list[int]:
    """Waiting jobs on the page that were told long ago why they wait, and how long."""
    if not cursor.told or timezone.now().timestamp() - cursor.told < TELL_EVERY:
        return []
    waiting = Job.objects.visible_to(user).filter(status=JobStatus.QUEUED, pk__gte=cursor.oldest)
    on_page = waiting.filter(ref=cursor.job) if cursor.job else waiting.alone().filter(pk__lte=cursor.newest)
    return list(on_page.order_by("-pk").values_list("pk", flat=True)[:MOST_TOLD])


def changes(user, cursor: Cursor) -> Changes | None:
    """What is new since the cursor; None where nothing is."""
    value = look(user)
    untold = _waits_untold(user, cursor)
    if value <= cursor.after and not untold:
        return None
    news = Q(change__gt=cursor.after, pk__gte=cursor.oldest)
    changed = Job.objects.visible_to(user).filter(news | Q(pk__in=untold) if untold else news)
    changed = changed.filter(ref=cursor.job) if cursor.job else changed.alone()
    if changed.filter(pk__gt=cursor.newest).count() > MOST_NEW or changed[: MOST_CHANGED + 1].count() > MOST_CHANGED:
        return Changes(cursor, SLOW, is_too_much=True)
    made = cards.make_cards(changed.for_cards().order_by("-pk"))
    new = cards.days(card for card in made if card.job.pk > cursor.newest)
    statuses = unfinished(user)
    return Changes(
        cursor=Cursor(
            after=value,
            newest=max([cursor.newest, *(card.job.pk for card in made)]),
            oldest=cursor.oldest,
            day=max([cursor.day, *(day.key for day in new)]),
            told=told_now(statuses),
        ),
        pace=_pace(statuses),
        known=[card for card in made if card.job.pk <= cursor.newest],
        days=new,
        shown_day=cursor.day,
        unsafe=unsafe_count(user),
        family_of=_with_family_news(user, cursor),
    )


def _with_family_news(user, cursor: Cursor) -> Job | None:
    shown = Job.objects.visible_to(user).defer("upstream").filter(ref=cursor.job).first() if cursor.job else None
    return shown if shown and family.has_changed(user, shown, cursor.after) else None
