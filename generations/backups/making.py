"""Makes a backup: the database first, then the files, the manifest last.

In this order every file that the copy of the database names is in the backup as well, but for those deleted meanwhile.
"""

import io
import json
import tempfile
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO, cast

from django.conf import settings
from django.utils import timezone

from generations.backups import databases, manifest
from generations.backups.errors import BackupError
from generations.backups.manifest import File, Manifest, Stored
from generations.backups.places import Folder, Place
from generations.media.errors import Unreachable
from generations.media.storages import Kept, media

BASE_DIR = Path(__file__).resolve().parents[2]
TOLD_EVERY = 1_000  # files
UNFINISHED_FOR = timedelta(days=2)  # after which a copy of the database without a manifest is nobody's

Tell = Callable[[str], None]


@dataclass
class Made:
    """A finished backup, and what was new in it."""

    manifest: Manifest
    new_files: int = 0
    new_bytes: int = 0
    unreadable: list[str] = field(default_factory=list)  # files that the disk could not read


def make(place: Place, *, with_keys: bool = False, tell: Tell = lambda text: None) -> Made:
    """Make a backup. Raises BackupError; then the place still holds the one before, whole."""
    if isinstance(place, Folder):
        place.tidy()
    try:
        before = {file.path: file for file in manifest.read(place).files}
    except BackupError:
        before = {}  # the first one, or one whose manifest is damaged: every file is read
    stamp = manifest.new_stamp()
    migrations = databases.migrations()
    database, counts = _database(place, stamp)
    tell(f"database: {database.bytes:,} bytes")
    keys = _keys(place, stamp) if with_keys else None
    made = Made(
        Manifest(
            stamp=stamp,
            made_at=timezone.now().isoformat(timespec="seconds"),
            version=_version(),
            vendor=databases.vendor(),
            migrations=migrations,
            counts=counts,
            database=database,
            keys=keys,
        )
    )
    _keep_files(place, before, made, tell)
    manifest.write(place, made.manifest)
    _forget_old(place, made.manifest.stamp)
    return made


def _database(place: Place, stamp: str) -> tuple[Stored, dict[str, int]]:
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=settings.DATA_DIR) as folder:
        copy = Path(folder) / "database"
        counts = databases.dump(copy)
        with open(copy, "rb") as file:
            sha256 = manifest.digest(file)
            size = file.tell()
            file.seek(0)
            stored = Stored(f"database/{stamp}.{databases.ending()}", size, sha256)
            place.put(stored.name, file)
    return stored, counts


def _keys(place: Place, stamp: str) -> Stored:
    text = json.dumps({"SECRET_KEY": settings.SECRET_KEY, "TOKEN_KEYS": settings.TOKEN_KEYS}).encode()
    stored = Stored(f"keys/{stamp}.json", len(text), manifest.digest(io.BytesIO(text)))
    place.put(stored.name, io.BytesIO(text))
    return stored


def _keep_files(place: Place, before: dict[str, File], made: Made, tell: Tell) -> None:
    present = place.sizes("files/")
    files = made.manifest.files
    for entry in media().entries():
        try:
            file = _keep(place, entry, before.get(entry.name), present, made)
        except FileNotFoundError:
            continue  # deleted since the folder was read
        except Unreachable as error:
            raise BackupError(f"The pictures cannot be read: {error.strerror}. Run backup again later.") from None
        except OSError:
            made.unreadable.append(entry.name)
            continue
        files.append(file)
        if len(files) % TOLD_EVERY == 0:
            tell(f"files: {len(files):,}, {made.new_files:,} of them new")


def _keep(place: Place, entry: Kept, before: File | None, present: dict[str, int], made: Made) -> File:
    """Keep a file unless the place has it: one that has not changed since the last backup is not even read."""
    size, modified = entry.bytes, entry.modified
    if before and (before.bytes, before.modified) == (size, modified) and present.get(before.name) == size:
        return before
    with media().open(entry.name) as opened:
        content = cast(BinaryIO, opened)
        file = File(entry.name, size, manifest.digest(content), modified)
        if present.get(file.name) != size:
            content.seek(0)
            place.put(file.name, content)
            present[file.name] = size
            made.new_files += 1
            made.new_bytes += size
    return file


def _forget_old(place: Place, newest: str) -> None:
    """Delete what only older backups consist of; files stay. Whatever the clock says, the newest stays."""
    finished = sorted(map(_stamp_of, place.sizes("manifests/")))
    kept = {newest, *finished[-manifest.KEPT :]}
    others = set(finished) - kept
    limit = f"{timezone.now() - UNFINISHED_FOR:{manifest.STAMP}}"
    for folder in ("manifests/", "database/", "keys/"):
        for name in place.sizes(folder):
            stamp = _stamp_of(name)
            if stamp in others or (stamp not in kept and stamp < limit):
                place.delete(name)


def _version() -> str:
    """The studio's own, as pyproject.toml has it; the package that says so imports us."""
    with open(BASE_DIR / "pyproject.toml", "rb") as file:
        return str(tomllib.load(file)["project"]["version"])


def _stamp_of(name: str) -> str:
    return name.rpartition("/")[2].partition(".")[0]
