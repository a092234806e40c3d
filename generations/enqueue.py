"""Turns what somebody wrote into a prompt and its queued jobs: one transaction, one idempotency key."""

import uuid
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, Q, Sum
from django.utils import timezone

from accounts.models import Account, User
from accounts.models.account import WAITS_FOR_PERSON
from generations import fingerprints, kinds
from generations.actions.catalogue import ONCE
from generations.models import Batch, BatchStatus, Collection, Feed, Job, JobEvent, JobStatus, Prompt, Share, Verb
from generations.models.priority import turn_at
from generations.references import using
from midjourney import prompt as language
from midjourney.prompt import Problem, Review

MOST_JOBS = 40  # from one press of the button; more than that is a batch
CHUNK = 500  # rows a statement, within what both databases take


class CannotEnqueue(Exception):
    """The request cannot be queued as it is. `problems` say what is wrong and what to do; nothing was stored."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(" ".join(problem.message for problem in problems))
        self.problems = problems


def review(text: str, limit: int = MOST_JOBS) -> Review:
    """What would be sent for this text, and what is wrong with it."""
    return language.review(text, limit=limit)


def enqueue(
    owner: User,
    text: str,
    *,
    account: Account | None = None,
    key: str = "",
    priority: int = 0,
    limit: int = MOST_JOBS,
    into: Collection | None = None,
) -> Prompt:
    """Store a prompt and one queued job for each single prompt that it expands to.

    Their pictures go `into` a collection of the owner's, once they are saved. The same key again, from a double click
    or a repeated request, returns the first prompt and adds nothing.
    Raises CannotEnqueue.
    """
    key = key or uuid.uuid4().hex
    existing = Prompt.objects.filter(owner=owner, idempotency_key=key).first()
    if existing:
        return existing
    reviewed = review(text, limit)
    errors = [problem for problem in reviewed.problems if problem.is_error]
    if errors or not reviewed.prompts:
        raise CannotEnqueue(*errors)
    account = usable_account(owner, account)
    if unusable := using.problems(owner, text, account):
        raise CannotEnqueue(*unusable)
    try:
        with transaction.atomic():
            prompt = Prompt.objects.create(owner=owner, account=account, text=text, idempotency_key=key)
            _queue_jobs(prompt, reviewed.prompts, priority, into)
    except IntegrityError:
        return Prompt.objects.get(owner=owner, idempotency_key=key)
    account.wake()
    return prompt


def enqueue_again(job: Job, key: str, actor: User | None = None) -> Job:
    """Queue a job once more, a button as a button and in its batch where that goes on.

    The same key again returns the first. Raises CannotEnqueue.
    """
    existing = Job.objects.filter(prompt__owner=job.owner_id, prompt__idempotency_key=key).first()
    if existing:
        return existing
    if job.button in ONCE and (done := _done_once(job)):
        return done
    if not Account.objects.visible_to(job.owner).filter(pk=job.account_id).exists():
        raise CannotEnqueue(_problem("account_not_yours", f"You may not use {job.account}. Choose another account."))
    again = copy_of(job)
    try:
        with transaction.atomic():
            # Whoever pauses or stops the batch holds its row meanwhile.
            batch = Batch.objects.select_for_update().get(pk=job.batch_id) if job.batch_id else None
            if batch is None or batch.status == BatchStatus.STOPPED:
                again.batch_id, again.batch_line = None, None
            else:
                again.held = batch.status == BatchStatus.PAUSED
            store(
                [Prompt(owner=job.owner, account_id=job.account_id, text=job.text, idempotency_key=key)], [again], actor
            )
            using.copy_files(job, again)
    except IntegrityError:
        return Job.objects.get(prompt__owner=job.owner_id, prompt__idempotency_key=key)
    job.account.wake()
    return again


def _done_once(job: Job) -> Job | None:
    """What pressing an execute-once button again has made meanwhile, or is making."""
    ended = (JobStatus.REFUSED, JobStatus.FAILED, JobStatus.CANCELLED)
    others = Job.objects.filter(parent_id=job.parent_id, button=job.button, owner_id=job.owner_id)
    return others.exclude(status__in=ended).order_by("pk").first()


def copy_of(job: Job) -> Job:
    """A new job, not saved, that would send the same; at the end of its owner's line."""
    same = ("owner_id", "account_id", "parent_id", "parent_position", "button", "mask", "batch_id",
            "batch_line", "verb", "lane", "text", "into_id",
            "parameters", "ratio_width", "ratio_height", "kind", "priority", "bound_to", "fingerprint")  # fmt: skip
    again = Job(retry_of=job, **{field: getattr(job, field) for field in same})
    again.turn_at = turn_at(again.created_at, again.priority)
    return again


