"""Where a backup is kept: a folder, or a bucket of an S3 service (bucket.py).

Whatever stands under a name is whole. Nothing is ever written over but `manifest.json`.
"""

import os
import secrets
import shutil
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from generations.backups.errors import BackupError, NotThere
from generations.media.errors import Unreachable
from generations.media.storages import media

UNFINISHED = ".unfinished"
LEFT_BEHIND = 86_400.0  # seconds after which an unfinished file is nobody's


class Place(ABC):
    """Keeps files under names such as `files/3f/3f2a…`. Everything raises BackupError."""

    @abstractmethod
    def __str__(self) -> str: ...

    @abstractmethod
    def sizes(self, prefix: str) -> dict[str, int]:
        """The names below a prefix that ends with a slash, with their bytes."""

    @abstractmethod
    def put(self, name: str, file: BinaryIO) -> None:
        """Keep what the file holds: all of it or nothing."""

    @abstractmethod
    def open(self, name: str) -> BinaryIO:
        """What is kept under a name, to be read and closed. Raises NotThere."""

    @abstractmethod
    def delete(self, name: str) -> None: ...


class Folder(Place):
    def __init__(self, root: Path) -> None:
        self.root = root

    def __str__(self) -> str:
        return str(self.root)

    def sizes(self, prefix: str) -> dict[str, int]:
        top = self.root / prefix
        found = {}
        for place, _, names in os.walk(top):
            for name in names:
                path = Path(place) / name
                found[str(path.relative_to(self.root))] = path.stat().st_size
        return found

    def put(self, name: str, file: BinaryIO) -> None:
        path, aside = self.root / name, self.root / UNFINISHED / secrets.token_hex(16)
        with _said(self):
            for folder in (path.parent, aside.parent):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                with open(aside, "wb") as target:
                    shutil.copyfileobj(file, target, 1 << 20)
                    target.flush()
                    os.fsync(target.fileno())
                os.replace(aside, path)
            finally:
                aside.unlink(missing_ok=True)
            _sync(path.parent)

    def open(self, name: str) -> BinaryIO:
        try:
            return open(self.root / name, "rb")
        except (FileNotFoundError, NotADirectoryError):
            raise NotThere(f"{name} is not in {self}.") from None
        except OSError as error:
            raise BackupError(f"{self.root / name} cannot be read: {error.strerror}.") from None

    def delete(self, name: str) -> None:
        with _said(self):
            (self.root / name).unlink(missing_ok=True)

    def tidy(self) -> None:
        """Remove what a backup that was killed has left half-written."""
        for path in (self.root / UNFINISHED).glob("*"):
            if path.stat().st_mtime < time.time() - LEFT_BEHIND:
                path.unlink(missing_ok=True)


def place_of(text: str) -> Place:
    """The folder or the bucket that somebody names. Raises BackupError."""
    if text.startswith("s3://"):
        from generations.backups.bucket import Bucket  # boto3 takes its time to load

        _refuse_among_pictures(text)
        return Bucket.of(text)
    if "://" in text:
        raise BackupError(f"{text} is neither a folder nor an address like s3://bucket/prefix.")
    root = Path(text).expanduser().absolute()
    _refuse_among_pictures(str(root))
    return Folder(root)


def _refuse_among_pictures(text: str) -> None:
    """A backup there would be backed up, and taken for files that belong to nothing."""
    pictures = media().where("").rstrip("/")
    if f"{text.rstrip('/')}/".startswith(f"{pictures}/"):
        raise BackupError(f"{text} is inside the folder of the pictures, {pictures}. Choose another.")


@contextmanager
def _said(place: Place) -> Iterator[None]:
    try:
        yield
    except Unreachable:
        raise  # where it is read from, not where it is kept
    except OSError as error:
        raise BackupError(f"{place} cannot be written to: {error.strerror}.") from None


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
