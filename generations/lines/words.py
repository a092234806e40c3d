"""Times and kinds of the queue in words that promise no more than is known."""

from datetime import datetime

from django.utils import timezone

from generations.forecast import Span
from generations.models import Job, Verb

SOON = 10  # seconds
MINUTES = 60 * 60  # seconds for which minutes are counted; later than that the clock is told


def when(at: datetime, now: datetime | None = None, *, is_rough: bool = False) -> str:
    """`any moment now`, `in about 20 s`, `in about 4 min`, `about 14:30`, `Tuesday, about 09:10`.

    Where too little is known to trust it, `roughly` instead of `about`. queue-until.js says the same.
    """
    now = now or timezone.now()
    about = "roughly" if is_rough else "about"
    seconds = (at - now).total_seconds()
    if seconds < SOON:
        return "any moment now"
    if seconds < 55:
        return f"in {about} {_tens(seconds)} s"
    if seconds < MINUTES:
        return f"in {about} {max(1, round(seconds / 60))} min"
    there, here = timezone.localtime(at), timezone.localtime(now)
    clock = f"{about} {there:%H:%M}"
    days = (there.date() - here.date()).days
    if days == 0:
        return clock
    if days < 7:
        return f"{'tomorrow' if days == 1 else f'{there:%A}'}, {clock}"
    return f"{there.day} {there:%B}, {clock}"


def clock(at: datetime) -> str:
    """The moment itself, for those who ask: `22 November, 14:32`."""
    there = timezone.localtime(at)
    return f"{there.day} {there:%B, %H:%M}"


def each_takes(known: Span | None) -> str:
    """`about 50 s`; a range where there is too little to trust; "" where nothing is known."""
    if known is None:
        return ""
    if not known.is_rough:
        return f"about {lasting(known.median)}"
    low, high = known.median * 0.8, max(known.p90, known.median) * 1.2
    return f"usually {span_words(low, high)}"


def span_words(low: float, high: float) -> str:
    """`40–70 s`, `2–5 min`."""
    if high < 100:
        return f"{_tens(low)}–{max(_tens(high), _tens(low) + 10)} s"
    first, last = max(1, round(low / 60)), max(2, round(high / 60))
    return f"{first}–{max(last, first + 1)} min"


def lasting(seconds: float) -> str:
    """A length of time as precisely as a forecast deserves: `50 s`, `4 min`, `2 h 30 min`."""
    if seconds < 90:
        return f"{_tens(seconds)} s" if seconds >= 15 else f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    minutes = round(minutes / 5) * 5
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes and hours < 10 else f"{hours} h"


def of_kind(job: Job) -> str:
    """What a job is without saying what it shows: `Imagine, fast, v7`."""
    first, *rest = (job.kind or "").split(" ")
    if not first:
        return Verb(job.verb).label
    return ", ".join([first.capitalize(), *(f"v{part}" if part[0].isdecimal() else part for part in rest if part)])


def _tens(seconds: float) -> int:
    return max(10, round(seconds / 10) * 10)
