"""Finds what hides behind the end of a picture: a file that is two things at once (a polyglot)."""

import struct

# What other programs would take the rest of the file for.
_SIGNS = (
    (b"PK\x03\x04", "a ZIP archive"), (b"PK\x05\x06", "a ZIP archive"), (b"%PDF", "a PDF"), (b"Rar!", "an archive"),
    (b"<script", "a script"), (b"<?php", "a program"), (b"<html", "a web page"), (b"<svg", "a drawing with scripts"),
    (b"\x7fELF", "a program"), (b"7z\xbc\xaf", "an archive"), (b"MZ\x90\x00", "a program"),
)  # fmt: skip


def hidden(content: bytes) -> str:
    """What stands behind the picture that `content` begins with, in words; "" where nothing does that matters.

    Behind a JPEG phones put previews and short films of their own; those are dropped with everything else.
    """
    end = _end(content)
    rest = content[end:] if end else b""
    if not rest.strip(b"\x00\r\n \xff"):
        return ""
    low = rest[:2_000_000].lower()
    for sign, words in _SIGNS:
        if sign.lower() in low:
            return words
    return "" if content.startswith(b"\xff\xd8") else "something else"


def _end(content: bytes) -> int:
    """Where the picture ends, in bytes; 0 where that cannot be told."""
    try:
        if content.startswith(b"\x89PNG\r\n\x1a\n"):
            return _png_end(content)
        if content.startswith(b"RIFF"):
            size = struct.unpack_from("<I", content, 4)[0]
            return 8 + size + size % 2
        return _jpeg_end(content) if content.startswith(b"\xff\xd8") else 0
    except (struct.error, IndexError, ValueError):
        return 0


def _png_end(content: bytes) -> int:
    """PNG specification §5.3: chunks of length, type, data, checksum; the last is IEND."""
    at = 8
    while True:
        length, kind = struct.unpack_from(">I4s", content, at)
        at += 12 + length
        if kind == b"IEND":
            return at


def _jpeg_end(content: bytes) -> int:
    """ITU T.81 annex B: segments up to the end marker; inside a scan, FF00 and FFD0 to FFD7 are data."""
    at = 2
    while True:
        while content[at] == 0xFF and content[at + 1] == 0xFF:
            at += 1
        marker = content[at + 1]
        if content[at] != 0xFF:
            return 0
        if marker == 0xD9:
            return at + 2
        at += 2 + struct.unpack_from(">H", content, at + 2)[0]
        if marker == 0xDA:
            at = _scan_end(content, at)


def _scan_end(content: bytes, at: int) -> int:
    while True:
        at = content.index(b"\xff", at)
        following = content[at + 1]
        if following != 0 and not 0xD0 <= following <= 0xD7 and following != 0xFF:
            return at
        at += 1 if following == 0xFF else 2
