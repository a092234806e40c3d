"""Verifies a picture by decoding it once, and makes its thumbnails from that one decode."""

import warnings
from pathlib import Path

from PIL import Image as Pillow
from PIL import ImageOps, UnidentifiedImageError

from generations.media.errors import NotSaved
from generations.media.facts import Facts

# One of these is near whatever a screen shows. The first is that wide, for pages where a picture fills a column; the
# others have that as their longer side, for rows of one height. docs/decisions/0020 has the figures.
COLUMN = 1024
IN_ROWS = (768, 512)
HALF_OF = {384: 768, 256: 512}
THUMBNAILS = (COLUMN, *IN_ROWS, *HALF_OF)
LARGER = 4 / 3  # a picture that is at most this much wider fills a column as it is
NEAR = 9 / 8  # a whole part of the picture that is no further off is as good as the nominal size
LEAST = 0.94  # and one that is at most this much smaller, where that spares a resampling
QUALITY = 75
EFFORT, LESS_EFFORT = 4, 2  # of WebP: the former takes 9 bytes for each pixel meanwhile, the latter 6
MOST_PIXELS = 120_000_000  # a 4x upscale has 67 million

FORMATS = {"PNG": ("image/png", "png"), "JPEG": ("image/jpeg", "jpg"), "WEBP": ("image/webp", "webp")}


def examine(path: Path, stem: Path) -> Facts:
    """Decode the picture at `path` and write thumbnails beside `stem`. Raises NotSaved, OSError of the disk."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Pillow.DecompressionBombWarning)
        picture, kind = _decode(path)
    content_type, extension = FORMATS[kind]
    width, height = picture.size
    ImageOps.exif_transpose(picture, in_place=True)  # in place: otherwise it copies what is upright already
    if picture.mode not in {"RGB", "L"}:
        picture = picture.convert("RGB")  # under the same name, so that the one before is let go
    thumbnails, color = make_thumbnails(picture, stem)
    return Facts(content_type, extension, width, height, color, thumbnails)


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


def make_thumbnails(picture: Pillow.Image, stem: Path) -> tuple[list[tuple[int, int, str]], str]:
    """Write WebP thumbnails of an upright picture under names such as `stem-1024.webp`, none larger than it is.

    Closes the picture as soon as it can. Returns width, height and name of each, smallest first, and the average
    colour. Raises OSError.
    """
    column = fitted(picture, COLUMN)
    is_shrunk = column is not picture
    rows = {}
    if is_shrunk:
        rows = {nominal: _row(picture, column, nominal) for nominal in IN_ROWS}
        picture.close()  # encoding needs the room
    saved = [] if is_shrunk else [_save(column, COLUMN, LESS_EFFORT, stem)]  # first, for it needs most
    rows = rows or {nominal: _row(picture, column, nominal) for nominal in IN_ROWS}
    for nominal, double in HALF_OF.items():
        rows[nominal] = rows[double].reduce(2) if max(rows[double].size) > nominal else rows[double]
    color = average_color(rows[min(rows)])
    if is_shrunk:
        rows[COLUMN] = column
    elif all(row is not picture for row in rows.values()):
        picture.close()
    saved += [_save(thumbnail, nominal, EFFORT, stem) for nominal, thumbnail in rows.items()]
    return sorted(saved), color


def _row(picture: Pillow.Image, column: Pillow.Image, nominal: int) -> Pillow.Image:
    # Looking at all of a picture that is much larger than the column costs more than it spares.
    near = part(picture, nominal) if picture.width < 2 * COLUMN else None
    return part(column, nominal) or near or fitted(column, nominal)


def _save(thumbnail: Pillow.Image, nominal: int, effort: int, stem: Path) -> tuple[int, int, str]:
    target = stem.with_name(f"{stem.name}-{nominal}.webp")
    thumbnail.save(target, "WEBP", quality=QUALITY, method=effort)
    target.chmod(0o600)
    return thumbnail.width, thumbnail.height, target.name


def fitted(picture: Pillow.Image, nominal: int) -> Pillow.Image:
    """The picture at about that size, for a column or for rows; itself where it is hardly larger."""
    side = picture.width if nominal == COLUMN else max(picture.size)
    if side <= nominal * (LARGER if nominal == COLUMN else 1):
        return picture
    # A column may be a little narrower; in rows that would make the browser take the next larger one.
    whole = round(side / nominal) if nominal == COLUMN else int(side / nominal)
    if nominal / NEAR <= side / whole <= nominal * NEAR:
        return picture.reduce(whole)  # less work by far than any other resampling
    size = (max(1, round(picture.width * nominal / side)), max(1, round(picture.height * nominal / side)))
    return picture.resize(size, Pillow.Resampling.HAMMING, reducing_gap=1.0)


def part(picture: Pillow.Image, nominal: int) -> Pillow.Image | None:
    """A whole part of the picture of about that size, up to 6 % less; None where there is none.

    That is less work by far than any other resampling: 728 of 1456 pixels take a quarter of what 768 take.
    """
    side = max(picture.size)
    whole = round(side / nominal)
    return picture.reduce(whole) if whole > 1 and LEAST <= side / whole / nominal <= NEAR else None


def nominal(path: str) -> int:
    """Which of the thumbnails a file is, by its name: 512 for `ab/abcd-512.webp`; 0 for what is called otherwise."""
    text = path.rpartition("-")[2].partition(".")[0]
    return int(text) if text.isdecimal() else 0


def average_color(picture: Pillow.Image) -> str:
    red, green, blue = picture.convert("RGB").resize((1, 1), Pillow.Resampling.BOX).getpixel((0, 0))  # type: ignore[misc]
    return f"#{red:02x}{green:02x}{blue:02x}"
