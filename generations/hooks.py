"""Webhooks: where the service may tell of jobs by itself, so that they need not be asked for so often.

What an event says is a hint. It moves a progress bar, ties a job whose answer was lost to its id, or has the engine
look at once; how a job ended is believed only after it was read at the service (useapi-v3.md §7.2).
"""

import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account
from generations.engine import outcomes
from generations.models import Job, JobStatus
from midjourney import services
from midjourney.upstream import JobReply

NOTED_EVERY = timedelta(seconds=3)  # how often an account's row says that events come
COALESCED = timedelta(seconds=2)  # events within this after a hint are about the same end
LOST = (JobStatus.SUBMITTING, JobStatus.UNCERTAIN, JobStatus.QUEUED)


def reply_url(account: Account) -> str:
    """The address to send along with a job; "" where the studio has no address that the service could reach."""
    if not settings.PUBLIC_URL_IS_SET:
        return ""
    return settings.PUBLIC_URL + reverse("generations:hook", args=[account.hook_key])


def take_in(account: Account, data: Any) -> None:
    """Do what an event for this account calls for. Database only; anything that makes no sense is left alone."""
    reply = services.read_event(account.service, data)
    if reply is None:
        return
    now = timezone.now()
    _note(account, now)
    job = Job.objects.filter(account=account, remote_id=reply.job_id).first()
    if job is None:
        job = _found(account, reply)
    if job is None or job.status != JobStatus.RUNNING:
        return
    if reply.is_final:
        _hint(job, now)
    elif reply.progress is not None and (job.progress is None or reply.progress > job.progress):
        same = {"status": JobStatus.RUNNING, "progress": job.progress}
        job.touch(only_if=same, progress=min(99, reply.progress), looked_at=now)
    else:
        Job.objects.filter(pk=job.pk, status=JobStatus.RUNNING).update(looked_at=now)


def _note(account: Account, now: datetime) -> None:
    stale = Q(hooked_at=None) | Q(hooked_at__lt=now - NOTED_EVERY)
    Account.objects.filter(stale, pk=account.pk).update(hooked_at=now)


def _hint(job: Job, now: datetime) -> None:
    """Have the engine read the job at once, once for however many events say so."""
    fresh = Q(hinted_at=None) | Q(hinted_at__lt=now - COALESCED)
    if Job.objects.filter(fresh, pk=job.pk, status=JobStatus.RUNNING).update(hinted_at=now):
        job.account.wake()


def _found(account: Account, reply: JobReply) -> Job | None:
    """Our job whose answer was lost, by the reference that it was sent with; running from now on, nothing more."""
    try:
        ref = uuid.UUID(reply.reply_ref)
    except ValueError:
        return None
    lost = Job.objects.filter(account=account, ref=ref, remote_id="", attempt__gt=0, status__in=LOST)
    job = lost.exclude(sent_at=None, status=JobStatus.SUBMITTING).select_related("channel", "account").first()
    if job is None or job.channel is None or reply.channel not in {"", job.channel.remote_id}:
        return None
    only_said = replace(reply, status="started", progress=None)
    return job if outcomes.adopt(job, only_said, code="found", only_if={"attempt": job.attempt}) else None
