"""Sends a file of the storage to somebody who may have it: kept by their browser, in parts, by the proxy if it can."""

import logging
import re
from urllib.parse import quote

from django.conf import settings
from django.core.files.base import File
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header

from generations.media.errors import Unreachable
from generations.media.storages import CACHE, media

logger = logging.getLogger(__name__)

# An original is opened as a page of its own; whatever it holds, it can do nothing there.
# What is allowed is what a browser's own page around a picture or a video does: styles, and fetching it once more.
SANDBOX = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox allow-same-origin"
PROTECTED = "/protected-media/"
BY_PROXY = {"x-accel-redirect", "x-sendfile"}
BLOCK = 256 * 1024

_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})$")


class Missing(Exception):
    """The row says that the file is there, and the storage has none."""


def send(
    request: HttpRequest, relative: str, *, content_type: str, etag: str, download_name: str = "", sandbox: bool = False
) -> HttpResponseBase:
    """The response with the file, a part of it, 304 or 416. Raises Missing, Unreachable."""
    etag = f'"{etag}"'
    try:
        response = _body(request, relative, content_type, etag)
    except Unreachable:
        raise
    except OSError as error:
        logger.error("file missing path=%s error=%s", relative, error.strerror)
        raise Missing from None
    response["Content-Type"] = content_type
    response["ETag"] = etag
    response["Cache-Control"] = CACHE
    response["X-Content-Type-Options"] = "nosniff"
    response["Accept-Ranges"] = "bytes"
    if sandbox:
        response["Content-Security-Policy"] = SANDBOX
    if download_name and (disposition := content_disposition_header(True, download_name)):
        response["Content-Disposition"] = disposition
    return response


def _body(request: HttpRequest, relative: str, content_type: str, etag: str) -> HttpResponseBase:
    """Raises OSError."""
    unchanged = get_conditional_response(request, etag=etag)
    if unchanged is not None or settings.SENDFILE in BY_PROXY:
        media().size(relative)  # one that is not there is told as such
        return unchanged or _by_proxy(relative, content_type)
    file = media().open(relative)
    size = file.size
    part = wanted(request, size, etag)
    if part is None:
        response = FileResponse(file, content_type=content_type)
        response["Content-Length"] = size
        del response["Content-Disposition"]
        return response
    start, end = part
    if start >= size or start > end:
        file.close()
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    return _part(file, start, end, size)


def _by_proxy(relative: str, content_type: str) -> HttpResponse:
    if settings.SENDFILE == "x-accel-redirect":
        return HttpResponse(headers={"X-Accel-Redirect": PROTECTED + quote(relative)}, content_type=content_type)
    return HttpResponse(headers={"X-Sendfile": media().where(relative)}, content_type=content_type)


def wanted(request: HttpRequest, size: int, etag: str) -> tuple[int, int] | None:
    """First and last byte that are asked for; None for all of it. Several ranges at once are answered with all."""
    match = _RANGE.match(request.headers.get("Range", "").replace(" ", ""))
    if request.method != "GET" or not match or not (match[1] or match[2]):
        return None
    if request.headers.get("If-Range", etag) != etag:
        return None
    if not match[1]:
        length = int(match[2])
        return (max(0, size - length), size - 1) if length else (size, size)
    return int(match[1]), min(int(match[2]) if match[2] else size - 1, size - 1)


def _part(file: File, start: int, end: int, size: int) -> HttpResponseBase:
    file.seek(start)
    response = FileResponse(_Limited(file, end - start + 1), status=206)
    response["Content-Length"] = end - start + 1
    response["Content-Range"] = f"bytes {start}-{end}/{size}"
    return response


class _Limited:
    """Reads a stretch of a file, in blocks."""

    def __init__(self, file: File, length: int) -> None:
        self.file, self.left = file, length

    def read(self, size: int = BLOCK) -> bytes:
        data = self.file.read(min(self.left, BLOCK if size < 0 else size))
        self.left -= len(data)
        return data

    def close(self) -> None:
        self.file.close()
