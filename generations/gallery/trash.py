"""Empties the trash: pictures leave for good, the jobs they came from stay.

A row goes first, with what hangs on it, and its files once that is committed. Where the process dies in between, files
are left that no row names; `verify_media` finds those.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from generations.engine import shutdown
from generations.media import library
from generations.models import Image
from generations.models.image import ImageQuerySet

STEP = 100  # pictures that one transaction removes
MOST = 1_000  # pictures that a press of the button removes: a few seconds
MOST_DAILY = 20_000


def empty(images: ImageQuerySet, most: int = MOST) -> int:
    """Delete those of the pictures that are in the trash, the oldest first; return how many.

    At most so many: where pictures are left in the trash, ask once more.
    """
    count = 0
    while count < most and not shutdown.is_asked():
        due = images.in_trash().order_by("trashed_at", "pk")[: min(STEP, most - count)]
        pks = list(due.values_list("pk", flat=True))
        removed = _delete(pks) if pks else 0
        if not removed:
            break
        count += removed
    return count


def empty_old(now: datetime | None = None) -> int:
    """Delete what has been in the trash for `settings.TRASH_DAYS`; return how many."""
    limit = (now or timezone.now()) - timedelta(days=settings.TRASH_DAYS)
    return empty(Image.objects.filter(trashed_at__lt=limit), MOST_DAILY)


def _delete(pks: list[int]) -> int:
    """Delete pictures with their files, but for those that somebody has taken out of the trash meanwhile."""
    with transaction.atomic():
        going = list(Image.objects.in_trash().filter(pk__in=pks).order_by("pk").select_for_update(of=["self"]))
        Image.objects.filter(pk__in=[image.pk for image in going]).delete()
    for image in going:
        library.discard({"path": image.path, "thumbnails": image.thumbnails})
    return len(going)
