"""What can go wrong on request, and who asked for it: the fault API, a word in the prompt, a word in the token."""

from __future__ import annotations

import fnmatch
import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from midjourney.simulator.replies import Json


class Stage(Enum):
    """When a fault strikes."""

    BEFORE = "instead of an answer; nothing was accepted"
    AFTER = "after the request was carried out"
    JOB = "in the accepted job"
    HOOK = "in the job's webhooks"
    MEDIA = "when a result is downloaded"


FAULTS: dict[str, tuple[Stage, str]] = {
    "400": (Stage.BEFORE, "400 with a text"),
    "401": (Stage.BEFORE, "401 Unauthorized"),
    "402": (Stage.BEFORE, "402 no subscription"),
    "404": (Stage.BEFORE, "404 with a JSON body"),
    "404-empty": (Stage.BEFORE, "404 with an empty body"),
    "409": (Stage.BEFORE, "409 with a text"),
    "410": (Stage.BEFORE, "410 expired"),
    "422": (Stage.BEFORE, "422 as HTTP status"),
    "429": (Stage.BEFORE, "429 without Retry-After"),
    "429-retry-after": (Stage.BEFORE, "429 with Retry-After (seconds, default 10)"),
    "500": (Stage.BEFORE, "500"),
    "502": (Stage.BEFORE, "502 before accepting"),
    "503": (Stage.BEFORE, "503"),
    "504": (Stage.BEFORE, "504 and nothing runs"),
    "596": (Stage.BEFORE, "596; the channel carries an error until it is reset (text)"),
    "drop-before": (Stage.BEFORE, "the connection closes before anything was accepted"),
    "delay-before": (Stage.BEFORE, "waits (seconds, default 5) and then carries the request out"),
    "html": (Stage.BEFORE, "an HTML page with status 200 (status)"),
    "html-502": (Stage.BEFORE, "an HTML page with status 502"),
    "redirect": (Stage.BEFORE, "302 to another host (location)"),
    "500-after-accept": (Stage.AFTER, "accepted, answered with 500"),
    "502-after-accept": (Stage.AFTER, "accepted, answered with 502"),
    "503-after-accept": (Stage.AFTER, "accepted, answered with 503"),
    "504-runs-anyway": (Stage.AFTER, "504; the job runs and is paid but is never listed or found"),
    "504-after-accept": (Stage.AFTER, "504; the job runs and is listed"),
    "drop-after": (Stage.AFTER, "accepted, the connection closes without an answer"),
    "html-after-accept": (Stage.AFTER, "accepted, answered with an HTML page (status, default 200)"),
    "truncated-json": (Stage.AFTER, "accepted, the JSON ends in the middle"),
    "cut-off": (Stage.AFTER, "accepted, the connection closes in the middle of the body"),
    "empty-answer": (Stage.AFTER, "accepted, answered with an empty body"),
    "slow": (Stage.AFTER, "accepted at once, answered late (seconds, default 5)"),
    "trickle": (Stage.AFTER, "accepted, the body trickles in (seconds, default 5)"),
    "moderated": (Stage.JOB, "moderated after 2-5 s, nothing paid"),
    "stopped": (Stage.JOB, "moderated half-way, `(Stopped)`"),
    "invalid": (Stage.JOB, "moderated, `Invalid parameter`"),
    "fail": (Stage.JOB, "fails half-way"),
    "timeout": (Stage.JOB, "stuck in progress until it fails after 14 minutes"),
    "long": (Stage.JOB, "takes ten minutes"),
    "quick": (Stage.JOB, "takes three seconds"),
    "no-singles": (Stage.JOB, "completed without imageUx"),
    "no-media": (Stage.JOB, "completed without any picture"),
    "no-ref": (Stage.JOB, "replyRef is nowhere in the job"),
    "no-preview": (Stage.JOB, "no preview while it runs"),
    "unknown-status": (Stage.JOB, "shows a status word nobody has documented while it runs"),
    "vanish": (Stage.JOB, "accepted, then neither listed nor found (404)"),
    "expired": (Stage.JOB, "410 as soon as it has ended"),
    "cancelled-word": (Stage.JOB, "DELETE leaves it `cancelled` instead of `failed`"),
    "drop-sse": (Stage.JOB, "the event stream breaks and the job is stuck for 14 minutes"),
    "lost-webhook": (Stage.HOOK, "no webhook is sent"),
    "lost-final-webhook": (Stage.HOOK, "the last webhook is not sent"),
    "duplicate-webhook": (Stage.HOOK, "every webhook is sent twice"),
    "shuffled-webhook": (Stage.HOOK, "the last webhook comes first, the others after it"),
    "media-403": (Stage.MEDIA, "403, as an expired link"),
    "media-404": (Stage.MEDIA, "404"),
    "media-500": (Stage.MEDIA, "500"),
    "media-truncated": (Stage.MEDIA, "the connection closes half-way through the file"),
    "media-wrong-type": (Stage.MEDIA, "an HTML page with status 200"),
    "media-huge": (Stage.MEDIA, "announces and sends 200 MB"),
    "media-slow": (Stage.MEDIA, "trickles in (seconds, default 5)"),
    "media-redirect": (Stage.MEDIA, "302 to another host (location)"),
    "broken-image": (Stage.MEDIA, "right type, right start, then rubbish"),
}

