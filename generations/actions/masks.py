"""Masks of Vary (Region): what was painted, as the black and white picture that is sent (useapi-v3.md §8.3).

Kept with white for what is repainted; `settings.MASK_REPAINTS` says what the service wants, which is turned at sending.
"""

import base64
import io
import secrets
import warnings

from django.conf import settings
from PIL import Image as Pillow
from PIL import ImageDraw, ImageOps, UnidentifiedImageError

from generations.media import library

MOST_BYTES = 4 * 1024 * 1024
MOST_PIXELS = 25_000_000
LEAST_SHARE = 0.0005  # of the picture; less is a slip of the hand
Rectangle = tuple[float, float, float, float]  # left, top, width and height in percent


class NotAMask(Exception):
    """It cannot be used. The message says what is wrong and what to do."""


def from_upload(content: bytes, size: tuple[int, int]) -> str:
    """Keep a painted mask for a picture of this size in pixels; return its path below MEDIA_ROOT. Raises NotAMask.

    Painted is what is light and not transparent.
    """
    if len(content) > MOST_BYTES:
        raise NotAMask("The mask has more than 4 MB. Save it as a black and white PNG.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Pillow.DecompressionBombWarning)
            picture = Pillow.open(io.BytesIO(content), formats=["PNG", "WEBP"])
            if picture.width * picture.height > MOST_PIXELS:
                raise NotAMask("The mask has too many pixels. It need not be larger than the picture.")
            picture.load()
    except (Pillow.DecompressionBombError, Pillow.DecompressionBombWarning):
        raise NotAMask("The mask has too many pixels. It need not be larger than the picture.") from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError):
        raise NotAMask("The mask is no PNG or WebP picture. Paint it here, or save it anew.") from None
    return _keep(black_and_white(picture, size))


def from_rectangle(rectangle: Rectangle, size: tuple[int, int]) -> str:
    """Keep a mask that is one rectangle; return its path below MEDIA_ROOT. Raises NotAMask."""
    left, top, width, height = rectangle
    if min(rectangle) < 0 or left + width > 100 or top + height > 100:
        raise NotAMask(
            "The rectangle leaves the picture. All four numbers are percent, and each pair adds up to 100 at most."
        )
    mask = Pillow.new("L", size, 0)
    box = (left * size[0] / 100, top * size[1] / 100, (left + width) * size[0] / 100, (top + height) * size[1] / 100)
    if box[2] - box[0] >= 1 and box[3] - box[1] >= 1:
        ImageDraw.Draw(mask).rectangle((round(box[0]), round(box[1]), round(box[2]) - 1, round(box[3]) - 1), fill=255)
    return _keep(mask)


def black_and_white(picture: Pillow.Image, size: tuple[int, int]) -> Pillow.Image:
    """Pure white where something is painted, pure black elsewhere, in the picture's own pixels."""
    layers = picture.convert("RGBA")
    light = layers.convert("L").point(lambda value: 255 if value >= 128 else 0)
    solid = layers.getchannel("A").point(lambda value: 255 if value >= 128 else 0)
    painted = Pillow.composite(light, Pillow.new("L", layers.size, 0), solid)
    return painted.resize(size, Pillow.Resampling.NEAREST)


def share(mask: Pillow.Image) -> float:
    """How much of the picture is painted, 0 to 1."""
    return mask.histogram()[255] / (mask.width * mask.height)


def for_service(relative: str) -> str:
    """The mask as it is sent: bare base64 of a lossless WebP, turned where the service wants it so. Raises OSError."""
    content = library.read(relative)
    if settings.MASK_REPAINTS == "black":
        with Pillow.open(io.BytesIO(content), formats=["WEBP"]) as mask:
            content = _webp(ImageOps.invert(mask.convert("L")))
    return base64.b64encode(content).decode()


def discard(relative: str) -> None:
    """Remove a mask that no job came of."""
    library.discard({"path": relative, "thumbnails": []})


def _keep(mask: Pillow.Image) -> str:
    painted = share(mask)
    if painted < LEAST_SHARE:
        raise NotAMask("Nothing is painted yet. Paint over what is to change, then send it.")
    if painted == 1:
        raise NotAMask("The whole picture is painted. Leave something as it is, or use Vary (Strong).")
    fetched = library.receive(_webp(mask))
    stem = secrets.token_hex(16)
    relative = f"{stem[:2]}/{stem}.webp"
    try:
        library.keep({relative: fetched.path})
    finally:
        fetched.path.unlink(missing_ok=True)
    return relative


def _webp(mask: Pillow.Image) -> bytes:
    target = io.BytesIO()
    mask.convert("RGB").save(target, "WEBP", lossless=True, quality=80, method=4)
    return target.getvalue()
