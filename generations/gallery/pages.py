"""A page of pictures by keyset, grouped by day, in either direction, narrowed by a query."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import groupby

from django.db.models import Max, Min, Q
from django.utils import timezone

from generations.cards import day_label
from generations.gallery import search, stacks
from generations.gallery.query import Query
from generations.keyset import read_key, write_key
from generations.models import Image
from generations.models.image import ImageQuerySet

PAGE = 48
COUNTED = 1000  # beyond this a count says "more than"


@dataclass(frozen=True)
class Day:
    """The pictures of one day; `is_continued` where an earlier part of the page has the day's title already."""

    key: str
    label: str
    images: list[Image]
    is_continued: bool


@dataclass(frozen=True)
class GalleryPage:
    """`older` and `newer` are the keys of the pages beside this one, "" where there is none."""

    images: list[Image]
    older: str
    newer: str = ""
    days: list[Day] = field(default_factory=list)

    @property
    def last_day(self) -> str:
        return self.days[-1].key if self.days else ""


def pictures(user, query: Query | None = None) -> ImageQuerySet:
    """This member's gallery, narrowed by a query; nothing for one that asks for what others have shared."""
    images = Image.objects.visible_to(user).in_gallery()
    if not query:
        return images
    return images.none() if query.person else search.apply(images, query, user)


def seen(user, query: Query) -> ImageQuerySet:
    """What a query shows to this member: their own pictures, or with `person:` what that colleague has shared."""
    if not query.person:
        return pictures(user, query)
    called = Q(owner__name__iexact=query.person) | Q(owner__email__iexact=query.person)
    others = Image.objects.viewable_by(user).in_gallery().exclude(owner=user).filter(called)
    return search.apply(others, query, user)


def page(user, before: str = "", *, query: Query | None = None, is_stacked: bool = False, **where: str) -> GalleryPage:
    """A page of what a query shows, or of the whole gallery, there with `is_stacked` a family as one picture.

    `before` and the rest of `where` say which page, as for `of`.
    """
    if query:
        return of(seen(user, query), before, **where)
    images = pictures(user)
    return of(stacks.fronts(images) if is_stacked else images, before, **where)


def of(images: ImageQuerySet, before: str = "", *, after: str = "", at: str = "", day: str = "") -> GalleryPage:
    """The page that begins after the picture `before`, or with the picture `at`, or that ends before the one `after`.

    A key that makes no sense is the beginning. `day` is the day whose title stands on the page already. The caller
    answers for who may see the pictures.
    """
    # Four pictures have one job: read apart, it is read once, and none is read for pictures that are sorted out.
    rows = images.prefetch_related("job")
    newer_key, older_key = read_key(after), read_key(before) or read_key(at)
    if newer_key:
        moment, pk = newer_key
        rows = rows.filter(Q(created_at__gt=moment) | Q(pk__gt=pk), created_at__gte=moment).order_by("created_at", "id")
        found = list(rows[: PAGE + 1])
        shown = found[:PAGE][::-1]
        older = write_key(shown[-1].created_at, shown[-1].pk) if shown else ""
        newer = write_key(shown[0].created_at, shown[0].pk) if len(found) > PAGE else ""
        return GalleryPage(shown, older, newer, _days(shown, day))
    if older_key:
        moment, pk = older_key
        # The last condition alone can use the index; the others break ties.
        tie = Q(pk__lt=pk) if read_key(before) else Q(pk__lte=pk)
        rows = rows.filter(Q(created_at__lt=moment) | tie, created_at__lte=moment)
    found = list(rows.order_by("-created_at", "-id")[: PAGE + 1])
    shown = found[:PAGE]
    older = write_key(shown[-1].created_at, shown[-1].pk) if len(found) > PAGE else ""
    newer = write_key(shown[0].created_at, shown[0].pk) if older_key and shown else ""
    return GalleryPage(shown, older, newer, _days(shown, day))


def _days(images: Iterable[Image], after: str) -> list[Day]:
    grouped = groupby(images, key=lambda image: timezone.localdate(image.created_at))
    return [
        Day(day.isoformat(), day_label(day), list(of_day), day.isoformat() == after) for day, of_day in grouped
    ]  # fmt: skip


def jump(month: str) -> str:
    """The key of a page that begins with the last picture of a month such as "2026-03"; "" for what is no month."""
    try:
        first = date.fromisoformat(f"{month}-01")
        following = (first + timedelta(days=32)).replace(day=1)
        begin = datetime(following.year, following.month, 1, tzinfo=timezone.get_current_timezone())
    except (ValueError, OverflowError):
        return ""
    return write_key(begin.astimezone(UTC), 0)


def rail(images: ImageQuerySet) -> list[tuple[int, list[tuple[str, str]]]]:
    """Years with their months, newest first, between the first and the last picture: the ends of an index."""
    ends = images.order_by().aggregate(first=Min("created_at"), last=Max("created_at"))
    if ends["first"] is None:
        return []
    first, last = timezone.localdate(ends["first"]), timezone.localdate(ends["last"])
    years = []
    for year in range(last.year, first.year - 1, -1):
        months = range(12 if year < last.year else last.month, 0 if year > first.year else first.month - 1, -1)
        years.append((year, [(f"{year:04d}-{month:02d}", f"{date(year, month, 1):%b}") for month in months]))
    return years


def count(images: ImageQuerySet) -> tuple[int, bool]:
    """How many there are, and whether there are more than that; no more than `COUNTED` rows are looked at."""
    found = images.order_by()[: COUNTED + 1].count()
    return min(found, COUNTED), found > COUNTED
