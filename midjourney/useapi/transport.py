"""Sends one call at a time: sessions that survive forks, time-outs, retries of what is free to repeat."""

from __future__ import annotations

import http.client
import logging
import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

import requests
import urllib3

from midjourney.upstream import Busy, OutcomeUnknown, Unreachable, UpstreamError

from . import wire
from .answers import Answer, chunks
from .errors import PAID, Kind, error_for, network_error
from .tokens import Bearer

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

USER_AGENT = "mjstudio"
LARGEST_ANSWER = 8 * 1024 * 1024
"""Bytes of JSON; a list of fifteen running jobs has about 4,000."""

NETWORK_ERRORS = (
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    OSError,
    ValueError,  # requests and urllib3 let some bad addresses out as UnicodeError
)


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds: to connect, to wait for the answer to a POST, and for that to a read.

    `post` is waited for the first byte of the answer, then for the rest of it, and at most once more where the very
    last piece stalls, so a POST is over within connect + 3 x post; a large upload has its own time on top
    (`wire.SLOWEST_UPLOAD`).
    """

    connect: float = 5
    post: float = 15
    read: float = 20


@dataclass(frozen=True, slots=True)
class Backoff:
    """How reads are repeated: at most `tries` in all, `base` seconds doubled each time, at most `cap`, with jitter.

    `sleep` and `jitter` (a number from 0 to 1) are there for tests.
    """

    tries: int = 3
    base: float = 2
    cap: float = 60
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random

    def pause(self, attempt: int, asked: float | None) -> float | None:
        """Seconds before the try after number `attempt`, or None where the service asks for more than `cap`."""
        if asked is not None and asked > self.cap:
            return None
        grown: float = min(self.cap, self.base * 2 ** (attempt - 1))
        return max(asked or 0.0, grown * (0.5 + 0.5 * self.jitter()))


@dataclass(frozen=True, slots=True)
class Call:
    """One request to the API. `name` and `about` go to the log, where neither path nor body may."""

    method: Literal["GET", "POST", "DELETE"]
    path: str
    name: str
    kind: Kind
    about: str = ""
    tries: int = 1
    deadline: float | None = None
    body: dict[str, Any] = field(default_factory=dict, repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)


class Sessions:
    """Sessions that are lent for one exchange each, so that there are as many as exchanges at once, not as threads.

    A forked child must not speak on its parent's connections, and a session is not for two threads at a time. There is
    no lock, which a fork could copy while it is held: each step on the list is atomic by itself.
    """

    MOST_IDLE = 4

    def __init__(self) -> None:
        self._idle: list[tuple[int, wire.Session]] = []

    @contextmanager
    def lend(self) -> Iterator[wire.Session]:
        """A session that is the caller's until the end of the block."""
        session = self._take()
        try:
            yield session
        finally:
            if len(self._idle) < self.MOST_IDLE:
                self._idle.append((os.getpid(), session))
            else:
                session.close()

    def _take(self) -> wire.Session:
        while True:
            try:
                pid, session = self._idle.pop()
            except IndexError:
                return wire.Session()
            if pid == os.getpid():
                return session

    def close(self) -> None:
        """Close this process's idle sessions. A parent's are only forgotten: it may be using them."""
        while self._idle:
            try:
                pid, session = self._idle.pop()
            except IndexError:
                return
            if pid == os.getpid():
                session.close()


