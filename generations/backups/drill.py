"""Tries a backup without touching the studio: every byte is compared, and the database is opened and counted."""

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings

from generations.backups import databases, manifest
from generations.backups.errors import NotThere
from generations.backups.manifest import Manifest, Stored
from generations.backups.places import Place
from generations.backups.restoring import compare, fetch

FILES_OF = {
    "picture": "SELECT path, sha256 FROM generations_image WHERE saved_at IS NOT NULL",
    "reference": "SELECT path, sha256 FROM generations_reference",
}


@dataclass
class Drilled:
    manifest: Manifest
    differences: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # true of the studio when the backup was made


def drill(place: Place, at: str = "") -> Drilled:
    """Try a backup. Raises BackupError where there is none, or where it cannot be tried here."""
    found = manifest.read(place, at)
    done = Drilled(found)
    stored = {file.name: Stored(file.name, file.bytes, file.sha256) for file in found.files}
    for one in [*([found.keys] if found.keys else []), *stored.values()]:
        done.differences += _look(place, one)
    settings.DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".drill-", dir=settings.DATA_DIR) as folder:
        copy = Path(folder) / "database"
        wrong = fetch(place, found.database, copy)
        done.differences += wrong or _open(found, copy, done)
    return done


def _look(place: Place, stored: Stored) -> list[str]:
    try:
        with place.open(stored.name) as file:
            return compare(stored, file)
    except NotThere:
        return [f"{stored.name} is missing"]
    except OSError as error:
        return [f"{stored.name} cannot be read: {error.strerror}"]


def _open(found: Manifest, copy: Path, done: Drilled) -> list[str]:
    kind = databases.KINDS[found.vendor]
    try:
        with databases.opened(found.vendor, copy) as database:
            wrong = kind.faults(database)
            counts = kind.counts(database, list(found.counts))
            wrong += [
                f"{table}: {counts[table]:,} rows, and the manifest says {count:,}"
                for table, count in found.counts.items()
                if counts[table] != count
            ]
            done.notes += _without_file(found, database)
    except kind.ERRORS as error:
        return [f"the database cannot be opened: {error}"]
    return wrong


def _without_file(found: Manifest, database: Any) -> list[str]:
    """What was missing or damaged in the studio itself."""
    kept = {file.path: file.sha256 for file in found.files}
    notes = []
    for what, query in FILES_OF.items():
        count = sum(kept.get(path) != sha256 for path, sha256 in database.execute(query))
        if count:
            notes.append(f"{count:,} {what}{'' if count == 1 else 's'} had no whole file when the backup was made")
    return notes
