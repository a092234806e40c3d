"""Turns what the upstream says of a job into its next state. Used by sending, polling, settling and by people."""

from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from generations.engine import findings, points, saving
from generations.models import Batch, BatchStatus, Job, JobStatus
from midjourney.upstream import JobReply

# useapi-v3.md §6.5: "moderated" is also how plain syntax errors come back.
SYNTAX_TITLES = ("invalid", "parameter", "unrecognized", "empty prompt", "could not", "link")
STOPPED = ("stopped",)  # post-moderation: it had begun
TAKEN_AWAY = ("deleted", "removed", "no longer available", "ephemeral")  # soft moderation: made, then taken away


def adopt(job: Job, reply: JobReply, *, code: str, only_if: dict | None = None, actor=None) -> bool:
    """Tie a job to the upstream job that it became, and take in what that answer already says.

    Returns False where somebody else was first, or where that upstream job belongs to another of our jobs.
    """
    fields: dict[str, Any] = {
        "remote_id": reply.job_id,
        "remote_created_at": reply.created,
        "accepted_at": timezone.now(),
        "looked_at": timezone.now(),
        "needs_person": False,
        "error_code": "",
        "error_text": "",
    }
    try:
        with transaction.atomic():
            moved = job.move(JobStatus.RUNNING, code=code, actor=actor, only_if=only_if, **fields)
            points.reached("adopt.moved")
    except IntegrityError:
        return False
    if moved:
        points.reached("adopt.committed")
        if reply.is_final or reply.progress is not None:
            take_in(job, reply)
    return moved


def take_in(job: Job, reply: JobReply) -> None:
    """Bring a running job up to date with what the upstream says of it."""
    if not reply.is_final:
        _note_progress(job, reply)
    elif reply.is_done:
        _complete(job, reply)
    elif reply.was_cancelled:
        job.move(
            JobStatus.CANCELLED, code="cancelled_upstream", ended_at=timezone.now(),
            upstream=dict(reply.raw), error_code="cancelled_upstream", error_text=reply.error[:1000],
        )  # fmt: skip
    elif reply.status == "moderated" or reply.code == 422:
        refuse(job, "", reply.error, reply.error_details, upstream=dict(reply.raw))
    else:
        fail(job, "timed_out" if reply.code == 504 else "failed_upstream", reply)


def _note_progress(job: Job, reply: JobReply) -> None:
    now = timezone.now()
    if reply.progress is not None and reply.progress != job.progress:
        job.touch(only_if={"status": JobStatus.RUNNING}, progress=min(100, reply.progress), looked_at=now)
    else:
        Job.objects.filter(pk=job.pk).update(looked_at=now)


def _complete(job: Job, reply: JobReply) -> None:
    now = timezone.now()
    with transaction.atomic():
        moved = job.move(
            JobStatus.SAVING,
            code="completed",
            progress=100,
            ended_at=now,
            save_due_at=now,
            upstream=dict(reply.raw),
            buttons=list(reply.buttons),
            seed=reply.seed if reply.seed is not None else job.seed,
            suggestions=list(reply.suggestions),
        )
        if moved:
            points.reached("complete.moved")
            findings.keep(job, reply)
            saving.expect_images(job, reply)
            points.reached("complete.expected")
    if moved:
        points.reached("complete.committed")
        if job.verb in saving.MAKES_PICTURES:
            saving.save_later()
        else:
            saving.conclude(job)


def requeue(job: Job, code: str, note: str = "", *, only_if: dict | None = None, actor=None) -> bool:
    """Put a job that was certainly not sent back to where it waited.

    The code stays on the job, so that its card can say why it waits.
    """
    with transaction.atomic():
        moved = job.move(
            JobStatus.QUEUED, code=code, note=note, actor=actor, only_if=only_if, sent_at=None, reserved_at=None,
            lost_at=None, needs_person=False, error_code=code, error_text=note[:1000],
        )  # fmt: skip
        points.reached("requeue.moved")
        if moved:
            job.refresh_from_db(fields=["cancel_requested_at"])
            if job.cancel_requested_at:
                job.move(JobStatus.CANCELLED, code="cancelled")
            elif job.batch_id:
                _rest_with_batch(job, job.batch_id)
    return moved


def _rest_with_batch(job: Job, batch_id: int) -> None:
    """A job that comes back to the queue waits with its paused batch, and is dropped with its stopped one.

    The move holds the owner's feed: whoever pauses or resumes the batch changes its jobs before this, or after it.
    """
    status = Batch.objects.filter(pk=batch_id).values_list("status", flat=True).get()
    if status == BatchStatus.STOPPED:
        job.move(JobStatus.CANCELLED, code="batch_stopped")
    else:
        Job.objects.filter(pk=job.pk, status=JobStatus.QUEUED).update(held=status == BatchStatus.PAUSED)


def refuse(job: Job, code: str, title: str, details: str, *, only_if: dict | None = None, upstream: dict | None = None):
    """The upstream will not make this: moderated, or a request that it cannot read."""
    text = ": ".join(part for part in (title, details) if part)
    if code in {"", "refused"}:
        code = _refusal(text.lower(), is_refused=code == "refused")
    fields = {} if upstream is None else {"upstream": upstream}
    return job.move(
        JobStatus.REFUSED, code=code, note=text, only_if=only_if, ended_at=timezone.now(),
        error_code=code, error_text=text[:1000], **fields,
    )  # fmt: skip


def _refusal(text: str, *, is_refused: bool) -> str:
    """Which of the moderation cases it is (useapi-v3.md §10), by the service's own words; most are not documented."""
    if is_refused or any(word in text for word in SYNTAX_TITLES):
        return "invalid_prompt"
    if any(word in text for word in STOPPED):
        return "moderated_stopped"
    return "moderated_gone" if any(word in text for word in TAKEN_AWAY) else "moderated"


def fail(job: Job, code: str, reply: JobReply | None = None, *, note: str = "") -> bool:
    """The upstream gave up on it, or no longer knows it."""
    text = ": ".join(part for part in (reply.error, reply.error_details) if part) if reply else note
    fields = {} if reply is None else {"upstream": dict(reply.raw)}
    return job.move(
        JobStatus.FAILED, code=code, note=text, ended_at=timezone.now(),
        error_code=code, error_text=text[:1000], **fields,
    )  # fmt: skip
