"""Pictures that show something, saved as the studio saves them."""

import functools
import io

from PIL import Image as Pillow
from PIL import ImageEnhance

from generations.media import library, looks
from generations.models import Image, JobStatus
from midjourney.simulator import pictures
from midjourney.simulator.recipes import Recipe
from tests import factories

WIDE = (364, 204)

# What happens to a picture that is taken elsewhere and brought back.
COPIES = {
    "as JPEG": lambda picture: reread(picture, "JPEG", quality=60),
    "as WebP": lambda picture: reread(picture, "WEBP", quality=60),
    "half as wide": lambda picture: picture.resize(
        (picture.width // 2, picture.height // 2), Pillow.Resampling.LANCZOS
    ),
    "three times as wide": lambda picture: picture.resize((picture.width * 3, picture.height * 3)),
    "a little brighter": lambda picture: ImageEnhance.Brightness(picture).enhance(1.08),
    "with more contrast": lambda picture: ImageEnhance.Contrast(picture).enhance(1.1),
    "without its edges": lambda picture: picture.crop((4, 2, picture.width - 4, picture.height - 2)),
}


@functools.cache
def scene(text: str, seed: int = 1, size: tuple[int, int] = WIDE) -> Pillow.Image:
    """What the simulator draws for a text."""
    return pictures.draw(Recipe(text=text, seed=seed, width=1456, height=816).single(1), size).convert("RGB")


def reread(picture: Pillow.Image, kind: str, **options) -> Pillow.Image:
    return Pillow.open(io.BytesIO(encoded(picture, kind, **options))).convert("RGB")


def encoded(picture: Pillow.Image, kind: str = "PNG", **options) -> bytes:
    target = io.BytesIO()
    picture.save(target, kind, **options)
    return target.getvalue()


def save(
    owner, picture: Pillow.Image, *, text: str = "a lighthouse at dusk", is_looked_at: bool = True, **fields
) -> Image:
    """A picture of a job of its own, with files, and with its look where `is_looked_at`."""
    facts = library.publish(library.receive(encoded(picture)))
    job = fields.pop("job", None) or factories.make_job(owner=owner, status=JobStatus.DONE, text=text)
    image = factories.make_image(job=job, **facts, **fields)
    if is_looked_at:
        assert looks.keep(image)
    return image
