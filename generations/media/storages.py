"""Where the media are kept, behind Django's storage API: files of this machine here, a bucket in bucket.py.

`STORAGES["default"]` says which. Names are relative, such as `3f/3f2a….png`, and mean the same in both.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol, cast

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, default_storage

__all__ = ["CACHE", "Kept", "MediaFiles", "MediaStorage", "media"]


# Bytes never change under their name, and only the browser of somebody who may see them may keep them.
CACHE = "private, max-age=31536000, immutable"


@dataclass(frozen=True)
class Kept:
    """A file of the storage."""

    name: str
    bytes: int
    modified: int  # nanoseconds since 1970


class MediaStorage(Protocol):
    """What the studio needs of a storage. Everything raises OSError: FileNotFoundError where a file is not there,
    Unreachable where the storage does not answer."""

    def open(self, name: str, mode: str = "rb") -> File: ...
    def size(self, name: str) -> int: ...
    def exists(self, name: str) -> bool: ...
    def delete(self, name: str) -> None: ...
    def get_modified_time(self, name: str) -> datetime: ...

    def keep(self, files: dict[str, Path]) -> None:
        """Move finished files of this machine to these names; they are safe once this returns."""

    def at_hand(self, name: str):
        """A context with the path of a file that holds the same, to be read only."""

    def entries(self, folder: str = "") -> Iterator[Kept]:
        """Every file below a folder, in order, but for what begins with a dot."""

    def folders(self) -> list[str]:
        """The names of the folders at the top, in order."""

    def where(self, name: str) -> str:
        """The address of a file for people and programs outside: a path, or s3://…"""

    def free_bytes(self) -> int | None:
        """What is left, where that can be known."""


def media() -> MediaStorage:
    return cast(MediaStorage, default_storage)


class MediaFiles(FileSystemStorage):
    """Files below MEDIA_ROOT, readable by the studio's user only; the views send them."""

    def keep(self, files: dict[str, Path]) -> None:
        for name, path in files.items():
            target = Path(self.path(name))
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.replace(path, target)
        for folder in {Path(self.path(name)).parent for name in files}:
            _sync(folder)

    @contextmanager
    def at_hand(self, name: str) -> Iterator[Path]:
        yield Path(self.path(name))

    def entries(self, folder: str = "") -> Iterator[Kept]:
        root = Path(self.location)
        for place, folders, names in os.walk(root / folder):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(names):
                path = Path(place) / name
                try:
                    status = path.lstat()
                except OSError:
                    continue  # gone since
                if not name.startswith("."):
                    yield Kept(str(path.relative_to(root)), status.st_size, status.st_mtime_ns)

    def folders(self) -> list[str]:
        try:
            found = [entry.name for entry in os.scandir(self.location) if entry.is_dir(follow_symlinks=False)]
        except OSError:
            return []
        return sorted(name for name in found if not name.startswith("."))

    def where(self, name: str) -> str:
        return self.path(name)

    def free_bytes(self) -> int | None:
        try:
            return shutil.disk_usage(self.location).free
        except OSError:
            return None


def _sync(folder: Path) -> None:
    # The rename itself must survive a power cut before the database says that the file is there.
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
