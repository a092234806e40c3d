"""All that a page wants to know about a text while it is being typed, in one call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from midjourney.prompt.checks import Plan, check
from midjourney.prompt.errors import Problem
from midjourney.prompt.expansion import EXPANSION_LIMIT, count_expanded, expand, expansion_problem
from midjourney.prompt.mending import Notice, normalise
from midjourney.prompt.syntax import parse


@dataclass(frozen=True, slots=True)
class Review:
    """`text` is mended, `prompts` the single prompts to send (none where it cannot be expanded), `count` how many."""

    text: str
    notices: tuple[Notice, ...]
    prompts: tuple[str, ...]
    count: int
    problems: tuple[Problem, ...]

    @property
    def can_be_sent(self) -> bool:
        return bool(self.prompts) and not any(problem.is_error for problem in self.problems)


def review(
    text: str, version: str = "", *, plan: Plan = "", limit: int = EXPANSION_LIMIT, today: date | None = None
) -> Review:
    """Mend, expand and check a text. A problem that several of its prompts share is told once."""
    mended = normalise(text, version)
    problem = expansion_problem(mended.text, limit)
    if problem:
        count = 0 if problem.code != "too_many_prompts" else count_expanded(mended.text)
        return Review(mended.text, mended.notices, (), count, (problem,))
    prompts = expand(mended.text, limit)
    found = (
        each for prompt in dict.fromkeys(prompts) for each in check(parse(prompt), version, plan=plan, today=today)
    )
    problems = tuple(dict.fromkeys(found))
    problems = tuple(sorted(problems, key=lambda problem: not problem.is_error))
    return Review(mended.text, mended.notices, prompts, len(prompts), problems)
