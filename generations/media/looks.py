"""Keeps how saved pictures look, as a perceptual hash of their smallest thumbnail (docs/decisions/0021).

Every look is taken from the thumbnail on the disk, whether the picture has just been saved or was saved years ago, so
that the same picture always has the same look.
"""

import logging
import time

from django.db import IntegrityError
from PIL import Image as Pillow

from generations.engine import shutdown
from generations.media.storages import media
from generations.models import Image, ImageLook
from generations.models.look import BITS, signed

logger = logging.getLogger(__name__)

PORTION = 200  # rows read at once
MOST = 20_000  # pictures that one run catches up with
MOST_SECONDS = 60.0  # of one run; a task of the queue is stopped after 240


def phash_of(picture: Pillow.Image) -> int:
    """The 64 bits of a picture's perceptual hash as a signed number."""
    # SciPy takes 30 MB and a quarter of a second, and only processes that save pictures ever need it.
    import imagehash

    return signed(int(str(imagehash.phash(picture)), 16), BITS)


def read(image: Image) -> int | None:
    """The perceptual hash of a saved picture, from its smallest thumbnail; None where that cannot be read."""
    if not image.thumbnails:
        return None
    try:
        with media().open(image.thumbnails[0][2]) as file, Pillow.open(file, formats=["WEBP"]) as picture:
            return phash_of(picture)
    except (OSError, SyntaxError, ValueError, EOFError, Pillow.DecompressionBombError) as error:
        logger.warning("look not taken image=%s error=%s", image.pk, type(error).__name__)
        return None


def keep(image: Image) -> bool:
    """Take the look of a saved picture anew and store it; return whether that worked. Never raises for a bad file."""
    phash = read(image)
    if phash is None:
        return False
    row = ImageLook.of(image, phash)
    fields = ["phash", *(f"band_{number}" for number in range(4))]
    try:
        ImageLook.objects.bulk_create([row], update_conflicts=True, unique_fields=["image"], update_fields=fields)
    except IntegrityError:  # the picture was deleted meanwhile
        return False
    return True


def catch_up() -> int:
    """Take the looks that are missing, the oldest picture's first, within the bounds of one run; return how many.

    What cannot be read is passed over, and tried again the next time.
    """
    until = time.monotonic() + MOST_SECONDS
    seen = taken = last = 0
    while seen < MOST:
        missing = Image.objects.saved().filter(look=None, pk__gt=last).order_by("pk")
        images = list(missing.only("pk", "owner_id", "thumbnails")[:PORTION])
        if not images:
            break
        for image in images:
            if time.monotonic() > until or shutdown.is_asked():
                return taken
            taken += keep(image)
        seen, last = seen + len(images), images[-1].pk
    return taken
