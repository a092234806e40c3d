"""A studio with one of everything in it, for tests that look at every page."""

from dataclasses import dataclass

from accounts.models import Account, User
from generations.models import Budget, InputRole, Job, JobInput, JobStatus, PromptTemplate, Style
from generations.references import intake
from tests.factories import make_account, make_admin, make_batch, make_channel, make_image, make_job, make_user
from tests.files import put_picture
from tests.generations.references.pictures import picture

GRID = ["U1", "U2", "U3", "U4", "🔄", "V1", "V2", "V3", "V4"]
SINGLE = ["Upscale (Subtle)", "Vary (Subtle)", "Vary (Region)", "Custom Zoom", "⬅️", "Animate (Low motion)"]
SUGGESTIONS = [f"a lighthouse number {number} --ar 16:9" for number in (1, 2, 3, 4)]


@dataclass
class Studio:
    member: User
    admin: User
    account: Account


def make(base_url: str = "http://127.0.0.1:1/v3/midjourney") -> Studio:
    """Every state of a job, a family, batches, references and what is kept of prompts, all owned by the member."""
    member, admin = make_user("Mia"), make_admin("Ada")
    account = make_account(name="Sandbox", base_url=base_url)
    make_channel(account)
    make_channel(account, block_message="Pending mod message")
    for status in JobStatus.values:
        make_job(owner=member, account=account, status=status, text=f"a boat that is {status}")
    _family(member, account)
    make_batch(owner=member, account=account)
    make_batch(owner=member, account=account, confirmed=False)
    _kept(member, account)
    Budget.objects.create(owner=member, per_day=50)
    return Studio(member, admin, account)


def done(owner: User, account: Account, pictures: int = 4, **fields) -> Job:
    """A finished job with files."""
    job = make_job(owner=owner, account=account, status=JobStatus.DONE, **fields)
    for position in range(1, pictures + 1):
        put_picture(make_image(job=job, position=position))
    return job


def _family(owner: User, account: Account) -> None:
    parent = done(owner, account, buttons=GRID)
    child = done(
        owner, account, pictures=1, verb="button", button="U1", parent=parent, root=parent, buttons=SINGLE
    )  # fmt: skip
    make_image(job=child, position=2, saved=False)
    make_job(owner=owner, account=account, status=JobStatus.UNCERTAIN, needs_person=True)


def _kept(owner: User, account: Account) -> None:
    reference = intake.take_bytes(owner, picture())
    described = make_job(owner=owner, account=account, status=JobStatus.DONE, verb="describe", suggestions=SUGGESTIONS)
    JobInput.objects.create(job=described, reference=reference, role=InputRole.DESCRIBE)
    PromptTemplate.objects.create(owner=owner, name="Portrait", text="a portrait of {{who}}")
    Style.objects.create(owner=owner, name="Wide", parameters="--ar 21:9 --raw")
