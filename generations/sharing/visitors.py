"""What the browser of somebody without an account keeps for a link: two signed cookies, sent to that link only.

One lasts as long as the browser is open: that the visit was counted, and that the password was known. The other is made
for links that take picks, and says which visitor it is: a random name, and what they call themselves.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.http import HttpRequest, HttpResponseBase
from django.utils.crypto import constant_time_compare

from generations.models import PublicLink
from generations.sharing import links

VISIT, VISITOR = "studio_visit", "studio_visitor"
REMEMBERED_FOR = timedelta(days=180)
LONGEST_NAME = 60

# Wrong passwords: of one address for all links, and of one link from all addresses.
MOST_OF_ADDRESS, MOST_OF_LINK = (10, 300), (60, 3600)  # tries, seconds


@dataclass(frozen=True)
class Visitor:
    key: str
    name: str = ""


def is_unlocked(request: HttpRequest, link: PublicLink) -> bool:
    """Whether this browser may see what the link shows."""
    if not link.password:
        return True
    known = _read(request, VISIT, link).get("open", "")
    return isinstance(known, str) and constant_time_compare(known, links.mark(link))


def was_counted(request: HttpRequest, link: PublicLink) -> bool:
    return bool(_read(request, VISIT, link).get("counted"))


def remember_visit(response: HttpResponseBase, link: PublicLink, *, counted: bool) -> None:
    """Keep that the password was known, and whether the visit was counted, until the browser is closed."""
    _write(response, VISIT, link, {"open": links.mark(link), "counted": counted}, None)


def visitor(request: HttpRequest, link: PublicLink) -> Visitor | None:
    """Who this is, for a link that takes picks; None for a browser that has no such cookie."""
    found = _read(request, VISITOR, link)
    key, name = found.get("key"), found.get("name", "")
    return Visitor(key, str(name)[:LONGEST_NAME]) if isinstance(key, str) and 0 < len(key) <= 22 else None


def new_visitor() -> Visitor:
    return Visitor(secrets.token_urlsafe(16))


def remember_visitor(response: HttpResponseBase, link: PublicLink, who: Visitor) -> None:
    _write(response, VISITOR, link, {"key": who.key, "name": who.name}, REMEMBERED_FOR)


def may_try(request: HttpRequest, link: PublicLink) -> bool:
    """Whether a password may be tried once more; counts the try."""
    address = get_adapter().get_client_ip(request)
    return _counts(f"share-try-{address}", *MOST_OF_ADDRESS) and _counts(f"share-try-{link.pk}", *MOST_OF_LINK)


def is_from_elsewhere(request: HttpRequest) -> bool:
    """Whether another site sent this form. Cookies alone say it for old browsers: they are not sent along then."""
    return request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}


def _counts(key: str, most: int, seconds: int) -> bool:
    cache.add(key, 0, seconds)
    try:
        return cache.incr(key) <= most
    except ValueError:  # it ran out in between
        return True


def _read(request: HttpRequest, name: str, link: PublicLink) -> dict[str, Any]:
    try:
        found = signing.loads(request.COOKIES.get(name, ""), salt=f"{links.SECRET} {name} {link.key}")
    except signing.BadSignature:
        return {}
    return found if isinstance(found, dict) else {}


def _write(response: HttpResponseBase, name: str, link: PublicLink, value: dict, lasts: timedelta | None) -> None:
    response.set_cookie(
        name,
        signing.dumps(value, salt=f"{links.SECRET} {name} {link.key}"),
        max_age=lasts,
        path=link.get_absolute_url(),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
