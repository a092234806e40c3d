"""What a text would send, said before anything is sent."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal

from generations import forecast, kinds, panel
from generations.budget_notes import Notes
from generations.enqueue import review
from generations.lines.words import each_takes
from generations.prompts.already import Already
from generations.references.chips import Chip
from midjourney import prompt as language
from midjourney.parameters import Role, reference_roles
from midjourney.prompt import Problem, Review

MOST_SHOWN = 6  # single prompts that are listed; the rest is folded away


@dataclass(frozen=True)
class Preview:
    """A checked text with its panel. `text` is what stands in the box, `problems` include those of the request."""

    text: str
    review: Review
    problems: tuple[Problem, ...]
    controls: dict[str, panel.Control] = field(default_factory=dict)
    free: int | None = None  # slots free right now on the account that would be used
    budget: Notes = field(default_factory=Notes)
    chips: list[Chip] = field(default_factory=list)
    already: list[Already] = field(default_factory=list)

    @property
    def is_blank(self) -> bool:
        return not self.text.strip()

    @property
    def errors(self) -> list[Problem]:
        return [problem for problem in self.problems if problem.is_error]

    @property
    def warnings(self) -> list[Problem]:
        return [problem for problem in self.problems if not problem.is_error]

    @property
    def roles(self) -> tuple[Role, ...]:
        """What a picture could be used for with this text's version."""
        parsed = language.parse(self.text)
        return reference_roles(language.effective_version(parsed), video=parsed.has("video"))

    @property
    def is_sent_as_written(self) -> bool:
        return self.review.prompts == (self.text.strip(),)

    @property
    def first_prompts(self) -> tuple[str, ...]:
        return self.review.prompts[:MOST_SHOWN]

    @property
    def other_prompts(self) -> tuple[str, ...]:
        return self.review.prompts[MOST_SHOWN:]

    @property
    def minutes(self) -> Decimal | None:
        """About how many fast GPU minutes all of it uses; None where nothing can be sent."""
        if not self.review.prompts or self.errors:
            return None
        counted = Counter(self.review.prompts)
        return sum((language.gpu_minutes(language.parse(text)) * n for text, n in counted.items()), Decimal(0))

    @property
    def takes(self) -> str:
        """How long each job is expected to take, in words; "" where too little is known or they differ too much."""
        parsed = [language.parse(text) for text in set(self.review.prompts)]
        found = {kinds.of_prompt(each) for each in parsed}
        return each_takes(forecast.span(found.pop())) if len(found) == 1 else ""

    @property
    def data(self) -> str:
        return json.dumps(panel.as_data(self.controls))

    @property
    def shown(self) -> str:
        """The panel's values as they are shown, so that a form without script can tell which ones were changed."""
        return json.dumps({name: control.value for name, control in self.controls.items() if control.value})


def preview(text: str, problems: tuple[Problem, ...] = (), free: int | None = None) -> Preview:
    """Check a text; `problems` are told besides what is found. A text that holds nothing yet is no error."""
    reviewed = review(text)
    found = () if not text.strip() else reviewed.problems
    every = tuple(dict.fromkeys((*problems, *found)))
    return Preview(
        text=text,
        review=reviewed,
        problems=tuple(sorted(every, key=lambda problem: not problem.is_error)),
        controls=panel.controls(reviewed.text),
        free=free,
    )
