"""Whether every saved file is on the disk and whole."""

import json
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.template.defaultfilters import filesizeformat

from generations.media import checking
from generations.media.errors import Unreachable
from generations.models import Image, MediaCheck, Reference

NOT_WHOLE = 1


class Command(BaseCommand):
    help = (
        "Look at every saved file: is it there, and is it what was saved? Missing thumbnails are made anew. "
        "Ends with 1 where a file is missing or damaged."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("--quick", action="store_true", help="compare sizes only, without reading the files")
        parser.add_argument("--repair", action="store_true", help="fetch what is missing or damaged from the service")
        parser.add_argument("--delete-orphans", action="store_true", help="delete files that belong to nothing")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print the result as JSON")

    def handle(self, *, quick: bool, repair: bool, delete_orphans: bool, as_json: bool, **options: Any) -> None:
        begun = checking.start(quick=quick, repairs=repair, deletes_orphans=delete_orphans, by_hand=True)
        check: MediaCheck | None = begun
        while check and not check.ended_at:
            check = _go_on(begun.pk)
            if check and not check.ended_at:
                self.stderr.write(f"{check.files:,} files looked at")
        begun.refresh_from_db()
        self.stdout.write(json.dumps(_report(begun), indent=2) if as_json else "\n".join(_lines(begun)))
        if checking.left(begun):
            raise SystemExit(NOT_WHOLE)


def _go_on(pk: int) -> MediaCheck | None:
    try:
        return checking.go_on(pk)
    except Unreachable as error:
        raise CommandError(f"The files cannot be looked at: {error.strerror}. Try again later.") from None


def _report(check: MediaCheck) -> dict[str, Any]:
    names = ("files", "bytes", "missing", "damaged", "repaired", "orphans", "orphan_bytes")
    named = {kind: list(rows) for kind, rows in _named(check)}
    return {
        **{name: getattr(check, name) for name in names},
        "left": checking.left(check),
        "orphans_deleted": check.details.get("deleted", 0),
        "thumbnails_made": check.details.get("thumbnails", 0),
        "missing_files": named["missing"],
        "damaged_files": named["damaged"],
        "orphan_files": check.details.get("orphans", []),
    }


def _named(check: MediaCheck) -> Iterator[tuple[str, Iterator[dict]]]:
    for kind in ("missing", "damaged"):
        yield kind, _rows(check.details.get(kind, []), check.details.get(f"{kind}_references", []))


def _rows(images: list[int], references: list[int]) -> Iterator[dict]:
    for image in Image.objects.filter(pk__in=images).select_related("job").order_by("pk"):
        yield {"job": str(image.job.ref), "image": str(image.ref), "path": image.path, "code": image.error_code}
    for reference in Reference.objects.filter(pk__in=references).order_by("pk"):
        yield {"reference": str(reference.ref), "path": reference.path}


def _lines(check: MediaCheck) -> Iterator[str]:
    size = filesizeformat(check.bytes).replace("\xa0", " ")
    how = " by size only" if check.details["quick"] else ""
    yield f"{check.files:,} files looked at{how}, {size} whole"
    if made := check.details.get("thumbnails"):
        yield f"{made:,} pictures had thumbnails missing; they were made anew"
    for kind, rows in _named(check):
        yield f"{kind:<9} {getattr(check, kind):,}"
        for row in rows:
            whose = f"job {row['job']}" if "job" in row else f"reference {row['reference']}"
            yield f"  {row['path']}  {whose}"
    if check.missing or check.damaged:
        yield f"repaired  {check.repaired:,}"
    yield f"orphans   {check.orphans:,}{_of_orphans(check)}"
    yield from (f"  {path}" for path in check.details.get("orphans", []))
    if checking.left(check):
        yield "--repair fetches them while the service has them (62 days); else a backup has to bring them back."


def _of_orphans(check: MediaCheck) -> str:
    if not check.orphans:
        return ""
    size = filesizeformat(check.orphan_bytes).replace("\xa0", " ")
    return f", {size}, " + (
        "deleted" if check.details["deletes_orphans"] else "left alone; --delete-orphans deletes them"
    )
