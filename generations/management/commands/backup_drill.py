"""Tries whether a backup could be brought back."""

import json
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from generations.backups import drill
from generations.backups.drill import Drilled
from generations.backups.errors import BackupError
from generations.backups.places import place_of

DIFFERS = 1
SHOWN = 50


class Command(BaseCommand):
    help = (
        "Read a backup from beginning to end, open its database in a temporary place and count. The studio is not "
        "touched. Ends with 1 where anything differs from what was written down."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("source", help="a folder, or s3://bucket/prefix")
        parser.add_argument("--at", default="", metavar="BACKUP", help="an earlier backup, by the name it was given")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print the result as JSON")

    def handle(self, *, source: str, at: str, as_json: bool, **options: Any) -> None:
        try:
            done = drill.drill(place_of(source), at)
        except BackupError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(json.dumps(_report(done), indent=2) if as_json else "\n".join(_lines(done)))
        if done.differences:
            raise SystemExit(DIFFERS)


def _report(done: Drilled) -> dict[str, Any]:
    return {
        "backup": done.manifest.stamp,
        "made_at": done.manifest.made_at,
        "ok": not done.differences,
        "differences": done.differences,
        "notes": done.notes,
        "files": len(done.manifest.files),
        "bytes": done.manifest.bytes,
    }


def _lines(done: Drilled) -> Iterator[str]:
    found = done.manifest
    if done.differences:
        yield f"Backup {found.stamp} is not whole:"
        yield from (f"  {line}" for line in done.differences[:SHOWN])
        if len(done.differences) > SHOWN:
            yield f"  … and {len(done.differences) - SHOWN:,} more; --json shows all of them"
        yield "Delete damaged files there and make a backup again; it keeps anew what is missing."
    else:
        rows = sum(found.counts.values())
        yield f"OK: backup {found.stamp}, {rows:,} rows, {len(found.files):,} files, {found.bytes:,} bytes"
    yield from (f"Note: {note}" for note in done.notes)
