"""What a page shows of a member's references: the library by keyset, last used first."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q
from django.utils import timezone

from generations.keyset import read_key, write_key
from generations.media import library
from generations.models import Reference

PAGE = 48
UNUSED_FOR = timedelta(days=1)


@dataclass(frozen=True)
class ShelfPage:
    references: list[Reference]
    older: str  # the key of the next page, "" at the end


def page(user, before: str = "", size: int = PAGE) -> ShelfPage:
    """A page of the library after the picture that `before` names. A key that makes no sense is the beginning."""
    rows = Reference.objects.visible_to(user).in_library().order_by("-used_at", "-id")
    key = read_key(before)
    if key:
        moment, pk = key
        rows = rows.filter(Q(used_at__lt=moment) | Q(pk__lt=pk), used_at__lte=moment)
    found = list(rows[: size + 1])
    has_older = len(found) > size
    return ShelfPage(found[:size], write_key(found[size - 1].used_at, found[size - 1].pk) if has_older else "")


def take_out(reference: Reference) -> None:
    """Take a picture out of the library. Jobs that used it keep it."""
    Reference.objects.filter(pk=reference.pk, removed_at=None).update(removed_at=timezone.now())


def forget_unused(most: int = 500) -> int:
    """Delete pictures that were taken out a day ago and that no job uses; return how many."""
    old = Reference.objects.filter(removed_at__lt=timezone.now() - UNUSED_FOR)
    unused = old.annotate(count=Count("uses")).filter(count=0).order_by("pk")[:most]
    done = 0
    for reference in unused:
        # Whoever uses it again meanwhile has put it back into the library.
        deleted, _ = Reference.objects.filter(pk=reference.pk, removed_at=reference.removed_at, uses=None).delete()
        if deleted:
            library.discard({"path": reference.path, "thumbnails": reference.thumbnails})
            done += 1
    return done
