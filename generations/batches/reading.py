"""From what was written to numbered lines. Nothing is looked up and nothing stored."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Line:
    """A line that holds a prompt, with its own parameters in it. `problem` is why it cannot work, "" where it can."""

    number: int  # in the text, from 1
    text: str
    problem: str = ""


@dataclass(frozen=True)
class Reading:
    """All lines, and what is to be told about the text as a whole. With `problems` nothing can be drafted."""

    lines: tuple[Line, ...] = ()
    notices: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def decode(data: bytes, filename: str = "") -> str:
    """The text of an upload. Raises CannotDraft where it is not text in UTF-8 or too large."""
    raise NotImplementedError
