"""An order as a ZIP: pictures and videos under names by a pattern, with what is told about them."""

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

from django.utils import timezone

from accounts.models import User
from generations.home import converting, embedding, naming, orders, packing, sidecars, xmp
from generations.home.embedding import Piece
from generations.home.orders import Order
from generations.home.packing import Entry
from generations.media.errors import NotSaved, Unreachable
from generations.media.storages import media
from generations.models import Image

BLOCK = 256 * 1024
MISSING = "MISSING.txt"
_EPOCH = datetime(1980, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Plan:
    """How large the archive will be, and a tag that changes with any byte of it."""

    size: int
    etag: str


@dataclass
class _Left:
    """What could not be packed, told at the end of the archive."""

    lines: list[str] = field(default_factory=list)
    at: datetime = _EPOCH


def plan(user: User, order: Order) -> Plan:
    """Look at everything without reading it. Only for orders that are announced."""
    digest = hashlib.sha256()
    size = packing.size_of((entry.name, entry.size) for entry in _noted(entries(user, order), digest))
    return Plan(size, digest.hexdigest())


def content(
    user: User, order: Order, planned: Plan | None = None, begin: int = 0, end: int | None = None
) -> Iterator[bytes]:
    """The bytes of the archive, or a stretch of them, as they were planned. Raises packing.Changed, OSError."""
    return packing.stream(_as_planned(entries(user, order), planned), begin, end)


def _as_planned(found: Iterator[Entry], planned: Plan | None) -> Iterator[Entry]:
    """The entries; Changed behind the last one where they are not those whose size was announced."""
    digest = hashlib.sha256()
    yield from _noted(found, digest)
    if planned and digest.hexdigest() != planned.etag:
        raise packing.Changed("the archive as a whole")


def _noted(found: Iterator[Entry], digest) -> Iterator[Entry]:
    for entry in found:
        digest.update(f"{entry.name}\0{entry.size}\0{entry.at.isoformat()}\0".encode())
        digest.update(hashlib.sha256(entry.mark).digest())
        yield entry


def file_name(order: Order) -> str:
    return f"{naming.clean(order.title[:80])}.zip"


def entries(user: User, order: Order) -> Iterator[Entry]:
    """The files of the archive in order. What is not on the disk is listed in a last one."""
    left, names = _Left(), naming.Names()
    digits = max(3, len(str(len(order.pks))))
    for number, image in orders.images(user, order):
        stem = names.unique(naming.stem(image, order.pattern, f"{number:0{digits}d}"))
        left.at = max(left.at, image.created_at)
        try:
            yield from _of_image(image, stem, order)
        except Unreachable:
            raise  # it says nothing about this file, and would be said of all
        except OSError:
            left.lines.append(f"{stem}.{image.extension}: its file is not on the studio's disk")
        except NotSaved:
            left.lines.append(f"{stem}.{image.extension}: its file is damaged and could not be converted")
    if left.lines:
        head = "These are not in the archive. Their jobs' pages in the studio can fetch them again.\n\n"
        yield _of_bytes(MISSING, left.at, (head + "\n".join(left.lines) + "\n").encode())


def _of_image(image: Image, stem: str, order: Order) -> Iterator[Entry]:
    """A picture's file, and what stands beside it. Raises OSError, NotSaved before anything is yielded."""
    at = image.created_at
    told = sidecars.facts(image) if order.told != orders.NOTHING else {}
    packet = xmp.write(told) if order.told == orders.XMP else b""
    if is_converted(image, order.form):
        name = f"{stem}.{converting.ENDINGS[order.form]}"
        with media().open(image.path) as file:
            made = converting.convert(file, order.form)
        parts = _with_packet(io.BytesIO(made), len(made), packet)
        yield Entry(name, _local(at), embedding.total(parts or [made]), partial(_from_memory, made, parts))
    else:
        name, size, parts = f"{stem}.{image.extension}", media().size(image.path), []
        if packet and not image.is_video:
            with media().open(image.path) as file:
                parts = _with_packet(file, size, packet)
        mark = image.sha256.encode() + (packet if parts else b"")
        parts = parts or [(0, size)]
        yield Entry(name, _local(at), embedding.total(parts), partial(_from_storage, image.path, parts), mark)
    if order.told == orders.JSON:
        yield _of_bytes(f"{stem}.json", at, sidecars.as_json({**told, "file": name}))
    elif packet and not _is_in(parts):
        yield _of_bytes(f"{stem}.xmp", at, packet)


def is_converted(image: Image, form: str) -> bool:
    """Whether this one is written anew for that format; videos and what has the format already stay as they are."""
    return bool(form) and not image.is_video and converting.CONTENT_TYPES[form] != image.content_type


def _with_packet(file, size: int, packet: bytes) -> list[Piece]:
    """The pieces of the file with the packet in it; none where there is none to put in, or no place for it."""
    if not packet:
        return []
    try:
        return embedding.pieces(file, size, packet)
    except embedding.CannotEmbed:
        return []


def _is_in(parts: list[Piece]) -> bool:
    return any(isinstance(part, bytes) for part in parts)


def _of_bytes(name: str, at: datetime, data: bytes) -> Entry:
    return Entry(name, _local(at), len(data), partial(iter, (data,)), data)


def _from_memory(made: bytes, parts: list[Piece]) -> Iterator[bytes]:
    yield from _read(io.BytesIO(made), parts or [(0, len(made))])


def _from_storage(name: str, parts: list[Piece]) -> Iterator[bytes]:
    with media().open(name) as file:
        yield from _read(file, parts)


def _read(file, parts: list[Piece]) -> Iterator[bytes]:
    for part in parts:
        if isinstance(part, bytes):
            yield part
            continue
        at, left = part
        file.seek(at)
        while left and (block := file.read(min(BLOCK, left))):
            left -= len(block)
            yield block


def _local(at: datetime) -> datetime:
    return timezone.localtime(at)
