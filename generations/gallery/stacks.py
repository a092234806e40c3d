"""Stacks: the pictures of a family, from the first prompt to the last upscale, shown as their newest one.

A family is the first job and all that was made from it (`Job.root`), copied onto pictures as `Image.family`.
"""

from collections.abc import Iterable

from django.db.models import Count, Exists, OuterRef, Q

from generations.models import Image
from generations.models.image import ImageQuerySet

MOST = 200  # pictures of one stack that open in place


def fronts(images: ImageQuerySet) -> ImageQuerySet:
    """Of each stack among a member's gallery the picture that stands for it: the newest."""
    # Written as the index says it, with the owner first and the condition whole.
    siblings = Image.objects.in_gallery().filter(owner=OuterRef("owner"), family=OuterRef("family"))
    newer = siblings.filter(
        Q(created_at__gt=OuterRef("created_at")) | Q(pk__gt=OuterRef("pk")), created_at__gte=OuterRef("created_at")
    )
    return images.filter(~Exists(newer))


def of(user, image: Image) -> ImageQuerySet:
    """The pictures in the stack of one of this member's pictures, newest first."""
    mine = Image.objects.visible_to(user).in_gallery()
    return mine.filter(family=image.family).order_by("-created_at", "-id")


def sizes(user, images: Iterable[Image]) -> dict[int, int]:
    """How many pictures there are in the stack of each of these, by family. One statement."""
    families = {image.family for image in images}
    mine = Image.objects.visible_to(user).in_gallery().filter(family__in=families)
    return dict(mine.order_by().values_list("family").annotate(count=Count("pk")))
