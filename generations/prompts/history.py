"""What a member wrote, newest first, found by its words."""

from dataclasses import dataclass, field

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from generations.cards import pieces
from generations.models import Image, Job, Prompt, Verb

PAGE = 30
MOST_WORDS = 8  # of a search
RECENT = 12


@dataclass
class Entry:
    """A prompt of the history. `times` counts how often the same text stands on this page."""

    prompt: Prompt
    job: Job | None
    image: Image | None
    jobs: int
    times: int = 1


@dataclass(frozen=True)
class HistoryPage:
    entries: list[Entry] = field(default_factory=list)
    older: int | None = None  # the key of the next page


def written_by(user) -> QuerySet[Prompt]:
    """The prompts that this person wrote: not buttons, not batches, not what only reads something."""
    wrote = Job.objects.filter(prompt=OuterRef("pk"), verb=Verb.IMAGINE, batch=None)
    return Prompt.objects.visible_to(user).filter(Exists(wrote))


def page(
    user, *, search: str = "", favourites: bool = False, before: int | None = None, size: int = PAGE
) -> HistoryPage:
    """A page of the history: four queries. Every word of the search has to stand in the text, in any case."""
    rows = written_by(user)
    for word in search.split()[:MOST_WORDS]:
        rows = rows.filter(text__icontains=word)
    if favourites:
        rows = rows.filter(favourite_at__isnull=False)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    jobs = Job.objects.defer("upstream").order_by("pk").prefetch_related("images")
    found = list(rows.order_by("-pk").prefetch_related(Prefetch("jobs", jobs))[: size + 1])
    older = found[size - 1].pk if len(found) > size else None
    return HistoryPage(_folded(found[:size]), older)


def _folded(prompts: list[Prompt]) -> list[Entry]:
    """One entry for each text of the page; what was marked as a favourite stands for the others."""
    entries: dict[str, Entry] = {}
    for prompt in prompts:
        known = entries.get(prompt.text)
        jobs = list(prompt.jobs.all())
        image = next((image for job in jobs for image in pieces(job.images.all()) if image.is_saved), None)
        if known is not None:
            known.times += 1
            if known.image is None and image is not None:
                known.image, known.job = image, jobs[0]
            if prompt.favourite_at and not known.prompt.favourite_at:
                known.prompt = prompt
            continue
        entries[prompt.text] = Entry(prompt, jobs[0] if jobs else None, image, len(jobs))
    return list(entries.values())
