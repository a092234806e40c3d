"""Cutting a prompt into tokens: runs without whitespace, where a balanced brace group counts as one token.

Every pass is linear in the length of the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

WORD = re.compile(r"\S+")
_MARKS = re.compile(r"\\[{},]|[{}]")


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text and where it stands, in characters from 0; `end` is exclusive."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Braces:
    """The unescaped braces of a text: the outermost balanced pairs (end exclusive), and those without a partner."""

    groups: tuple[tuple[int, int], ...]
    unmatched: tuple[int, ...]


def braces(text: str) -> Braces:
    """Pair the unescaped braces of `text`."""
    opened: list[int] = []
    pairs: list[tuple[int, int]] = []
    unmatched: list[int] = []
    for mark in _MARKS.finditer(text):
        if mark[0] == "{":
            opened.append(mark.start())
        elif mark[0] == "}" and opened:
            start = opened.pop()
            while pairs and pairs[-1][0] > start:  # pairs inside this one
                pairs.pop()
            pairs.append((start, mark.end()))
        elif mark[0] == "}":
            unmatched.append(mark.start())
    return Braces(tuple(pairs), tuple(sorted(unmatched + opened)))


def has_group(text: str) -> bool:
    """Whether `text` holds a balanced brace group, which stands for several texts."""
    return "{" in text and bool(braces(text).groups)


def tokens(text: str) -> tuple[Token, ...]:
    """The tokens of `text` in order; whitespace inside a balanced group does not separate."""
    groups = iter(braces(text).groups if "{" in text else ())
    group = next(groups, None)
    found: list[Token] = []
    start = 0
    open_until = 0  # a token that reached into a group goes on at least until the group ends
    pending = False
    for word in WORD.finditer(text):
        if not pending:
            start = word.start()
        while group is not None and group[0] < word.end():
            open_until = group[1]
            group = next(groups, None)
        pending = word.end() < open_until
        if not pending:
            found.append(Token(text[start : word.end()], start, word.end()))
    return tuple(found)
