"""What the page of one job shows: every parameter with its name for people, and its history."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from accounts.models import User
from generations import family
from generations.cards import Card
from generations.explanations import describe_event
from generations.making import reel
from generations.models import Job, JobStatus
from midjourney import prompt as language
from midjourney.parameters import known_version, parameter

_LABELS = {
    "version": "Model",
    "speed": "Speed",
    "visibility": "Visibility",
    "image_urls": "Image prompts",
    "dimensions": "Dimensions",
}
TONES = {
    JobStatus.DONE: "good",
    JobStatus.REFUSED: "danger",
    JobStatus.FAILED: "danger",
    JobStatus.UNCERTAIN: "warn",
    JobStatus.RUNNING: "accent",
    JobStatus.SAVING: "accent",
}

WORTH_SAYING = timedelta(milliseconds=50)


@dataclass(frozen=True)
class Line:
    """A line of the timeline; `lasted` until the next one."""

    at: datetime
    text: str
    note: str
    who: str
    tone: str
    lasted: timedelta | None


def context(card: Card, user: User) -> dict:
    job = card.job
    return {
        "family": family.of(user, job),
        "facts": facts(job),
        "lines": timeline(job),
        "effective_prompt": effective_prompt(job),
        "reel": reel.of_job(job),
        "grids": [image for image in card.images if image.is_saved and image not in card.pictures],
    }


def facts(job: Job) -> list[tuple[str, str]]:
    """The parameters of a job as the panel names them, in the panel's order."""
    rows = [(_label(name), _worded(name, value)) for name, value in job.parameters.items()]
    if "ar" not in job.parameters:
        rows.insert(0, ("Aspect ratio", f"{job.ratio_width}:{job.ratio_height}"))
    if job.seed is not None and "seed" not in job.parameters:
        rows.append(("Seed", str(job.seed)))
    return rows


def _label(name: str) -> str:
    spec = parameter(name)
    return _LABELS.get(name) or (spec.label if spec else name.replace("_", " ").capitalize())


def _worded(name: str, value) -> str:
    if value is True:
        return "on"
    if name == "version":
        version = known_version(str(value))
        return version.label if version else str(value)
    return str(value).capitalize() if name in {"speed", "visibility", "motion"} else str(value)


def timeline(job: Job) -> list[Line]:
    events = list(job.events.select_related("actor"))
    ends = [later.at - earlier.at for earlier, later in pairwise(events)]
    return [
        Line(
            at=event.at,
            text=describe_event(event.code, event.get_status_display()),
            note=event.note,
            who=str(event.actor) if event.actor else "",
            tone=TONES.get(JobStatus(event.status), ""),
            lasted=ends[place] if place < len(ends) and ends[place] >= WORTH_SAYING else None,
        )
        for place, event in enumerate(events)
    ]


def effective_prompt(job: Job) -> str:
    """What the upstream made of the prompt, where its answer says so and it differs from what was sent."""
    response = job.upstream.get("response")
    content = response.get("content") if isinstance(response, dict) else ""
    parts = str(content or "").split("**")
    said = parts[1].strip() if len(parts) >= 3 else ""
    asked = language.normalise(job.text).text
    same = language.is_same_text(asked, language.normalise(said).text) or _without_pictures(asked) == _without_pictures(
        said
    )
    return "" if not said or same else said


def _without_pictures(text: str) -> str:
    """The text without addresses and references, which stand there as links of the service's own."""
    return " ".join(
        word for word in text.split() if "://" not in word and "[link]" not in word and not language.codes(word)
    )
