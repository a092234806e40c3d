"""References in a prompt: pictures that are kept elsewhere and written as `ref:9f3a61c2`, in place of an address.

They stand wherever an address may stand. Before a prompt is sent each is replaced by the address of its picture.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from midjourney.prompt.syntax import REFERENCE_TOKEN, Prompt, parse

_TOKEN = re.compile(rf"(?<![^\s<]){REFERENCE_TOKEN}(?=$|[\s>,]|::)", re.IGNORECASE)
_ROLES = {"sref": "style", "cref": "character", "oref": "omni", "edit": "edit", "end": "end"}


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference where it stands: its code, and the name of the role that its place gives it (`parameters.Role`)."""

    code: str
    role: str


def references(prompt: Prompt | str) -> tuple[Reference, ...]:
    """The references of a prompt in the order in which they stand there, each place once."""
    prompt = parse(prompt) if isinstance(prompt, str) else prompt
    first = "start" if prompt.has("video") else "image"
    found = [Reference(code, first) for url in prompt.image_urls for code in codes(url)]
    for argument in prompt.parameters:
        role = _ROLES.get(argument.name)
        if role:
            found += [Reference(code, role) for code in codes(argument.value)]
    return tuple(found)


def codes(text: str) -> tuple[str, ...]:
    """The codes of all references anywhere in a text, in order."""
    return tuple(match[1].lower() for match in _TOKEN.finditer(text))


def with_addresses(text: str, address_of: Callable[[str], str]) -> str:
    """The text with the address of its picture in place of each reference; `address_of` gets the code."""
    return _TOKEN.sub(lambda match: address_of(match[1].lower()), text)


def is_same_text(text: str, sent: str) -> bool:
    """Whether `sent` is `text` with some address in place of each reference."""
    own, other = text.split(), sent.split()
    return len(own) == len(other) and all(
        one == two or (bool(codes(one)) and "://" in two) for one, two in zip(own, other, strict=True)
    )
