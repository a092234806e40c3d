"""Puts files into the storage: written aside, verified, checksummed, then published under random names."""

import errno
import hashlib
import logging
import os
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from generations.engine import points
from generations.media import pictures, videos
from generations.media.errors import NotSaved, Unreachable
from generations.media.facts import Facts
from generations.media.storages import media
from midjourney.upstream import Upstream

__all__ = [
    "Fetched",
    "NotSaved",
    "copy",
    "discard",
    "disk_error_code",
    "fetch",
    "full_path",
    "keep",
    "publish",
    "read",
    "receive",
]

logger = logging.getLogger(__name__)

MOST_PICTURE_BYTES = 80_000_000
MOST_VIDEO_BYTES = 300_000_000
MOST_SECONDS = 120.0  # for one download


@dataclass(frozen=True)
class Fetched:
    """A downloaded file that nobody knows of yet."""

    path: Path
    kind: str
    size: int
    sha256: str


class _Digesting:
    """A file that computes its checksum while it is written."""

    def __init__(self, file) -> None:
        self.file = file
        self.digest = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        self.size += len(data)
        return self.file.write(data)


def full_path(relative: str) -> Path:
    """Where the file is on this machine; with a bucket only unfinished ones are."""
    return Path(settings.MEDIA_ROOT) / relative


def read(relative: str) -> bytes:
    """All of a kept file. Raises OSError."""
    with media().open(relative) as file:
        return file.read()


def fetch(upstream: Upstream, url: str, kind: str) -> Fetched:
    """Download one file into the folder for unfinished ones. Raises MediaError, OSError."""
    path = _incoming() / secrets.token_hex(16)
    limit = MOST_VIDEO_BYTES if kind == "video" else MOST_PICTURE_BYTES
    try:
        with open(path, "wb", opener=_private) as file:
            target = _Digesting(file)
            upstream.download(url, target, max_bytes=limit, max_seconds=MOST_SECONDS)  # type: ignore[arg-type]
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    points.reached("save.fetched")
    return Fetched(path, kind, target.size, target.digest.hexdigest())


def receive(content: bytes, kind: str = "single") -> Fetched:
    """Write what somebody uploaded into the folder for unfinished files. Raises OSError."""
    path = _incoming() / secrets.token_hex(16)
    try:
        with open(path, "wb", opener=_private) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Fetched(path, kind, len(content), hashlib.sha256(content).hexdigest())


def copy(source: Path, kind: str) -> Fetched:
    """Copy a file of this machine into the folder for unfinished ones; a large one is not held. Raises OSError."""
    path = _incoming() / secrets.token_hex(16)
    try:
        with open(source, "rb") as content, open(path, "wb", opener=_private) as file:
            target = _Digesting(file)
            shutil.copyfileobj(content, target, 1 << 18)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Fetched(path, kind, target.size, target.digest.hexdigest())


def publish(fetched: Fetched) -> dict[str, Any]:
    """Verify a fetched file, make its thumbnails and keep all of it; return the fields of its Image row.

    Raises NotSaved where the file is not what it should be, and OSError; it is removed then.
    """
    stem = secrets.token_hex(16)
    beside = fetched.path.with_name(stem)
    try:
        examine = videos.examine if fetched.kind == "video" else pictures.examine
        facts = examine(fetched.path, beside)
        points.reached("save.examined")
        fields = _fields(fetched, facts, stem)
        names = [entry[2] for entry in fields["thumbnails"]]
        made = [beside.with_name(name) for _, _, name in facts.thumbnails]
        keep({**dict(zip(names, made, strict=True)), fields["path"]: fetched.path})
    finally:
        for unfinished in [fetched.path, *beside.parent.glob(f"{stem}*")]:  # thumbnails, where the disk is full
            unfinished.unlink(missing_ok=True)
    points.reached("save.renamed")
    return fields


def _fields(fetched: Fetched, facts: Facts, stem: str) -> dict[str, Any]:
    folder = stem[:2]
    return {
        "path": f"{folder}/{stem}.{facts.extension}",
        "content_type": facts.content_type,
        "bytes": fetched.size,
        "sha256": fetched.sha256,
        "width": facts.width,
        "height": facts.height,
        "seconds": facts.seconds,
        "color": facts.color,
        "thumbnails": [[width, height, f"{folder}/{name}"] for width, height, name in facts.thumbnails],
    }


def keep(files: dict[str, Path]) -> None:
    """Move finished files to these names, all of them or none. Raises OSError."""
    try:
        media().keep(files)
    except BaseException:
        _remove(files)
        raise


def discard(facts: dict[str, Any]) -> None:
    """Remove the files of a row that was not written, or is gone. What cannot be removed is an orphan for a check."""
    _remove([facts["path"], *(entry[2] for entry in facts["thumbnails"])])


def _remove(names: Iterable[str]) -> None:
    for name in names:
        try:
            media().delete(name)
        except OSError as error:
            logger.warning("file not removed path=%s error=%s", name, error.strerror)


@contextmanager
def scratch() -> Iterator[Path]:
    """A stem for files that are being made; whatever stands under it at the end is removed."""
    beside = _incoming() / secrets.token_hex(16)
    try:
        yield beside
    finally:
        for unfinished in beside.parent.glob(f"{beside.name}*"):
            unfinished.unlink(missing_ok=True)


def forget_unfinished(older_than: float = 86_400.0) -> int:
    """Remove downloads that a killed process left behind, older than this many seconds; return how many."""
    limit = time.time() - older_than
    old = [path for path in _incoming().iterdir() if path.stat().st_mtime < limit]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def disk_error_code(error: OSError) -> str:
    if isinstance(error, Unreachable):
        return "storage_unreachable"
    return "disk_full" if error.errno in {errno.ENOSPC, errno.EDQUOT} else "disk_error"


def _incoming() -> Path:
    folder = full_path(".incoming")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
