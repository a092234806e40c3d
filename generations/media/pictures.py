"""Verifies a picture by decoding it once, and makes its thumbnails from that one decode."""

import warnings
from pathlib import Path

from PIL import Image as Pillow
from PIL import ImageOps, UnidentifiedImageError

from generations.media.errors import NotSaved
from generations.media.facts import Facts

THUMBNAIL_WIDTHS = (960, 320)  # the larger first: the smaller is made from it
QUALITY = 82
MOST_PIXELS = 120_000_000  # a 4x upscale has 67 million

FORMATS = {"PNG": ("image/png", "png"), "JPEG": ("image/jpeg", "jpg"), "WEBP": ("image/webp", "webp")}


def examine(path: Path, stem: Path) -> Facts:
    """Decode the picture at `path` and write thumbnails beside `stem`. Raises NotSaved, OSError of the disk."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Pillow.DecompressionBombWarning)
        picture, kind = _decode(path)
    content_type, extension = FORMATS[kind]
    width, height = picture.size
    thumbnails, smallest = make_thumbnails(picture, stem)
    return Facts(content_type, extension, width, height, average_color(smallest), thumbnails)


def _decode(path: Path) -> tuple[Pillow.Image, str]:
    try:
        picture = Pillow.open(path, formats=list(FORMATS))
        kind = str(picture.format)
        if picture.width * picture.height > MOST_PIXELS:
            raise NotSaved("too_many_pixels")
        picture.load()
    except (UnidentifiedImageError, Pillow.DecompressionBombError):
        raise NotSaved("not_a_picture") from None
    except (OSError, SyntaxError, ValueError, EOFError):
        # Pillow reports truncated and damaged data as OSError without an errno.
        raise NotSaved("broken_file") from None
    return picture, kind


def make_thumbnails(picture: Pillow.Image, stem: Path) -> tuple[list[tuple[int, int, str]], Pillow.Image]:
    """WebP thumbnails, never larger than the picture; returns them smallest first, and the smallest one decoded."""
    source = ImageOps.exif_transpose(picture)
    if source.mode not in {"RGB", "L"}:
        source = source.convert("RGB")
    made = []
    for width in THUMBNAIL_WIDTHS:
        if source.width > width:
            size = (width, max(1, round(source.height * width / source.width)))
            source = source.resize(size, Pillow.Resampling.LANCZOS, reducing_gap=2.0)
        name = f"{stem.name}-{width}.webp"
        source.save(stem.with_name(name), "WEBP", quality=QUALITY, method=4)
        stem.with_name(name).chmod(0o600)
        made.append((source.width, source.height, name))
    return made[::-1], source


def average_color(picture: Pillow.Image) -> str:
    red, green, blue = picture.convert("RGB").resize((1, 1), Pillow.Resampling.BOX).getpixel((0, 0))  # type: ignore[misc]
    return f"#{red:02x}{green:02x}{blue:02x}"
