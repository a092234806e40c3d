"""The gallery: a person's saved pictures and videos, newest first, by keyset."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils.dateparse import parse_datetime

from generations.models import Image

PAGE = 40


@dataclass(frozen=True)
class GalleryPage:
    images: list[Image]
    older: str  # the key of the next page, "" at the end


def page(user, before: str = "") -> GalleryPage:
    """A page of the gallery after the picture that `before` names. A key that makes no sense is the beginning."""
    images = Image.objects.visible_to(user).in_gallery().select_related("job").order_by("-created_at", "-id")
    key = _read(before)
    if key:
        created_at, pk = key
        # The first condition alone can use the index; the second breaks ties.
        images = images.filter(Q(created_at__lt=created_at) | Q(pk__lt=pk), created_at__lte=created_at)
    found = list(images[: PAGE + 1])
    has_older = len(found) > PAGE
    return GalleryPage(found[:PAGE], _key(found[PAGE - 1]) if has_older else "")


def _key(image: Image) -> str:
    return f"{image.created_at:%Y-%m-%dT%H:%M:%S.%fZ}_{image.pk}"


def _read(key: str) -> tuple[datetime, int] | None:
    moment, _, pk = key.partition("_")
    try:
        created_at = parse_datetime(moment)
    except ValueError:
        return None
    # Years that a time zone could push out of the calendar are no key of ours.
    is_ours = created_at is not None and created_at.tzinfo is not None and 1970 <= created_at.year < 9999
    return (created_at, int(pk)) if created_at and is_ours and pk.isdecimal() and len(pk) < 19 else None
