"""Template tags of actions: what is offered for one picture, and small pictures."""

from dataclasses import dataclass

from django import template

from generations.actions.offers import Offer, OfferGroup, Offers
from generations.models import Image, Job
from generations.templatetags.jobs import addresses

register = template.Library()


@dataclass(frozen=True)
class Here:
    """What can be done with one picture: `quick` stands on the picture itself, `groups` holds everything."""

    quick: list[Offer]
    groups: list[OfferGroup]
    animates: bool
    heading: str
    problem: str

    @property
    def any(self) -> bool:
        return bool(self.groups)


@register.simple_tag
def offered(offers: Offers, position: int) -> Here:
    """What can be done with one picture, or with position 0 what concerns none in particular."""
    return Here(
        quick=offers.quick(position) if position else [],
        groups=offers.of_picture(position) if position else offers.of_job,
        animates=bool(position) and offers.can_animate(position),
        heading="Actions" if offers.is_lone or not position else f"Picture {position}",
        problem=offers.problem,
    )


@register.filter
def prices(groups: list[OfferGroup]) -> list[tuple[str, str]]:
    """What the buttons cost, each price once: "Upscale, Vary" and "about 1 GPU minute"."""
    found: dict[str, list[str]] = {}
    for group in groups:
        for cost in group.costs:
            found.setdefault(cost, []).append(group.label)
    return [(", ".join(names), cost) for cost, names in found.items()]


@register.filter
def smallest(image: Image) -> str:
    """The address of a picture's smallest thumbnail."""
    return addresses(image).small


@register.simple_tag
def picture_of(job: Job, position: int) -> Image | None:
    """The picture that an action is meant for, to show it; None where there is none. Load the job's images."""
    saved = [image for image in job.images.all() if image.thumbnails]
    return next((image for image in saved if image.position == position), saved[0] if len(saved) == 1 else None)
