"""A video and its extensions, in order: each extension's file holds what went before and four seconds more."""

from dataclasses import dataclass

from django.db.models import Q

from generations.actions.catalogue import read
from generations.models import Image, Job, Lane

MOST_EXTENSIONS = 4  # useapi-v3.md §12: four seconds each, to about 21 s


@dataclass(frozen=True)
class Link:
    """A step of the chain: its job, what was done in it, and the clip that stands for it."""

    job: Job
    words: str
    clip: Image | None
    is_here: bool


@dataclass(frozen=True)
class Reel:
    """The chain that a job belongs to. `last` is the newest clip, which plays the whole; `left` extensions remain."""

    links: list[Link]
    last: Image | None
    left: int


def of_job(job: Job) -> Reel | None:
    """The chain of a video job; None for other jobs and for a video that was never extended. Two queries."""
    if job.lane != Lane.VIDEO:
        return None
    top = job.root_id or job.pk
    rows = Job.objects.filter(Q(pk=top) | Q(root=top), owner=job.owner_id, lane=Lane.VIDEO).order_by("pk")
    by_pk = {row.pk: row for row in rows.prefetch_related("images")}
    path = [by_pk[pk] for pk in _line(job, by_pk)]
    steps = [row for row in path if read(row.button, row.lane).group != "upscale"]  # picking a clip makes no new one
    if len(steps) < 2:
        return None
    links = [Link(row, _words(row, place), _clip(row, path), row.pk == job.pk) for place, row in enumerate(steps)]
    return Reel(links, links[-1].clip, max(0, MOST_EXTENSIONS - (len(steps) - 1)))


def _line(job: Job, by_pk: dict[int, Job]) -> list[int]:
    """The job, those it came from, and the newest line of those that came of it, oldest first."""
    line = [job.pk]
    while (parent := by_pk[line[0]].parent_id) in by_pk and parent is not None:
        line.insert(0, parent)
    while children := [pk for pk, row in by_pk.items() if row.parent_id == line[-1]]:
        line.append(children[-1])
    return line


def _words(job: Job, place: int) -> str:
    return "First clip" if place == 0 else f"{read(job.button, job.lane).title}, + 4 s"


def _clip(job: Job, path: list[Job]) -> Image | None:
    """The clip that was picked of this step, else its first."""
    clips = [image for image in job.images.all() if image.is_video and image.is_saved]
    picked = next((row.parent_position for row in path if row.parent_id == job.pk and row.parent_position), 0)
    return next((clip for clip in clips if clip.position == picked), clips[0] if clips else None)
