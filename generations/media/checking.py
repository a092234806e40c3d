"""Looks at every saved file: whether it is there and whole, and which files belong to nobody.

A check is a row that knows how far it has come. It goes on in portions, each of which is recorded once, whoever runs
it: the portion of a task that ran twice, or that was thought lost, counts the first time only.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.encryption import Unreadable
from generations.engine import shutdown
from generations.media import orphans, repair, thumbnails
from generations.media.findings import Finding, look
from generations.models import Image, MediaCheck, Reference

CHUNK = 200  # rows read at once
PORTION = 40.0  # seconds; one file more may take some, a repair up to two minutes
SHOWN = 100  # of each kind that the row keeps by name
KEPT = 20  # checks
LOST_AFTER = timedelta(minutes=10)  # without a portion; then another may be started

At = list  # [phase, the last primary key or folder]
FIRST: At = ["images", 0]


@dataclass
class Tally:
    """What one portion found."""

    files: int = 0
    bytes: int = 0
    missing: int = 0
    damaged: int = 0
    repaired: int = 0
    orphans: int = 0
    orphan_bytes: int = 0
    numbers: dict[str, int] = field(default_factory=dict)  # thumbnails made, orphans deleted
    names: dict[str, list] = field(default_factory=dict)  # what the row keeps by name

    def count(self, kind: str) -> None:
        self.numbers[kind] = self.numbers.get(kind, 0) + 1

    def name(self, kind: str, what: int | str) -> None:
        if len(self.names.setdefault(kind, [])) < SHOWN:
            self.names[kind].append(what)


def start(
    *, quick: bool = False, repairs: bool = False, deletes_orphans: bool = False, by_hand: bool = False
) -> MediaCheck:
    """Begin a check; only the newest are kept. What is begun `by_hand` is not taken up by the worker."""
    options = {"quick": quick, "repairs": repairs, "deletes_orphans": deletes_orphans, "by_hand": by_hand}
    check = MediaCheck.objects.create(details={"at": FIRST, "beat": _now(), **options})
    old = list(MediaCheck.objects.order_by("-pk").values_list("pk", flat=True)[KEPT:])
    MediaCheck.objects.filter(pk__in=old).delete()
    return check


def running() -> MediaCheck | None:
    """The check that is under way."""
    unfinished = MediaCheck.objects.filter(ended_at=None).order_by("-pk")
    return next((check for check in unfinished if not is_lost(check)), None)


def is_lost(check: MediaCheck) -> bool:
    """Whether nothing was heard of it for a while, so that it was interrupted."""
    beat = datetime.fromisoformat(check.details["beat"])
    return check.ended_at is None and timezone.now() - beat > LOST_AFTER


def take_up_lost() -> MediaCheck | None:
    """The newest check, where its task was lost; it counts as heard of again."""
    check = MediaCheck.objects.order_by("-pk").first()
    if check is None or check.details.get("by_hand") or not is_lost(check):
        return None
    check.details["beat"] = _now()
    check.save(update_fields=["details"])
    return check


def go_on(pk: int, at: At | None = None) -> MediaCheck | None:
    """Do the next portion, from `at` if given; None where there is none, or somebody else has done it."""
    check = MediaCheck.objects.filter(pk=pk, ended_at=None).first()
    if check is None or at not in (None, check.details["at"]):
        return None
    before = check.details["at"]
    tally, until = Tally(), time.monotonic() + PORTION
    position: At | None = _step(before, tally, check.details, until)
    while position and time.monotonic() < until and not shutdown.is_asked():
        position = _step(position, tally, check.details, until)
    return _record(check.pk, before, position, tally)


def _step(at: At, tally: Tally, options: dict, until: float) -> At | None:
    """Do a step of the phase that this is in; return where the next begins."""
    return PHASES[at[0]](at[1], tally, options, until)


def left(check: MediaCheck) -> int:
    """Files that are missing or damaged still."""
    return check.missing + check.damaged - check.repaired


def _images(last: int, tally: Tally, options: dict, until: float) -> At:
    rows = Image.objects.saved().filter(pk__gt=last).order_by("pk").select_related("job__account")[:CHUNK]
    last = _look_at(rows, tally, options, until)
    return ["images", last] if last else ["references", 0]


def _references(last: int, tally: Tally, options: dict, until: float) -> At:
    last = _look_at(Reference.objects.filter(pk__gt=last).order_by("pk")[:CHUNK], tally, options, until)
    return ["references", last] if last else ["orphans", ""]


def _look_at(rows: Iterable[Image | Reference], tally: Tally, options: dict, until: float) -> int:
    """Look at the files of these rows while there is time; return the last one's primary key, 0 where there is none."""
    last = 0
    for row in rows:
        _look_at_one(row, tally, options)
        last = row.pk
        if time.monotonic() > until or shutdown.is_asked():
            break
    return last


def _look_at_one(row: Image | Reference, tally: Tally, options: dict) -> None:
    size = row.bytes or 0
    finding = look(row.path, size, row.sha256, quick=options["quick"])
    tally.files += 1
    if finding is not Finding.WHOLE and _has_changed(row):
        return  # deleted, or fetched anew, while we looked
    if finding is Finding.WHOLE:
        tally.bytes += size
        if not thumbnails.are_there(row) and thumbnails.make_again(row):
            tally.count("thumbnails")
        return
    setattr(tally, finding.value, getattr(tally, finding.value) + 1)
    if options["repairs"] and isinstance(row, Image) and _repaired(row):
        tally.repaired += 1
        return
    tally.name(finding.value if isinstance(row, Image) else f"{finding.value}_references", row.pk)


def _has_changed(row: Image | Reference) -> bool:
    return not type(row)._default_manager.filter(pk=row.pk, path=row.path).exists()


def _repaired(image: Image) -> bool:
    if not repair.can_be_fetched(image):
        return False
    try:
        return repair.repair(image)
    except Unreadable:
        return False


def _orphans(last: str, tally: Tally, options: dict, until: float) -> At | None:
    names = orphans.folders(last)
    if not names:
        return None
    found, last = orphans.find(names)
    for orphan in found:
        tally.orphans += 1
        tally.orphan_bytes += orphan.bytes
        if options["deletes_orphans"]:
            orphans.delete(orphan)
            tally.count("deleted")
        else:
            tally.name("orphans", orphan.path)
    return ["orphans", last]


PHASES: dict[str, Callable] = {"images": _images, "references": _references, "orphans": _orphans}


def _record(pk: int, before: At, after: At | None, tally: Tally) -> MediaCheck | None:
    """Add what a portion found, unless somebody else has recorded the same portion."""
    with transaction.atomic():
        check = MediaCheck.objects.select_for_update(no_key=True).filter(pk=pk, ended_at=None).first()
        if check is None or check.details["at"] != before:
            return None
        for name in ("files", "bytes", "missing", "damaged", "repaired", "orphans", "orphan_bytes"):
            setattr(check, name, getattr(check, name) + getattr(tally, name))
        for kind, number in tally.numbers.items():
            check.details[kind] = check.details.get(kind, 0) + number
        for kind, names in tally.names.items():
            check.details[kind] = [*check.details.get(kind, []), *names][:SHOWN]
        check.details |= {"at": after or [], "beat": _now()}
        check.ended_at = None if after else timezone.now()
        check.save()
    return check


def _now() -> str:
    return timezone.now().isoformat()