ALIASES = {
    "drop": "drop-after",
    "drop-after-accept": "drop-after",
    "drop-before-accept": "drop-before",
    "502-before-accept": "502",
    "500-before-accept": "500",
    "502-after": "502-after-accept",
    "500-after": "500-after-accept",
    "503-after": "503-after-accept",
    "504-after": "504-after-accept",
    "delay": "slow",
    "delay-after": "slow",
    "429-burst": "429",
    "retry-after": "429-retry-after",
    "bad-token": "401",
    "no-subscription": "402",
    "truncated": "truncated-json",
    "stuck": "timeout",
    "failed": "fail",
    "blocked": "596",
    "out-of-order-webhook": "shuffled-webhook",
    "media-expired": "media-403",
    "media-broken": "broken-image",
    "lost": "lost-webhook",
    "duplicate": "duplicate-webhook",
    "out-of-order": "shuffled-webhook",
}

TOKEN_WORDS: dict[str, str] = {
    "bad": "401 on everything",
    "nosub": "402 on everything",
    "gone": "404 on every path",
    "html": "an HTML page on every path",
    "down": "503 on everything",
    "rate": "429 on every POST",
    "slow": "every answer late by N seconds (slow5; default 2)",
    "empty": "an account without channels",
    "blocked": "every channel starts blocked",
    "ch": "N channels (ch3)",
    "max": "N jobs of each kind at once (max12)",
}
"""The words of a token's own part, between dashes: `user:7-team-ch2-max12`."""

_TOKEN_FAULTS = {
    "bad": "401",
    "nosub": "402",
    "gone": "404",
    "html": "html",
    "down": "503",
    "rate": "429",
    "slow": "slow",
}
_PROMPT_WORD = re.compile(r"(?<!\S)sim:([a-z0-9-]+?)(?:x(\d+))?(?:=([\d.]+))?(?=[\s,.]|$)", re.IGNORECASE)
_MEDIA_ENDPOINTS = ("GET attachments", "GET cdn", "GET proxy")


class UnknownFault(ValueError):
    """There is no fault of that name; the text lists those that exist."""


@dataclass(frozen=True, slots=True)
class Active:
    """A fault that strikes this request."""

    name: str
    seconds: float | None = None
    status: int | None = None
    text: str = ""
    location: str = ""

    @property
    def stage(self) -> Stage:
        return FAULTS[self.name][0]


@dataclass(slots=True)
class Order:
    """A standing order: this fault on that endpoint, so many times (None: until it is cleared)."""

    endpoint: str
    fault: Active
    times: int | None = 1
    channel: str = ""
    user: int | None = None
    skip: int = 0
    used: int = field(default=0)

    def fits(self, label: str, channel: str, user: int | None) -> bool:
        if self.channel and self.channel != channel:
            return False
        if self.user is not None and self.user != user:
            return False
        return self.times != 0 and endpoint_matches(self.endpoint, label)

    def claim(self) -> bool:
        """Count one request; says whether the fault strikes it."""
        if self.skip:
            self.skip -= 1
            return False
        if self.times is not None:
            self.times -= 1
        self.used += 1
        return True


def canonical(name: str) -> str:
    """The name of a fault, however it was spelt. Raises UnknownFault."""
    plain = name.strip().lower().replace("_", "-").removeprefix("sim:")
    plain = ALIASES.get(plain, plain)
    if plain not in FAULTS:
        raise UnknownFault(f"unknown fault {name!r}; there are: {', '.join(FAULTS)}")
    return plain


