"""What is shown before something is done that is expensive, or that takes a prompt of its own."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from generations import forecast, kinds
from generations.actions import catalogue, costs, pressing
from generations.actions.offers import Offer, Offers
from generations.budget_notes import Notes, notes
from generations.lines.words import each_takes
from generations.models import Job, Lane
from midjourney import prompt as language
from midjourney.parameters import ASPECT_RATIOS
from midjourney.prompt import Problem

ZOOM = "1.8"


@dataclass(frozen=True)
class Step:
    """One of the jobs that will be queued, or has been: `made`."""

    words: str
    minutes: Decimal
    takes: str
    made: Job | None = None

    @property
    def cost(self) -> str:
        return " · ".join(filter(None, (costs.words(self.minutes), self.takes)))


@dataclass
class Ask:
    """A sheet that asks before a press. `choices` are buttons to choose from, where there are several."""

    job: Job
    offers: Offers
    position: int
    choices: list[Offer]
    chosen: str
    prompt: str = ""
    takes_prompt: bool = False
    problems: Sequence[Problem] = ()
    key: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def offer(self) -> Offer:
        return next((offer for offer in self.choices if offer.button.label == self.chosen), self.choices[0])

    @property
    def title(self) -> str:
        return "Change the prompt" if len(self.choices) > 1 else self.offer.name

    @property
    def is_zoom(self) -> bool:
        return self.offer.button.needs_prompt

    @property
    def is_video(self) -> bool:
        return self.offer.button.lane == Lane.VIDEO

    @cached_property
    def budget(self) -> Notes:
        return notes(self.job.owner, 1)

    @property
    def zoom(self) -> str:
        return language.to_form(language.parse(self.prompt)).zoom or ZOOM

    @property
    def ratios(self) -> list[str]:
        own = language.to_form(language.parse(self.prompt)).ar
        return list(dict.fromkeys(filter(None, (own, *ASPECT_RATIOS))))

    @property
    def ratio(self) -> str:
        return language.to_form(language.parse(self.prompt)).ar


def press(offers: Offers, label: str, position: int) -> Ask | None:
    """The sheet of one button; None where the job does not offer it."""
    offer = offers.find(label, position)
    if offer is None:
        return None
    text = zoom_prompt(offers.job) if offer.button.needs_prompt else offers.job.text
    takes = offer.button.needs_prompt or (offer.button.takes_prompt and bool(offers.remix))
    return Ask(offers.job, offers, position, [offer], label, text, takes)


def remix(offers: Offers, position: int) -> Ask | None:
    """The sheet that changes the prompt for one of the buttons that take one; None where none does."""
    groups = offers.of_picture(position) if position else []
    found = [offer for group in (*groups, *offers.of_job) for offer in group.offers if _takes_prompt(offer)]
    if not found:
        return None
    return Ask(offers.job, offers, position, found, found[0].button.label, offers.job.text, bool(offers.remix))


def _takes_prompt(offer: Offer) -> bool:
    return offer.button.takes_prompt and not offer.button.needs_mask  # a mask has an editor of its own


def zoom_prompt(job: Job) -> str:
    """The parent's prompt with a zoom to begin with, for Custom Zoom (useapi-v3.md §8.1)."""
    return language.update(job.text, zoom=language.to_form(language.parse(job.text)).zoom or ZOOM)


def steps(job: Job, position: int) -> list[Step]:
    """The two jobs that animate one picture of a grid."""
    pick, animate = f"U{position}", catalogue.ANIMATE[0]
    made = pressing.existing(job, pick)
    return [
        Step(f"Upscale picture {position}", Decimal(0), "" if made else _takes(pick), made),
        Step("Animate it: four short clips", costs.minutes(job, animate, Lane.VIDEO), _takes(animate)),
    ]


def _takes(label: str) -> str:
    return each_takes(forecast.span(kinds.of_button(label)))
