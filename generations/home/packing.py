"""A ZIP that is written while it is sent, the same to the last byte each time, from any byte on.

Files are stored as they are, so that their places follow from their sizes. What stands before the first byte that is
asked for is not read to get there: the checksum of a file that was skipped is made when the directory at the end is
due, one file at a time, so that bytes flow meanwhile. zipstream-ng dates files by the clock and cannot begin in the
middle; the format itself is PKWARE's APPNOTE 6.3.
"""

import struct
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

BIG = 0xFFFFFFFF  # stands for "see the extra field"
MANY = 0xFFFF
SMALL = 65_536  # bytes of a file that is read at once rather than kept in mind for later
_UTF8, _CHECKSUM_FOLLOWS = 0x0800, 0x0008
_FLAGS = _UTF8 | _CHECKSUM_FOLLOWS
_PLAIN, _ZIP64 = 20, 45  # the version of the format that a reader needs
_MODE = 0o100644 << 16
_UNIX = 3 << 8


class Changed(Exception):
    """A file is no longer what it was when its size was announced; what is being sent must break off."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the archive: its name, its date, its size in bytes, and how to read it.

    `mark` is another one where the content is: two archives whose entries have the same marks are the same.
    """

    name: str
    at: datetime
    size: int
    read: Callable[[], Iterable[bytes]]
    mark: bytes = b""


class _Filed:
    """What the directory at the end has to say of an entry; it holds nothing of what was read."""

    __slots__ = ("at", "checksum", "name", "offset", "read", "size")

    def __init__(self, entry: Entry, offset: int) -> None:
        self.name, self.at, self.size, self.offset = entry.name, entry.at, entry.size, offset
        self.read: Callable[[], Iterable[bytes]] | None = entry.read
        self.checksum = 0


def size_of(entries: Iterable[tuple[str, int]]) -> int:
    """How many bytes a ZIP of files with these names and sizes has."""
    at = directory = count = 0
    for name, size in entries:
        encoded = len(name.encode())
        directory += 46 + encoded + len(_directory_extra(size, at))
        at += 30 + encoded + _extra_size(size) + size + _tail_size(size)
        count += 1
    return at + directory + len(_end(count, at, directory))


def stream(entries: Iterable[Entry], begin: int = 0, end: int | None = None) -> Iterator[bytes]:
    """The bytes of the ZIP from `begin` up to and without `end`. Raises Changed, OSError."""
    window = _Window(begin, end)
    for block in _all(entries, window):
        if shown := window.pass_on(block):
            yield shown
        if window.is_over:
            return


class _Window:
    """Where the writer is, and what of that was asked for."""

    def __init__(self, begin: int, end: int | None) -> None:
        self.at, self.begin, self.end = 0, begin, end

    @property
    def is_over(self) -> bool:
        return self.end is not None and self.at >= self.end

    def skips(self, size: int) -> bool:
        """Whether the next so many bytes all stand before what was asked for."""
        return self.at + size <= self.begin

    def pass_on(self, block: bytes) -> bytes:
        first = max(self.begin - self.at, 0)
        last = len(block) if self.end is None else self.end - self.at
        self.at += len(block)
        return block if first == 0 and last >= len(block) else block[first:last]


def _all(entries: Iterable[Entry], window: _Window) -> Iterator[bytes]:
    filed: list[_Filed] = []
    for entry in entries:
        record = _Filed(entry, window.at)
        filed.append(record)
        yield _header(record)
        if entry.size > SMALL and window.skips(entry.size):
            window.at += entry.size
        else:
            yield from _content(record)
        tail = _tail_size(entry.size)
        if window.skips(tail):
            window.at += tail
        else:
            yield _tail(record)
    start = window.at
    for record in filed:
        yield _directory_record(record)
    yield _end(len(filed), start, window.at - start)


def _content(record: _Filed) -> Iterator[bytes]:
    """The content of a file, with its checksum made on the way."""
    checksum = size = 0
    for block in record.read() if record.read else ():
        size += len(block)
        if size > record.size:
            break
        checksum = zlib.crc32(block, checksum)
        yield block
    if size != record.size:
        raise Changed(record.name)
    record.checksum, record.read = checksum, None


def _checksum(record: _Filed) -> int:
    if record.read is not None:
        for _ in _content(record):
            pass
    return record.checksum


def _header(record: _Filed) -> bytes:
    name, big = record.name.encode(), _is_big(record.size)
    sizes = (BIG, BIG) if big else (0, 0)
    extra = struct.pack("<HHQQ", 1, 16, 0, 0) if big else b""
    fixed = struct.pack(
        "<4sHHHHHLLLHH", b"PK\x03\x04", _ZIP64 if big else _PLAIN, _FLAGS, 0, *_dos(record.at), 0, *sizes,
        len(name), len(extra),
    )  # fmt: skip
    return fixed + name + extra


def _tail(record: _Filed) -> bytes:
    size = record.size
    form = "<4sLQQ" if _is_big(size) else "<4sLLL"
    return struct.pack(form, b"PK\x07\x08", _checksum(record), size, size)


def _directory_record(record: _Filed) -> bytes:
    name, offset = record.name.encode(), record.offset
    extra = _directory_extra(record.size, offset)
    size = min(record.size, BIG)
    needs = _ZIP64 if extra else _PLAIN
    fixed = struct.pack(
        "<4sHHHHHHLLLHHHHHLL", b"PK\x01\x02", _UNIX | needs, needs, _FLAGS, 0, *_dos(record.at), _checksum(record),
        size, size, len(name), len(extra), 0, 0, 0, _MODE, min(offset, BIG),
    )  # fmt: skip
    return fixed + name + extra


def _directory_extra(size: int, offset: int) -> bytes:
    values = [size, size] if _is_big(size) else []
    if offset >= BIG:
        values.append(offset)
    return struct.pack(f"<HH{'Q' * len(values)}", 1, 8 * len(values), *values) if values else b""


def _end(count: int, start: int, size: int) -> bytes:
    big = b""
    if count >= MANY or start >= BIG or size >= BIG:
        big = struct.pack("<4sQHHLLQQQQ", b"PK\x06\x06", 44, _UNIX | _ZIP64, _ZIP64, 0, 0, count, count, size, start)
        big += struct.pack("<4sLQL", b"PK\x06\x07", 0, start + size, 1)
    few, short = min(count, MANY), min(size, BIG)
    return big + struct.pack("<4sHHHHLLH", b"PK\x05\x06", 0, 0, few, few, short, min(start, BIG), 0)


def _is_big(size: int) -> bool:
    return size >= BIG


def _extra_size(size: int) -> int:
    return 20 if _is_big(size) else 0


def _tail_size(size: int) -> int:
    return 24 if _is_big(size) else 16


def _dos(at: datetime) -> tuple[int, int]:
    """Time and date as the format has them: from 1980, in steps of two seconds."""
    year = min(max(at.year, 1980), 2107)
    return at.hour << 11 | at.minute << 5 | at.second // 2, (year - 1980) << 9 | at.month << 5 | at.day
