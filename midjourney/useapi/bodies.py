"""The bodies of requests that make jobs (useapi-v3.md §4): JSON, or multipart where a file goes along."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from midjourney.upstream import Refused, Upload

from .values import clean

MOST_BLENDED = 5


def request_body(fields: Mapping[str, str | bool], files: Mapping[str, Upload] | None = None) -> dict[str, Any]:
    """Arguments for requests. `stream` is false always (it defaults to true), and empty fields are left out."""
    filled: dict[str, str | bool] = {"stream": False}
    for name, value in fields.items():
        if value != "":
            filled[name] = clean(value) if isinstance(value, str) else value
    if not files:
        return {"json": filled}
    # In multipart every field is a text, booleans included (§1).
    texts = {name: str(value).lower() if isinstance(value, bool) else value for name, value in filled.items()}
    blobs = {name: (upload.filename, upload.content, upload.content_type) for name, upload in files.items()}
    return {"data": texts, "files": blobs}


def described(image: str | Upload) -> tuple[dict[str, str], dict[str, Upload]]:
    """Field and file of a describe: exactly one of URL and blob (§4.4)."""
    if isinstance(image, Upload):
        return {}, {"imageBlob": image}
    return {"imageUrl": image}, {}


def blended(images: Sequence[str | Upload]) -> tuple[dict[str, str], dict[str, Upload]]:
    """Numbered fields and files of a blend (§4.5). Raises Refused unless there are two to five."""
    if not 2 <= len(images) <= MOST_BLENDED:
        raise Refused(f"A blend takes two to five images, not {len(images)}.")
    urls: dict[str, str] = {}
    blobs: dict[str, Upload] = {}
    for number, image in enumerate(images, start=1):
        if isinstance(image, Upload):
            blobs[f"imageBlob_{number}"] = image
        else:
            urls[f"imageUrl_{number}"] = image
    return urls, blobs
