"""What files are called at home: by a pattern such as `{date} {prompt} {number}`, safe on every system.

A name has at most 120 characters with its ending, no folder, nothing that Windows refuses, and no twin: names that
differ in case or in how accents are written count as the same.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from string import Formatter

from django.utils import timezone

from generations.models import Image
from midjourney import prompt as language

LONGEST = 120  # characters, with the ending
MOST_BYTES = 240  # file systems count these, up to 255
LONGEST_WORDS = 80  # characters that a prompt takes of it
LONGEST_ENDING = 5  # of .jpeg, .webp and .json
DEFAULT = "{date} {prompt} {number}"

_REFUSED = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]')
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{digit}" for port in ("com", "lpt") for digit in "123456789¹²³")}


class BadPattern(Exception):
    """The pattern cannot be used. The message says what is wrong with it and what to do."""


def _words(image: Image, number: str) -> str:
    return " ".join(language.parse(image.job.text[:2000]).words.split())[:LONGEST_WORDS].strip()


PLACEHOLDERS: dict[str, Callable[[Image, str], str]] = {
    "date": lambda image, number: timezone.localtime(image.created_at).strftime("%Y-%m-%d"),
    "time": lambda image, number: timezone.localtime(image.created_at).strftime("%H.%M.%S"),
    "prompt": _words,
    "seed": lambda image, number: "" if image.seed is None else str(image.seed),
    "model": lambda image, number: image.model,
    "number": lambda image, number: number,
    "job": lambda image, number: str(image.job.ref)[:8],
    "position": lambda image, number: str(image.position),
    "kind": lambda image, number: image.kind,
}
KNOWN = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)


def check(pattern: str) -> None:
    """Raises BadPattern unless names can be made by this pattern."""
    if not pattern.strip():
        raise BadPattern(f"Write what the files are to be called, such as {DEFAULT}.")
    if len(pattern) > LONGEST:
        raise BadPattern(f"The pattern has {len(pattern)} characters. Use at most {LONGEST}.")
    if found := _REFUSED.search(pattern):
        shown = found.group() if found.group().isprintable() else "a control character"
        raise BadPattern(f"File names cannot hold {shown} on every system. Leave it out.")
    for name in _fields(pattern):
        if name not in PLACEHOLDERS:
            raise BadPattern(f"There is nothing called {{{name}}}. There is {KNOWN}.")


def _fields(pattern: str) -> Iterator[str]:
    try:
        parts = list(Formatter().parse(pattern))
    except ValueError:
        raise BadPattern(f"A brace has no partner. Placeholders are written as in {DEFAULT}.") from None
    for _, name, form, conversion in parts:
        if name is not None:
            yield f"{name}{f'!{conversion}' if conversion else ''}{f':{form}' if form else ''}"


def stem(image: Image, pattern: str, number: str) -> str:
    """The name without its ending; needs the image's job. The pattern has been checked."""
    parts = []
    for text, name, _, _ in Formatter().parse(pattern):
        parts += [text, PLACEHOLDERS[name](image, number) if name else ""]
    return clean("".join(parts))


def clean(text: str) -> str:
    """A name for a file out of any text."""
    text = unicodedata.normalize("NFC", text)
    text = "".join(" " if _is_odd(letter) else letter for letter in text)
    text = _cut(" ".join(_REFUSED.sub(" ", text).split()))
    if text.split(".")[0].rstrip().casefold() in _RESERVED:
        text = _cut(f"_{text}")
    return text or "picture"


def _is_odd(letter: str) -> bool:
    """Control and format characters, halves of surrogates, and what is no character."""
    return unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def _cut(text: str, room: int = LONGEST - LONGEST_ENDING) -> str:
    """The beginning of a text that leaves room for an ending, in characters and in bytes."""
    text = text[:room].encode()[: room + MOST_BYTES - LONGEST].decode(errors="ignore")
    # Windows drops dots and blanks at the end; a dot or a dash in front hides a file or reads as an option.
    return text.strip(" .-")


class Names:
    """Gives each file of an archive a name of its own."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._last: dict[str, int] = {}

    def unique(self, wanted: str) -> str:
        """This stem, or the same with a number behind it where it is taken."""
        name, key = wanted, _folded(wanted)
        number = self._last.get(key, 1)
        while _folded(name) in self._taken:
            number += 1
            ending = f" ({number})"
            name = f"{_cut(wanted, LONGEST - LONGEST_ENDING - len(ending))}{ending}"
        if number > 1:
            self._last[key] = number
        self._taken.add(_folded(name))
        return name


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()
