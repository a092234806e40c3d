"""People, accounts and jobs for a measurement, written as the site writes them, and what has become of them."""

import itertools
import time
import uuid
from collections import Counter
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from accounts import syncing
from accounts.models import Account, User
from benchmarks.studio import Studio, wait_until
from generations import kinds
from generations.models import (
    FINAL,
    Batch,
    BatchStatus,
    Feed,
    Job,
    JobEvent,
    JobStatus,
    Prompt,
    Share,
)
from generations.models.many import cancel_waiting
from midjourney import prompt as language

CHUNK = 500
_numbers = itertools.count(1)


def member(name: str) -> User:
    """Somebody who has no page open, so that nobody's progress is asked for."""
    user = User.objects.create_user(email=f"person{next(_numbers)}@bench.test", password=None, name=name)
    Feed.objects.create(owner=user, seen_at=timezone.now() - timedelta(days=1))
    return user


def accounts(studio: Studio, count: int = 1) -> list[Account]:
    """Accounts on the simulator, their channels synced; the durations of each follow from its token."""
    made = []
    for number in range(count):
        account = Account(name=f"Account {number + 1}", base_url=studio.base_url)
        account.set_token(f"user:{1001 + number}-benchmark")
        account.save()
        syncing.sync_account(account)
        made.append(account)
    return made


def queue(owner: User, account: Account, count: int, text: str = "a lighthouse at dusk") -> list[Job]:
    """Queue a batch of so many jobs in one transaction, as confirming one does, and wake the account."""
    with transaction.atomic():
        now = timezone.now()
        batch = Batch.objects.create(
            owner=owner, account=account, name="Benchmark", status=BatchStatus.RUNNING, confirmed_at=now,
            idempotency_key=uuid.uuid4().hex,
        )  # fmt: skip
        prompt = Prompt.objects.create(owner=owner, account=account, text=text, idempotency_key=uuid.uuid4().hex)
        value = Feed.next_value(owner.pk)
        parsed = language.parse(text)
        shared = {"prompt": prompt, "owner": owner, "account": account, "batch": batch, "text": text, "change": value}
        jobs = [
            Job(**shared, lane=language.lane(parsed), kind=kinds.of_prompt(parsed), batch_line=line)
            for line in range(1, count + 1)
        ]
        Share.ensure(jobs)
        Job.objects.bulk_create(jobs, batch_size=CHUNK)
        JobEvent.objects.bulk_create(
            (JobEvent(job=job, at=now, status=JobStatus.QUEUED, code="queued") for job in jobs), batch_size=CHUNK
        )
    account.wake()
    return jobs


def remember(owner: User, account: Account, count: int) -> None:
    """Jobs that were done in the past minutes, each in half a minute."""
    text = "a lighthouse at dusk"
    prompt = Prompt.objects.create(owner=owner, account=account, text=text, idempotency_key=uuid.uuid4().hex)
    ended, channel = timezone.now(), account.channels.first()
    kind = kinds.of_prompt(language.parse(text))
    Job.objects.bulk_create(
        (
            Job(
                prompt=prompt, owner=owner, account=account, channel=channel, text=text, kind=kind,
                status=JobStatus.DONE, remote_id=f"history-{number}", ended_at=ended,
                accepted_at=ended - timedelta(seconds=30),
            )
            for number in range(count)
        ),
        batch_size=CHUNK,
    )  # fmt: skip


def by_status() -> Counter[str]:
    return Counter(Job.objects.order_by().values_list("status", flat=True))


def count(*statuses: str) -> int:
    return Job.objects.filter(status__in=statuses).count()


def settled() -> int:
    """Jobs that have come to an end."""
    return Job.objects.filter(status__in=FINAL).count()


def wait_for_end(patience: float) -> None:
    """Wait until every job is done, or whatever else its end is. Raises DidNotHappen."""
    wait_until(lambda: not Job.objects.unfinished().exists(), "every job has ended", patience, pause=0.5)


def stop_waiting() -> None:
    """Cancel what has not started."""
    for owner in Job.objects.waiting().order_by().values_list("owner", flat=True).distinct():
        cancel_waiting(Job.objects.filter(owner=owner), owner, code="cancelled")


def wait_for_running(jobs: int, patience: float) -> None:
    """Wait until so many jobs run at the service. Raises DidNotHappen."""
    running = Job.objects.filter(status=JobStatus.RUNNING)
    wait_until(lambda: running.count() >= jobs, f"{jobs} jobs run", patience)


def refs() -> dict[str, Job]:
    """All jobs by the reference that the service knows."""
    return {str(job.ref): job for job in Job.objects.defer("upstream", "buttons", "parameters")}


def sleep(seconds: float) -> tuple[float, float]:
    """Let the studio work; return from when to when, as Unix times."""
    began = time.time()
    time.sleep(seconds)
    return began, time.time()


def close() -> None:
    connection.close()
