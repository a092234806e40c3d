"""Collections: what a page shows of them, their order, their cover."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import BigIntegerField, Count, Max, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from generations.gallery import pages
from generations.gallery.query import parse
from generations.models import Collection, CollectionEntry, Image, Job
from generations.models.image import ImageQuerySet

PAGE = 40
STEP = 1024  # between two positions


@dataclass(frozen=True)
class Shelf:
    """A collection with how many pictures it has (None for a smart one, which is not counted) and its first picture."""

    collection: Collection
    count: int | None
    cover: Image | None


@dataclass(frozen=True)
class EntryPage:
    images: list[Image]
    older: str  # the key of the next page, "" at the end


def shelves(user) -> list[Shelf]:
    """The member's collections by name, in three queries."""
    first = CollectionEntry.objects.filter(
        collection=OuterRef("pk"), image__trashed_at=None, image__saved_at__isnull=False
    ).order_by("position", "id")
    rows = list(
        Collection.objects.owned_by(user)
        .annotate(
            count=Count("entries", filter=Q(entries__image__trashed_at=None)),
            front=Coalesce("cover_id", Subquery(first.values("image")[:1]), output_field=BigIntegerField()),
        )
        .order_by("name")
    )
    covers = Image.objects.visible_to(user).saved().in_bulk([row.front for row in rows if row.front])
    return [Shelf(row, None if row.is_smart else row.count, covers.get(row.front)) for row in rows]


def entries(collection: Collection, after: str = "") -> EntryPage:
    """A page of a plain collection, in its own order. A key that makes no sense is the beginning."""
    rows = collection.entries.filter(image__trashed_at=None, image__saved_at__isnull=False)
    position, _, pk = after.partition("_")
    if position.lstrip("-").isdecimal() and pk.isdecimal() and len(after) < 39:
        rows = rows.filter(Q(position__gt=int(position)) | Q(pk__gt=int(pk)), position__gte=int(position))
    found = list(rows.select_related("image").prefetch_related("image__job").order_by("position", "id")[: PAGE + 1])
    last = found[PAGE - 1] if len(found) > PAGE else None
    return EntryPage([entry.image for entry in found[:PAGE]], f"{last.position}_{last.pk}" if last else "")


def pictures(collection: Collection) -> ImageQuerySet:
    """What a collection holds: its entries, or for a smart one what its search finds among its owner's pictures."""
    owner = collection.owner
    if collection.is_smart:
        return pages.pictures(owner, parse(collection.query, today=timezone.localdate()))
    return Image.objects.visible_to(owner).saved().filter(trashed_at=None, entries__collection=collection)


def file_away(job: Job) -> int:
    """Put a job's pictures into the collection that was chosen for it; return how many."""
    collection = Collection.objects.plain().filter(pk=job.into_id or 0, owner_id=job.owner_id).first()
    if collection is None:  # it was deleted meanwhile, or has become a search
        return 0
    images = Image.objects.filter(job=job).in_gallery().order_by("position")
    return len(add(job.owner, collection, list(images.values_list("pk", flat=True))))


def add(user, collection: Collection, pks: Sequence[int]) -> list[int]:
    """Put pictures at the end of a collection, in this order; return those that were not in it already."""
    with transaction.atomic():
        # Whoever adds at the same time waits here, so that positions stay in the order of adding.
        Collection.objects.select_for_update(no_key=True).get(pk=collection.pk)
        present = CollectionEntry.objects.filter(collection=collection, image__in=pks)
        have = set(present.values_list("image_id", flat=True))
        new = [pk for pk in pks if pk not in have]
        last = CollectionEntry.objects.filter(collection=collection).aggregate(last=Max("position"))["last"] or 0
        CollectionEntry.objects.bulk_create(
            CollectionEntry(collection=collection, image_id=pk, position=last + STEP * number, added_by=user)
            for number, pk in enumerate(new, start=1)
        )
    return new


def move(collection: Collection, image: Image, to: str) -> bool:
    """Put a picture first, last, or one place earlier or later; return whether it moved."""
    with transaction.atomic():
        Collection.objects.select_for_update(no_key=True).get(pk=collection.pk)
        entry = collection.entries.filter(image=image).first()
        if entry is None:
            return False
        others = collection.entries.exclude(pk=entry.pk)
        earlier = others.filter(Q(position__lt=entry.position) | Q(position=entry.position, pk__lt=entry.pk))
        later = others.filter(Q(position__gt=entry.position) | Q(position=entry.position, pk__gt=entry.pk))
        match to:
            case "first":
                beside = earlier.order_by("position", "pk").first()
                position = beside.position - STEP if beside else entry.position
            case "last":
                beside = later.order_by("-position", "-pk").first()
                position = beside.position + STEP if beside else entry.position
            case "earlier" | "later":
                rows = earlier.order_by("-position", "-pk") if to == "earlier" else later.order_by("position", "pk")
                beside = rows.first()
                if beside is None:
                    return False
                position = beside.position
                CollectionEntry.objects.filter(pk=beside.pk).update(position=entry.position)
            case _:
                return False
        if position == entry.position:
            return False
        CollectionEntry.objects.filter(pk=entry.pk).update(position=position)
    return True
