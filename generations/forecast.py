"""How long jobs take, from the studio's own past: the median and the 90 % mark by kind."""

import math
import time
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F

from generations.models import Job, JobStatus

SAMPLE = 200  # the newest jobs of a kind
ENOUGH = 5  # fewer than this many say little
REMEMBERED = 30.0  # seconds that a figure is kept in this process


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
