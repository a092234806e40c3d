"""Chains of jobs: the next step waits in the queue, held, until the one before it has ended upstream.

Both are rows from the beginning, so nothing but the database has to survive a restart. Called inside the transaction
of the move, which holds the owner's feed.
"""

from typing import Any

from django.db import transaction
from django.utils import timezone

from generations.models.states import JobStatus

BROKEN = {JobStatus.REFUSED, JobStatus.FAILED, JobStatus.CANCELLED}


def tell_parent(job, to: JobStatus, value: int) -> None:
    """Have the parent's pages hear of a child that came to nothing: what it did may be offered there again."""
    if to in BROKEN and job.parent_id:
        type(job).objects.filter(pk=job.parent_id).update(change=value)


def advance(job, to: JobStatus, fields: dict[str, Any]) -> None:
    """Release the steps that wait for this job, or drop them: where it failed, or does not offer what they press."""
    if to != JobStatus.SAVING and to not in BROKEN:
        return
    for step in type(job).objects.filter(waits_for=job.pk, status=JobStatus.QUEUED, held=True).order_by("pk"):
        if to in BROKEN:
            step.move(JobStatus.CANCELLED, code="chain_broken", error_code="chain_broken")
        elif step.button not in fields.get("buttons", ()):
            step.move(JobStatus.CANCELLED, code="not_offered", error_code="not_offered")
        else:
            step.record(code="step_due", only_if={"held": True}, held=False, turn_at=timezone.now())
            transaction.on_commit(step.account.wake)
