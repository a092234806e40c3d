"""Files of the storage that no row names: left by a process that died, or by rows that are gone."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import QuerySet
from django.db.models.functions import Left

from generations.media.storages import media
from generations.models import Image, Job, Reference

AGE = 86_400.0  # seconds; a younger file may be one whose row is still being written
AT_ONCE = 20_000  # files compared with the rows in one pass over the tables
CHUNK = 2_000  # rows read at once
PREFIX = 2  # characters of a path that rows are narrowed down by


@dataclass(frozen=True)
class Orphan:
    path: str
    bytes: int


def folders(after: str = "") -> list[str]:
    """The folders that files are kept in, in order, from the one behind `after`."""
    return [name for name in media().folders() if name > after]


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
    media().delete(orphan.path)


def _old_files(folder: str) -> dict[str, int]:
    limit = (time.time() - AGE) * 1e9
    return {entry.name: entry.bytes for entry in media().entries(folder) if entry.modified < limit}


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
