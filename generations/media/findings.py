"""What a look at one file of the storage finds."""

import hashlib
from enum import Enum

from generations.media.errors import Unreachable
from generations.media.storages import media

BLOCK = 1 << 20


class Finding(Enum):
    WHOLE = "whole"
    MISSING = "missing"
    DAMAGED = "damaged"


def look(name: str, size: int, sha256: str, *, quick: bool = False) -> Finding:
    """Whether the file is there and is what was saved; a quick look compares the size only. Raises Unreachable."""
    try:
        if media().size(name) != size:
            return Finding.DAMAGED
        if quick:
            return Finding.WHOLE
        return Finding.WHOLE if digest(name) == sha256 else Finding.DAMAGED
    except Unreachable:
        raise
    except (FileNotFoundError, NotADirectoryError):
        return Finding.MISSING
    except OSError:
        return Finding.DAMAGED  # it is there, and the disk cannot read it


def digest(name: str) -> str:
    """The file's SHA-256. Raises OSError."""
    found = hashlib.sha256()
    with media().open(name) as file:
        while block := file.read(BLOCK):
            found.update(block)
    return found.hexdigest()
