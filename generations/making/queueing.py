"""Queues blends, descriptions and what was suggested: one transaction, one idempotency key."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import Account, User
from generations import enqueue, fingerprints
from generations.enqueue import CannotEnqueue
from generations.models import InputRole, Job, JobStatus, Lane, Prompt, Reference, Verb
from generations.references import using
from midjourney.prompt import Problem

DIMENSIONS = {"Portrait": (2, 3), "Square": (1, 1), "Landscape": (3, 2)}  # useapi-v3.md §4.5
LEAST_BLENDED, MOST_BLENDED = 2, 5


def blend(
    owner: User, references: Sequence[Reference], dimensions: str, *, account: Account | None = None, key: str = ""
) -> Job:
    """Queue a blend of two to five pictures, in this order. Raises CannotEnqueue."""
    if dimensions not in DIMENSIONS:
        raise cannot("bad_dimensions", "Choose portrait, square or landscape.")
    if not LEAST_BLENDED <= len(references) <= MOST_BLENDED:
        raise cannot("blend_count", f"A blend takes two to five pictures, and here are {len(references)}.")
    width, height = DIMENSIONS[dimensions]
    codes = [reference.code for reference in references]
    return _queue(
        owner, references, InputRole.BLEND, account, key,
        verb=Verb.BLEND, kind="blend", text=f"Blend of {len(codes)} pictures", parameters={"dimensions": dimensions},
        ratio_width=width, ratio_height=height, fingerprint=fingerprints.of_blend(codes, dimensions),
    )  # fmt: skip


def describe(owner: User, reference: Reference, *, account: Account | None = None, key: str = "") -> Job:
    """Queue the description of a picture: four prompts that might have made it. Raises CannotEnqueue."""
    return _queue(
        owner, [reference], InputRole.DESCRIBE, account, key,
        verb=Verb.DESCRIBE, kind="describe", text=f"Describe {reference.name or 'a picture'}"[:200], parameters={},
        ratio_width=min(reference.width, 10_000), ratio_height=min(reference.height, 10_000),
    )  # fmt: skip


def run_suggestion(owner: User, described: Job, number: int) -> Job:
    """Queue one of the prompts that a describe job brought, from 1; again is the same job. Raises CannotEnqueue."""
    if described.status != JobStatus.DONE or not 1 <= number <= len(described.suggestions):
        raise cannot("no_suggestion", "There is no such suggestion.")
    key = f"suggestion-{described.ref}-{number}"
    prompt = enqueue.enqueue(owner, described.suggestions[number - 1], account=described.account, key=key)
    job = prompt.jobs.order_by("pk").first()
    assert job is not None  # noqa: S101  # a prompt is stored with its jobs
    # Its family is that of the picture that was described; the number says which of the four it was.
    family = {"parent": described, "root": described.root or described, "parent_position": number}
    Job.objects.filter(prompt=prompt, parent=None).update(**family)
    return job


def _queue(
    owner: User, references: Sequence[Reference], role: InputRole, account: Account | None, key: str, **facts: Any
) -> Job:
    key = key or uuid.uuid4().hex
    account = enqueue.usable_account(owner, account)
    job = Job(owner=owner, account=account, lane=Lane.IMAGE, **facts)
    prompt = Prompt(owner=owner, account=account, text=job.text, idempotency_key=key)
    try:
        with transaction.atomic():
            enqueue.store([prompt], [job])
            using.attach_files(job, references, role)
    except IntegrityError:  # a double click, or the same request once more
        return Job.objects.get(prompt__owner=owner, prompt__idempotency_key=key)
    account.wake()
    return job


def cannot(code: str, message: str) -> CannotEnqueue:
    return CannotEnqueue(Problem("error", code, "", message))
