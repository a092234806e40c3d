"""The prompt language: read, mend, check, expand and change a prompt.

The way of a prompt: `normalise` what a person typed, `expand` it into single prompts, `check` each of them, send it.
`review` does all of that at once.
"""

from __future__ import annotations

from midjourney.prompt.checks import MAX_LENGTH, Plan, check
from midjourney.prompt.errors import Level, Problem, PromptSyntaxError, TooManyPrompts
from midjourney.prompt.expansion import EXPANSION_LIMIT, count_expanded, expand, expansion_problem, is_single
from midjourney.prompt.forms import DEFAULT_PROFILE, FormValues, from_form, to_form, update
from midjourney.prompt.mending import Normalised, Notice, normalise
from midjourney.prompt.reading import (
    Speed,
    aspect_ratio,
    effective_version,
    gpu_minutes,
    lane,
    relative_cost,
    speed,
    stated_version,
    summary,
)
from midjourney.prompt.references import Reference, codes, is_same_text, references, with_addresses
from midjourney.prompt.reviewing import Review, review
from midjourney.prompt.syntax import Argument, Part, Prompt, build, parse

__all__ = [
    "DEFAULT_PROFILE",
    "EXPANSION_LIMIT",
    "MAX_LENGTH",
    "Argument",
    "FormValues",
    "Level",
    "Normalised",
    "Notice",
    "Part",
    "Plan",
    "Problem",
    "Prompt",
    "PromptSyntaxError",
    "Reference",
    "Review",
    "Speed",
    "TooManyPrompts",
    "aspect_ratio",
    "build",
    "check",
    "codes",
    "count_expanded",
    "effective_version",
    "expand",
    "expansion_problem",
    "from_form",
    "gpu_minutes",
    "is_same_text",
    "is_single",
    "lane",
    "normalise",
    "parse",
    "references",
    "relative_cost",
    "review",
    "speed",
    "stated_version",
    "summary",
    "to_form",
    "update",
    "with_addresses",
]
