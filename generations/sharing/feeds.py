"""What was shared with a member and with the team: newest first, by keyset, in a fixed number of queries."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import BigIntegerField, Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from generations.keyset import read_key, write_key
from generations.models import Collection, CollectionEntry, Comment, Grant, Image, PublicLink
from generations.sharing import seeing, talking

PAGE = 24


@dataclass(frozen=True)
class Shared:
    """A picture or collection with who shared it. `cover` and `count` are unknown for a search under a name."""

    grant: Grant
    cover: Image | None
    count: int | None = None


@dataclass(frozen=True)
class FeedPage:
    items: list[Shared]
    older: str  # the key of the next page, "" at the end


@dataclass(frozen=True)
class MentionPage:
    comments: list[Comment]
    older: str


@dataclass(frozen=True)
class Mine:
    """Something that this member shares, and with how many."""

    thing: Image | Collection
    cover: Image | None
    has_team: bool
    people: int
    links: int


def with_me(user, before: str = "") -> FeedPage:
    return _page(Grant.objects.filter(user_id=user.pk), before)


def with_team(user, before: str = "") -> FeedPage:
    return _page(Grant.objects.reaching(user).filter(user=None), before)


def mentions(user, before: str = "") -> MentionPage:
    rows = talking.mentions_of(user)
    if before.isdecimal() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows[: PAGE + 1])
    return MentionPage(found[:PAGE], str(found[PAGE - 1].pk) if len(found) > PAGE else "")


def _page(rows: QuerySet[Grant], before: str) -> FeedPage:
    showable = Q(image__saved_at__isnull=False, image__trashed_at=None)
    rows = rows.filter(Q(image=None) | showable).select_related("image", "collection__owner", "created_by")
    key = read_key(before)
    if key:
        at, pk = key
        rows = rows.filter(Q(created_at__lt=at) | Q(pk__lt=pk), created_at__lte=at)
    found = list(rows.order_by("-created_at", "-id")[: PAGE + 1])
    shown = found[:PAGE]
    older = write_key(shown[-1].created_at, shown[-1].pk) if len(found) > PAGE else ""
    return FeedPage(_with_covers(shown), older)


def _with_covers(grants: Iterable[Grant]) -> list[Shared]:
    grants = list(grants)
    pks = [grant.collection_id for grant in grants if grant.collection_id]
    covers = covered(Collection.objects.filter(pk__in=pks))
    return [
        Shared(grant, grant.image) if grant.image else Shared(grant, *covers[grant.collection_id or 0])
        for grant in grants
    ]


def covered(collections: QuerySet[Collection]) -> dict[int, tuple[Image | None, int | None]]:
    """The cover and the number of pictures of each collection, as others see it. Two queries.

    What its owner has chosen as the cover counts while it lies in the collection; the first picture does otherwise.
    """
    inside = CollectionEntry.objects.filter(
        collection=OuterRef("pk"), image__trashed_at=None, image__saved_at__isnull=False
    )
    chosen = inside.filter(image=OuterRef("cover")).values("image")[:1]
    first = inside.order_by("position", "id").values("image")[:1]
    seen = Q(entries__image__trashed_at=None, entries__image__saved_at__isnull=False)
    rows = list(
        collections.annotate(
            front=Coalesce(Subquery(chosen), Subquery(first), output_field=BigIntegerField()),
            count=Count("entries", filter=seen),
        ).values_list("pk", "query", "front", "count")
    )
    images = Image.objects.filter(seeing.SHOWABLE).in_bulk(
        [front for _, query, front, _ in rows if front and not query]
    )
    return {pk: (images.get(front), None if query else count) for pk, query, front, count in rows}


def by_me(user, most: int = 60) -> tuple[list[Mine], list[Mine]]:
    """This member's collections, shared or not, and the pictures that they share; newest first, in five queries."""
    collections = list(_counted(Collection.objects.owned_by(user)).order_by("-pk")[:most])
    covers = covered(Collection.objects.filter(pk__in=[row.pk for row in collections]))
    images = Image.objects.visible_to(user).filter(Q(grants__isnull=False) | Q(links__isnull=False), seeing.SHOWABLE)
    pictures = list(_counted(Image.objects.filter(pk__in=images.values("pk"))).order_by("-pk")[:most])
    return (
        [Mine(row, covers[row.pk][0], bool(row.teams), row.people, row.open_links) for row in collections],
        [Mine(row, row, bool(row.teams), row.people, row.open_links) for row in pictures],
    )


def _counted(rows):
    """With how many each is shared."""
    field = "image" if rows.model is Image else "collection"
    links = PublicLink.objects.open().filter(**{field: OuterRef("pk")}).order_by().values(field)
    opened = Subquery(links.annotate(count=Count("pk")).values("count"))
    return rows.annotate(
        people=Count("grants", filter=Q(grants__user__is_active=True), distinct=True),
        teams=Count("grants", filter=Q(grants__isnull=False, grants__user=None), distinct=True),
        open_links=Coalesce(opened, 0),
    )
