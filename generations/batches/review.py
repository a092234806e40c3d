"""What a dry run says: counts, cost, forecast, budgets, and its lines page by page."""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Sum

from generations.batches.drafting import NOTICES
from generations.budgets import Allowance, Limit
from generations.forecast import BatchForecast, batch_forecast
from generations.models import Batch, BatchLine

PAGE = 50


@dataclass(frozen=True)
class DryRun:
    """`counts` by LineLevel of all lines; `chosen`, `lanes` ("image", "video"), `gpu_minutes` and `forecast` of the
    chosen ones. `forecast` is None where nothing like them has ever run, or where no channel is open. `limits` hold
    for the owner and the team, used so far. `notices` are about what was written as a whole."""

    total: int
    chosen: int
    counts: dict[str, int]
    lanes: dict[str, int]
    gpu_minutes: Decimal
    forecast: BatchForecast | None
    limits: list[Limit]
    notices: tuple[str, ...] = ()


def dry_run(batch: Batch) -> DryRun:
    """The figures of a draft, in a fixed number of queries."""
    counts: Counter[str] = Counter()
    lanes: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    minutes = Decimal(0)
    rows = batch.lines.order_by().values_list("level", "is_chosen", "lane", "kind")
    for level, is_chosen, lane, kind, count, cost in rows.annotate(count=Count("pk"), cost=Sum("gpu_minutes")):
        counts[level] += count
        if is_chosen:
            lanes[lane] += count
            kinds[kind] += count
            minutes += cost or 0
    return DryRun(
        total=counts.total(),
        chosen=lanes.total(),
        counts=dict(counts),
        lanes=dict(lanes),
        gpu_minutes=minutes,
        forecast=batch_forecast(batch.account, kinds, owner_id=batch.owner_id) if kinds else None,
        limits=Allowance().limits(batch.owner_id),
        notices=tuple(map(str, batch.written.get(NOTICES, ()))),
    )


def lines(batch: Batch, level: str = "", after: int = 0, limit: int = PAGE) -> list[BatchLine]:
    """The next lines after a position, of one level or of all."""
    rows = batch.lines.filter(position__gt=after).order_by("position")
    return list((rows.filter(level=level) if level else rows)[:limit])
