"""Cutting a prompt into tokens: runs without whitespace, where a balanced brace group counts as one token.

Every pass is linear in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

WORD = re.compile(r"\S+")
_MARKS = re.compile(r"\\[{},]|[{}]")


class Token(NamedTuple):
    """A piece of the text and where it stands, in characters from 0; `end` is exclusive."""

    text: str
    start: int
    end: int


class Braces(NamedTuple):
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
    return tuple(each_token(text, braces(text).groups if "{" in text else ()))


def each_token(text: str, groups: tuple[tuple[int, int], ...], start: int = 0) -> Iterator[Token]:
    """The tokens one by one, from `start`, which is outside the `groups` of the text."""
    ahead = iter(groups)
    group = next(ahead, None)
    first = -1  # where the token that is being put together starts, -1 between tokens
    reach = start  # a token that touches a group goes on at least until the group ends
    for word in WORD.finditer(text, start):
        at, end = word.span()
        first = at if first < 0 else first
        while group is not None and group[0] < end:
            reach = max(reach, group[1])
            group = next(ahead, None)
        if end >= reach:
            yield Token(text[first:end], first, end)
            first = -1
