"""What a look at one file on the disk finds."""

import hashlib
from enum import Enum
from pathlib import Path

BLOCK = 1 << 20


class Finding(Enum):
    WHOLE = "whole"
    MISSING = "missing"
    DAMAGED = "damaged"


def look(path: Path, size: int, sha256: str, *, quick: bool = False) -> Finding:
    """Whether the file is there and is what was saved; a quick look compares the size only."""
    try:
        if path.stat().st_size != size:
            return Finding.DAMAGED
        if quick:
            return Finding.WHOLE
        return Finding.WHOLE if digest(path) == sha256 else Finding.DAMAGED
    except (FileNotFoundError, NotADirectoryError):
        return Finding.MISSING
    except OSError:
        return Finding.DAMAGED  # it is there, and the disk cannot read it


def digest(path: Path) -> str:
    """The file's SHA-256. Raises OSError."""
    found = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(BLOCK):
            found.update(block)
    return found.hexdigest()
