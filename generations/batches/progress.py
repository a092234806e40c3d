"""How a batch is doing, in a fixed number of queries by index."""

from dataclasses import dataclass
from datetime import datetime

from generations.models import Batch, Image, Job


@dataclass(frozen=True)
class Progress:
    """A line's job that was retried counts once, as its retry.

    `counts` by JobStatus; `ended` how many are final and `share` that as a part of `total`, 0 to 1; `per_minute` jobs
    that ended lately, None where too few have; `expected_end` None where nothing is known; `is_rough` where the
    forecast rests on too little; `gpu_minutes` about what the accepted jobs used, in minutes of fast GPU time.
    """

    total: int
    counts: dict[str, int]
    ended: int
    share: float
    per_minute: float | None
    expected_end: datetime | None
    is_rough: bool
    gpu_minutes: float

    @property
    def is_over(self) -> bool:
        return self.ended == self.total


def progress(batch: Batch) -> Progress:
    """Where a confirmed batch stands: at most 4 queries."""
    raise NotImplementedError


def failed(batch: Batch, after: int = 0, limit: int = 50) -> list[Job]:
    """Jobs that ended badly and were not retried, loaded for cards, after that job's primary key."""
    raise NotImplementedError


def pictures(batch: Batch, after: int = 0, limit: int = 60) -> list[Image]:
    """Saved pictures without grids, newest first, before that picture's primary key (0: from the newest)."""
    raise NotImplementedError
