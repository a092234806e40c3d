"""Reads single values out of JSON that may hold anything: every function here returns, none raises.

The service's shapes are only partly known (useapi-v3.md §13), so a field of the wrong type counts as a missing one.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

LONGEST_TEXT = 20_000
"""Characters kept of any one text; prompts end at 5,000 (§4.2), panels of text at Discord's 4,096."""

LONGEST_ID = 200
"""Characters; real job ids have about 66 (§6.3)."""


def decode(body: bytes) -> Any:
    """The JSON in `body`, or None where it holds none (an empty body, a web page, half an answer)."""
    try:
        return json.loads(body, parse_constant=lambda _word: None)
    except (ValueError, RecursionError):
        return None


def clean(value: str) -> str:
    """The text without what PostgreSQL and UTF-8 cannot hold: NUL and halves of surrogate pairs."""
    return value.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def text(value: Any, limit: int = LONGEST_TEXT) -> str:
    """A cleaned string of at most `limit` characters; "" for anything that is not a string."""
    return clean(value)[:limit] if isinstance(value, str) else ""


def identifier(value: Any) -> str:
    """An id as text, from a string or a whole number; "" where it is missing or absurdly long."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**64:
        return str(value)
    found = text(value, LONGEST_ID + 1).strip()
    return found if len(found) <= LONGEST_ID and found.isprintable() else ""


def integer(value: Any, low: int = 0, high: int = 2**31 - 1) -> int | None:
    """A whole number from `low` to `high`, also out of `"46"` or `46.0`; None otherwise."""
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,18}", value.strip()):
        value = int(value)
    if isinstance(value, float) and math.isfinite(value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if low <= value <= high else None


def mapping(value: Any) -> Mapping[str, Any]:
    """The JSON object, or an empty one."""
    return value if isinstance(value, dict) else {}


def entries(value: Any) -> list[Any]:
    """The members of a JSON array, or the values of an object that stands in for one."""
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def moment(value: Any) -> datetime | None:
    """A point in time, in UTC, from ISO 8601 with or without an offset (§1)."""
    try:
        found = datetime.fromisoformat(text(value, 40).strip())
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
