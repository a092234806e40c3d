"""The gallery: a person's saved pictures and videos, newest first, by keyset."""

from dataclasses import dataclass

from django.db.models import Q

from generations.keyset import read_key, write_key
from generations.models import Image

PAGE = 40


@dataclass(frozen=True)
class GalleryPage:
    images: list[Image]
    older: str  # the key of the next page, "" at the end


def page(user, before: str = "") -> GalleryPage:
    """A page of the gallery after the picture that `before` names. A key that makes no sense is the beginning."""
    images = Image.objects.visible_to(user).in_gallery().select_related("job").order_by("-created_at", "-id")
    key = read_key(before)
    if key:
        created_at, pk = key
        # The first condition alone can use the index; the second breaks ties.
        images = images.filter(Q(created_at__lt=created_at) | Q(pk__lt=pk), created_at__lte=created_at)
    found = list(images[: PAGE + 1])
    has_older = len(found) > PAGE
    return GalleryPage(found[:PAGE], write_key(found[PAGE - 1].created_at, found[PAGE - 1].pk) if has_older else "")
