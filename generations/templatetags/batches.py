"""Template tags of batches: figures as one would say them."""

from datetime import datetime
from decimal import Decimal

from django import template
from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils import timezone

from generations.budgets import AT_ONCE, DAY, MONTH, Limit

register = template.Library()

PERIODS = {DAY: "today", MONTH: "this month", AT_ONCE: "at once"}


@register.filter
def gpu(minutes: Decimal | float) -> str:
    """`0.5`, `12`, `1,240`: minutes of fast GPU time, no finer than they are known."""
    return f"{minutes:.1f}".rstrip("0").rstrip(".") if minutes < 10 else intcomma(round(minutes))


@register.filter
def span(seconds: float) -> str:
    """`40 s`, `25 min`, `3 h 20 min`, `2 d 4 h`: a forecast, no finer than it can be."""
    if seconds < 90:
        return f"{max(10, round(seconds / 10) * 10)} s"
    minutes = round(seconds / 60)
    if minutes < 120:
        return f"{minutes} min"
    hours, minutes = divmod(round(minutes / 10) * 10, 60)
    if hours < 24:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if hours else f"{days} d"


@register.filter
def from_now(moment: datetime) -> str:
    """`in 25 min`, or `any moment`."""
    seconds = (moment - timezone.now()).total_seconds()
    return f"in {span(seconds)}" if seconds > 10 else "any moment"


@register.filter
def limit_title(limit: Limit) -> str:
    if limit.what == AT_ONCE:
        return "Running at once" if limit.whose == "member" else "The team's at once"
    return f"{'Your' if limit.whose == 'member' else 'Team'} budget {PERIODS[limit.what]}"


@register.filter
def limit_words(limit: Limit, wanted: int) -> str:
    """What a budget that is too small means for a batch of so many jobs."""
    whose = "your budget" if limit.whose == "member" else "the team's budget"
    first = f"{intcomma(limit.left)} of these {intcomma(wanted)} jobs fit into" if limit.left else "None fits into"
    when = "tomorrow" if limit.what == DAY else "when the next month begins"
    return f"{first} {whose} {PERIODS[limit.what]}. You may start anyway: the rest waits and goes on {when} by itself."
