"""The predecessor's `job_history.json`: a list of what was asked for, when, and where its pictures were.

Its entries are records of the service, whose form has changed over time, so addresses are looked for wherever they
stand in one.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.conf import settings
from django.utils import timezone

from generations.home.returning.reading import Told, clean, moment
from midjourney.upstream import MediaError

MOST_BYTES = 200_000_000
DEPTH = 12
ENDINGS = {".png", ".jpg", ".jpeg", ".webp", ".mp4"}
_DATES = ("created", "created_at", "createdAt", "date", "timestamp", "time", "updated", "completed")
_PROMPTS = ("prompt", "content", "text")
# Copies of the same file, and pictures that are not results.
_NOT_RESULTS = {*_PROMPTS, "proxy_url", "proxyUrl", "icon_url", "avatar", "replyUrl", "thumbnail", "original_image"}


# As Discord shows it: the prompt in bold, then who asked and how fast it ran.
_SAID = re.compile(r"^\*\*(.+?)\*\* - .*$", re.DOTALL)


class BadHistory(Exception):
    """The file is no history. The message says why."""


@dataclass(frozen=True)
class Entry:
    """One request of the predecessor and the addresses of its results."""

    told: Told
    urls: list[str] = field(default_factory=list)


def read(path: Path) -> list[Entry]:
    """The entries that have a result. Raises BadHistory."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise BadHistory(f"{path} has more than {MOST_BYTES // 10**6} MB, which no history has.")
        data = json.loads(path.read_bytes())
    except OSError as error:
        raise BadHistory(f"{path} cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError):
        raise BadHistory(f"{path} is no JSON. It should be the job_history.json of the old program.") from None
    if isinstance(data, dict):
        data = next((value for value in data.values() if isinstance(value, list)), None)
    if not isinstance(data, list):
        raise BadHistory(f"{path} holds no list of jobs. It should be the job_history.json of the old program.")
    return [entry for each in data if isinstance(each, dict) and (entry := _entry(each)).urls]


def by_file_name(entries: list[Entry]) -> dict[str, Told]:
    """What is told about a file of this name; names that stand for several files tell nothing."""
    found: dict[str, Told] = {}
    twice: set[str] = set()
    for entry in entries:
        for url in entry.urls:
            name = name_of(url)
            if found.setdefault(name, entry.told) != entry.told:
                twice.add(name)
    return {name: told for name, told in found.items() if name not in twice}


def name_of(url: str) -> str:
    return PurePosixPath(unquote(urlsplit(url).path)).name


def is_video(url: str) -> bool:
    return name_of(url).lower().endswith(".mp4")


def may_be_asked(url: str) -> bool:
    """Whether its host is one that files may be fetched from."""
    try:
        parts = urlsplit(url)
        names = {parts.hostname, f"{parts.hostname}:{parts.port}"}
    except ValueError:
        return False
    return bool(names & {entry.strip().lower() for entry in settings.MEDIA_HOSTS})


def ended(url: str) -> datetime | None:
    """When a signed link of Discord's ended, in hexadecimal seconds (useapi-v3.md §11); None where it may live."""
    try:
        at = moment(int(parse_qs(urlsplit(url).query).get("ex", [""])[0], 16))
    except ValueError:
        return None
    return at if at and at < timezone.now() else None


def words_for(error: MediaError) -> str:
    return {"media_gone": "it is gone", "media_host_refused": "its host may not be asked"}.get(
        error.code, "it could not be fetched"
    )


def _entry(record: dict[str, Any]) -> Entry:
    prompt = next((text for name in _PROMPTS if (text := _SAID.sub(r"\1", clean(_first(record, name))))), "")
    at = next((date for name in _DATES if (date := moment(_first(record, name)))), None)
    key = _first(record, "jobid") or json.dumps(record, sort_keys=True)
    group = f"history {hashlib.sha256(str(key).encode('utf-8', 'replace')).hexdigest()}"
    urls = list(dict.fromkeys(_urls(record)))
    return Entry(Told(prompt=prompt or "picture", source="the history", created_at=at, group=group), urls)


def _first(record: Any, name: str, depth: int = DEPTH) -> Any:
    """The value of this name that stands highest in the record."""
    level = [record]
    for _ in range(depth):
        below: list[Any] = []
        for each in level:
            if isinstance(each, dict):
                if each.get(name):
                    return each[name]
                below += each.values()
        level = below
    return None


def _urls(value: Any, depth: int = DEPTH) -> Iterator[str]:
    if depth and isinstance(value, dict):
        for name, each in value.items():
            if name not in _NOT_RESULTS:
                yield from _urls(each, depth - 1)
    elif depth and isinstance(value, list):
        for each in value:
            yield from _urls(each, depth - 1)
    elif isinstance(value, str) and value.startswith(("https://", "http://")) and _is_result(value):
        yield value


def _is_result(url: str) -> bool:
    try:
        return PurePosixPath(name_of(url)).suffix.lower() in ENDINGS
    except ValueError:
        return False