def endpoint_matches(pattern: str, label: str) -> bool:
    """Whether `jobs/imagine`, `POST jobs/imagine`, `jobs/*`, `media` or `*` means the endpoint of that label."""
    pattern = re.sub(r"\{\w+\}|(?<=jobs/):\w+", "{}", pattern.strip().strip("/"))
    label = re.sub(r"\{\w+\}", "{}", label)
    if pattern in {"*", ""}:
        return label != "webhook"
    if pattern in {"media", "GET media"}:
        return label in _MEDIA_ENDPOINTS
    path = label.split(" ", 1)[-1]
    return fnmatch.fnmatchcase(label, pattern) or fnmatch.fnmatchcase(path, pattern)


class FaultBook:
    """The standing orders, and how often a prompt's own words have struck."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._orders: list[Order] = []
        self._prompt_uses: dict[tuple[str, str, str], int] = {}

    def add(self, order: Order) -> None:
        with self._lock:
            self._orders.append(order)

    def clear(self) -> None:
        with self._lock:
            self._orders.clear()
            self._prompt_uses.clear()

    def standing(self) -> list[Json]:
        """Every order with what is left of it."""
        with self._lock:
            return [
                {"endpoint": o.endpoint, "fault": o.fault.name, "times": o.times, "channel": o.channel, "used": o.used}
                for o in self._orders
            ]

    def claim(self, label: str, stages: Iterable[Stage], *, channel: str = "", user: int | None = None) -> list[Active]:
        """The orders that strike this request: one that spoils the answer, and every other kind."""
        struck: list[Active] = []
        wanted = set(stages)
        spoilt = False
        with self._lock:
            for order in self._orders:
                stage = order.fault.stage
                answers = stage in {Stage.BEFORE, Stage.AFTER}
                if stage not in wanted or (answers and spoilt) or not order.fits(label, channel, user):
                    continue
                if order.claim():
                    struck.append(order.fault)
                    spoilt = spoilt or answers
        return struck

    def in_prompt(self, account: str, prompt: str, reference: str) -> list[Active]:
        """The faults that a prompt asks for by `sim:<name>`.

        Words that refuse the request strike once (`sim:429x3`: three times, `x0`: always) and then let the same
        prompt pass, so that a person can watch it recover.
        """
        struck = []
        for found in _PROMPT_WORD.finditer(prompt):
            try:
                name = canonical(found[1])
            except UnknownFault:
                continue
            fault = Active(name, seconds=float(found[3]) if found[3] else None)
            if fault.stage is not Stage.BEFORE or self._strikes((account, f"{reference}|{prompt}", name), found[2]):
                struck.append(fault)
        return struck

    def _strikes(self, key: tuple[str, str, str], times: str | None) -> bool:
        limit = int(times) if times else 1
        if limit == 0:
            return True
        with self._lock:
            count = self._prompt_uses.get(key, 0)
            self._prompt_uses[key] = (count + 1) % (limit + 1)
        return count < limit


def in_token(words: dict[str, int], method: str) -> list[Active]:
    """The faults that a token asks for by its words."""
    struck = []
    for word, number in words.items():
        name = _TOKEN_FAULTS.get(word)
        if name is None or (name == "429" and method != "POST"):
            continue
        struck.append(Active(name, seconds=float(number or 2) if name == "slow" else None))
    return struck


def without_words(prompt: str) -> str:
    """The prompt without its `sim:` words."""
    return " ".join(_PROMPT_WORD.sub(" ", prompt).split())


def read_order(value: dict[str, Any]) -> Order:
    """An order out of the fault API's JSON. Raises ValueError with a readable text."""
    times = value.get("times", 1)
    if times is not None and (isinstance(times, bool) or not isinstance(times, int)):
        raise ValueError("times must be a whole number, or null for ever")
    token = str(value.get("token") or "")
    found = re.match(r"^(?:user:)?(\d+)", token)
    seconds = value.get("seconds")
    status = value.get("status")
    fault = Active(
        canonical(str(value.get("fault", ""))),
        seconds=float(seconds) if seconds is not None else None,
        status=int(status) if status is not None else None,
        text=str(value.get("text") or ""),
        location=str(value.get("location") or ""),
    )
    return Order(
        endpoint=str(value.get("endpoint") or "*"),
        fault=fault,
        times=None if times is None or times < 0 else times,
        channel=str(value.get("channel") or ""),
        user=int(found[1]) if found else None,
        skip=int(value.get("skip") or 0),
    )
