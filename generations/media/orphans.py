"""Files below MEDIA_ROOT that no row names: left by a process that died, or by rows that are gone."""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db.models import QuerySet
from django.db.models.functions import Left

from generations.media import library
from generations.models import Image, Job, Reference

AGE = 86_400.0  # seconds; a younger file may be one whose row is still being written
AT_ONCE = 20_000  # files compared with the rows in one pass over the tables
CHUNK = 2_000  # rows read at once
PREFIX = 2  # characters of a path that rows are narrowed down by


@dataclass(frozen=True)
class Orphan:
    path: str  # below MEDIA_ROOT
    bytes: int


def folders(after: str = "") -> list[str]:
    """The folders that files are kept in, in order, from the one behind `after`."""
    try:
        entries = sorted(entry.name for entry in os.scandir(settings.MEDIA_ROOT) if entry.is_dir(follow_symlinks=False))
    except OSError:
        return []
    return [name for name in entries if not name.startswith(".") and name > after]


def find(names: list[str]) -> tuple[list[Orphan], str]:
    """Orphans in the first of these folders, as many as one pass takes; and the last folder that was looked at."""
    found: dict[str, int] = {}
    last = ""
    for name in names:
        found.update(_old_files(name))
        last = name
        if len(found) >= AT_ONCE:
            break
    # The rows are read after the files: whatever has been named meanwhile is no orphan.
    for named in _named({path[:PREFIX] for path in found}):
        found.pop(named, None)
    return [Orphan(path, size) for path, size in sorted(found.items())], last


def delete(orphan: Orphan) -> None:
    library.full_path(orphan.path).unlink(missing_ok=True)


def _old_files(folder: str) -> dict[str, int]:
    root, limit = Path(settings.MEDIA_ROOT), time.time() - AGE
    files: dict[str, int] = {}
    for place, _, names in os.walk(root / folder):
        for name in names:
            path = Path(place) / name
            try:
                status = path.lstat()
            except OSError:
                continue  # gone since
            if status.st_mtime < limit:
                files[str(path.relative_to(root))] = status.st_size
    return files


def _named(prefixes: set[str]) -> Iterator[str]:
    """Every path that a row names and that begins like this. Thumbnails stand beside what they were made from."""
    for rows in (Image.objects.all(), Reference.objects.all()):
        for path, thumbnails in _in(prefixes, rows, "path").values_list("path", "thumbnails").iterator(CHUNK):
            yield path
            yield from (entry[2] for entry in thumbnails)
    masks = _in(prefixes, Job.objects.exclude(mask=""), "mask")
    yield from masks.values_list("mask", flat=True).iterator(CHUNK)


def _in(prefixes: set[str], rows: QuerySet, field: str) -> QuerySet:
    return rows.alias(prefix=Left(field, PREFIX)).filter(prefix__in=prefixes)
