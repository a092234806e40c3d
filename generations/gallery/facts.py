"""What is copied from a job onto its pictures, so that they can be found without going through jobs."""

from typing import Any

from generations.actions import catalogue
from generations.gallery import words
from generations.models import Job, Lane, Origin, Verb
from midjourney import prompt as language

_ORIGINS = {
    "upscale": Origin.UPSCALE,
    "vary": Origin.VARIATION,
    "reroll": Origin.VARIATION,
    "zoom": Origin.ZOOM,
    "pan": Origin.ZOOM,
    "animate": Origin.VIDEO,
    "extend": Origin.VIDEO,
}
DEFAULTS = {"stylize": 100, "chaos": 0, "weird": 0}  # what the models take where a prompt says nothing
MOST = 32_767


def of_job(job: Job) -> dict[str, Any]:
    """The fields of `Image` that follow from the job that makes it."""
    parsed = language.parse(job.text)
    is_video = job.lane == Lane.VIDEO
    numbers = {name: None if is_video else _number(parsed.value(name), usual) for name, usual in DEFAULTS.items()}
    return {
        "family": job.root_id or job.pk,
        "made_by": origin(job),
        "model": "" if job.verb == Verb.BLEND or is_video else language.effective_version(parsed)[:12],
        "words": words.of_prompt(job.text),
        "seed": _seed(parsed.value("seed"), job.seed),
        **numbers,
    }


def origin(job: Job) -> str:
    """How its pictures come to be, in a word."""
    if job.lane == Lane.VIDEO:
        return Origin.VIDEO
    if job.verb == Verb.BLEND:
        return Origin.BLEND
    if job.verb != Verb.BUTTON:
        return Origin.IMAGINE
    return _ORIGINS.get(catalogue.read(job.button).group, Origin.VARIATION)


def _number(value: str, usual: int) -> int:
    return min(int(value), MOST) if value.isdecimal() else usual


def _seed(written: str, known: int | None) -> int | None:
    return int(written) if written.isdecimal() and len(written) < 12 else known
