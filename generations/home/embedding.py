"""Puts an XMP packet into a picture's file without touching its pixels, and takes one out.

A file with a packet is described as a list of pieces: bytes of ours, and stretches of the file as it is. So its size
is known before anything is read, and nothing is decoded or held.
"""

import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO

Piece = bytes | tuple[int, int]  # bytes, or where a stretch of the file begins and how long it is

PNG = b"\x89PNG\r\n\x1a\n"
_PNG_KEY = b"XML:com.adobe.xmp\x00"
_JPEG_KEY = b"http://ns.adobe.com/xap/1.0/\x00"
_MOST_IN_JPEG = 65_533 - len(_JPEG_KEY)
_HAS_XMP, _HAS_ALPHA = 0x04, 0x10  # flags of VP8X
MOST_CHUNKS = 10_000  # that are looked at


class CannotEmbed(Exception):
    """This file takes no packet; the packet goes beside it."""


def pieces(file: BinaryIO, size: int, packet: bytes) -> list[Piece]:
    """The file with the packet in it, in place of one that it had. Raises CannotEmbed, OSError."""
    file.seek(0)
    head = file.read(12)
    try:
        if head.startswith(PNG):
            return _into_png(file, size, packet)
        if head.startswith(b"\xff\xd8\xff"):
            return _into_jpeg(file, size, packet)
        if head[:4] == b"RIFF" and head[8:] == b"WEBP":
            return _into_webp(file, size, packet)
    except (struct.error, IndexError):
        pass
    raise CannotEmbed


def packet_of(file: BinaryIO, size: int) -> bytes:
    """The XMP packet in a picture's file; empty where there is none. Raises OSError."""
    file.seek(0)
    head = file.read(12)
    try:
        at, length = next(_packets(file, size, head), (0, 0))
    except (struct.error, IndexError):
        return b""
    if not 0 < length <= size:
        return b""
    file.seek(at)
    return file.read(length)


def _packets(file: BinaryIO, size: int, head: bytes) -> Iterator[tuple[int, int]]:
    """Where each packet begins and how long it is."""
    if head.startswith(PNG):
        before = len(_PNG_KEY) + 4
        for kind, at, length in _png_chunks(file, size):
            if kind == b"iTXt" and _is_xmp(file, at):
                yield at + 8 + before, length - before
    elif head.startswith(b"\xff\xd8\xff"):
        for marker, at, length in _jpeg_segments(file, size):
            if _is_jpeg_xmp(file, marker, at):
                yield at + 4 + len(_JPEG_KEY), length - 2 - len(_JPEG_KEY)
    elif head[:4] == b"RIFF" and head[8:] == b"WEBP":
        for kind, at, length in _webp_chunks(file, size):
            if kind == b"XMP ":
                yield at + 8, length


def total(parts: list[Piece]) -> int:
    """How many bytes these pieces are."""
    return sum(len(part) if isinstance(part, bytes) else part[1] for part in parts)


def without(stretches: list[tuple[int, int]], begin: int, end: int) -> list[Piece]:
    """The file from `begin` to `end`, without these stretches of it, which are in order."""
    left: list[Piece] = []
    for at, length in stretches:
        left.append((begin, at - begin))
        begin = at + length
    left.append((begin, end - begin))
    return [part for part in left if part[1]]


# PNG: an iTXt chunk behind the header.


def _into_png(file: BinaryIO, size: int, packet: bytes) -> list[Piece]:
    after_header = 33  # the signature and IHDR, which always has 13 bytes
    old = [(at, length + 12) for kind, at, length in _png_chunks(file, size) if kind == b"iTXt" and _is_xmp(file, at)]
    data = b"iTXt" + _PNG_KEY + b"\x00\x00\x00\x00" + packet
    chunk = struct.pack(">I", len(data) - 4) + data + struct.pack(">I", zlib.crc32(data))
    return [(0, after_header), chunk, *without(old, after_header, size)]


def _png_chunks(file: BinaryIO, size: int) -> Iterator[tuple[bytes, int, int]]:
    """Kind, place and length of each chunk before the pixels, where a packet that counts stands."""
    at = len(PNG)
    for _ in range(MOST_CHUNKS):
        file.seek(at)
        length, kind = struct.unpack(">I4s", file.read(8))
        if kind == b"IDAT" or at + length + 12 > size:
            return
        yield kind, at, length
        at += length + 12