class Transport:
    """Speaks to one API origin with one token; every method is safe in any thread and after a fork."""

    def __init__(self, base_url: str, token: str, timeouts: Timeouts, backoff: Backoff) -> None:
        parts = urlsplit(base_url)
        self.base_url = base_url
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self.timeouts = timeouts
        self.backoff = backoff
        self.sessions = Sessions()
        self.bearer = Bearer(token)
        self._secrets = (token,)

    def exchange(self, call: Call, read: Callable[[Answer], Result]) -> Result:
        """Send `call` and return what `read` makes of the answer.

        Repeats it, up to `call.tries` in all, after Unreachable and Busy only, and `read` may raise those too.
        Raises any error of the tree.
        """
        attempt = 0
        while True:
            attempt += 1
            try:
                answer = self._send(call)
                error = error_for(call.kind, answer)
                if error is not None:
                    raise error
                return read(answer)
            except (Unreachable, Busy) as error:
                asked = error.retry_after if isinstance(error, Busy) else None
                pause = self.backoff.pause(attempt, asked)
                _log(call, attempt, error)
                if attempt >= call.tries or pause is None:
                    raise
            except UpstreamError as error:
                _log(call, attempt, error)
                raise
            self.backoff.sleep(pause)

    def _send(self, call: Call) -> Answer:
        with self.sessions.lend() as session:
            return self._send_on(session, call)

    def _send_on(self, session: wire.Session, call: Call) -> Answer:
        if call.kind in PAID:
            # On a kept connection that the server is just closing, a request dies in a way that cannot be told from
            # a lost answer; a fresh one costs a handshake and leaves no such doubt.
            session.close()
        prepared, settings = self._prepare(session, call)
        started = time.monotonic()
        if call.deadline is not None and started > call.deadline:
            raise too_late()
        wire.begin(call.deadline)
        wait = (self.timeouts.connect, self._patience(call))
        try:
            response = session.send(prepared, timeout=wait, allow_redirects=False, **settings)
        except wire.TooLateError:
            raise too_late() from None
        except NETWORK_ERRORS as exc:
            raise network_error(call.kind, exc, wire.stage()) from without_request(exc)
        with response:
            answer = self._read(call, response)
        logger.debug(
            "call name=%s about=%s status=%s ms=%d",
            call.name,
            call.about or "-",
            answer.status,
            (time.monotonic() - started) * 1000,
        )
        return answer

    def _prepare(self, session: wire.Session, call: Call) -> tuple[requests.PreparedRequest, dict[str, Any]]:
        headers = {"User-Agent": USER_AGENT, "Accept": "application/json", "Accept-Encoding": "identity"}
        url = f"{self.base_url}/{call.path}"
        try:
            request = requests.Request(call.method, url, headers=headers, auth=self.bearer, **call.body)
            settings = session.merge_environment_settings(url, {}, True, None, None)
            return session.prepare_request(request), dict(settings)
        except NETWORK_ERRORS as exc:
            raise network_error(call.kind, exc, "connecting") from without_request(exc)

    def _patience(self, call: Call) -> float:
        return self.timeouts.post if call.method == "POST" else self.timeouts.read

    def _read(self, call: Call, response: requests.Response) -> Answer:
        """The whole body, within a size and within a time: each piece resets the socket's own time-out."""
        latest = time.monotonic() + self._patience(call)
        body = bytearray()
        failure: BaseException | None = None
        try:
            for piece in chunks(response):
                body += piece
                if len(body) > LARGEST_ANSWER or time.monotonic() > latest:
                    failure = requests.exceptions.ReadTimeout("the answer takes too long or is too large")
                    break
        except NETWORK_ERRORS as exc:
            failure = exc
        status = response.status_code
        if failure is not None and (call.kind not in PAID or status < 400):
            raise network_error(call.kind, failure, "sent") from without_request(failure)
        # An error status says enough by itself, even where its words broke off.
        secrets = (*self._secrets, *call.secrets)
        return Answer(status, response.headers, bytes(body), complete=failure is None, secrets=secrets)


def too_late() -> Unreachable:
    """The deadline of a paid request passed and nothing was sent."""
    return Unreachable("It was too late to send this safely; nothing was sent.", code="too_late")


def without_request(exc: BaseException) -> BaseException:
    """`exc` without the request that requests hangs on it: its headers hold the token."""
    for name in ("request", "response"):
        if getattr(exc, name, None) is not None:
            setattr(exc, name, None)
    return exc


def _log(call: Call, attempt: int, error: UpstreamError) -> None:
    level = logging.ERROR if isinstance(error, OutcomeUnknown) else logging.WARNING
    logger.log(
        level,
        "call failed name=%s about=%s attempt=%d of=%d code=%s status=%s",
        call.name,
        call.about or "-",
        attempt,
        call.tries,
        error.code,
        error.status,
    )
