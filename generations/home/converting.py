"""A picture in another format: as it looks, with its colour profile, and nothing else of what its file holds."""

import io
import warnings
from typing import BinaryIO

from django.core.files.base import File
from PIL import Image as Pillow
from PIL import ImageOps

from generations.media.errors import NotSaved, Unreachable
from generations.media.pictures import FORMATS, MOST_PIXELS

ENDINGS = {"jpeg": "jpg", "png": "png", "webp": "webp"}
CONTENT_TYPES = {"jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp"}
_HOW = {
    "jpeg": {"quality": 93, "subsampling": 0},  # not optimised: what is written so must fit into a guessed buffer
    "png": {},
    "webp": {"quality": 92, "method": 4},
}  # fmt: skip


def convert(file: BinaryIO | File, form: str) -> bytes:
    """The picture's file as `jpeg`, `png` or `webp`. Raises NotSaved where it cannot be read or written so, OSError."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Pillow.DecompressionBombWarning)
        out = io.BytesIO()
        try:
            with Pillow.open(file, formats=list(FORMATS)) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    raise NotSaved("too_many_pixels")
                profile = picture.info.get("icc_profile")
                shown = _drawn(ImageOps.exif_transpose(picture), form)
            shown.save(out, form.upper(), icc_profile=profile if shown.mode in {"RGB", "RGBA"} else None, **_HOW[form])
        except Unreachable:
            raise
        except (Pillow.DecompressionBombError, OSError, SyntaxError, ValueError, EOFError):
            raise NotSaved("broken_file") from None
    return out.getvalue()


def _drawn(picture: Pillow.Image, form: str) -> Pillow.Image:
    """The picture in a mode that the format has. JPEG has no transparency: what shows through is white."""
    see_through = picture.has_transparency_data
    if form != "jpeg" or not see_through:
        wanted = "RGBA" if see_through else "RGB"
        return picture if picture.mode in {wanted, "L"} else picture.convert(wanted)
    layer = picture.convert("RGBA")
    flat = Pillow.new("RGB", layer.size, "white")
    flat.paste(layer, mask=layer.getchannel("A"))
    return flat
