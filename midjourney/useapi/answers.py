"""One answer of the service, read to its end and not yet judged."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from requests.structures import CaseInsensitiveDict

from .redaction import mask_secrets, without_people
from .values import decode, identifier, integer, mapping, text

CHUNK = 64 * 1024
"""Bytes asked of a socket at once."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers and body; `complete` is False where the body broke off, and `data` is its JSON or None."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    complete: bool = True
    secrets: tuple[str, ...] = field(default=(), repr=False)
    data: Any = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "headers", CaseInsensitiveDict(self.headers))
        object.__setattr__(self, "data", decode(self.body) if self.complete else None)

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    @property
    def is_empty(self) -> bool:
        return self.complete and not self.body.strip()

    @property
    def is_html(self) -> bool:
        """Whether it is a web page, whatever its content type claims."""
        if self.data is not None or self.is_empty:
            return False
        return "html" in self.headers.get("Content-Type", "").lower() or self.body.lstrip()[:1] == b"<"

    @property
    def has_words(self) -> bool:
        """Whether it is an error in the service's own form, `{"error": …}` (useapi-v3.md §5.2)."""
        return "error" in mapping(self.data)

    @property
    def error(self) -> str:
        """The service's own words, at most 500 characters, without tokens and mentions."""
        said = mapping(self.data).get("error")
        return without_people(text(mapping(said).get("message", said)), self.secrets)[:500]

    @property
    def details(self) -> str:
        return without_people(text(mapping(self.data).get("errorDetails")), self.secrets)[:2000]

    @property
    def channel(self) -> str:
        """The channel that a 596 may name (§10), or ""."""
        return mask_secrets(identifier(mapping(self.data).get("channel")), self.secrets)

    @property
    def code(self) -> int | None:
        """The status that the body repeats; a proxy may have rewritten the one in the status line (§10)."""
        return integer(mapping(self.data).get("code"), 100, 999)

    def retry_after(self, now: datetime | None = None) -> float | None:
        """Seconds that the service asks to wait, from a number or an HTTP date; None where it asks for nothing."""
        said = self.headers.get("Retry-After", "").strip()
        if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", said):
            return float(said)
        try:
            until = parsedate_to_datetime(said)
        except (ValueError, TypeError, OverflowError):
            return None
        until = until if until.tzinfo else until.replace(tzinfo=UTC)
        return max(0.0, (until - (now or datetime.now(UTC))).total_seconds())


def chunks(response: requests.Response) -> Iterator[bytes]:
    """The body as it arrives, each piece at once however small, so that the caller can watch size and time.

    `Response.iter_content` would wait for a full piece, and a server that drips could hold it for ever.
    Raises urllib3's errors, also where the body ends before its Content-Length.
    """
    while piece := response.raw.read1(CHUNK, decode_content=True):
        yield piece
