"""What a backup consists of. It is written last, so that a backup without one is none."""

import hashlib
import io
import json
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import PurePosixPath
from typing import BinaryIO

from django.utils import timezone

from generations.backups.errors import BackupError, NotThere
from generations.backups.places import Place

FORMAT = 1
NEWEST = "manifest.json"
STAMP = "%Y%m%dT%H%M%S%fZ"
KEPT = 7  # manifests, and copies of the database with them
BLOCK = 1 << 20


@dataclass(frozen=True)
class Stored:
    """Something of a backup that stands under a name of its own."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class File:
    """A file of MEDIA_ROOT. It is kept by its content, so the same file is kept once in all backups together."""

    path: str
    bytes: int
    sha256: str
    modified: int  # in nanoseconds; what has not changed since is not read again

    @property
    def name(self) -> str:
        return f"files/{self.sha256[:2]}/{self.sha256}"


@dataclass(frozen=True)
class Manifest:
    stamp: str
    made_at: str
    version: str  # of the studio
    vendor: str  # of the database
    migrations: dict[str, list[str]]  # those that were applied, by app
    counts: dict[str, int]  # rows by table
    database: Stored
    keys: Stored | None = None
    files: list[File] = field(default_factory=list)

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in self.files)


def new_stamp() -> str:
    """The name of a backup: later ones sort behind earlier ones."""
    return f"{timezone.now():{STAMP}}-{secrets.token_hex(3)}"


def write(place: Place, manifest: Manifest) -> None:
    body = json.dumps({"format": FORMAT, **asdict(manifest)}, separators=(",", ":"))
    content = json.dumps({"sha256": hashlib.sha256(body.encode()).hexdigest(), "backup": body}).encode()
    for name in (f"manifests/{manifest.stamp}.json", NEWEST):
        place.put(name, io.BytesIO(content))


def read(place: Place, at: str = "") -> Manifest:
    """The manifest of the newest backup, or of the one with that stamp. Raises BackupError."""
    name = f"manifests/{at}.json" if at else NEWEST
    try:
        with place.open(name) as file:
            content = file.read()
    except NotThere:
        which = f"backup {at}" if at else "finished backup"
        raise NotThere(
            f"There is no {which} in {place}. Name another place, or let manage.py backup make one."
        ) from None
    try:
        outer = json.loads(content)
        body = outer["backup"]
        if hashlib.sha256(body.encode()).hexdigest() != outer["sha256"]:
            raise ValueError
        return _read(json.loads(body))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BackupError(
            f"{name} in {place} is damaged. Earlier ones are in manifests/; name one with --at."
        ) from None


def digest(file: BinaryIO) -> str:
    """The SHA-256 of what is left to read."""
    found = hashlib.sha256()
    while block := file.read(BLOCK):
        found.update(block)
    return found.hexdigest()


def _read(data: dict) -> Manifest:
    if data.pop("format") != FORMAT:
        raise BackupError("This backup was made by a newer studio. Upgrade this one first.")
    keys, database = data.pop("keys"), Stored(**data.pop("database"))
    files = [File(**entry) for entry in data.pop("files")]
    if not all(_is_below(file.path) for file in files):
        raise ValueError
    return Manifest(**data, database=database, keys=Stored(**keys) if keys else None, files=files)


def _is_below(path: str) -> bool:
    """Whether a path stays in the folder that it counts from."""
    parts = PurePosixPath(path).parts
    return bool(parts) and not PurePosixPath(path).is_absolute() and ".." not in parts