def store(prompts: Sequence[Prompt], jobs: Sequence[Job], actor: User | None = None) -> None:
    """Store prompts of one owner with one new job each, in order, with events and the owner's feed.

    Inside a transaction only. Raises IntegrityError where one of the prompts' keys was used before.
    """
    Prompt.objects.bulk_create(prompts, batch_size=CHUNK)
    for prompt, job in zip(prompts, jobs, strict=True):
        job.prompt = prompt
    _store_jobs(jobs, actor)


def _queue_jobs(prompt: Prompt, texts: tuple[str, ...], priority: int, into: Collection | None) -> None:
    jobs = [
        Job(prompt=prompt, owner_id=prompt.owner_id, account_id=prompt.account_id, priority=priority,
            turn_at=turn_at(timezone.now(), priority), into=into, **facts(text))
        for text in texts
    ]  # fmt: skip
    _store_jobs(jobs, None)


def _store_jobs(jobs: Sequence[Job], actor: User | None) -> None:
    Share.ensure(jobs)
    _join_families(jobs)
    value = Feed.next_value(jobs[0].owner_id)
    for job in jobs:
        job.change = value
    Job.objects.bulk_create(jobs, batch_size=CHUNK)
    JobEvent.objects.bulk_create(
        (JobEvent(job=job, at=job.created_at, status=JobStatus.QUEUED, code="queued", actor=actor) for job in jobs),
        batch_size=CHUNK,
    )
    using.attach(jobs)
    # Their parents' pages show what became of these.
    alone = [job for job in jobs if job.batch_id is None and job.parent_id]
    if once := [job.parent_id or 0 for job in alone if job.button in ONCE or job.verb == Verb.SEED]:
        Job.objects.filter(pk__in=once).update(change=value)


def _join_families(jobs: Sequence[Job]) -> None:
    """Children belong to the family of their parent; a chain's later steps come behind the earlier ones."""
    for job in jobs:
        if job.parent is not None and job.root_id is None:
            job.root_id = job.parent.root_id or job.parent.pk


def facts(text: str) -> dict[str, Any]:
    """The fields of a job that follow from the single prompt that it sends."""
    parsed = language.parse(text)
    form = language.to_form(parsed)
    width, height = language.aspect_ratio(parsed)
    return {
        "text": text,
        "lane": language.lane(parsed),
        "parameters": {each.name: value for each in fields(form) if (value := getattr(form, each.name))},
        "ratio_width": min(width, 10_000),
        "ratio_height": min(height, 10_000),
        "kind": kinds.of_prompt(parsed),
        "fingerprint": fingerprints.of_prompt(text),
    }


def usable_account(owner: User, account: Account | None) -> Account:
    """The account to use: the chosen one if this person may, else the least busy of theirs. Raises CannotEnqueue."""
    if account is None:
        return choose_account(owner)
    allowed = Account.objects.visible_to(owner).filter(pk=account.pk).first()
    if allowed is None:
        raise CannotEnqueue(_problem("account_not_yours", f"You may not use {account}. Choose another account."))
    return allowed


def choose_account(owner: User) -> Account:
    """The account of theirs with the fewest unfinished jobs for its slots; one that waits for a person comes last."""
    slots = Q(channels__removed_at=None, channels__block_message="")
    accounts = list(Account.objects.visible_to(owner).annotate(slots=Sum("channels__max_jobs", filter=slots)))
    if not accounts:
        raise CannotEnqueue(
            _problem("no_account", "There is no account that you may use. Ask an admin to share one with you.")
        )
    waiting = dict(
        Job.objects.unfinished()
        .filter(account__in=accounts)
        .order_by()
        .values_list("account_id")
        .annotate(count=Count("pk"))
    )
    return min(
        accounts,
        key=lambda each: (each.state in WAITS_FOR_PERSON, waiting.get(each.pk, 0) / (each.slots or 0.5), each.pk),
    )


def _problem(code: str, message: str) -> Problem:
    return Problem("error", code, "", message)
