"""Rows with sensible defaults; say only what the test is about."""

import itertools
import uuid

from django.utils import timezone

from accounts.models import Account, Channel, User
from generations.gallery import facts
from generations.models import HOLDS_SLOT, Batch, BatchSource, Image, Job, JobStatus, Prompt

_numbers = itertools.count(1)
TOKEN = "user:1234-testtokentesttoken"


def make_user(name: str = "", **fields) -> User:
    number = next(_numbers)
    fields.setdefault("email", f"{name or 'person'}{number}@studio.test".lower())
    return User.objects.create_user(password=fields.pop("password", "a-long-password"), name=name, **fields)


def make_admin(name: str = "Admin", **fields) -> User:
    return make_user(name, role="admin", **fields)


def make_account(*, token: str = TOKEN, members=(), **fields) -> Account:
    fields.setdefault("name", f"Account {next(_numbers)}")
    fields.setdefault("base_url", "http://127.0.0.1:1/v3/midjourney")
    account = Account(**fields)
    account.set_token(token)
    account.save()
    account.members.set(members)
    return account


def make_channel(account: Account | None = None, **fields) -> Channel:
    fields.setdefault("remote_id", str(10**18 + next(_numbers)))
    return Channel.objects.create(account=account or make_account(), **fields)


def make_job(
    *, owner: User | None = None, account: Account | None = None, status: str = JobStatus.QUEUED, **fields
) -> Job:
    owner = owner or make_user()
    account = account or make_account()
    text = fields.pop("text", "a lighthouse at dusk --ar 16:9")
    prompt = fields.pop("prompt", None) or Prompt.objects.create(
        owner=owner, account=account, text=text, idempotency_key=uuid.uuid4().hex
    )
    if status != JobStatus.QUEUED and "channel" not in fields:
        fields["channel"] = account.channels.first() or make_channel(account)
    if status in HOLDS_SLOT:
        fields.setdefault("attempt", 1)
        fields.setdefault("reserved_at", timezone.now())
    if status not in {JobStatus.QUEUED, JobStatus.SUBMITTING, JobStatus.UNCERTAIN}:
        fields.setdefault("remote_id", f"j{next(_numbers):019d}i-u1234-c1-bot:midjourney")
        fields.setdefault("accepted_at", timezone.now())
    fields.setdefault("ratio_width", 16)
    fields.setdefault("ratio_height", 9)
    return Job.objects.create(owner=owner, account=account, prompt=prompt, text=text, status=status, **fields)


def make_image(*, job: Job | None = None, owner: User | None = None, saved: bool = True, **fields) -> Image:
    """An image row; without a file on disk, which `tests.files.put_picture` adds where a test reads it."""
    job = job or make_job(owner=owner, status=JobStatus.DONE)
    number = next(_numbers)
    fields.setdefault("kind", "single")
    fields.setdefault("position", job.images.count() + 1)
    for name, value in facts.of_job(job).items():
        fields.setdefault(name, value)
    if saved:
        fields.setdefault("saved_at", timezone.now())
        fields.setdefault("path", f"{number % 256:02x}/{number:032x}.png")
        fields.setdefault("content_type", "image/png")
        fields.setdefault("bytes", 1000)
        fields.setdefault("sha256", f"{number:064x}")
        fields.setdefault("width", 1456)
        fields.setdefault("height", 816)
        fields.setdefault("color", "#446688")
        fields.setdefault(
            "thumbnails",
            [
                [320, 179, f"{number % 256:02x}/{number:032x}-320.webp"],
                [960, 538, f"{number % 256:02x}/{number:032x}-960.webp"],
            ],
        )
    else:
        fields.setdefault("source_url", "https://cdn.midjourney.com/secret-guid/0_0.jpeg")
    return Image.objects.create(job=job, owner=job.owner, **fields)


def make_batch(
    *, owner: User | None = None, account: Account | None = None, text: str = "a red boat\na blue boat", **fields
) -> Batch:
    """A batch of lines, read and confirmed as a person would; with `confirmed=False` the dry run."""
    from generations.batches import confirming, drafting

    owner = owner or make_user()
    confirmed = fields.pop("confirmed", True)
    written = drafting.Written(BatchSource.LINES, text=text)
    batch = drafting.draft(owner, written, account=account or make_account(), **fields)
    if confirmed:
        assert confirming.confirm(batch, owner)
        batch.refresh_from_db()
    return batch
