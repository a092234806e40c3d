"""What people decide about a job: cancel, run again, say whether a lost one ran. Database only; the engine acts."""

from django.utils import timezone

from accounts.models import User
from generations.engine import outcomes, saving
from generations.enqueue import enqueue_again
from generations.models import Job, JobStatus, Prompt


def cancel(job: Job, actor: User) -> bool:
    """Cancel a waiting job at once; ask for a running one to be stopped. Returns False where it has ended."""
    for _ in range(3):  # the engine may move the job between looking and asking
        if job.move(JobStatus.CANCELLED, code="cancelled", actor=actor, only_if={"status": JobStatus.QUEUED}):
            return True
        if not job.can_cancel:
            return job.cancel_requested_at is not None and not job.is_final
        asked = {"status": job.status, "cancel_requested_at": None}
        if job.record(code="cancel_asked", actor=actor, only_if=asked, cancel_requested_at=timezone.now()):
            job.account.wake()
            return True
        job.refresh_from_db()
    return False


def retry(job: Job, actor: User) -> Prompt | None:
    """Queue the same prompt or button once more, where that is free; None where it is not. Raises CannotEnqueue.

    Asking twice makes one job.
    """
    if not job.retry_is_free:
        return None
    return enqueue_again(job, retry_key(job), actor).prompt


def retry_key(job: Job) -> str:
    """The idempotency key of trying a job again: one new job for each, from its page or from its batch."""
    return f"retry-{job.ref}"


def did_not_run(job: Job, actor: User) -> bool:
    """A person has looked: an uncertain job never started. It goes back to the queue; nothing was charged."""
    only_if = {"status": JobStatus.UNCERTAIN, "needs_person": True}
    if not outcomes.requeue(job, "person_says_not_run", only_if=only_if, actor=actor):
        return False
    job.account.wake()
    return True


def did_run(job: Job, actor: User) -> bool:
    """A person has looked: an uncertain job ran. It is closed without pictures, and its slot is free again."""
    return job.move(
        JobStatus.FAILED,
        code="person_says_ran",
        actor=actor,
        only_if={"status": JobStatus.UNCERTAIN, "needs_person": True},
        error_code="ran_untracked",
        error_text="",
        needs_person=False,
        ended_at=timezone.now(),
    )


def look_up(job: Job) -> bool:
    """Look an unfinished job up at its service now instead of at the next tick."""
    if job.is_final or job.status == JobStatus.QUEUED:
        return False
    job.account.wake()
    return True


def look_for_more(job: Job) -> bool:
    """Have the service asked for children of a finished job that another program made; False where it has none."""
    if job.status != JobStatus.DONE or not job.remote_id:
        return False
    saving.enqueue("look_for_more", job.pk)
    return True


def requeue_unsent(job: Job, actor: User) -> bool:
    """Put a claimed job back in the queue if it was certainly not sent."""
    return outcomes.requeue(
        job, "requeued", only_if={"status": JobStatus.SUBMITTING, "sent_at": None, "attempt": job.attempt}, actor=actor
    )


def save_again(job: Job) -> bool:
    """Try at once to fetch the files that are not safe yet."""
    return saving.save_again(job)
