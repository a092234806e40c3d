"""What goes back over the wire, and the ways in which it can be spoilt."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

UNAUTHORIZED = "Unauthorized"
NO_SUBSCRIPTION = "Account has no subscription or subscription expired"
JOB_NOT_FOUND = "Job not found"


@dataclass(slots=True)
class Reply:
    """One HTTP answer.

    `drop` closes the connection instead of answering, `cut` sends only so many bytes of the announced body,
    `delay` waits before the first byte and `trickle` spreads the body over that many real seconds.
    """

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    stream: Callable[[Callable[[bytes], None]], None] | None = None
    drop: bool = False
    cut: int | None = None
    delay: float = 0.0
    trickle: float = 0.0


def json_reply(status: int, value: object, headers: dict[str, str] | None = None) -> Reply:
    """An answer with a JSON body."""
    return Reply(status, json.dumps(value, ensure_ascii=False).encode(), headers=headers or {})


class Refusal(Exception):
    """The request ends here with this status; `error` "" means an empty body (useapi-v3.md §5.2)."""

    def __init__(self, status: int, error: str = "", *, headers: dict[str, str] | None = None, **extra: Any) -> None:
        super().__init__(error)
        self.status = status
        self.error = error
        self.headers = headers or {}
        self.extra = extra

    def reply(self) -> Reply:
        if not self.error:
            return Reply(self.status, headers=self.headers)
        return json_reply(self.status, {"error": self.error, **self.extra}, self.headers)
