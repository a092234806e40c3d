"""Makes a backup of the studio."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from generations.backups import making
from generations.backups.errors import BackupError
from generations.backups.making import Made
from generations.backups.places import place_of

UNREADABLE = 1
WITHOUT_KEYS = "The keys are not in it. Without TOKEN_KEYS the tokens in it cannot be read: keep them somewhere else."


class Command(BaseCommand):
    help = (
        "Copy the database and the files to a folder or a bucket, while everything runs. What is there already is not "
        "copied again. Ends with 1 where a file could not be read."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("destination", help="a folder, or s3://bucket/prefix")
        parser.add_argument("--with-keys", action="store_true", help="put SECRET_KEY and TOKEN_KEYS in it, unencrypted")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print the result as JSON")

    def handle(self, *, destination: str, with_keys: bool, as_json: bool, **options: Any) -> None:
        try:
            place = place_of(destination)
            made = making.make(place, with_keys=with_keys, tell=self.stderr.write)
        except BackupError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(json.dumps(_report(made), indent=2) if as_json else "\n".join(_lines(made, str(place))))
        if made.unreadable:
            raise SystemExit(UNREADABLE)


def _report(made: Made) -> dict[str, Any]:
    return {
        "backup": made.manifest.stamp,
        "made_at": made.manifest.made_at,
        "database_bytes": made.manifest.database.bytes,
        "files": len(made.manifest.files),
        "bytes": made.manifest.bytes,
        "new_files": made.new_files,
        "new_bytes": made.new_bytes,
        "unreadable": made.unreadable,
        "with_keys": made.manifest.keys is not None,
        "counts": made.manifest.counts,
    }


def _lines(made: Made, where: str) -> list[str]:
    found = made.manifest
    lines = [
        f"Backup {found.stamp} in {where}",
        f"database  {found.database.bytes:,} bytes, {sum(found.counts.values()):,} rows",
        f"files     {len(found.files):,}, {found.bytes:,} bytes; {made.new_files:,} new, {made.new_bytes:,} bytes",
    ]
    if made.unreadable:
        lines.append(f"{len(made.unreadable):,} files could not be read and are not in it:")
        lines += [f"  {path}" for path in made.unreadable[:20]]
    lines.append("The keys are in it, unencrypted. Keep it where nobody else can read." if found.keys else WITHOUT_KEYS)
    return lines
