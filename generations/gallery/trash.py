"""The trash: what was thrown away is deleted for good after a while, or when its owner says so."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from generations.media import library
from generations.models import Image
from generations.models.image import ImageQuerySet

logger = logging.getLogger(__name__)

MOST = 2000  # pictures that one run or one press deletes


def empty(images: ImageQuerySet, most: int = MOST) -> int:
    """Delete pictures that are in the trash, with their files; return how many.

    The row goes first: what a crash leaves behind then is a file that nobody names, never a picture without its file.
    """
    done = 0
    for image in images.in_trash().order_by("trashed_at", "pk")[:most]:
        # Whoever has put it back meanwhile keeps it.
        deleted, _ = Image.objects.filter(pk=image.pk, trashed_at=image.trashed_at).delete()
        if deleted:
            library.discard({"path": image.path, "thumbnails": image.thumbnails})
            done += 1
    if done:
        logger.info("trash emptied pictures=%s", done)
    return done


def forget_old(now: datetime | None = None) -> int:
    """Delete what has been in the trash for `settings.TRASH_DAYS`. Runs daily."""
    old = (now or timezone.now()) - timedelta(days=settings.TRASH_DAYS)
    return empty(Image.objects.filter(trashed_at__lt=old))
