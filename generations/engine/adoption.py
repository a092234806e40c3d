"""Children that were made elsewhere: jobs of other programs that pressed a button on one of ours.

They are taken into the family of their parent when they are seen, and followed and saved like any other job. What may
be one of our own whose answer was lost is left to its settlement.
"""

import hashlib
import logging

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Account
from generations import kinds
from generations.actions import catalogue
from generations.engine import doubt
from generations.models import Feed, Job, JobEvent, JobStatus, Prompt, Verb
from midjourney.upstream import JobReply

logger = logging.getLogger(__name__)

SEED = "seed"


def from_children(parent: Job, reply: JobReply) -> list[Job]:
    """Adopt the children that an answer about `parent` names and that are none of ours yet."""
    named = {child.job_id: child.button for child in reply.children if child.button.lower() != SEED}
    if not named:
        return []
    known = set(Job.objects.filter(account=parent.account_id, remote_id__in=named).values_list("remote_id", flat=True))
    found = [_adopt(parent, job_id, button) for job_id, button in named.items() if job_id not in known]
    return [job for job in found if job is not None]


def from_reply(account: Account, reply: JobReply) -> Job | None:
    """Adopt a job whose own answer says that it was made from one of ours; None where it was not."""
    if not reply.parent or reply.verb != Verb.BUTTON:
        return None
    parent = Job.objects.filter(account=account, remote_id=reply.parent).select_related("account", "owner").first()
    return _adopt(parent, reply.job_id, reply.button, reply) if parent is not None else None


def _adopt(parent: Job, job_id: str, button: str, reply: JobReply | None = None) -> Job | None:
    if parent.channel_id is None or _may_be_ours(parent, button):
        return None
    facts = catalogue.read(button, parent.lane)
    text = (reply.prompt if reply else "") or parent.text
    now = timezone.now()
    job = Job(
        owner_id=parent.owner_id, account_id=parent.account_id, channel_id=parent.channel_id, parent=parent,
        root_id=parent.root_id or parent.pk, parent_position=facts.position, verb=Verb.BUTTON, button=button[:100],
        lane=(reply.lane if reply else "") or facts.lane, kind=kinds.of_button(button), text=text,
        parameters=parent.parameters, ratio_width=parent.ratio_width, ratio_height=parent.ratio_height,
        bound_to=parent.channel_id, status=JobStatus.RUNNING, remote_id=job_id, accepted_at=now,
        remote_created_at=reply.created if reply else None,
    )  # fmt: skip
    key = f"adopted-{hashlib.sha256(job_id.encode()).hexdigest()[:40]}"
    try:
        with transaction.atomic():
            job.change = Feed.next_value(parent.owner_id)
            job.prompt = Prompt.objects.create(
                owner_id=parent.owner_id, account_id=parent.account_id, text=text, idempotency_key=key
            )
            job.save()
            JobEvent.objects.create(job=job, status=JobStatus.RUNNING, code="adopted")
    except IntegrityError:  # another look has adopted it meanwhile
        return None
    logger.info("child adopted job=%s parent=%s remote=%s", job.pk, parent.pk, job_id)
    return job


def _may_be_ours(parent: Job, button: str) -> bool:
    doubtful = doubt.in_doubt(parent.account)
    return any(job.parent_id == parent.pk and (not button or job.button == button) for job in doubtful)
