"""What is known of a picture's file: from what stands beside it, from what is written in it, or from its name."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from PIL import Image as Pillow
from PIL import UnidentifiedImageError

from generations.home import embedding, xmp
from generations.home.sidecars import FORMAT
from generations.media.pictures import FORMATS

MOST_BYTES = 1_000_000  # of a file beside a picture
LONGEST = 10_000  # characters of a prompt
_KEYS = ("Description", "prompt", "Prompt", "parameters", "Comment", "Title")  # of text in a PNG, the best one first
_DESCRIPTION, _COMMENT = 0x010E, 0x9286  # EXIF
_JOB_ID = re.compile(r"\s*Job ID:\s*[0-9a-f-]{36}\s*$", re.IGNORECASE)
_GUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_AS_EXPORTED = re.compile(r"^\d{4}-\d{2}-\d{2} | \d{3,}$")


@dataclass(frozen=True)
class Told:
    """What is known of a file. `source` says where the prompt is from; `group` is the same for pictures of one job."""

    prompt: str = ""
    source: str = ""
    seed: int | None = None
    model: str = ""
    created_at: datetime | None = None
    group: str = ""
    position: int = 0
    is_grid: bool = False
    rating: int = 0
    favourite: bool = False
    note: str = ""
    tags: tuple[str, ...] = field(default=())


def read(path: Path, history: Mapping[str, Told] | None = None) -> Told:
    """What is known of this file, the prompt from the first place that has one. Raises OSError."""
    sources: tuple[tuple[str, Callable[[Path], Told]], ...] = (
        ("a JSON file", _beside),
        ("XMP", _xmp),
        ("the file", _inside),
        ("the history", lambda path: (history or {}).get(path.name, Told())),
        ("a text file", _text),
        ("its name", _name),
    )
    best = Told()
    for source, look in sources:
        told = look(path)
        # The details may be told in one place and the prompt in another.
        best = replace(told, **{name: value for name, value in vars(best).items() if value})
        if told.prompt:
            return replace(best, source=source)
    return best


def of_facts(told: Mapping[str, Any]) -> Told:
    """From what `sidecars.facts` tells, or somebody wrote in its form; what makes no sense is left out."""
    tags = told.get("tags")
    job = str(told.get("job") or "")
    return Told(
        prompt=clean(told.get("prompt")),
        seed=_number(told.get("seed"), 4_294_967_295),
        model=str(told.get("model") or "")[:12],
        created_at=moment(told.get("created_at")),
        group=job.lower() if _GUID.fullmatch(job) else "",
        position=_number(told.get("position"), 1000) or 0,
        is_grid=told.get("kind") == "grid",
        rating=_number(told.get("rating"), 5) or 0,
        favourite=told.get("favourite") is True,
        note=clean(told.get("note")),
        tags=tuple(clean(tag)[:40] for tag in tags if clean(tag)) if isinstance(tags, list) else (),
    )


def clean(text: Any) -> str:
    """A text without what databases and pages cannot hold."""
    return _CONTROL.sub(" ", text).strip()[:LONGEST] if isinstance(text, str) else ""


def moment(value: Any) -> datetime | None:
    """A date as ISO 8601, or as seconds or milliseconds since 1970."""
    try:
        if isinstance(value, str) and not value.replace(".", "", 1).isdecimal():
            found = parse_datetime(value.strip())
        else:
            seconds = float(value)
            found = datetime.fromtimestamp(
                seconds / 1000 if seconds > 1e11 else seconds, tz=timezone.get_current_timezone()
            )
    except (TypeError, ValueError, OverflowError, OSError):
        return None
    if found is None or not 1970 <= found.year < 9999:
        return None
    return found if found.tzinfo else timezone.make_aware(found)


def _number(value: Any, most: int) -> int | None:
    text = str(value).strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 12 and int(text) <= most else None


def _beside(path: Path) -> Told:
    data = _small(path.with_suffix(".json"))
    try:
        told = json.loads(data) if data else None
    except (ValueError, RecursionError):
        return Told()
    if not isinstance(told, dict) or not (told.get("format") == FORMAT or isinstance(told.get("prompt"), str)):
        return Told()
    return of_facts(told)


def _xmp(path: Path) -> Told:
    with open(path, "rb") as file:
        packet = embedding.packet_of(file, path.stat().st_size)
    return of_facts(xmp.read(packet or _small(path.with_suffix(".xmp"))))


def _inside(path: Path) -> Told:
    """The prompt as Midjourney and others write it into PNG text and EXIF. What is no picture tells nothing."""
    try:
        with Pillow.open(path, formats=list(FORMATS)) as picture:
            return next((Told(prompt=text) for text in _texts(picture) if text), Told())
    except (UnidentifiedImageError, Pillow.DecompressionBombError, OSError, SyntaxError, ValueError, EOFError):
        return Told()


def _texts(picture: Pillow.Image) -> Iterator[str]:
    for key in _KEYS:
        yield _JOB_ID.sub("", clean(picture.info.get(key)))
    exif = picture.getexif()
    yield _JOB_ID.sub("", clean(exif.get(_DESCRIPTION)))
    comment = exif.get_ifd(0x8769).get(_COMMENT)
    if isinstance(comment, bytes) and comment.startswith((b"ASCII\0\0\0", b"UNICODE\0")):
        form = "ascii" if comment[0] == ord("A") else "utf-16-be"
        yield clean(comment[8:].decode(form, "replace"))


def _text(path: Path) -> Told:
    return Told(prompt=clean(_small(path.with_suffix(".txt")).decode("utf-8-sig", "replace")))


def _name(path: Path) -> Told:
    """The words of a name: without the date and number that an export writes, and the id that Midjourney does."""
    words = _GUID.sub(" ", path.stem)
    if words != path.stem:
        words = re.sub(r"[_\s]+\d$", "", words)
    words = _AS_EXPORTED.sub("", words)
    return Told(prompt=clean(" ".join(words.replace("_", " ").split())) or "picture")


def _small(path: Path) -> bytes:
    """The content of a file beside a picture; empty where there is none, or a large one."""
    try:
        with open(path, "rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError:
        return b""
    return data if len(data) <= MOST_BYTES else b""
