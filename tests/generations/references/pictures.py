"""Picture files as people send them."""

import io

from PIL import Image as Pillow
from PIL import PngImagePlugin


def picture(size=(640, 480), color="#336699", kind="PNG", **options) -> bytes:
    target = io.BytesIO()
    Pillow.new("RGB", size, color).save(target, kind, **options)
    return target.getvalue()


def telling_png() -> bytes:
    """A PNG that says who made it."""
    told = PngImagePlugin.PngInfo()
    told.add_text("Author", "somebody@example.org")
    return picture(pnginfo=told)


def turned_jpeg() -> bytes:
    """A JPEG from a camera that was held sideways, with a place in it."""
    exif = Pillow.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "A camera of Ana"
    return picture((640, 480), kind="JPEG", exif=exif.tobytes())
