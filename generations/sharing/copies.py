"""Copies of originals without what a service or a camera wrote into them, for everybody but the owner.

Midjourney writes the prompt and the job into its files. A copy has the same pixels and nothing that tells of them; it
is made when it is first asked for, kept by the checksum of the original, and forgotten after a week.
"""

import struct
import time
from collections.abc import Iterator
from typing import BinaryIO

from generations.media import library
from generations.media.storages import media
from generations.models import Image

FOLDER = ".shared"  # what begins with a dot is no medium: neither checked nor backed up
KEPT_FOR = 7 * 86_400.0  # seconds
BLOCK = 1 << 20

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"bKGD", b"pHYs"}
_WEBP_KEPT = {b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ICCP", b"ANIM", b"ANMF"}
_JPEG_DROPPED = {0xE1, *range(0xE3, 0xEE), 0xEF, 0xFE}  # APP0 says JFIF, APP2 the colours, APP14 how they are coded
_MP4_TELLING = {b"udta", b"meta", b"uuid"}
_MP4_OPENED = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts"}

Piece = bytes | tuple[int, int]  # bytes, or where a stretch of the original begins and how long it is


class NotCopied(Exception):
    """The original is not what it says it is, so that nobody knows what it would tell."""


def path_of(image: Image) -> str:
    """The name of the copy in the storage; made where it is missing. Raises OSError, NotCopied."""
    relative = f"{FOLDER}/{image.sha256[:2]}/{image.sha256}.{image.extension}"
    if not media().exists(relative):
        _make(image.path, relative)
    return relative


def forget_old(older_than: float = KEPT_FOR) -> int:
    """Remove copies made longer ago; return how many. Runs daily. What is asked for again is made again."""
    limit = (time.time() - older_than) * 1e9
    old = [entry.name for entry in media().entries(FOLDER) if entry.modified < limit]
    for name in old:
        media().delete(name)
    return len(old)


def _make(source: str, target: str) -> None:
    with library.scratch() as half_made, media().at_hand(source) as path:
        with open(path, "rb") as file, open(half_made, "xb") as copy:
            for piece in pieces(file, path.stat().st_size):
                _write(file, copy, piece)
        media().keep({target: half_made})


def _write(file: BinaryIO, copy: BinaryIO, piece: Piece) -> None:
    if isinstance(piece, bytes):
        copy.write(piece)
        return
    at, left = piece
    file.seek(at)
    while left and (data := file.read(min(left, BLOCK))):
        copy.write(data)
        left -= len(data)


def pieces(file: BinaryIO, size: int) -> list[Piece]:
    """The file without what tells of it. Raises NotCopied for what is none of the kinds that are saved."""
    file.seek(0)
    head = file.read(12)
    try:
        if head.startswith(_PNG):
            return [_PNG, *_of_png(file, size)]
        if head.startswith(b"\xff\xd8\xff"):
            return [b"\xff\xd8", *_of_jpeg(file, size)]
        if head[:4] == b"RIFF" and head[8:] == b"WEBP":
            return _of_webp(file, size)
        if head[4:8] == b"ftyp":
            return list(_of_mp4(file, 0, size))
    except (struct.error, IndexError):
        pass
    raise NotCopied


def _of_png(file: BinaryIO, size: int) -> Iterator[Piece]:
    at, kind = len(_PNG), b""
    while kind != b"IEND" and at < size:
        file.seek(at)
        length, kind = struct.unpack(">I4s", file.read(8))
        if kind in _PNG_KEPT:
            yield at, length + 12
        at += length + 12


def _of_jpeg(file: BinaryIO, size: int) -> Iterator[Piece]:
    at = 2
    while at < size:
        file.seek(at)
        mark, marker, length = struct.unpack(">BBH", file.read(4))
        if mark != 0xFF:
            raise NotCopied
        if marker == 0xDA:  # the pixels, to the end
            yield at, size - at
            return
        if marker == 0xE1 and (turned := _turn(file.read(length - 2))):
            yield turned
        if marker not in _JPEG_DROPPED:
            yield at, length + 2
        at += length + 2


def _turn(exif: bytes) -> bytes:
    """An EXIF segment that says nothing but which way up a picture is; empty where it is upright."""
    order = {b"II": "<", b"MM": ">"}.get(exif[6:8], "")
    if not exif.startswith(b"Exif\x00\x00") or not order:
        return b""
    tiff = exif[6:]
    (begin,) = struct.unpack_from(f"{order}I", tiff, 4)
    (count,) = struct.unpack_from(f"{order}H", tiff, begin)
    for number in range(count):
        tag, _, _, value = struct.unpack_from(f"{order}HHIH", tiff, begin + 2 + 12 * number)
        if tag == 0x0112 and 2 <= value <= 8:
            body = b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01" + struct.pack(">HHIHHI", 0x0112, 3, 1, value, 0, 0)
            return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body
    return b""


def _of_webp(file: BinaryIO, size: int) -> list[Piece]:
    body: list[Piece] = []
    total, at = 4, 12
    while at + 8 <= size:
        file.seek(at)
        kind, length = struct.unpack("<4sI", file.read(8))
        whole = 8 + length + length % 2
        if kind == b"VP8X":
            data = bytearray(file.read(length))
            data[0] &= ~0x0C  # neither EXIF nor XMP
            body.append(struct.pack("<4sI", kind, length) + bytes(data) + b"\x00" * (length % 2))
        elif kind in _WEBP_KEPT:
            body.append((at, whole))
        total += whole if kind in _WEBP_KEPT else 0
        at += whole
    return [b"RIFF" + struct.pack("<I", total) + b"WEBP", *body]


def _of_mp4(file: BinaryIO, at: int, end: int) -> Iterator[Piece]:
    """The boxes as they are; those that tell something become empty ones of the same size, so that nothing moves."""
    while at + 8 <= end:
        file.seek(at)
        length, kind = struct.unpack(">I4s", file.read(8))
        header = 8
        if length == 1:
            (length,) = struct.unpack(">Q", file.read(8))
            header = 16
        length = length or end - at
        if length < header or at + length > end:
            raise NotCopied
        if kind in _MP4_TELLING:
            yield struct.pack(">I4sQ", 1, b"free", length) if header == 16 else struct.pack(">I4s", length, b"free")
            yield b"\x00" * (length - header)
        elif kind in _MP4_OPENED:
            yield at, header
            yield from _of_mp4(file, at + header, at + length)
        else:
            yield at, length
        at += length
