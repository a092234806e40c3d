"""By what two prompts are known to be the same, however they were typed."""

import hashlib
import json
from collections.abc import Iterable

from midjourney import prompt as language

# They change when a picture comes and who sees it at Midjourney, not the picture.
NOT_OF_THE_PICTURE = {"fast", "relax", "turbo", "stealth", "public", "repeat"}


def of_prompt(text: str) -> str:
    """The fingerprint of a single prompt: its words, pictures and parameters, in whatever order those were written."""
    parsed = language.parse(text)
    parameters = sorted((each.name, *each.values) for each in parsed.parameters if each.name not in NOT_OF_THE_PICTURE)
    return _digest("prompt", " ".join(parsed.words.split()), list(parsed.image_urls), parameters)


def of_blend(codes: Iterable[str], dimensions: str) -> str:
    """The fingerprint of a blend: its pictures, by the codes of their references, in order."""
    return _digest("blend", list(codes), dimensions)


def _digest(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()
