"""What must hold whatever died: compares the studio's books, slots and files with what the simulator knows.

The simulator is the judge in matters of money: a payment is a job that it began to make.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
from django.db.models import Sum
from PIL import Image as Pillow

from accounts.models import Channel
from generations.engine.capacity import channels_use
from generations.media import library
from generations.models import FINAL, HOLDS_SLOT, Image, Job, JobStatus, Lane, Spend

S = JobStatus
PIECES = {Lane.IMAGE: ("single", 4), Lane.VIDEO: ("video", 4)}  # what every finished job of the run has made


@dataclass
class Verdict:
    """Counts by name, and one line for each promise that was broken."""

    counts: dict[str, Any] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)

    def note(self, **counts: Any) -> None:
        self.counts |= counts

    def zero(self, name: str, offenders: Iterable[Any], says: str) -> None:
        """Count what should not be; a promise is broken where there is any."""
        found = list(offenders)
        self.counts[name] = len(found)
        if found:
            self.broken.append(f"{name}: {says}: {', '.join(map(str, found[:5]))}{' …' if len(found) > 5 else ''}")

    def equal(self, name: str, found: Any, wanted: Any) -> None:
        self.counts[name] = found
        if found != wanted:
            self.broken.append(f"{name}: {found}, where {wanted} was promised")


def settled() -> bool:
    """Whether every job is final or waits for a person."""
    return not Job.objects.exclude(status__in=FINAL).exclude(status=S.UNCERTAIN, needs_person=True).exists()


def judge(stats: dict[str, Any], expected: int) -> Verdict:
    """Compare a settled studio with the simulator's `stats`, after `expected` jobs were asked for."""
    verdict = Verdict()
    jobs = list(Job.objects.order_by("pk"))
    _ends(verdict, jobs, expected)
    _money(verdict, jobs, stats)
    _slots(verdict, jobs, stats)
    _files(verdict, [job for job in jobs if job.status == S.DONE])
    return verdict


def answer_as_a_person(ask: Callable[[], dict[str, Any]], tell: Callable[[Job, bool], bool]) -> dict[str, int]:
    """Answer for every job that waits for a person, truly: `tell(job, did_run)`. Returns how many of each.

    The simulator's stats are asked for after the jobs were read, so that they know all that these jobs became.
    """
    answers: Counter[str] = Counter()
    jobs = list(Job.objects.filter(status=S.UNCERTAIN, needs_person=True).select_related("account", "owner"))
    paid = ask()["paid_by_ref"] if jobs else {}
    for job in jobs:
        did_run = str(job.ref) in paid
        if tell(job, did_run):
            answers["ran" if did_run else "did not run"] += 1
    return dict(answers)


# Every job has an end, or a reason


def _ends(verdict: Verdict, jobs: list[Job], expected: int) -> None:
    verdict.equal("jobs", len(jobs), expected)
    verdict.note(by_status=dict(Counter(str(job.status) for job in jobs)))
    waits = [job for job in jobs if job.status == S.UNCERTAIN and job.needs_person]
    verdict.note(waiting_for_a_person=len(waits))
    verdict.zero(
        "lost", [job for job in jobs if job.status not in FINAL and job not in waits], "neither final nor in question"
    )
    needs_reason = {S.UNCERTAIN, S.FAILED, S.REFUSED}
    verdict.zero(
        "without_reason", [job for job in jobs if job.status in needs_reason and not job.error_code], "says no reason"
    )


# Money: `counted_on` is set while a job counts as one that costs


def _money(verdict: Verdict, jobs: list[Job], stats: dict[str, Any]) -> None:
    paid: dict[str, int] = stats["paid_by_ref"]
    by_ref = {str(job.ref): job for job in jobs}
    open_jobs = {ref for ref, job in by_ref.items() if job.status not in FINAL}
    counted = {ref for ref, job in by_ref.items() if job.status in FINAL and job.counted_on}
    verdict.note(
        paid=sum(paid.values()), counted_as_paid=len(counted), paid_and_in_question=len(open_jobs & paid.keys())
    )
    verdict.zero("paid_twice", [ref for ref, times in paid.items() if times > 1], "the simulator made it twice")
    verdict.zero("paid_for_nobody", paid.keys() - by_ref.keys(), "a payment without a job")
    verdict.zero(
        "paid_unknown", paid.keys() & by_ref.keys() - counted - open_jobs, "paid, and the books say it was free"
    )
    verdict.zero("counted_free", counted - paid.keys(), "free, and the books say it was paid")
    booked = Spend.objects.aggregate(total=Sum("jobs"))["total"] or 0
    held = sum(by_ref[ref].counted_on is not None for ref in open_jobs)
    verdict.equal("booked", booked, len(counted) + held)


