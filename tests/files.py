"""Real files for image rows."""

from PIL import Image as Pillow

from generations.media import library
from generations.models import Image


def put_picture(image: Image, size: tuple[int, int] = (64, 36)) -> None:
    """Write a small picture, and thumbnails, where the row says they are."""
    picture = Pillow.new("RGB", size, image.color or "#446688")
    for relative, kind in [(image.path, "PNG"), *((entry[2], "WEBP") for entry in image.thumbnails)]:
        path = library.full_path(relative)
        path.parent.mkdir(parents=True, exist_ok=True)
        picture.save(path, kind)
