"""Changes to many waiting jobs of one person at once: a few statements instead of a few for each."""

from django.db import transaction
from django.utils import timezone

from generations.models.feed import Feed
from generations.models.job import Job, JobEvent, JobQuerySet
from generations.models.states import JobStatus

CHUNK = 500  # rows a statement, within what both databases take


def cancel_waiting(jobs: JobQuerySet, owner_id: int, *, code: str, actor=None) -> int:
    """Cancel those of one owner's jobs that still wait, with their events; return how many did."""
    with transaction.atomic():
        waiting = _lock(jobs, owner_id)
        now = timezone.now()
        fields = {"status": JobStatus.CANCELLED, "changed_at": now, "error_code": "", "error_text": ""}
        count = _update(waiting, owner_id, **fields)
        JobEvent.objects.bulk_create(
            (
                JobEvent(
                    job_id=pk, at=now, status=JobStatus.CANCELLED, previous=JobStatus.QUEUED, code=code, actor=actor
                )
                for pk in waiting
            ),
            batch_size=CHUNK,
        )
    return count


def change_waiting(jobs: JobQuerySet, owner_id: int, **fields) -> int:
    """Write the same values to those of one owner's jobs that still wait; return how many did."""
    with transaction.atomic():
        return _update(_lock(jobs, owner_id), owner_id, **fields)


def _lock(jobs: JobQuerySet, owner_id: int) -> list[int]:
    # The feed's row before the jobs', as Job.move takes them.
    Feed.next_value(owner_id)
    waiting = jobs.filter(owner=owner_id, status=JobStatus.QUEUED).order_by("pk").select_for_update(no_key=True)
    return list(waiting.values_list("pk", flat=True))


def _update(pks: list[int], owner_id: int, **fields) -> int:
    value = Feed.next_value(owner_id)
    return sum(
        Job.objects.filter(pk__in=pks[at : at + CHUNK], status=JobStatus.QUEUED).update(change=value, **fields)
        for at in range(0, len(pks), CHUNK)
    )
