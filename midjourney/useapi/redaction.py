"""What may be stored and shown of an answer.

A raw job names people (`mentions`, `author`, `interaction`, file names) and holds GUIDs that can be traced to the
Midjourney account and its e-mail address (useapi-v3.md §11), so the copy is made of the fields that are known to be
harmless; a field that appears one day stays out until somebody has looked at it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from .values import clean, entries, integer, mapping, text

LONGEST_KEPT = 6_000

_TOKEN = re.compile(r"user(?::|%3a)\d+-\S+", re.IGNORECASE)
_BEARER = re.compile(r"\bbearer\s+\S+", re.IGNORECASE)
_DISCORD_TOKEN = re.compile(r"\b(?:mfa\.[\w-]{20,200}|[\w-]{20,40}\.[\w-]{6}\.[\w-]{25,80})")
_MENTION = re.compile(r"<(?:@[!&]?|#)\d+>")
_NAMED_LINK = re.compile(r"\[([^\[\]\n]{0,300})\]\(<?https?://[^)\s]*\)?", re.IGNORECASE)
_LINK = re.compile(r"<?\b(?:https?|wss?)://[^\s<>]+>?", re.IGNORECASE)
_GUID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", re.IGNORECASE)

_TOP = ("jobid", "jobId", "verb", "jobType", "status", "created", "updated", "code", "error", "errorDetails")
_REQUEST = ("prompt", "stream", "channel", "button", "jobId", "replyRef", "blendDimensions")
_RESPONSE = ("content", "progress_percent", "type", "flags", "channel_id", "timestamp", "edited_timestamp", "replyRef")
_ATTACHMENT = ("content_type", "size", "width", "height")
_EMBED = ("type", "title", "description", "color")


def mask_secrets(value: str, secrets: Iterable[str] = ()) -> str:
    """`value` with every token in it hidden: those in `secrets`, and anything that is written like one."""
    for secret in secrets:
        for form in (secret, quote(secret, safe=""), secret.partition(":")[2], secret.partition("-")[2]):
            if len(form) >= 6:
                value = value.replace(form, "[hidden]")
    value = _TOKEN.sub("user:[hidden]", value)
    value = _BEARER.sub("Bearer [hidden]", value)
    return _DISCORD_TOKEN.sub("[hidden]", value)


def without_people(value: str, secrets: Iterable[str] = ()) -> str:
    """`value` without tokens and mentions: the service's words as a user may read them, links included."""
    return _MENTION.sub("", mask_secrets(value, secrets)).strip()


def scrub(value: str) -> str:
    """`value` without tokens, mentions, links and GUIDs."""
    value = _NAMED_LINK.sub(r"\1 [link]", mask_secrets(clean(value)))
    value = _LINK.sub("[link]", value)
    return _GUID.sub("[guid]", _MENTION.sub("", value)).strip()[:LONGEST_KEPT]


def redacted_job(job: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of a raw job that helps an admin and names nobody."""
    kept = _pick(job, _TOP)
    if request := _pick(mapping(job.get("request")), _REQUEST):
        kept["request"] = request
    if response := _response(mapping(job.get("response"))):
        kept["response"] = response
    return kept


def _response(response: Mapping[str, Any]) -> dict[str, Any]:
    kept = _pick(response, _RESPONSE)
    lists: dict[str, list[Any]] = {
        "buttons": [scrub(label) for label in entries(response.get("buttons")) if isinstance(label, str)],
        "attachments": [_pick(mapping(one), _ATTACHMENT) for one in entries(response.get("attachments"))],
        "imageUx": [_pick(mapping(one), ("id",)) for one in entries(response.get("imageUx"))],
        "videoUx": [_pick(mapping(one), ("id",)) for one in entries(response.get("videoUx"))],
        "embeds": [_embed(mapping(one)) for one in entries(response.get("embeds"))],
    }
    kept.update({name: values[:50] for name, values in lists.items() if values})
    if settings := _settings(response.get("settings")):
        kept["settings"] = settings
    seed = response.get("seed")
    if (value := integer(mapping(seed).get("value", seed), 0, 2**32 - 1)) is not None:
        kept["seed"] = value
    return kept


def _embed(embed: Mapping[str, Any]) -> dict[str, Any]:
    kept = _pick(embed, _EMBED)
    if footer := scrub(text(mapping(embed.get("footer")).get("text"))):
        kept["footer"] = footer
    return kept


def _settings(settings: Any) -> dict[str, Any]:
    """Settings are shown as they come, unknown keys too (§6.7), but only plain values."""
    return _pick(mapping(settings), tuple(mapping(settings))[:50])


def _pick(source: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    picked: dict[str, Any] = {}
    for name in names:
        value = source.get(name)
        if isinstance(value, str):
            picked[scrub(name)] = scrub(value)
        elif isinstance(value, bool | int | float) and _fits(value):
            picked[scrub(name)] = value
    return picked


def _fits(number: float) -> bool:
    """Whether a database's JSON can hold it: neither infinite nor endlessly long."""
    return math.isfinite(number) if isinstance(number, float) else abs(number) < 2**63
