"""A request as the routes see it."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from email.message import Message
from urllib.parse import parse_qsl, unquote, urlsplit


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request. `origin` is where the client reached us, for the links in the answer."""

    method: str
    path: str
    raw_path: str
    query: dict[str, str]
    headers: Message
    body: bytes
    origin: str
    peer: str

    @property
    def token(self) -> str:
        """The bearer token, "" where there is none."""
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""

    @property
    def is_local(self) -> bool:
        """Whether a program on this machine asks, and no web page in its browser: those send an Origin, or a name."""
        name = urlsplit(f"//{self.headers.get('Host', '')}").hostname or ""
        if self.headers.get("Origin") or not _is_loopback_name(name):
            return False
        try:
            return ipaddress.ip_address(self.peer.split("%")[0]).is_loopback
        except ValueError:
            return False


def _is_loopback_name(name: str) -> bool:
    if name in {"", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def make_request(method: str, target: str, headers: Message, body: bytes, peer: str, fallback_host: str) -> Request:
    """Take a request line and its headers apart."""
    parts = urlsplit(target if target.startswith("/") else "/" + target.split("://", 1)[-1].partition("/")[2])
    host = headers.get("X-Forwarded-Host") or headers.get("Host") or fallback_host
    scheme = headers.get("X-Forwarded-Proto") or "http"
    return Request(
        method=method,
        path=unquote(parts.path),
        raw_path=parts.path,
        query=dict(parse_qsl(parts.query, keep_blank_values=True)),
        headers=headers,
        body=body,
        origin=f"{scheme}://{host}",
        peer=peer,
    )
