"""“You already have this”: the same prompt, parameters and pictures that were asked for before."""

from collections.abc import Sequence
from dataclasses import dataclass

from generations import fingerprints
from generations.cards import pieces
from generations.models import Image, Job, JobStatus

MOST = 12  # single prompts that are looked up for one text
MOST_ROWS = 60


@dataclass(frozen=True)
class Already:
    """A job that would be made again, with the first of its pictures."""

    job: Job
    images: list[Image]

    @property
    def was_refused(self) -> bool:
        return self.job.status == JobStatus.REFUSED


def found(user, prompts: Sequence[str]) -> list[Already]:
    """The newest job of each prompt that this person may see: one read by index, two more where something is found."""
    wanted = {fingerprints.of_prompt(text) for text in prompts[:MOST]}
    if not wanted:
        return []
    rows = Job.objects.visible_to(user).filter(fingerprint__in=wanted).exclude(fingerprint="")
    rows = rows.exclude(status__in=[JobStatus.FAILED, JobStatus.CANCELLED]).defer("upstream").order_by("-pk")
    newest: dict[str, Job] = {}
    for job in rows.prefetch_related("images")[:MOST_ROWS]:
        known = newest.setdefault(job.fingerprint, job)
        if known.status == JobStatus.REFUSED and job.status != JobStatus.REFUSED:
            newest[job.fingerprint] = job
    return [
        Already(job, [image for image in pieces(job.images.all()) if image.is_saved][:4]) for job in newest.values()
    ]
