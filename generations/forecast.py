"""How long jobs take, from the studio's own past: the median and the 90 % mark by kind, and what follows from them."""

import math
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F
from django.utils import timezone

from accounts.models import Account
from generations.engine.capacity import account_use
from generations.engine.timing import timing_for
from generations.models import Job, JobStatus, Lane

SAMPLE = 200  # the newest jobs of a kind
ENOUGH = 5  # fewer than this many say little
REMEMBERED = 30.0  # seconds that a figure is kept in this process
USUAL = 60.0  # seconds that a kind of job is taken to last which has never run here
TO_90 = 1.2816  # standard deviations between the middle and the 90 % mark


@dataclass(frozen=True)
class Span:
    """Durations of one kind of job from the service's acceptance to its end, in seconds.

    `count` is the number of jobs that this rests on; `is_rough` where that is too few to trust, or where they were
    jobs of a like kind only.
    """

    median: float
    p90: float
    mean: float
    count: int
    is_rough: bool = False


@dataclass(frozen=True)
class BatchForecast:
    """How long until the last of some jobs has ended, in seconds from now: in the middle, and in nine of ten cases.

    `wait` is about how long until the first of them starts. `is_rough` where too little is known to trust it.
    """

    median: float
    p90: float
    wait: float
    is_rough: bool = False


_known: dict[str, tuple[float, Span | None]] = {}


def span(kind: str) -> Span | None:
    """What this kind of job has taken; None where nothing like it has ever ended."""
    at, known = _known.get(kind, (0.0, None))
    if at and time.monotonic() - at < REMEMBERED:
        return known
    found = _measure(kind)
    _known[kind] = (time.monotonic(), found)
    return found


def spans(kinds: Iterable[str]) -> dict[str, Span | None]:
    return {kind: span(kind) for kind in set(kinds)}


def forget() -> None:
    """Measure anew at the next question; for tests."""
    _known.clear()


def summarise(durations: Iterable[float], *, is_rough: bool = False) -> Span | None:
    """The figures of some durations in seconds."""
    ordered = sorted(durations)
    if not ordered:
        return None
    rough = is_rough or len(ordered) < ENOUGH
    return Span(_mark(ordered, 0.5), _mark(ordered, 0.9), math.fsum(ordered) / len(ordered), len(ordered), rough)


def usual(kind: str) -> Span:
    """What to reckon with for this kind, rough where nothing like it has ever ended here."""
    return span(kind) or Span(USUAL, 1.5 * USUAL, USUAL, 0, is_rough=True)


def rest(known: Span, elapsed: float) -> float:
    """Seconds that a job which has run for `elapsed` seconds is expected to go on; 0.0 where it is overdue."""
    if elapsed < known.median:
        return known.median - elapsed
    return max(0.0, (known.p90 - elapsed) / 2)


def lane_of(kind: str) -> str:
    """The lane in which jobs of a kind run."""
    return Lane.VIDEO if kind.split(" ")[0] in {"video", "animate"} else Lane.IMAGE


def batch_forecast(
    account: Account, kinds: Mapping[str, int], *, owner_id: int | None = None, are_queued: bool = False
) -> BatchForecast | None:
    """When so many jobs of these kinds, queued on the account now, will all have ended: four queries.

    What waits already goes before as the fair turns have it: all of the owner's own, and of every other member at most
    as much as these. `are_queued` says that these are among what waits already, so that they do not go before
    themselves. None where nothing like these jobs has ever run here, or where no channel of the account is open.
    """
    counts = Counter({kind: count for kind, count in kinds.items() if count > 0})
    known = spans(counts)
    slots = _slots(account)
    if not any(known.values()) or not slots[""]:
        return None
    notice = timing_for(account).tick / 2  # a slot that frees is noticed half a tick later on average
    new = _work(counts, notice)
    before = _work_before(account, new, owner_id, notice, counts if are_queued else Counter())
    wait = max(before[lane] / slots[lane] for lane in new if slots[lane])
    together = max((before[lane] + new[lane]) / slots[lane] for lane in new if slots[lane])
    longest = max((usual(kind) for kind in counts), key=lambda each: each.median)
    median = max(together, wait + longest.median)
    deviations = (count * ((usual(kind).p90 - usual(kind).median) / TO_90) ** 2 for kind, count in counts.items())
    spread = max(TO_90 * math.sqrt(math.fsum(deviations)) / slots[""], longest.p90 - longest.median)
    return BatchForecast(median, median + spread, wait, any(each is None or each.is_rough for each in known.values()))


