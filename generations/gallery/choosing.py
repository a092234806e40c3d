"""The pictures that somebody ticked in the gallery, or all that its search finds."""

from django.http import QueryDict
from django.utils import timezone

from generations import refs
from generations.gallery import pages
from generations.gallery.query import parse
from generations.models import Image
from generations.models.image import ImageQuerySet


def all_matching(user, sent: QueryDict) -> ImageQuerySet:
    """What the search that a form was sent from finds among this member's pictures, newest first."""
    query = parse(sent.get("q", ""), today=timezone.localdate())
    return pages.pictures(user, query).order_by("-created_at", "-id")


def ticked(user, sent: QueryDict, most: int) -> list[Image]:
    """At most so many of this member's saved pictures, as they were ticked; with "all" the newest that match."""
    if sent.get("all"):
        return list(all_matching(user, sent).select_related("job")[:most])
    wanted = refs.known(sent.getlist("image"))[:most]
    rows = Image.objects.visible_to(user).in_gallery().filter(ref__in=wanted).select_related("job")
    found = {image.ref: image for image in rows}
    return [found[ref] for ref in wanted if ref in found]
