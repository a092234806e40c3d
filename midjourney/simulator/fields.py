"""Reading request bodies: JSON or multipart, and the fields in them (useapi-v3.md §1, §4.1)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from midjourney.simulator.replies import Json, Refusal

MAX_IMAGE_BYTES = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Blob:
    """An uploaded file."""

    filename: str
    content_type: str
    content: bytes


@dataclass(slots=True)
class Fields:
    """The fields and files of a request. Getters raise Refusal 400 with a text that names the field."""

    values: Json = field(default_factory=dict)
    blobs: dict[str, Blob] = field(default_factory=dict)

    def given(self, name: str) -> bool:
        return self.values.get(name) is not None

    def text(self, name: str, *, limit: int | None = None, required: bool = False) -> str:
        value = self.values.get(name)
        if value is None or value == "":
            if required:
                raise Refusal(400, f"Parameter {name} is required", code=400)
            return ""
        if not isinstance(value, str):
            raise Refusal(400, f"Parameter {name} must be a string", code=400)
        if required and not value.strip():
            raise Refusal(400, f"Parameter {name} is required", code=400)
        if limit is not None and len(value) > limit:
            raise Refusal(400, f"Parameter {name} must be at most {limit} characters, got {len(value)}", code=400)
        return value

    def link(self, name: str, *, limit: int = 1024, required: bool = False) -> str:
        value = self.text(name, limit=limit, required=required)
        if value and not re.match(r"^https?://[^\s/]+", value):
            raise Refusal(400, f"Parameter {name} must be an http or https URL", code=400)
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        value = self.values.get(name)
        if value is None:
            return default
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.lower() in {"true", "false"}:
            return value.lower() == "true"
        raise Refusal(400, f"Parameter {name} must be true or false", code=400)

    def whole(self, name: str, low: int, high: int, *, default: int) -> int:
        value = self.values.get(name)
        if value is None:
            return default
        if isinstance(value, str) and re.fullmatch(r"\d{1,9}", value):
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise Refusal(400, f"Parameter {name} must be a whole number from {low} to {high}", code=400)
        return value

    def image(self, name: str) -> Blob | None:
        """An uploaded picture of at most 10 MB, or nothing."""
        blob = self.blobs.get(name)
        if blob and len(blob.content) > MAX_IMAGE_BYTES:
            raise Refusal(400, f"Parameter {name} must be at most 10 MB", code=400)
        return blob

    def echo(self) -> Json:
        """What `request` of the job shows: only what was sent (useapi-v3.md §6.1)."""
        shown = {name: value for name, value in self.values.items() if value is not None}
        if isinstance(shown.get("stream"), str):
            shown["stream"] = shown["stream"].lower() == "true"
        return shown


def read_fields(content_type: str, body: bytes) -> Fields:
    """The fields of a body. Raises Refusal 400 where it is neither JSON nor multipart."""
    kind = content_type.split(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return _read_multipart(content_type, body)
    if not body.strip():
        return Fields()
    try:
        value: Any = json.loads(body)
    except ValueError:
        raise Refusal(400, "Request body is not valid JSON", code=400) from None
    if not isinstance(value, dict):
        raise Refusal(400, "Request body must be a JSON object", code=400)
    return Fields(value)


def _read_multipart(content_type: str, body: bytes) -> Fields:
    found = re.search(r'boundary="?([^";]+)"?', content_type)
    if not found:
        raise Refusal(400, "Multipart body without a boundary", code=400)
    fields = Fields()
    # A line break is put in front so that the first boundary looks like all others.
    for part in (b"\r\n" + body).split(b"\r\n--" + found[1].encode())[1:]:
        head, separator, content = part.partition(b"\r\n\r\n")
        if not separator or part.startswith(b"--"):
            continue
        _add_part(fields, head.decode("utf-8", "replace"), content)
    return fields


def _add_part(fields: Fields, head: str, content: bytes) -> None:
    name = re.search(r'[; ]name="([^"]*)"', head)
    filename = re.search(r'filename="([^"]*)"', head)
    kind = re.search(r"content-type:\s*([^\r\n]+)", head, re.IGNORECASE)
    if not name:
        return
    if filename is not None:
        fields.blobs[name[1]] = Blob(filename[1], kind[1].strip() if kind else "", content)
    else:
        fields.values[name[1]] = content.decode("utf-8", "replace")
