"""Template tags of the design system; docs/design-system.md shows them in use."""

from django import template
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.shortcuts import SHORTCUTS

register = template.Library()


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """A picture from the sprite, hidden from screen readers: the words beside it, or an aria-label, say it."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        size, static("img/icons.svg"), name,
    )  # fmt: skip


@register.inclusion_tag("components/rail_link.html", takes_context=True)
def rail_link(context: template.Context, url_name: str, label: str, icon_name: str, css_class: str = "") -> dict:
    """An entry of the rail; nothing at all where the page does not exist."""
    try:
        url = reverse(url_name)
    except NoReverseMatch:
        return {}
    section = _section(context.get("request"))
    is_here = section == url or (url != "/" and section.startswith(url))
    return {"url": url, "label": label, "icon_name": icon_name, "css_class": css_class, "is_here": is_here}


def _section(request) -> str:
    """The path that decides which entry of the rail is lit; one's own password belongs to the settings."""
    match = getattr(request, "resolver_match", None)
    if match is not None and match.view_name.startswith("account_"):
        return reverse("accounts:preferences")
    if getattr(request, "path", "").startswith("/create/"):  # the other ways to create, beside the prompt bar
        return reverse("generations:create")
    return getattr(request, "path", "")


@register.inclusion_tag("components/shortcuts.html", takes_context=True)
def shortcuts(context: template.Context) -> dict:
    """The dialog that lists the keyboard shortcuts, which is also where keys.js reads them."""
    user = context.get("user")
    is_admin = bool(getattr(user, "is_admin", False))
    groups = []
    for title, rows in SHORTCUTS.items():
        allowed = [row for row in rows if is_admin or not row.only_admins]
        addressed = [(row, _address(row.url_name)) for row in allowed]
        groups.append((title, [{"shortcut": row, "href": href} for row, href in addressed if href or row.target]))
    return {"groups": groups}


def _address(url_name: str) -> str:
    try:
        return reverse(url_name) if url_name else ""
    except NoReverseMatch:
        return ""


@register.filter
def letters(text: str) -> list[str]:
    """The keys of a shortcut, one by one."""
    return text.split()


# Django's message levels as tones of the design system.
TONES = {"debug": "plain", "info": "plain", "success": "good", "warning": "warn", "error": "danger"}
ICONS = {"good": "done", "warn": "warning", "danger": "danger", "plain": "info", "accent": "info"}


@register.filter
def tone(level_tag: str) -> str:
    return TONES.get(level_tag, "plain")


@register.filter
def tone_icon(name: str) -> str:
    return ICONS.get(name, "info")
