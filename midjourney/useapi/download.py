"""Fetches result files: from listed hosts only, within a size and a time, and never with the token elsewhere.

Nothing is retried here, because a target that holds half a file is the caller's to rewind.
"""

from __future__ import annotations

import logging
import re
import time
from dataclasses import dataclass
from typing import BinaryIO
from urllib.parse import quote, urljoin

import requests

from midjourney.upstream import Download, MediaError

from . import wire
from .answers import chunks
from .hosts import MediaHosts, Origin
from .tokens import Anonymous
from .transport import NETWORK_ERRORS, Transport, without_request

logger = logging.getLogger(__name__)

PROXIED_HOST = "cdn.midjourney.com"
PROXY_PATH = "/v1/proxy/cdn-midjourney/"
MOST_REDIRECTS = 3

# cdn.midjourney.com answers 403 to anything that does not look like a browser (useapi-v3.md §11).
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"


@dataclass(slots=True)
class _Sink:
    """Where a file goes, how much has gone there, and what it may become: bytes and a `time.monotonic()` value."""

    target: BinaryIO
    max_bytes: int
    until: float
    written: int = 0

    def left(self) -> float:
        """Seconds left. Raises MediaError where there are none."""
        left = self.until - time.monotonic()
        if left <= 0:
            raise MediaError("The file took too long to arrive.")
        return left

    def write(self, piece: bytes) -> None:
        """Raises MediaError (`media_too_large`) rather than writing more than the file may have."""
        if self.written + len(piece) > self.max_bytes:
            raise MediaError("The file is larger than allowed.", code="media_too_large")
        self.target.write(piece)
        self.written += len(piece)


class Downloader:
    """Fetches files through one transport's sessions."""

    def __init__(self, transport: Transport, hosts: MediaHosts) -> None:
        self._transport = transport
        self._hosts = hosts

    def proxy_url(self, url: str) -> str:
        """The address of the v1 proxy for a file of cdn.midjourney.com (§2, §11)."""
        return f"{self._transport.origin}{PROXY_PATH}?cdnUrl={quote(url, safe='')}"

    def download(self, url: str, target: BinaryIO, *, max_bytes: int, max_seconds: float) -> Download:
        """Stream `url` into `target`. Raises MediaError."""
        sink = _Sink(target, max_bytes, time.monotonic() + max_seconds)
        if url.startswith(f"https://{PROXIED_HOST}/"):
            return self._proxied(url, sink)
        return self._fetch(url, sink)

    def _proxied(self, url: str, sink: _Sink) -> Download:
        """Through the proxy, which needs the token but no luck with Cloudflare; else from the CDN itself."""
        try:
            return self._fetch(self.proxy_url(url), sink)
        except MediaError as error:
            if sink.written or error.code == "media_too_large":
                raise
            refusal = error
        logger.info("media proxy failed code=%s status=%s", refusal.code, refusal.status)
        try:
            return self._fetch(url, sink)
        except MediaError as error:
            # The CDN's 403 may only mean that it saw no browser, and the proxy's 404 that there is no proxy:
            # a file is gone when both say so.
            both_gone = error.code == refusal.code == "media_gone"
            if error.code == "media_too_large" or both_gone or sink.written:
                raise
            raise MediaError(refusal.message or error.message, status=refusal.status) from error

    def _fetch(self, url: str, sink: _Sink) -> Download:
        """Follow redirects by hand, each checked like the first address. The token never comes back once dropped."""
        with_token = self._hosts.check(url) == self._hosts.own
        for _hop in range(MOST_REDIRECTS + 1):
            origin = self._hosts.check(url)
            with_token = with_token and origin == self._hosts.own
            with (
                self._transport.sessions.lend() as session,
                self._open(session, url, origin, sink, with_token=with_token) as response,
            ):
                if response.status_code not in {301, 302, 303, 307, 308}:
                    return self._save(response, sink)
                location = response.headers.get("Location", "")
            url = _joined(url, location)
        raise MediaError("The file's address leads from one redirect to the next.")

    def _open(
        self, session: wire.Session, url: str, origin: Origin, sink: _Sink, *, with_token: bool
    ) -> requests.Response:
        timeouts = self._transport.timeouts
        left = sink.left()
        wire.begin(None)
        try:
            return session.get(
                url,
                headers={"User-Agent": BROWSER, "Accept": "*/*", "Accept-Encoding": "identity"},
                auth=self._transport.bearer if with_token else Anonymous(),
                timeout=(min(timeouts.connect, left), min(timeouts.read, left)),
                allow_redirects=False,
                stream=True,
            )
        except NETWORK_ERRORS as exc:
            reason = type(exc).__name__
            raise MediaError(f"{origin.host} could not be reached ({reason}).") from without_request(exc)

    def _save(self, response: requests.Response, sink: _Sink) -> Download:
        content_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()[:100]
        self._judge(response, content_type, sink)
        pieces = iter(chunks(response))
        while True:
            try:
                piece = next(pieces, None)
            except NETWORK_ERRORS as exc:
                raise MediaError(f"The file broke off ({type(exc).__name__}).") from without_request(exc)
            if piece is None:
                break
            sink.write(piece)  # outside the try: a full disk is not the network's fault
            sink.left()
        promised = _promised(response)
        if not sink.written or (promised is not None and promised != sink.written):
            raise MediaError("The file is empty or broke off.")
        return Download(size=sink.written, content_type=content_type)

    def _judge(self, response: requests.Response, content_type: str, sink: _Sink) -> None:
        """Raises MediaError before anything is written where this is not a file, or one too large."""
        status = response.status_code
        if status in {403, 404, 410}:
            raise MediaError(f"The file is no longer there (HTTP {status}).", code="media_gone", status=status)
        if status != 200:
            raise MediaError(f"The file could not be fetched (HTTP {status}).", status=status)
        if content_type in {"text/html", "application/json"}:
            raise MediaError("A page came instead of a file.", status=status)
        promised = _promised(response)
        if promised is not None and promised > sink.max_bytes:
            raise MediaError("The file is larger than allowed.", code="media_too_large")


def _promised(response: requests.Response) -> int | None:
    """The size that the server announced, where it means the file as it is written here."""
    length = response.headers.get("Content-Length", "")
    if response.headers.get("Content-Encoding", "identity").lower() not in {"", "identity"}:
        return None
    return int(length) if re.fullmatch(r"[0-9]{1,18}", length) else None


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        return ""
