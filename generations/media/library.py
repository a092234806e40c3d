"""Puts files on our disk: written aside, verified, checksummed, then published under random names."""

import errno
import hashlib
import os
import secrets
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from generations.engine import points
from generations.media import pictures, videos
from generations.media.errors import NotSaved
from midjourney.upstream import Upstream

__all__ = ["Fetched", "NotSaved", "copy", "discard", "disk_error_code", "fetch", "full_path", "publish", "receive"]

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
    return Path(settings.MEDIA_ROOT) / relative


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
    """Verify a fetched file, make its thumbnails and move it to its place; return the fields of its Image row.

    Raises NotSaved where the file is not what it should be; it is removed then.
    """
    stem = secrets.token_hex(16)
    folder = Path(stem[:2])
    full_path(str(folder)).mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        examine = videos.examine if fetched.kind == "video" else pictures.examine
        facts = examine(fetched.path, full_path(str(folder / stem)))
        points.reached("save.examined")
        relative = folder / f"{stem}.{facts.extension}"
        os.replace(fetched.path, full_path(str(relative)))
    except BaseException:
        for half_made in full_path(str(folder)).glob(f"{stem}*"):  # thumbnails, where the disk is full
            half_made.unlink(missing_ok=True)
        raise
    finally:
        fetched.path.unlink(missing_ok=True)
    _sync_folder(full_path(str(folder)))
    points.reached("save.renamed")
    return {
        "path": str(relative),
        "content_type": facts.content_type,
        "bytes": fetched.size,
        "sha256": fetched.sha256,
        "width": facts.width,
        "height": facts.height,
        "seconds": facts.seconds,
        "color": facts.color,
        "thumbnails": [[width, height, str(folder / name)] for width, height, name in facts.thumbnails],
    }


def discard(facts: dict[str, Any]) -> None:
    """Remove the files of a row that was not written."""
    for relative in [facts["path"], *(entry[2] for entry in facts["thumbnails"])]:
        full_path(relative).unlink(missing_ok=True)


def forget_unfinished(older_than: float = 86_400.0) -> int:
    """Remove downloads that a killed process left behind, older than this many seconds; return how many."""
    limit = time.time() - older_than
    old = [path for path in _incoming().iterdir() if path.stat().st_mtime < limit]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def disk_error_code(error: OSError) -> str:
    return "disk_full" if error.errno in {errno.ENOSPC, errno.EDQUOT} else "disk_error"


def _incoming() -> Path:
    folder = full_path(".incoming")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _sync_folder(folder: Path) -> None:
    # The rename itself must survive a power cut before the database says that the file is there.
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
