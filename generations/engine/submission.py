"""Sends a claimed job to the upstream and records how that went. No lock is held while the network is."""

import logging
import time
from datetime import timedelta

from django.utils import timezone

from accounts import syncing, telling
from accounts.models import Channel
from generations.engine import breaker, building, outcomes, points, saving, shutdown, threads
from generations.engine.threads import Flow
from generations.engine.timing import Timing
from generations.models import Job, JobStatus
from midjourney.upstream import (
    BadToken,
    Busy,
    ChannelBlocked,
    Gone,
    JobReply,
    NoService,
    OutcomeUnknown,
    Refused,
    Unreachable,
    Upstream,
    UpstreamError,
)

logger = logging.getLogger(__name__)

SECONDS_TO_BEGIN = 2.0  # between writing down that a job is being sent and its first byte


def send(job: Job, upstream: Upstream, timing: Timing) -> None:
    """Send a job that this process claimed, once, and move it to where the answer puts it; waits for that."""
    threads.here(sending(job, upstream, timing))


def sending(job: Job, upstream: Upstream, timing: Timing) -> Flow:
    """The flow that sends a job; returns whether it runs, otherwise its slot may be free again."""
    points.reached("send.taken")
    if shutdown.is_asked():  # nothing has left yet, so it can wait for the next worker at no cost
        outcomes.requeue(job, "not_sent", only_if={"attempt": job.attempt, "sent_at": None})
        return False
    try:
        request = building.submission(job)
    except building.CannotBuild as error:  # a picture that it needs is not there, or cannot be reached
        outcomes.refuse(job, error.code, "", "", only_if={"attempt": job.attempt, "sent_at": None})
        return False
    deadline = time.monotonic() + SECONDS_TO_BEGIN
    if not _begin(job, timing):
        return False  # the reservation was too old, or somebody else has taken the job back
    points.reached("send.begun")
    try:
        reply = yield from threads.ask(upstream.submit, request, deadline=deadline)
    except UpstreamError as error:
        points.reached("send.answered")
        record_error(job, error, timing)
    except Exception:
        # A fault of ours after the request may have left: treat it like a lost answer, and tell the log.
        record_error(job, OutcomeUnknown(code="internal_error"), timing)
        raise
    else:
        points.reached("send.answered")
        record_reply(job, reply)
    points.reached("send.recorded")
    return job.status == JobStatus.RUNNING


def _begin(job: Job, timing: Timing) -> bool:
    """Write down that the request may leave from now on; until then the job is certainly unsent."""
    now = timezone.now()
    oldest = now - timedelta(seconds=timing.send_window)
    unsent = {"status": JobStatus.SUBMITTING, "attempt": job.attempt, "sent_at": None, "reserved_at__gt": oldest}
    return bool(Job.objects.filter(pk=job.pk, **unsent).update(sent_at=now))


def record_reply(job: Job, reply: JobReply) -> None:
    """The upstream accepted it: store its id before anything else."""
    if outcomes.adopt(job, reply, code="accepted", only_if={"attempt": job.attempt}):
        _calm(job.channel)
        breaker.answered(job.account, shows_subscription=True)
    elif job.status == JobStatus.SUBMITTING:
        # That upstream job is another of ours already: a once-only action had been done before.
        outcomes.fail(job, "answered_twice")
    elif job.remote_id != reply.job_id:
        logger.error("an answer came too late job=%s status=%s remote=%s", job.pk, job.status, reply.job_id)


def record_error(job: Job, error: UpstreamError, timing: Timing) -> None:
    """Move the job to where this error puts it; what may have been charged becomes uncertain, never queued."""
    mine = {"attempt": job.attempt, "status": JobStatus.SUBMITTING}
    match error:
        case NoService() if error.status is not None and 200 <= error.status < 300:
            # Something took the request and answered with a web page. If that was the service, it may be running.
            syncing.record_trouble(job.account, error)
            record_error(job, OutcomeUnknown(error.message, code="lost_answer", status=error.status), timing)
        case OutcomeUnknown():
            job.move(
                JobStatus.UNCERTAIN,
                code=error.code,
                note=error.message,
                only_if=mine,
                error_code=error.code,
                error_text=error.message[:1000],
                lost_at=timezone.now(),
                absence_is_proof=error.absence_is_proof,
            )
            breaker.suspect(job.account)
            job.account.wake()
        case Refused() if error.status == 400 and "channel" in error.message.lower():
            outcomes.requeue(job, "channel_removed", error.message, only_if=mine)
            _drop_channel(job.channel)
        case Refused():
            outcomes.refuse(job, error.code, error.message, error.details, only_if=mine)
        case Gone():
            job.move(
                JobStatus.FAILED, code="parent_gone", note=error.message, only_if=mine, ended_at=timezone.now(),
                error_code="parent_gone", error_text=error.message[:1000],
            )  # fmt: skip
        case _:
            outcomes.requeue(job, error.code, error.message, only_if=mine)
            _set_aside(job, error, timing)


def _set_aside(job: Job, error: UpstreamError, timing: Timing) -> None:
    """Keep the next job from running into the same wall."""
    channel = job.channel
    assert channel is not None  # noqa: S101
    match error:
        case Busy():
            _back_off(channel, error.retry_after, timing)
        case ChannelBlocked():
            now = timezone.now()
            message = error.message or "The service blocked this channel."
            open_before = Channel.objects.filter(pk=channel.pk, block_message="")
            if open_before.update(block_message=message[:500], blocked_at=now):
                telling.later(job.account_id)
            logger.warning("channel blocked channel=%s", channel.pk)
        case BadToken() | NoService(code="no_subscription"):
            _back_off(channel, None, timing)
            syncing.record_trouble(job.account, error)
        case NoService() | Unreachable():
            if error.code != "too_late":
                _back_off(channel, None, timing)
                breaker.failed(job.account, error, timing)


def _drop_channel(channel: Channel | None) -> None:
    """Send nothing more to a channel that the service does not know, until a sync has said what there is."""
    if channel is not None:
        Channel.objects.filter(pk=channel.pk, removed_at=None).update(removed_at=timezone.now())
        saving.enqueue("sync_account", channel.account_id)


def _back_off(channel: Channel, retry_after: float | None, timing: Timing) -> None:
    count, send_after = Channel.objects.values_list("busy_answers", "send_after").get(pk=channel.pk)
    if retry_after is None and send_after > timezone.now() + timedelta(seconds=timing.submit_gap * 1.25):
        return
    wait = retry_after if retry_after is not None else breaker.delay(count, timing)
    until = timezone.now() + timedelta(seconds=min(wait, timing.backoff_cap))
    Channel.objects.filter(pk=channel.pk).update(send_after=until, busy_answers=min(count + 1, 20))


def _calm(channel: Channel | None) -> None:
    if channel is not None and channel.busy_answers:
        Channel.objects.filter(pk=channel.pk).update(busy_answers=0)