def _is_xmp(file: BinaryIO, at: int) -> bool:
    file.seek(at + 8)
    # Behind the key: not compressed, and neither a language nor a translated key.
    return file.read(len(_PNG_KEY) + 4) == _PNG_KEY + b"\x00\x00\x00\x00"


# JPEG: an APP1 segment behind APP0, which must be the first one.


def _into_jpeg(file: BinaryIO, size: int, packet: bytes) -> list[Piece]:
    if len(packet) > _MOST_IN_JPEG:
        raise CannotEmbed
    segments = list(_jpeg_segments(file, size))
    place = 2
    if segments and segments[0][0] == 0xE0:
        place = segments[0][1] + 2 + segments[0][2]
    old = [(at, length + 2) for marker, at, length in segments if _is_jpeg_xmp(file, marker, at)]
    if any(at < place for at, _ in old):
        raise CannotEmbed
    data = _JPEG_KEY + packet
    return [(0, place), b"\xff\xe1" + struct.pack(">H", len(data) + 2) + data, *without(old, place, size)]


def _jpeg_segments(file: BinaryIO, size: int) -> Iterator[tuple[int, int, int]]:
    """Marker, place and length of each segment before the pixels."""
    at = 2
    for _ in range(MOST_CHUNKS):
        file.seek(at)
        mark, marker, length = struct.unpack(">BBH", file.read(4))
        if mark != 0xFF or marker == 0xDA or at + 2 + length > size:
            return
        yield marker, at, length
        at += 2 + length


def _is_jpeg_xmp(file: BinaryIO, marker: int, at: int) -> bool:
    file.seek(at + 4)
    return marker == 0xE1 and file.read(len(_JPEG_KEY)) == _JPEG_KEY


# WebP: a chunk at the end, announced in the header VP8X, which is made where it is missing.


def _into_webp(file: BinaryIO, size: int, packet: bytes) -> list[Piece]:
    chunks = list(_webp_chunks(file, size))
    if not chunks:
        raise CannotEmbed
    end = max(at + 8 + length + length % 2 for _, at, length in chunks)
    if end > size:
        raise CannotEmbed
    old = [(at, 8 + length + length % 2) for kind, at, length in chunks if kind == b"XMP "]
    first, at, length = chunks[0]
    if first == b"VP8X":
        file.seek(at)
        header = bytearray(file.read(18))
        header[8] |= _HAS_XMP
        rest = without(old, at + 8 + length, end)
    else:
        header = bytearray(_vp8x(file, first, at))
        rest = without(old, at, end)
    chunk = b"XMP " + struct.pack("<I", len(packet)) + packet + b"\x00" * (len(packet) % 2)
    body = [bytes(header), *rest, chunk]
    return [b"RIFF" + struct.pack("<I", 4 + total(body)) + b"WEBP", *body]


def _vp8x(file: BinaryIO, first: bytes, at: int) -> bytes:
    """The extended header for a file that began without one. Raises CannotEmbed."""
    file.seek(at + 8)
    data = file.read(10)
    if first == b"VP8 " and data[3:6] == b"\x9d\x01\x2a":
        width, height = (side & 0x3FFF for side in struct.unpack("<HH", data[6:10]))
        flags = _HAS_XMP
    elif first == b"VP8L" and data[0] == 0x2F:
        bits = struct.unpack("<I", data[1:5])[0]
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        flags = _HAS_XMP | (_HAS_ALPHA if bits >> 28 & 1 else 0)
    else:
        raise CannotEmbed
    sides = struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
    return b"VP8X" + struct.pack("<IBBH", 10, flags, 0, 0) + sides


def _webp_chunks(file: BinaryIO, size: int) -> Iterator[tuple[bytes, int, int]]:
    at = 12
    for _ in range(MOST_CHUNKS):
        if at + 8 > size:
            return
        file.seek(at)
        kind, length = struct.unpack("<4sI", file.read(8))
        yield kind, at, length
        at += 8 + length + length % 2
