"""About how many fast GPU minutes an action uses up."""

from collections.abc import Iterable
from decimal import Decimal

from generations import kinds
from generations.models import Job, JobStatus, Lane, Verb
from midjourney import prompt as language
from midjourney.parameters import COST


def minutes(parent: Job, button: str, lane: str) -> Decimal:
    """Picking one of four costs none; a video about eight times a grid (useapi-v3.md §12)."""
    if kinds.of_button(button) == "pick":
        return Decimal(0)
    factor = {"relax": COST.relax, "turbo": COST.turbo}.get(language.speed(language.parse(parent.text)), Decimal(1))
    return (COST.video if lane == Lane.VIDEO else Decimal(1)) * COST.minutes_per_grid * factor


def words(gpu: Decimal) -> str:
    """`no fast GPU minutes`, `about 1 GPU minute`, `about 8 GPU minutes`."""
    if not gpu:
        return "no fast GPU minutes"
    figure = f"{gpu:.1f}".rstrip("0").rstrip(".")
    return f"about {figure} GPU minute{'' if figure == '1' else 's'}"


def together(jobs: Iterable[Job]) -> Decimal:
    """About how many minutes jobs have used up that were accepted, by what each is."""
    return sum((_used(job) for job in jobs if job.remote_id and job.status != JobStatus.REFUSED), Decimal(0))


def _used(job: Job) -> Decimal:
    if job.verb == Verb.BUTTON:
        return minutes(job, job.button, job.lane)  # it has its parent's text, and with that the speed
    if job.verb == Verb.IMAGINE:
        return language.gpu_minutes(language.parse(job.text))
    return COST.minutes_per_grid if job.verb == Verb.BLEND else Decimal(0)
