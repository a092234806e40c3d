"""From what was written to numbered lines. Nothing is looked up and nothing stored."""

import re
from dataclasses import dataclass

from generations.batches.errors import CannotDraft

MOST_LINES = 10_000  # final prompts or actions in one batch
MOST_BYTES = 4 * 1024 * 1024  # of everything written for one batch, in UTF-8

_LINE_END = re.compile(r"\r\n|\r|\n")
TABLES = (".csv", ".tsv", ".tab")


@dataclass(frozen=True)
class Line:
    """A line that holds a prompt, with its own parameters in it. `problem` is why it cannot work, "" where it can.

    `without` names parameters that the shared ones must not add: the line says no to them.
    """

    number: int  # in the text, from 1
    text: str
    problem: str = ""
    without: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Reading:
    """All lines, and what is to be told about the text as a whole. With `problems` nothing can be drafted."""

    lines: tuple[Line, ...] = ()
    notices: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def decode(data: bytes, filename: str = "") -> str:
    """The text of an upload. Raises CannotDraft where it is not text in UTF-8 or too large."""
    name = filename or "The file"
    if len(data) > MOST_BYTES:
        raise CannotDraft(f"{name} is larger than {MOST_BYTES // 1024 // 1024} MB. Split it into several batches.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CannotDraft(
            f"{name} is not text in UTF-8: line {line} cannot be read. Save it as UTF-8, in a spreadsheet as "
            "“CSV UTF-8”, and try again."
        ) from None


def is_table(filename: str) -> bool:
    """Whether a file of this name is read as a table with a header."""
    return filename.lower().endswith(TABLES)


def read_lines(text: str) -> Reading:
    """One prompt a line; empty lines and those that start with # are skipped."""
    found = tuple(Line(number, line) for number, line in numbered(text) if line and not line.startswith("#"))
    return Reading(found) if found else Reading(problems=("There is no prompt in this text. Write one a line.",))


def numbered(text: str) -> list[tuple[int, str]]:
    """All lines, stripped, with their numbers from 1."""
    return [(number, line.strip()) for number, line in enumerate(_LINE_END.split(text.lstrip("\ufeff")), start=1)]
