"""Makes dry runs: what somebody wrote becomes a draft with one row for each final prompt or action."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import Account, User
from generations import enqueue
from generations.batches import actions, composing, reading, tables, templates
from generations.batches.errors import CannotDraft
from generations.batches.reading import MOST_BYTES, MOST_LINES, Reading
from generations.models import Batch, BatchLine, BatchSource, BatchStatus, LineLevel, Priority
from midjourney import prompt as language

__all__ = ["MOST_BYTES", "MOST_LINES", "CannotDraft", "Written", "choose", "discard", "draft", "redraft"]

CHUNK = 500
NOTICES = "notices"  # what the reading told, kept beside what was written
_TEXTS = ("text", "filename", "template", "variables", "action")


@dataclass(frozen=True)
class Written:
    """What somebody wrote or uploaded, by the source that it is read as.

    LINES: `text`, one prompt a line. FILE: `text` as decoded by `reading.decode`, `filename` says whether it is a
    table. TEMPLATE: `template` with {{names}} and `variables`. GALLERY: `images`, refs of pictures in the order they
    were chosen, and `action`, a key of `actions.offered`.
    """

    source: BatchSource
    text: str = ""
    filename: str = ""
    template: str = ""
    variables: str = ""
    images: tuple[str, ...] = ()
    action: str = ""

    def as_data(self) -> dict[str, Any]:
        """As it is kept in `Batch.written`."""
        fields = {name: getattr(self, name) for name in _TEXTS}
        return {"source": str(self.source), **fields, "images": list(self.images)}

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> "Written":
        return cls(
            source=BatchSource(data.get("source", BatchSource.LINES)),
            images=tuple(map(str, data.get("images", ()))),
            **{name: str(data.get(name, "")) for name in _TEXTS},
        )


@dataclass(frozen=True)
class _Draft:
    """Everything that is stored of a dry run."""

    fields: dict[str, Any]
    rows: list[BatchLine]


def draft(
    owner: User,
    written: Written,
    *,
    name: str = "",
    shared: str = "",
    account: Account | None = None,
    priority: int = 0,
    key: str = "",
) -> Batch:
    """Store a dry run. The same key again, from a double click, returns the first. Raises CannotDraft."""
    key = key or uuid.uuid4().hex
    existing = Batch.objects.filter(owner=owner, idempotency_key=key).first()
    if existing:
        return existing
    made = _make(owner, written, name, shared, account, priority)
    try:
        with transaction.atomic():
            batch = Batch.objects.create(owner=owner, idempotency_key=key, **made.fields)
            _store_rows(batch, made.rows)
    except IntegrityError:
        return Batch.objects.get(owner=owner, idempotency_key=key)
    return batch


def redraft(
    batch: Batch,
    written: Written,
    *,
    name: str = "",
    shared: str = "",
    account: Account | None = None,
    priority: int = 0,
) -> Batch:
    """Read a draft anew; all its lines are chosen as at first. `account` None keeps the one that it has.

    Raises CannotDraft, also where it is no draft any more; then nothing has changed.
    """
    made = _make(batch.owner, written, name or batch.name, shared, account or batch.account, priority)
    with transaction.atomic():
        locked = _lock_draft(batch)
        if locked is None:
            raise CannotDraft("This batch was confirmed meanwhile. Run it again as a new one to change it.")
        for field, value in made.fields.items():
            setattr(locked, field, value)
        locked.save(update_fields=list(made.fields))
        locked.lines.all().delete()
        _store_rows(locked, made.rows)
    return locked


def choose(batch: Batch, positions: Iterable[int] | None, is_chosen: bool, level: str = "") -> int:
    """Leave lines of a draft out or take them in again; return how many changed.

    `positions` None is every line of that level ("" any). Impossible lines stay out.
    """
    with transaction.atomic():
        if _lock_draft(batch) is None:
            return 0
        lines = batch.lines.exclude(level=LineLevel.IMPOSSIBLE).filter(is_chosen=not is_chosen)
        if level:
            lines = lines.filter(level=level)
        if positions is None:
            return lines.update(is_chosen=is_chosen)
        wanted = sorted(set(positions))
        chunks = (wanted[at : at + CHUNK] for at in range(0, len(wanted), CHUNK))
        return sum(lines.filter(position__in=chunk).update(is_chosen=is_chosen) for chunk in chunks)


def discard(batch: Batch) -> bool:
    """Delete a draft with its lines; return whether it still was one."""
    with transaction.atomic():
        locked = _lock_draft(batch)
        if locked is None:
            return False
        locked.delete()
    return True


def _lock_draft(batch: Batch) -> Batch | None:
    return Batch.objects.select_for_update().filter(pk=batch.pk, status=BatchStatus.DRAFT).first()


def _store_rows(batch: Batch, rows: list[BatchLine]) -> None:
    for row in rows:
        row.batch = batch
    BatchLine.objects.bulk_create(rows, batch_size=CHUNK)


def _make(owner: User, written: Written, name: str, shared: str, account: Account | None, priority: int) -> _Draft:
    """Read, check and word everything; nothing is stored. Raises CannotDraft."""
    shared = " ".join(shared.split())
    _check_size(written, name, shared)
    if priority > Priority.NORMAL and not owner.is_lead:
        raise CannotDraft("High priority is for leads. Choose normal or low.")
    if priority not in Priority.values:
        raise CannotDraft("There is no such priority. Choose low, normal or high.")
    notices: tuple[str, ...] = ()
    if written.source == BatchSource.GALLERY:
        rows = _acted(owner, written)
        account = _account_of(rows) or account
    else:
        text = _read(written)
        if text.problems:
            raise CannotDraft(*text.problems)
        rows, notices = composing.compose(text.lines, composing.read_shared(shared)), text.notices
    return _Draft(
        {
            "account": _usable(owner, account),
            "name": " ".join(name.split())[:120] or _name_for(written, rows),
            "source": written.source,
            "written": written.as_data() | {NOTICES: list(notices)},
            "shared": shared,
            "priority": priority,
        },
        rows,
    )


def _check_size(written: Written, name: str, shared: str) -> None:
    texts = [*(getattr(written, field) for field in _TEXTS), *written.images, name, shared]
    try:
        size = sum(len(text.encode()) for text in texts)
    except UnicodeEncodeError:
        raise CannotDraft("The text holds characters that are broken. Copy it again from where it comes.") from None
    if size > MOST_BYTES:
        raise CannotDraft(f"This is more than {MOST_BYTES // 1024 // 1024} MB. Split it into several batches.")
    if any("\x00" in text for text in texts):
        raise CannotDraft("The text holds a zero byte, so it is no plain text. Save it as text and try again.")
    if len(shared) > 1000:
        raise CannotDraft("The shared parameters are longer than 1,000 characters. Shorten them.")


def _read(written: Written) -> Reading:
    match written.source:
        case BatchSource.TEMPLATE:
            return templates.read_template(written.template, written.variables)
        case BatchSource.FILE if reading.is_table(written.filename):
            return tables.read_table(written.text, written.filename)
        case _:
            return reading.read_lines(written.text)


def _acted(owner: User, written: Written) -> list[BatchLine]:
    if not written.images:
        raise CannotDraft("No picture is chosen. Choose pictures in the gallery first.")
    if len(written.images) > MOST_LINES:
        raise CannotDraft(f"{len(written.images):,} pictures are chosen, and {MOST_LINES:,} is the most of one batch.")
    if not written.action:
        raise CannotDraft("No action is chosen. Choose what to do with the pictures.")
    return actions.compose(owner, written.images, written.action)


def _account_of(rows: list[BatchLine]) -> Account | None:
    """The account of the first picture; each button goes to its own picture's account all the same."""
    parent = next((row.parent for row in rows if row.parent and row.level != LineLevel.IMPOSSIBLE), None)
    return parent.account if parent else None


def _usable(owner: User, account: Account | None) -> Account:
    try:
        return enqueue.usable_account(owner, account)
    except enqueue.CannotEnqueue as error:
        raise CannotDraft(str(error)) from None


def _name_for(written: Written, rows: list[BatchLine]) -> str:
    if written.source == BatchSource.GALLERY:
        count = len(written.images)
        return f"{actions.label_of(written.action)}, {count} picture{'' if count == 1 else 's'}"[:120]
    if written.source == BatchSource.FILE and written.filename:
        return PurePath(written.filename.replace("\\", "/")).stem[:120] or "File"
    if written.source == BatchSource.TEMPLATE:
        return " ".join(written.template.split())[:60]
    words = language.parse(rows[0].text).words or rows[0].text
    return " ".join(words.split())[:60] or "Batch"
