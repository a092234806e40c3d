"""The states of a job and the moves between them. `Job.move` is the only way to change one."""

from collections.abc import Iterable
from typing import Any

from django.db import models


class JobStatus(models.TextChoices):
    QUEUED = "queued", "Queued"
    SUBMITTING = "submitting", "Submitting"
    UNCERTAIN = "uncertain", "Uncertain"
    RUNNING = "running", "Running"
    SAVING = "saving", "Saving"
    DONE = "done", "Done"
    REFUSED = "refused", "Refused"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


S = JobStatus

# New status: the statuses it may follow. A final status is on no right-hand side, so it never reopens.
MOVES: dict[JobStatus, tuple[JobStatus, ...]] = {
    S.SUBMITTING: (S.QUEUED,),
    S.QUEUED: (S.SUBMITTING, S.UNCERTAIN),  # certainly not sent, so trying again is free
    S.UNCERTAIN: (S.SUBMITTING,),  # sent, answer lost: looked up, never sent again
    S.RUNNING: (S.QUEUED, S.SUBMITTING, S.UNCERTAIN),  # queued: an answer that came after all
    S.SAVING: (S.SUBMITTING, S.UNCERTAIN, S.RUNNING),
    S.DONE: (S.SAVING,),
    S.REFUSED: (S.SUBMITTING, S.UNCERTAIN, S.RUNNING),
    S.FAILED: (S.QUEUED, S.SUBMITTING, S.UNCERTAIN, S.RUNNING, S.SAVING),
    S.CANCELLED: (S.QUEUED, S.SUBMITTING, S.UNCERTAIN, S.RUNNING),
}

# A slot is held in these, and by nothing else: not by a worker's life, not by a timer.
HOLDS_SLOT = (S.SUBMITTING, S.UNCERTAIN, S.RUNNING)
FINAL = (S.DONE, S.REFUSED, S.FAILED, S.CANCELLED)
UNFINISHED = (S.QUEUED, *HOLDS_SLOT, S.SAVING)


class Word(models.Value):
    """A state written into the statement itself instead of sent beside it.

    SQLite uses an index "WHERE status IN (…)" only for a list that it can read when it plans.
    """

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        return f"'{JobStatus(self.value).value}'", ()


def words(states: Iterable[JobStatus]) -> list[Word]:
    """The states for `status__in`, where an index is meant to be used that names the same in this order."""
    return [Word(state.value) for state in states]
