"""Template tags of jobs and pictures."""

from dataclasses import dataclass
from datetime import UTC, timedelta

from django import template

from generations.keyset import write_key
from generations.media import pictures
from generations.models import Image

register = template.Library()

# Shapes that gallery.css knows, width divided by height; in between, the nearest is at most 4 % off.
RATIO_STEP = 1.08


@register.filter
def duration(lasted: timedelta | float | None) -> str:
    """`18 s`, `1 min 12 s`, `2 h 5 min`."""
    if lasted is None:
        return ""
    exact = lasted.total_seconds() if isinstance(lasted, timedelta) else float(lasted)
    seconds = max(0, round(exact))
    if 0 < exact < 10 and seconds != exact:
        return f"{exact:.1f} s"
    if seconds < 60:
        return f"{seconds} s"
    minutes, seconds = divmod(seconds, 60)
    if minutes < 60:
        return f"{minutes} min {seconds} s" if seconds else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a picture's files are. `srcset` has the thumbnails with their true widths, smallest first."""

    original: str
    small: str
    large: str
    srcset: str


@register.filter
def addresses(image: Image) -> Addresses:
    """All addresses of a picture; the address of one is looked up, since that is slow for a page of many."""
    original = image.original_url()
    folder = original.rpartition("/")[0]
    thumbnails = [f"{folder}/{pictures.nominal(path)}.webp" for _, _, path in image.thumbnails]
    sized = zip(thumbnails, image.thumbnails, strict=True)
    return Addresses(
        original=original,
        small=thumbnails[0] if thumbnails else "",
        large=thumbnails[-1] if thumbnails else "",
        srcset=", ".join(f"{address} {thumbnail[0]}w" for address, thumbnail in sized),
    )


@register.filter
def shape_step(image: Image) -> int:
    """Which of the sheet's shapes a picture has: 0 is a square, each step up 8 % wider, each step down narrower."""
    ratio = (image.width or 1) / (image.height or 1)
    step, steps = ratio, 0
    while step > RATIO_STEP**0.5 and steps < 16:
        step, steps = step / RATIO_STEP, steps + 1
    while step < RATIO_STEP**-0.5 and steps > -14:
        step, steps = step * RATIO_STEP, steps - 1
    return steps


@register.filter
def key(image: Image) -> str:
    """Where in the gallery a picture is, for addresses."""
    return write_key(image.created_at.astimezone(UTC), image.pk)


@register.filter
def size_of(sizes: dict[int, int] | str, image: Image) -> int:
    """How many pictures there are in a picture's stack; 0 where stacks are not shown."""
    return sizes.get(image.family, 0) if isinstance(sizes, dict) else 0


@register.filter
def tile_sizes(image: Image) -> str:
    """How wide a tile is, for `srcset`: as it turns out, or by its shape where a browser cannot wait for that.

    gallery.css has rows of 13rem, on phones of 7.6rem, which grow to fill the page.
    """
    ratio = (image.width or 1) / (image.height or 1)
    return f"auto, (max-width: 720px) {min(97, round(44 * ratio))}vw, {15 * ratio:.0f}rem"


@register.filter
def megabytes(size: int | None) -> str:
    """`2.4 MB`, as the Files pane of a desktop would say it."""
    return "" if size is None else f"{size / 1e6:.1f} MB" if size >= 100_000 else f"{max(1, round(size / 1e3))} kB"
