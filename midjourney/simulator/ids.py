"""Names of things: job ids (useapi-v3.md §6.3), Discord snowflakes, Midjourney GUIDs, channels."""

from __future__ import annotations

import hashlib
import random
import re
import uuid
from datetime import UTC, datetime

JOB_ID = re.compile(r"^j(\d{13})(\d{6})([iv]?)-u(\d+)-c(\d+)-bot:midjourney$")
TOKEN = re.compile(r"^user:(\d{1,12})-([A-Za-z0-9_.-]{1,200})$")

DISCORD_EPOCH_MS = 1_420_070_400_000
BLOCK = 32
"""A job owns this many consecutive snowflakes, so that any of them leads back to it."""


def job_id(wall: float, digits: int, letter: str, user: int, channel: str) -> str:
    """A job id for that moment; `letter` is i, v or nothing."""
    moment = datetime.fromtimestamp(wall, UTC)
    stamp = f"{moment:%m%d%H%M%S}{moment.microsecond // 1000:03d}{digits:06d}"
    return f"j{stamp}{letter}-u{user}-c{channel}-bot:midjourney"


def nonce(jobid: str) -> str:
    """The 19 digits of a job id, which are also its Discord nonce."""
    return jobid[1:20]


def snowflake_block(wall: float, rng: random.Random) -> int:
    """The first of a job's snowflakes, from its time as Discord does it."""
    milliseconds = max(0, int(wall * 1000) - DISCORD_EPOCH_MS)
    low = rng.getrandbits(17)
    return (milliseconds << 22) | (low << 5)


def owner_block(snowflake: int) -> int:
    """The first snowflake of the block that this one is in."""
    return snowflake - snowflake % BLOCK


def guid(rng: random.Random) -> str:
    """A version 4 UUID out of a seeded generator."""
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def digest(*parts: object) -> int:
    """A stable 64-bit number for these parts, the same in every process."""
    text = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def channel_for(*parts: object) -> str:
    """A 19-digit channel id derived from these parts."""
    return str(1_100_000_000_000_000_000 + digest("channel", *parts) % 300_000_000_000_000_000)


def account_key(token: str) -> str:
    """What stands for a token everywhere but in the request: tokens are never stored."""
    return hashlib.sha256(f"simulator:{token}".encode()).hexdigest()[:24]


def iso(wall: float) -> str:
    """ISO 8601 UTC with milliseconds and Z, as `created` and `updated` are written (useapi-v3.md §1)."""
    moment = datetime.fromtimestamp(wall, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def discord_time(wall: float) -> str:
    """Microseconds and an offset, as Discord's `timestamp` is written (useapi-v3.md §1)."""
    return datetime.fromtimestamp(wall, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f+00:00")
