"""Template tags of the queue: times in words that a script keeps true, and what opens a dialog."""

from datetime import datetime, timedelta

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from generations.lines import words
from generations.models import Job

register = template.Library()


@register.simple_tag
def until(at: datetime, is_rough: bool = False) -> SafeString:
    """When something is expected, in words; queue-until.js counts the minutes down. Rough ones say so."""
    return format_html(
        '<time datetime="{}" data-until="{}" title="{}">{}</time>',
        at.isoformat(timespec="seconds"), "roughly" if is_rough else "about", words.clock(at),
        words.when(at, is_rough=is_rough),
    )  # fmt: skip


@register.filter
def so_far(since: datetime, now: datetime) -> timedelta:
    return max(timedelta(), now - since)


@register.filter
def kind_words(job: Job) -> str:
    return words.of_kind(job)


@register.simple_tag
def dialog_link(url: str) -> SafeString:
    """Has a link bring a dialog where there is script."""
    return format_html(
        'hx-get="{}" hx-target="#dialogs" hx-swap="innerHTML" hx-include="unset" hx-sync="this:drop"', url
    )


@register.simple_tag
def dialog_post() -> SafeString:
    """Has forms send along what the page has seen, so that the answer brings what changed."""
    return mark_safe(
        'hx-include="#queue-live input, #queue-sections [name=part]" hx-swap="none" hx-sync="#queue-live:queue all"'
    )
