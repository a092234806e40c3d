"""Sends a file of MEDIA_ROOT to somebody who may have it: kept by their browser, in parts, by the proxy if it can."""

import logging
import re
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header

from generations.media.library import full_path

logger = logging.getLogger(__name__)

# A picture's bytes never change under its address, and only its owner's browser may keep them.
CACHE = "private, max-age=31536000, immutable"
# An original is opened as a page of its own; whatever it holds, it can do nothing there.
# What is allowed is what a browser's own page around a picture or a video does: styles, and fetching it once more.
SANDBOX = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox allow-same-origin"
PROTECTED = "/protected-media/"
BLOCK = 256 * 1024

_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})$")


class Missing(Exception):
    """The row says that the file is there, and the disk has none."""


def send(
    request: HttpRequest, relative: str, *, content_type: str, etag: str, download_name: str = "", sandbox: bool = False
) -> HttpResponseBase:
    """The response with the file, a part of it, 304 or 416. Raises Missing."""
    path = full_path(relative)
    try:
        size = path.stat().st_size
    except OSError as error:
        logger.error("file missing path=%s error=%s", relative, error.strerror)
        raise Missing from None
    etag = f'"{etag}"'
    response = _body(request, path, relative, size, content_type, etag)
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


def _body(request: HttpRequest, path: Path, relative: str, size: int, content_type: str, etag: str) -> HttpResponseBase:
    unchanged = get_conditional_response(request, etag=etag)
    if unchanged is not None:
        return unchanged
    if settings.SENDFILE == "x-accel-redirect":
        return HttpResponse(headers={"X-Accel-Redirect": PROTECTED + quote(relative)}, content_type=content_type)
    if settings.SENDFILE == "x-sendfile":
        return HttpResponse(headers={"X-Sendfile": str(path)}, content_type=content_type)
    part = wanted(request, size, etag)
    if part is None:
        response = FileResponse(open(path, "rb"), content_type=content_type)  # noqa: SIM115 (the response closes it)
        response["Content-Length"] = size
        del response["Content-Disposition"]
        return response
    start, end = part
    if start >= size or start > end:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    return _part(path, start, end, size)


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


def _part(path: Path, start: int, end: int, size: int) -> HttpResponseBase:
    file = open(path, "rb")  # noqa: SIM115 (the response closes it)
    file.seek(start)
    response = FileResponse(_Limited(file, end - start + 1), status=206)
    response["Content-Length"] = end - start + 1
    response["Content-Range"] = f"bytes {start}-{end}/{size}"
    return response


class _Limited:
    """Reads a stretch of a file, in blocks."""

    def __init__(self, file: BinaryIO, length: int) -> None:
        self.file, self.left = file, length

    def read(self, size: int = BLOCK) -> bytes:
        data = self.file.read(min(self.left, BLOCK if size < 0 else size))
        self.left -= len(data)
        return data

    def close(self) -> None:
        self.file.close()
