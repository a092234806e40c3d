"""Which addresses result files may be fetched from: a list, and the API's own origin (useapi-v3.md §11).

The URLs come from the service's answers, so they are treated as somebody else's: without the list, an answer could
make this machine ask any server in its own network.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from midjourney.upstream import MediaError

DEFAULT_MEDIA_HOSTS = ("cdn.discordapp.com", "media.discordapp.net", "cdn.midjourney.com")

_PORTS = {"https": 443, "http": 80}
_NETLOC = re.compile(r"(?P<host>[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::(?P<port>\d{1,5}))?")
_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f\\]")


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host and port of an address; two addresses of one origin may share a token."""

    scheme: str
    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host.strip("[]")).is_loopback
        except ValueError:
            return False


def origin_of(url: str) -> Origin | None:
    """The origin of `url`, or None where it is not a plain http or https address.

    User names, backslashes, blanks and control characters are refused: programs disagree on which host is meant then.
    """
    if _UNPRINTABLE.search(url):
        return None
    try:
        parts: SplitResult = urlsplit(url)
    except ValueError:
        return None
    scheme, match = parts.scheme.lower(), _NETLOC.fullmatch(parts.netloc.lower())
    if match is None or scheme not in _PORTS:
        return None
    port = int(match["port"] or _PORTS[scheme])
    return Origin(scheme, match["host"], port) if 0 < port < 65536 else None


class MediaHosts:
    """The allow-list. An entry is `host`, which means its scheme's own port, or `host:port`."""

    def __init__(self, own: Origin, allowed: Iterable[str]) -> None:
        self.own = own
        self._allowed = frozenset(entry.strip().lower() for entry in allowed)

    def check(self, url: str) -> Origin:
        """The origin of `url`. Raises MediaError (`media_host_refused`) unless files may be fetched from there."""
        origin = origin_of(url)
        if origin is None:
            raise _refused("the address is not a plain web address")
        if origin == self.own:
            return origin
        if not self._lists(origin):
            raise _refused(f"{origin.host} on port {origin.port} is not on the list of media hosts")
        if origin.scheme != "https" and not origin.is_loopback:
            raise _refused(f"{origin.host} was to be asked without encryption")
        return origin

    def _lists(self, origin: Origin) -> bool:
        plain = origin.port == _PORTS[origin.scheme] and origin.host in self._allowed
        return plain or f"{origin.host}:{origin.port}" in self._allowed


def _refused(reason: str) -> MediaError:
    return MediaError(f"The file was not fetched: {reason}.", code="media_host_refused")
