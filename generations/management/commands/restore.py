"""Brings a backup back."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from generations.backups import restoring
from generations.backups.errors import BackupError
from generations.backups.places import place_of
from generations.backups.restoring import Restored


class Command(BaseCommand):
    help = (
        "Replace the database and the files with a backup. Stop the site and the worker first. Everything is compared "
        "with its checksum before anything is touched."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("source", help="a folder, or s3://bucket/prefix")
        parser.add_argument("--at", default="", metavar="BACKUP", help="an earlier backup, by the name it was given")
        parser.add_argument("--yes", action="store_true", help="replace a studio that is there already")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print the result as JSON")

    def handle(self, *, source: str, at: str, yes: bool, as_json: bool, **options: Any) -> None:
        try:
            done = restoring.restore(place_of(source), at, may_overwrite=yes)
        except BackupError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(json.dumps(_report(done), indent=2) if as_json else "\n".join(_lines(done)))


def _report(done: Restored) -> dict[str, Any]:
    return {
        "backup": done.manifest.stamp,
        "made_at": done.manifest.made_at,
        "files": len(done.manifest.files),
        "files_written": done.written,
        "counts": done.manifest.counts,
        "keys_added": done.keys_added,
        "unreadable_tokens": done.unreadable_tokens,
    }


def _lines(done: Restored) -> list[str]:
    found = done.manifest
    lines = [
        f"Backup {found.stamp} of {found.made_at} is back",
        f"database  {sum(found.counts.values()):,} rows",
        f"files     {len(found.files):,}; {done.written:,} were written, the others were there",
    ]
    if done.keys_added:
        lines.append("The token keys of the backup are known here.")
    elif done.unreadable_tokens:
        lines.append(
            f"{done.unreadable_tokens:,} tokens cannot be read: add the TOKEN_KEYS of that studio behind yours, or "
            "enter the tokens anew on the pages of the accounts."
        )
    lines.append(
        "Next: manage.py bootstrap. Then start the site only, and pause accounts whose jobs may have run since."
    )
    return lines
