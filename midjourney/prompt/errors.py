"""What can be wrong with a prompt: problems to show beside it, and two errors for what cannot be expanded at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Problem:
    """A thing to tell the person who typed a prompt.

    An error cannot work and is not sent; a warning is sent if they want. `code` is a short symbol, `parameter` the
    canonical name or "", `message` two sentences: what is wrong with this input, and what to do.
    """

    level: Level
    code: str
    parameter: str
    message: str

    @property
    def is_error(self) -> bool:
        return self.level == "error"


class PromptSyntaxError(ValueError):
    """A prompt that cannot be expanded or changed. `position` is in characters from 0, None where there is none."""

    def __init__(self, message: str, *, code: str, position: int | None = None, parameter: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.position = position
        self.parameter = parameter

    @property
    def problem(self) -> Problem:
        return Problem("error", self.code, self.parameter, self.message)


class TooManyPrompts(PromptSyntaxError):
    """A prompt that stands for more single prompts than allowed. `count` is exact, however large."""

    def __init__(self, count: int, limit: int) -> None:
        shown = f"{count:,}" if count <= 1_000_000 else "more than a million"
        super().__init__(
            f"This makes {shown} prompts, and at most {limit:,} may be made at once. "
            "Take options out of the braces, or lower --repeat.",
            code="too_many_prompts",
        )
        self.count = count
        self.limit = limit
