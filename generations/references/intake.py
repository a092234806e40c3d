"""Takes pictures into a member's library: checked by what they are, without what a camera or a program wrote into them.

Whatever comes is decoded and written anew, so nothing of the file itself is kept but its pixels.
"""

import hashlib
import io
import warnings
from pathlib import PurePath

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone
from PIL import Image as Pillow
from PIL import ImageCms, ImageOps, UnidentifiedImageError

from accounts.models import User
from generations.media import library
from generations.media.errors import NotSaved, Unreachable
from generations.models import Image, Reference
from generations.references import endings

MOST_BYTES = 10 * 1024 * 1024  # useapi-v3.md §4.4, §4.5: what describe and blend take
MOST_PIXELS = 50_000_000
LEAST_SIDE = 32
LONGEST_SIDE = 4096  # of what is kept; no model looks closer
FORMATS = ("PNG", "JPEG", "WEBP")
TAKES = "PNG, JPEG or WebP of at most 10 MB"
QUALITY = 92


class NotTaken(Exception):
    """The file was not taken. The message says what is wrong with it and what to do."""


def take(owner: User, upload: UploadedFile) -> Reference:
    """Take an uploaded file into the library; the same picture again is the same row. Raises NotTaken."""
    name = PurePath(str(upload.name or "")).stem[:120]
    if upload.size is None or upload.size > MOST_BYTES:
        raise NotTaken(f"{_said(name)} has more than 10 MB. Save it smaller, as JPEG for example.")
    return take_bytes(owner, upload.read(), name=name)


def take_image(owner: User, image: Image) -> Reference:
    """Take a picture of the gallery into the library. Raises NotTaken."""
    if image.is_video:
        raise NotTaken("A video cannot be used as a reference. Choose a picture.")
    known = Reference.objects.filter(owner=owner, origin_sha256=image.sha256).first()
    if known is not None:
        if known.source_id is None:
            Reference.objects.filter(pk=known.pk).update(source=image)
        return _back(known)
    try:
        content = library.read(image.path)
    except Unreachable:
        raise NotTaken("The storage of the pictures does not answer. Try again in a minute.") from None
    except OSError:
        raise NotTaken(
            "The file of this picture is not on the studio’s disk. Open its job to fetch it again."
        ) from None
    words = " ".join(image.job.text.split()[:8])
    return take_bytes(owner, content, name=words[:120], source=image, checks_ending=False)


def take_bytes(
    owner: User, content: bytes, *, name: str = "", source: Image | None = None, checks_ending: bool = True
) -> Reference:
    """The same for a file's content. Raises NotTaken."""
    origin = hashlib.sha256(content).hexdigest()
    known = Reference.objects.filter(owner=owner, origin_sha256=origin).first()
    if known is not None:
        return _back(known)
    picture = _decode(content, name)
    if checks_ending and (hidden := endings.hidden(content)):
        raise NotTaken(f"{_said(name)} holds {hidden} behind the picture. Export it anew from a picture editor.")
    facts = _store(_encode(picture), name)
    kept = {field: facts[field] for field in KEPT}
    try:
        with transaction.atomic():
            return Reference.objects.create(owner=owner, name=name, source=source, origin_sha256=origin, **kept)
    except IntegrityError:  # the same pixels, from another file or a moment ago
        library.discard(facts)
        return _back(Reference.objects.get(owner=owner, sha256=facts["sha256"]))


KEPT = ("path", "content_type", "bytes", "sha256", "width", "height", "color", "thumbnails")


def _back(reference: Reference) -> Reference:
    """The picture as used just now, and in the library again where it had been taken out."""
    now = timezone.now()
    Reference.objects.filter(pk=reference.pk).update(removed_at=None, used_at=now)
    reference.removed_at, reference.used_at = None, now
    return reference


def _decode(content: bytes, name: str) -> Pillow.Image:
    said = _said(name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Pillow.DecompressionBombWarning)
            picture = Pillow.open(io.BytesIO(content), formats=list(FORMATS))
            if picture.width * picture.height > MOST_PIXELS:
                raise NotTaken(
                    f"{said} has {picture.width} × {picture.height} pixels, more than 50 million. Scale it down."
                )
            if min(picture.size) < LEAST_SIDE:
                raise NotTaken(f"{said} is only {picture.width} × {picture.height} pixels. Choose a larger picture.")
            if getattr(picture, "n_frames", 1) > 1 and picture.format != "MPO":
                raise NotTaken(f"{said} is an animation. Save one of its frames as a picture.")
            picture.load()
    except (Pillow.DecompressionBombError, Pillow.DecompressionBombWarning):
        raise NotTaken(f"{said} has more than 50 million pixels. Scale it down.") from None
    except UnidentifiedImageError:
        raise NotTaken(f"{said} is no {TAKES.partition(' of ')[0]}, whatever it is called.") from None
    except (OSError, SyntaxError, ValueError, EOFError, MemoryError):
        raise NotTaken(f"{said} is damaged and cannot be read to its end. Save it anew.") from None
    return picture


def _encode(picture: Pillow.Image) -> bytes:
    """The pixels alone, upright and in sRGB: PNG where something is transparent, otherwise JPEG; at most 10 MB."""
    upright = _in_srgb(ImageOps.exif_transpose(picture) or picture)
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Pillow.Resampling.LANCZOS)
    see_through = upright.mode == "RGBA" and upright.getchannel("A").getextrema() != (255, 255)
    if see_through:
        content = _saved(upright, "PNG", optimize=True)
        return content if len(content) <= MOST_BYTES else _saved(upright, "WEBP", quality=QUALITY, method=4)
    flat = upright.convert("RGB")
    content = _saved(flat, "JPEG", quality=QUALITY, subsampling=0)
    return content if len(content) <= MOST_BYTES else _saved(flat, "JPEG", quality=80)


def _in_srgb(picture: Pillow.Image) -> Pillow.Image:
    profile = picture.info.get("icc_profile")
    has_alpha = picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info
    plain = picture.convert("RGBA" if has_alpha else "RGB") if picture.mode not in {"RGB", "RGBA", "CMYK"} else picture
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            mode = "RGBA" if plain.mode == "RGBA" else "RGB"
            converted = ImageCms.profileToProfile(plain, source, ImageCms.createProfile("sRGB"), outputMode=mode)
            plain = converted or plain
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # a profile that cannot be read is left out like everything else that is not a pixel
    return plain if plain.mode in {"RGB", "RGBA"} else plain.convert("RGB")


def _saved(picture: Pillow.Image, kind: str, **options: object) -> bytes:
    target = io.BytesIO()
    clean = Pillow.new(picture.mode, picture.size)
    clean.paste(picture)
    clean.save(target, kind, **options)
    return target.getvalue()


def _store(content: bytes, name: str) -> dict:
    try:
        return library.publish(library.receive(content))
    except NotSaved:
        raise NotTaken(f"{_said(name)} could not be kept. Save it anew as PNG or JPEG.") from None
    except OSError as error:
        is_full = library.disk_error_code(error) == "disk_full"
        words = (
            "The studio’s disk is full. An admin must make room; then upload it again."
            if is_full
            else ("The studio’s disk has a fault, so nothing was kept. Tell an admin.")
        )
        raise NotTaken(words) from None


def _said(name: str) -> str:
    return f"“{name[:60]}”" if name else "This file"
