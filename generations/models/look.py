"""How a saved picture looks, in 64 bits: what near-duplicates are found by (docs/decisions/0021)."""

from collections.abc import Iterator
from functools import reduce
from operator import or_

from django.conf import settings
from django.db import models
from django.db.models import Q

from generations.models.image import Image

BITS = 64
BAND = 16  # bits of one band
BANDS = BITS // BAND
SURE_WITHIN = 2 * BANDS - 1  # bits apart, up to which some band differs by one bit at most


def signed(value: int, bits: int) -> int:
    """The two's complement of an unsigned number of so many bits, as databases keep it."""
    return value - (1 << bits) if value >> (bits - 1) else value


def bands(phash: int) -> list[int]:
    """The four quarters of a hash, lowest bits first, each as a signed number of 16 bits."""
    return [signed(phash >> (BAND * number) & 0xFFFF, BAND) for number in range(BANDS)]


def around(band: int) -> list[int]:
    """This value of a band and the sixteen that differ from it by one bit."""
    return [band, *(signed((band & 0xFFFF) ^ (1 << bit), BAND) for bit in range(BAND))]


def hamming(one: int, other: int) -> int:
    """How many bits two hashes differ by, 0 to 64."""
    return ((one ^ other) & (1 << BITS) - 1).bit_count()


class ImageLookQuerySet(models.QuerySet["ImageLook"]):
    def near(self, user, phash: int) -> "ImageLookQuerySet":
        """This member's looks with a band that differs by one bit at most: candidates, whatever their distance."""
        # The owner is said for each band, and nowhere else: each is a lookup in an index that begins with the owner,
        # and SQLite would rather read all of this owner's looks where the owner stands outside.
        conditions = [Q(owner_id=user.pk, **{name: values}) for name, values in _lookups(phash)]
        return self.filter(reduce(or_, conditions))


def _lookups(phash: int) -> Iterator[tuple[str, list[int]]]:
    for number, band in enumerate(bands(phash)):
        yield f"band_{number}__in", around(band)


class ImageLook(models.Model):
    """The perceptual hash of one picture, or of a video's poster, with its quarters to find it by.

    The owner is copied from the picture: an index of both narrows the search to one member's pictures.
    """

    image = models.OneToOneField(Image, models.CASCADE, primary_key=True, related_name="look")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    phash = models.BigIntegerField()  # the 64 bits as a signed number
    band_0 = models.SmallIntegerField()
    band_1 = models.SmallIntegerField()
    band_2 = models.SmallIntegerField()
    band_3 = models.SmallIntegerField()

    objects = ImageLookQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(name=f"look_band_{number}", fields=["owner", f"band_{number}"]) for number in range(4)]

    @classmethod
    def of(cls, image: Image, phash: int) -> "ImageLook":
        """The row of a picture with this hash; not stored."""
        named = {f"band_{number}": band for number, band in enumerate(bands(phash))}
        return cls(image=image, owner_id=image.owner_id, phash=phash, **named)