def _slots(account: Account) -> Counter:
    """Slots of the open channels by lane; "" is any."""
    channels = [entry.channel for entry in account_use(account).channels if entry.channel.is_open]
    lanes = ("", Lane.IMAGE.value, Lane.VIDEO.value)
    return Counter({lane: sum(min(each.max_jobs, each.limit(lane)) for each in channels) for lane in lanes})


def _work(counts: Mapping[str, int], notice: float) -> dict[str, float]:
    """The slot-seconds that jobs of some kinds need, by lane; "" is all of them."""
    work: dict[str, float] = defaultdict(float)
    for kind, count in counts.items():
        seconds = count * (usual(kind).mean + notice)
        work[lane_of(kind)] += seconds
        work[""] += seconds
    return work


def _work_before(
    account: Account, new: Mapping[str, float], owner_id: int | None, notice: float, queued: Counter
) -> dict[str, float]:
    """Slot-seconds by lane that are used before new work of one owner: by what runs, and in other members' turns."""
    jobs = Job.objects.filter(account=account).order_by()
    before: dict[str, float] = defaultdict(float)
    now = timezone.now()
    for kind, reserved_at in jobs.holding_slots().values_list("kind", "reserved_at"):
        seconds = rest(usual(kind), elapsed(reserved_at, now)) + notice
        for lane in {"", lane_of(kind)}:
            before[lane] += seconds
    waiting: dict[int, Counter] = defaultdict(Counter)
    for owner, kind, count in jobs.waiting().values_list("owner", "kind").annotate(count=Count("pk")):
        waiting[owner][kind] += count
    own = _work(waiting.pop(owner_id, Counter()) - queued if owner_id else Counter(), notice)
    for seconds_by_lane in (own, *(_work(kinds, notice) for kinds in waiting.values())):
        for lane, seconds in seconds_by_lane.items():
            most = math.inf if seconds_by_lane is own else new.get(lane, 0.0) + own.get(lane, 0.0)
            before[lane] += min(seconds, most)
    return before


def elapsed(since: datetime | None, now: datetime) -> float:
    """Seconds since a moment; 0.0 where there was none."""
    return max(0.0, (now - since).total_seconds()) if since else 0.0


def _measure(kind: str) -> Span | None:
    own = summarise(_durations(kind))
    if own is not None and not own.is_rough:
        return own
    # Jobs with the same verb are the next best thing.
    verb = kind.split(" ")[0]
    like = _durations(kind, verb) if verb else []
    return summarise(like, is_rough=True) or own


def _durations(kind: str, verb: str = "") -> list[float]:
    done = Job.objects.filter(status=JobStatus.DONE, accepted_at__isnull=False, ended_at__gt=F("accepted_at"))
    # A range, because both databases use the index for one.
    done = done.filter(kind__gte=verb, kind__lt=verb + "\U0010ffff") if verb else done.filter(kind=kind)
    newest = done.order_by("-id" if not verb else "-kind", "-id").values_list("accepted_at", "ended_at")[:SAMPLE]
    return [(ended - accepted).total_seconds() for accepted, ended in newest if ended and accepted]


def _mark(ordered: list[float], share: float) -> float:
    """The nearest-rank percentile of sorted values."""
    return ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)]
