"""About how many fast GPU minutes an action uses up."""

from decimal import Decimal

from generations import kinds
from generations.models import Job, Lane
from midjourney import prompt as language
from midjourney.parameters import COST


def minutes(parent: Job, button: str, lane: str) -> Decimal:
    """Picking one of four costs none; a video about eight times a grid (useapi-v3.md §12)."""
    if kinds.of_button(button) == "pick":
        return Decimal(0)
    factor = {"relax": COST.relax, "turbo": COST.turbo}.get(language.speed(language.parse(parent.text)), Decimal(1))
    return (COST.video if lane == Lane.VIDEO else Decimal(1)) * COST.minutes_per_grid * factor
