"""What a dry run says: counts, cost, forecast, budgets, and its lines page by page."""

from dataclasses import dataclass
from decimal import Decimal

from generations.budgets import Limit
from generations.models import Batch, BatchLine

PAGE = 50


@dataclass(frozen=True)
class Duration:
    """How long the chosen lines need on the account's slots if nobody else uses them, in seconds.

    `is_rough` where too few like jobs have run here to trust it.
    """

    median: float
    p90: float
    is_rough: bool = False


@dataclass(frozen=True)
class DryRun:
    """`counts` by LineLevel of all lines; `chosen`, `lanes` ("image", "video"), `gpu_minutes` and `forecast` of the
    chosen ones. `forecast` is None where nothing like them has ever run. `limits` hold for the owner and the team."""

    total: int
    chosen: int
    counts: dict[str, int]
    lanes: dict[str, int]
    gpu_minutes: Decimal
    forecast: Duration | None
    limits: list[Limit]


def dry_run(batch: Batch) -> DryRun:
    """The figures of a draft, in a fixed number of queries."""
    raise NotImplementedError


def lines(batch: Batch, level: str = "", after: int = 0, limit: int = PAGE) -> list[BatchLine]:
    """The next lines after a position, of one level or of all."""
    rows = batch.lines.filter(position__gt=after).order_by("position")
    return list((rows.filter(level=level) if level else rows)[:limit])
