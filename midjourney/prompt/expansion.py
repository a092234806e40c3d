"""Permutations `{a, b}` and `--repeat N`, turned into single prompts.

In Discord both start several jobs after a question that nobody could answer here, and the service follows one job per
request (useapi-v3.md §12), so they are expanded before anything is sent. `\\{`, `\\}` and, inside braces, `\\,` stand
for the characters themselves. An escaped brace stays escaped, since a bare one would start several jobs after all.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from midjourney.prompt.errors import Problem, PromptSyntaxError, TooManyPrompts
from midjourney.prompt.syntax import cut, parse
from midjourney.prompt.tokens import braces, has_group, tokens

EXPANSION_LIMIT = 500
"""How many prompts one text may stand for unless the caller says otherwise."""

T = TypeVar("T")

_PIECES = re.compile(r"\\[{},]|[{},]|(?:[^\\{},]|\\(?![{},]))+")
_REPEAT = re.compile(r"--r(?:epeat)?(?![a-z])", re.IGNORECASE)
_COUNT = re.compile(r"0*[1-9][0-9]{0,8}$")


def expand(text: str, limit: int = EXPANSION_LIMIT) -> tuple[str, ...]:
    """The single prompts that `text` stands for, the last braces varying fastest, repeats side by side.

    A text without braces and --repeat comes back as it is; in others whitespace is collapsed. Raises TooManyPrompts
    before anything is built, and PromptSyntaxError for unbalanced braces or a --repeat that makes no sense.
    """
    count = count_expanded(text)
    if count > limit:
        raise TooManyPrompts(count, limit)
    single, times = _without_repeat(text)
    if not has_group(single):
        return (single,) * times
    built = _fold(single, lambda literal: [literal], _stripped, list.__add__, _product)
    prompts = tuple(" ".join(prompt.split()) for prompt in built)
    if not all(map(is_single, prompts)):  # a --repeat put together out of pieces
        raise _repeat_in_braces(None)
    return tuple(prompt for prompt in prompts for _ in range(times))


def count_expanded(text: str) -> int:
    """How many prompts `expand` would make, without making them. Raises PromptSyntaxError as `expand` does."""
    problem = brace_problem(text)
    if problem:
        raise problem
    single, times = _without_repeat(text)
    if has_group(single):
        _refuse_repeat_in_braces(single)
    return times * _fold(single, lambda _: 1, int, int.__add__, int.__mul__)


def is_single(text: str) -> bool:
    """Whether `text` starts exactly one job, so that it may be sent as it is."""
    return not has_group(text) and not parse(text).has("repeat")


def brace_problem(text: str) -> PromptSyntaxError | None:
    """The first brace without a partner, as an error to raise or to show."""
    unmatched = braces(text).unmatched
    if not unmatched:
        return None
    at = unmatched[0]
    brace, partner = ("{", "}") if text[at] == "{" else ("}", "{")
    return PromptSyntaxError(
        f"The {brace} at character {at + 1} has no {partner}. Add it, or write \\{brace} for the character itself.",
        code="unbalanced_braces",
        position=at,
    )


def expansion_problem(text: str, limit: int = EXPANSION_LIMIT) -> Problem | None:
    """Why `text` cannot be expanded, as a problem to show; None where it can."""
    try:
        count = count_expanded(text)
    except PromptSyntaxError as error:
        return error.problem
    return TooManyPrompts(count, limit).problem if count > limit else None


def _fold(
    text: str,
    literal: Callable[[str], T],
    option: Callable[[T], T],
    add: Callable[[T, T], T],
    multiply: Callable[[T, T], T],
) -> T:
    """Reduce a text with balanced braces: options are added up, what stands in a row is multiplied.

    One function for counting and for building; a stack of its own instead of recursion, since braces may nest deeply.
    """
    outer: list[tuple[T | None, T]] = []
    options: T | None = None
    row, run = literal(""), ""
    for match in _PIECES.finditer(text):
        piece = match[0]
        if piece not in "{},":
            run += "," if piece == "\\," and outer else piece
            continue
        if piece == "," and not outer:
            run += piece
            continue
        row, run = multiply(row, literal(run)), ""
        if piece == "{":
            outer.append((options, row))
            options, row = None, literal("")
            continue
        options = option(row) if options is None else add(options, option(row))
        row = literal("")
        if piece == "}":
            group = options
            options, row = outer.pop()
            row = multiply(row, group)
    return multiply(row, literal(run))


def _stripped(texts: list[str]) -> list[str]:
    return [text.strip() for text in texts]


def _product(left: list[str], right: list[str]) -> list[str]:
    return [first + second for first in left for second in right]


def _without_repeat(text: str) -> tuple[str, int]:
    """The text without --repeat, and how often it is to run. The last --repeat counts, as with any parameter."""
    repeats = parse(text).all("repeat") if _REPEAT.search(text) else ()
    if not repeats:
        return text, 1
    last = repeats[-1]
    if last.stray or not _COUNT.match(last.value):
        raise PromptSyntaxError(
            f"--{last.alias} needs one whole number above 0. Write it as in --repeat 4.",
            code="bad_repeat",
            position=last.start,
            parameter="repeat",
        )
    for argument in reversed(repeats):
        text = cut(text, argument.start, argument.end)
    return text, int(last.value)


def _refuse_repeat_in_braces(text: str) -> None:
    for token in tokens(text):
        match = _REPEAT.search(token.text) if has_group(token.text) else None
        if match:
            raise _repeat_in_braces(token.start + match.start())


def _repeat_in_braces(position: int | None) -> PromptSyntaxError:
    return PromptSyntaxError(
        "--repeat stands inside braces. Put it after the braces, once.",
        code="repeat_in_braces",
        position=position,
        parameter="repeat",
    )
