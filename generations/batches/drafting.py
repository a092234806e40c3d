"""Makes dry runs: what somebody wrote becomes a draft with one row for each final prompt or action."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from accounts.models import Account, User
from generations.batches.errors import CannotDraft
from generations.models import Batch, BatchSource

__all__ = ["MOST_BYTES", "MOST_LINES", "CannotDraft", "Written", "choose", "discard", "draft", "redraft"]

MOST_LINES = 10_000  # final prompts or actions in one batch
MOST_BYTES = 4 * 1024 * 1024  # of everything written for one batch, in UTF-8


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
        fields = {name: getattr(self, name) for name in ("text", "filename", "template", "variables", "action")}
        return {"source": str(self.source), **fields, "images": list(self.images)}

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> "Written":
        return cls(
            source=BatchSource(data.get("source", BatchSource.LINES)),
            images=tuple(map(str, data.get("images", ()))),
            **{name: str(data.get(name, "")) for name in ("text", "filename", "template", "variables", "action")},
        )


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
    raise NotImplementedError


def redraft(
    batch: Batch,
    written: Written,
    *,
    name: str = "",
    shared: str = "",
    account: Account | None = None,
    priority: int = 0,
) -> Batch:
    """Read a draft anew. Raises CannotDraft, also where it is no draft any more; then nothing has changed."""
    raise NotImplementedError


def choose(batch: Batch, positions: Iterable[int] | None, is_chosen: bool, level: str = "") -> int:
    """Leave lines of a draft out or take them in again; return how many changed.

    `positions` None is every line of that level ("" any). Impossible lines stay out.
    """
    raise NotImplementedError


def discard(batch: Batch) -> bool:
    """Delete a draft with its lines; return whether it still was one."""
    raise NotImplementedError
