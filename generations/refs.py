"""The names of rows in addresses and forms, as somebody sends them."""

import uuid
from collections.abc import Iterable


def read(text: str) -> uuid.UUID | None:
    """The ref that a text is, as pages write them; None for anything else."""
    try:
        found = uuid.UUID(text)
    except ValueError:
        return None
    return found if str(found) == text.lower() else None


def known(texts: Iterable[str]) -> list[uuid.UUID]:
    """Those of the texts that are refs, each once, in order."""
    return list(dict.fromkeys(ref for text in texts if (ref := read(text))))
