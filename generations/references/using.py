"""Which pictures a prompt uses: whether they are there and can be reached, and which job they belong to."""

from collections.abc import Iterable, Sequence

from django.utils import timezone

from accounts.models import Account, User
from generations.models import InputRole, Job, JobInput, Reference
from generations.references import links
from midjourney import prompt as language
from midjourney.parameters import ROLES
from midjourney.prompt import Problem

SENDS_FILES = (InputRole.DESCRIBE, InputRole.BLEND)
UNREACHABLE = (
    "This studio has no public address, so {account} cannot fetch your picture. Use a picture that was made here less "
    "than a day ago, or a web address, or ask an admin to set PUBLIC_URL."
)


def problems(owner: User, text: str, account: Account | None) -> tuple[Problem, ...]:
    """What keeps the references of a text from being used on that account: errors, in the order of the text."""
    wanted = list(dict.fromkeys(language.codes(text)))
    if not wanted:
        return ()
    rows = Reference.objects.visible_to(owner).in_library().filter(code__in=wanted).select_related("source")
    known = {row.code: row for row in rows}
    found = []
    for code in wanted:
        row = known.get(code)
        if row is None:
            words = f"There is no picture ref:{code} among your references. Remove it, or choose another."
            found.append(Problem("error", "unknown_reference", "", words))
        elif account is not None and not links.can_be_reached(row, account):
            found.append(Problem("error", "unreachable_reference", "", UNREACHABLE.format(account=account)))
    return tuple(dict.fromkeys(found))


def account_for(owner: User, account: Account | None) -> Account | None:
    """The account whose reach matters: the chosen one, or one that anybody's pictures must do for; None of none.

    Where no account is chosen the least busy one is taken when the job is queued, so the one that reaches least counts.
    """
    if account is not None:
        return account
    usable = list(Account.objects.visible_to(owner))
    return next((each for each in usable if not each.is_local), usable[0] if usable else None)


def first_text(owner: User, code: str, role: str) -> str:
    """A prompt that holds nothing but this picture in this role, to go on from; "" for a picture that is not theirs."""
    reference = Reference.objects.visible_to(owner).in_library().filter(code=code).first()
    if reference is None:
        return ""
    field = next((each.parameter for each in ROLES if each.name == role), "") or "image_urls"
    return language.update("", **{field: reference.token})


def attach(jobs: Sequence[Job]) -> None:
    """Write down which references the texts of new jobs of one owner use. Inside the transaction that stores them."""
    used = {job.pk: language.references(job.text) for job in jobs if "ref:" in job.text}
    codes = {each.code for found in used.values() for each in found}
    if not codes:
        return
    rows = Reference.objects.filter(owner_id=jobs[0].owner_id, code__in=codes)
    known = {row.code: row.pk for row in rows}
    inputs: list[JobInput] = []
    for pk, found in used.items():
        places: dict[str, int] = {}
        for each in found:
            if each.code in known:
                places[each.role] = places.get(each.role, 0) + 1
                inputs.append(
                    JobInput(job_id=pk, reference_id=known[each.code], role=each.role, position=places[each.role])
                )
    JobInput.objects.bulk_create(inputs, batch_size=500, ignore_conflicts=True)
    rows.update(used_at=timezone.now())


def attach_files(job: Job, references: Iterable[Reference], role: InputRole) -> None:
    """Write down the files that a describe or blend job sends, in order. Inside the transaction that stores it."""
    rows = list(references)
    JobInput.objects.bulk_create(
        JobInput(job=job, reference=row, role=role, position=position) for position, row in enumerate(rows, start=1)
    )
    Reference.objects.filter(pk__in=[row.pk for row in rows]).update(used_at=timezone.now())


def copy_files(job: Job, again: Job) -> None:
    """Give a repeated describe or blend job the files of the first."""
    JobInput.objects.bulk_create(
        JobInput(job=again, reference_id=each.reference_id, role=each.role, position=each.position)
        for each in job.inputs.filter(role__in=SENDS_FILES)
    )
