"""All results of a batch as one ZIP, streamed: neither in memory nor on disk as a whole."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.text import slugify
from zipstream import ZipStream

from generations import kinds
from generations.media.storages import media
from generations.models import Batch, Image, Job, Verb
from midjourney import prompt as language

CHUNK = 200  # jobs that are read at once
LONGEST_SLUG = 60  # characters; file systems count bytes, and a letter may be four of them
LISTING = "batch.csv"
COLUMNS = ("line", "prompt", "action", "state", "reason", "seed", "files", "missing", "job")


@dataclass(frozen=True)
class _Entry:
    """A job and the names that its pictures have in the archive."""

    job: Job
    files: list[tuple[str, Image]]


def archive(batch: Batch) -> Iterator[bytes]:
    """The bytes of a ZIP of every saved original, named by line and words, and a listing, batch.csv.

    A grid that only repeats its four pictures is left out. Pictures are stored as they are: they are compressed.
    """
    stream = ZipStream()
    for entry in _entries(batch):
        for name, image in entry.files:
            if _is_there(image):
                with media().at_hand(image.path) as path:
                    stream.add_path(path, name, recurse=False)
                    yield from stream.file()
    stream.add(_listing(batch), LISTING)
    yield from stream.finalize()


def archive_name(batch: Batch) -> str:
    """What to call the file, such as `harbour-studies.zip`."""
    return f"{_slug(batch.name) or 'batch'}.zip"


def _entries(batch: Batch) -> Iterator[_Entry]:
    """All jobs in the order of their lines, a few at a time."""
    order = list(Job.objects.filter(batch=batch.pk).order_by("batch_line", "pk").values_list("batch_line", "pk"))
    jobs_of = Counter(line for line, _ in order)
    digits = max(3, len(str(max((line or 0 for line, _ in order), default=0))))
    seen: Counter[int | None] = Counter()
    for at in range(0, len(order), CHUNK):
        pks = [pk for _, pk in order[at : at + CHUNK]]
        jobs = Job.objects.filter(pk__in=pks).defer("upstream").prefetch_related("images").in_bulk()
        for pk in pks:
            job = jobs[pk]
            seen[job.batch_line] += 1
            nth = f"-{seen[job.batch_line]:02d}" if jobs_of[job.batch_line] > 1 else ""
            yield _Entry(job, list(_named(job, f"{job.batch_line or 0:0{digits}d}{nth}")))


def _named(job: Job, number: str) -> Iterator[tuple[str, Image]]:
    words = language.parse(job.text).words
    slug = _slug(f"{words[:200]} {kinds.button_label(job.button)}") or "picture"
    for image in job.images.all():
        if image.is_saved and image.in_gallery:
            kind = "" if image.position else f"-{image.kind}"
            yield f"{number}-{slug}{kind}-{image.position or 1}.{image.extension}", image


def _slug(text: str) -> str:
    return slugify(text, allow_unicode=True)[:LONGEST_SLUG].strip("-_")


def _is_there(image: Image) -> bool:
    return media().exists(image.path)


def _listing(batch: Batch) -> Iterator[bytes]:
    """What became of every line, as CSV that a spreadsheet opens."""
    yield b"\xef\xbb\xbf" + _csv(COLUMNS)
    for entry in _entries(batch):
        job = entry.job
        there = [name for name, image in entry.files if _is_there(image)]
        missing = len(entry.files) - len(there)
        action = kinds.button_label(job.button) if job.verb == Verb.BUTTON else ""
        row = (
            job.batch_line,
            job.text,
            action,
            job.status,
            job.error_code,
            job.seed,
            " ".join(there),
            missing,
            job.ref,
        )
        yield _csv("" if cell is None else cell for cell in row)


def _csv(cells) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerow([_harmless(str(cell)) for cell in cells])
    return out.getvalue().encode()


def _harmless(cell: str) -> str:
    """A spreadsheet would run a cell that starts like a formula."""
    return f"'{cell}" if cell[:1] in {"=", "+", "-", "@", "\t", "\r"} else cell
