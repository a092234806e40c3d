"""Plain names for downloaded files: `lighthouse-at-dusk-1.jpg`."""

from django.utils.text import slugify

from generations.models import Image
from midjourney import prompt as language

LONGEST = 60


def file_name(image: Image) -> str:
    """The name under which somebody's browser keeps a file; needs the image's job."""
    number = f"-{image.position}" if image.position else ""
    return f"{_stem(image.job.text)}{number}.{image.extension}"


def plain_name(image: Image) -> str:
    """A name that tells nothing of the prompt, the same for a picture every time."""
    return f"{'video' if image.is_video else 'picture'}-{image.ref.hex[:8]}.{image.extension}"


def _stem(text: str) -> str:
    words = slugify(language.parse(text).words[:300]).split("-")
    stem = ""
    for word in words:
        if len(stem) + len(word) >= LONGEST:
            break
        stem = f"{stem}-{word}" if stem else word
    return stem or "picture"
