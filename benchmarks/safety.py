"""The counts that must be 0 in every run: slots used beyond a limit, jobs paid twice, jobs lost, files not saved."""

import hashlib
from collections.abc import Iterable

from django.conf import settings

from benchmarks.figures import Figure
from benchmarks.record import Run
from benchmarks.studio import Studio
from generations.models import Image, Job, JobStatus

# A job that never reached the service may end as this; whatever else is not done has got lost here, where the service
# makes no faults.
NOT_LOST = {JobStatus.DONE, JobStatus.SAVING}


def check(studio: Studio, before: float | None = None) -> list[Figure]:
    """Compare the service's books with ours. `before`: only jobs that the service ended until then, else all."""
    stats, runs = studio.stats(), studio.runs()
    jobs = {str(job.ref): job for job in Job.objects.defer("upstream", "buttons", "parameters")}
    ended = [run for run in runs if before is None or run.ended < before]
    return [
        Figure("over_capacity", over_capacity(stats["peak"]) + sum(stats["full"].values()), most=0),
        Figure("duplicates", sum(paid - 1 for paid in stats["started_by_ref"].values()), most=0),
        Figure("lost", lost(ended, jobs, is_complete=before is None), most=0),
        Figure("unsaved", unsaved({jobs[run.ref].pk for run in ended if run.ref in jobs}), most=0),
    ]


def over_capacity(peak: dict) -> int:
    """Jobs beyond a channel's limit at the worst moment, over all channels and lanes."""
    return sum(max(0, found[lane] - most) for found in peak.values() for lane, most in found["limits"].items() if most)


def lost(runs: Iterable[Run], jobs: dict[str, Job], *, is_complete: bool) -> int:
    """Jobs that the service ran and that we do not know to have ended, or that we left without an end."""
    runs = list(runs)
    strange = sum(
        run.ref not in jobs or jobs[run.ref].remote_id != run.remote_id or jobs[run.ref].status not in NOT_LOST
        for run in runs
    )
    if not is_complete:
        return strange
    ran = {run.ref for run in runs}
    return strange + sum(
        job.status not in NOT_LOST and not (job.status == JobStatus.CANCELLED and not job.sent_at)
        for ref, job in jobs.items()
        if ref not in ran
    )


def unsaved(pks: set[int]) -> int:
    """Of these jobs, those whose pictures are not all on disk, whole and with the checksum that we noted."""
    good: dict[int, bool] = {}
    wanted = Image.objects.filter(job__in=Job.objects.filter(status=JobStatus.DONE))
    for job_id, path, digest, size in wanted.values_list("job_id", "path", "sha256", "bytes"):
        good[job_id] = good.get(job_id, True) and _is_whole(path, digest, size)
    return sum(not good.get(pk, False) for pk in pks)


def _is_whole(path: str, digest: str, size: int | None) -> bool:
    try:
        content = (settings.MEDIA_ROOT / path).read_bytes()
    except OSError:
        return False
    return bool(path) and len(content) == size and hashlib.sha256(content).hexdigest() == digest
