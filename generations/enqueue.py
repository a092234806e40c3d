"""Turns what somebody wrote into a prompt and its queued jobs: one transaction, one idempotency key."""

import uuid
from dataclasses import asdict

from django.db import IntegrityError, transaction
from django.db.models import Count, Q, Sum
from django.utils import timezone

from accounts.models import Account, User
from accounts.models.account import WAITS_FOR_PERSON
from generations import kinds
from generations.models import FINAL, Feed, Job, JobEvent, JobStatus, Prompt, Share
from generations.models.priority import turn_at
from midjourney import prompt as language
from midjourney.prompt import Problem, Review

MOST_JOBS = 40  # from one press of the button; more than that is a batch


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
    retry_of: Job | None = None,
) -> Prompt:
    """Store a prompt and one queued job for each single prompt that it expands to.

    The same key again, from a double click or a repeated request, returns the first prompt and adds nothing.
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
    account = _usable(owner, account)
    try:
        with transaction.atomic():
            prompt = Prompt.objects.create(owner=owner, account=account, text=text, idempotency_key=key)
            _queue_jobs(prompt, reviewed.prompts, priority, retry_of)
    except IntegrityError:
        return Prompt.objects.get(owner=owner, idempotency_key=key)
    account.wake()
    return prompt


def _queue_jobs(prompt: Prompt, texts: tuple[str, ...], priority: int, retry_of: Job | None) -> None:
    now = timezone.now()
    jobs = [_job(prompt, text, priority, retry_of) for text in texts]
    value = Feed.next_value(prompt.owner_id)
    for job in jobs:
        job.change = value
    Share.ensure(jobs)
    Job.objects.bulk_create(jobs)
    JobEvent.objects.bulk_create(JobEvent(job=job, at=now, status=JobStatus.QUEUED, code="queued") for job in jobs)


def _job(prompt: Prompt, text: str, priority: int, retry_of: Job | None) -> Job:
    parsed = language.parse(text)
    width, height = language.aspect_ratio(parsed)
    return Job(
        prompt=prompt,
        owner_id=prompt.owner_id,
        account_id=prompt.account_id,
        text=text,
        lane=language.lane(parsed),
        parameters={name: value for name, value in asdict(language.to_form(parsed)).items() if value},
        ratio_width=min(width, 10_000),
        ratio_height=min(height, 10_000),
        kind=kinds.of_prompt(parsed),
        priority=priority,
        turn_at=turn_at(timezone.now(), priority),
        retry_of=retry_of,
    )


def _usable(owner: User, account: Account | None) -> Account:
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
        Job.objects.filter(account__in=accounts)
        .exclude(status__in=FINAL)
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