# Slots


def _slots(verdict: Verdict, jobs: list[Job], stats: dict[str, Any]) -> None:
    over = [
        f"{channel} {lane or 'total'} {peak[lane]} of {peak['limits'][lane]}"
        for channel, peak in stats["peak"].items()
        for lane in ("total", "image", "video")
        if peak["limits"] and peak[lane] > peak["limits"][lane]
    ]
    verdict.zero("over_limit", over, "more jobs at once than the limit")
    verdict.note(most_at_once=sum(peak["total"] for peak in stats["peak"].values()))
    holds = Counter(job.channel_id for job in jobs if job.status in HOLDS_SLOT)
    questioned = Counter(job.channel_id for job in jobs if job.status == S.UNCERTAIN and job.needs_person)
    channels = Channel.objects.filter(removed_at=None)
    wrong = [
        f"{use.channel}: {use.free('')} free of {use.channel.max_jobs}"
        for use in channels_use(channels).values()
        if use.free("") != use.channel.max_jobs - questioned[use.channel.pk]
    ]
    verdict.note(slots_held=holds.total())
    verdict.zero("slots_leaked", wrong, "a slot is held for nothing")


# Files


def _files(verdict: Verdict, done: list[Job]) -> None:
    images = list(Image.objects.filter(job__in=[job.pk for job in done]))
    by_job: dict[int, list[Image]] = {}
    for image in images:
        by_job.setdefault(image.job_id, []).append(image)
    verdict.note(files=len(images), megabytes=round(sum(image.bytes or 0 for image in images) / 1e6, 1))
    verdict.zero("jobs_with_missing_files", [job for job in done if not _is_complete(job, by_job)], "files are missing")
    problems = {image.pk: problem for image in images if (problem := _problem(image))}
    verdict.zero("broken_files", [f"{pk} {problem}" for pk, problem in problems.items()], "not what the row says")
    known = {Path(image.path) for image in Image.objects.saved()}
    known |= {Path(name) for image in Image.objects.saved() for _, _, name in image.thumbnails}
    root = library.full_path("")
    there = {path.relative_to(root) for path in root.glob("[0-9a-f][0-9a-f]/*")}
    verdict.note(
        files_of_nobody=len(there - known), unfinished_files=sum(1 for _ in library.full_path(".incoming").glob("*"))
    )


def _is_complete(job: Job, by_job: dict[int, list[Image]]) -> bool:
    kind, count = PIECES[Lane(job.lane)]
    return sum(image.kind == kind and image.is_saved for image in by_job.get(job.pk, [])) == count


def _problem(image: Image) -> str:
    if not image.is_saved:
        return "not saved"
    path = library.full_path(image.path)
    try:
        content = path.read_bytes()
        if len(content) != image.bytes or hashlib.sha256(content).hexdigest() != image.sha256:
            return "checksum differs"
        _decode(path, image)
        for width, height, name in image.thumbnails:
            with Pillow.open(library.full_path(name)) as thumbnail:
                thumbnail.load()
                if thumbnail.size != (width, height):
                    return "thumbnail of another size"
    except (OSError, ValueError, SyntaxError, av.error.FFmpegError) as error:
        return type(error).__name__
    return ""


def _decode(path: Path, image: Image) -> None:
    """Decode all of it. Raises what Pillow and PyAV raise where that cannot be done."""
    if image.is_video:
        with av.open(str(path)) as container:
            if not sum(1 for _ in container.decode(video=0)):
                raise ValueError("a video without frames")
        return
    with Pillow.open(path) as picture:
        picture.load()
        if picture.size != (image.width, image.height):
            raise ValueError("a picture of another size")
