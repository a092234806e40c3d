"""Which base URLs an account may have: outbound requests carry its token."""

from urllib.parse import urlsplit

from django.core.exceptions import ValidationError

from accounts.models.account import LOOPBACK


def clean_base_url(text: str) -> str:
    """The address without a trailing slash. Raises ValidationError with what is wrong with it."""
    url = text.strip().rstrip("/")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValidationError("This is not a web address.", code="not_an_address") from None
    if parts.scheme not in {"http", "https"} or not host or port == 0 or any(c.isspace() for c in url):
        raise ValidationError("Write a web address that starts with https://", code="not_an_address")
    if "@" in parts.netloc:
        raise ValidationError("Leave user name and password out of the address.", code="userinfo")
    if parts.query or parts.fragment:
        raise ValidationError("Leave out everything from ? or # on.", code="query")
    if parts.scheme == "http" and host not in LOOPBACK:
        raise ValidationError(
            "Plain http would send the token unprotected; it is allowed for this machine only (localhost, 127.0.0.1). "
            "Use https://",
            code="plain_http",
        )
    return url
