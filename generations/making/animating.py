"""Queues a video for each of several pictures: all of them, or none where one cannot be."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from accounts.models import Account, User
from generations.enqueue import enqueue
from generations.making import film
from generations.models import Image, Job
from generations.references import intake
from midjourney import prompt as language

MOST = 40  # pictures of one press: a video costs about eight pictures


@dataclass(frozen=True)
class Motion:
    """What all of the videos have in common."""

    words: str = ""
    motion: str = "low"
    raw: bool = False
    bs: str = "1"

    def text(self, start: str) -> str:
        """The prompt of the video that begins with this picture."""
        return film.compose(start, self.words, motion=self.motion, raw=self.raw, bs=self.bs).text

    def minutes(self, count: int) -> Decimal:
        """About how many fast GPU minutes so many of them use up."""
        return count * language.gpu_minutes(language.parse(self.text("https://studio.invalid/start.png")))


def animate(
    owner: User, images: Sequence[Image], motion: Motion, *, account: Account | None = None, key: str = ""
) -> list[Job]:
    """Queue one video for each picture; with the same key again nothing new. Raises NotTaken, CannotEnqueue."""
    starts = [intake.take_image(owner, image) for image in images]
    jobs: list[Job] = []
    with transaction.atomic():
        for number, start in enumerate(starts):
            prompt = enqueue(owner, motion.text(start.token), account=account, key=f"{key}-{number}" if key else "")
            jobs += prompt.jobs.order_by("pk")
    return jobs
