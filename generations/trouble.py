"""What waits for an admin: accounts and channels that take no jobs, a full disk, files that are not whole."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from accounts.explanations import BLOCKED, STATES
from accounts.models import Account, AccountState, Channel
from generations.explanations import explain
from generations.media import checking
from generations.models import Job, JobStatus, MediaCheck

NEEDS_PERSON = (AccountState.BAD_TOKEN, AccountState.NO_SUBSCRIPTION, AccountState.UNREACHABLE)
MOST = 5
OF_STORAGE = ("disk_full", "storage_unreachable")  # nothing can be saved until somebody acts


@dataclass(frozen=True)
class Trouble:
    """One line of the banner: what is wrong, and the page on which it is mended ("" for none)."""

    words: str
    url: str = ""
    label: str = ""


def for_admins() -> list[Trouble]:
    """What the banner on an admin's pages says: three short queries."""
    blocked = Channel.objects.filter(account=OuterRef("pk"), removed_at=None).exclude(block_message="")
    rows = Account.objects.annotate(is_blocked=Exists(blocked)).filter(Q(state__in=NEEDS_PERSON) | Q(is_blocked=True))
    found = [_of_account(account) for account in rows[:MOST]]
    waiting = Job.objects.filter(status=JobStatus.SAVING, error_code__in=OF_STORAGE).order_by("error_code")
    for code in waiting.values_list("error_code", flat=True).distinct():
        why = explain(code)
        found.append(Trouble(f"{why.what} {why.admin}"))
    check = MediaCheck.objects.exclude(ended_at=None).order_by("-pk").first()
    if check and (count := checking.left(check)):
        words = f"The last check found {count:,} file{'' if count == 1 else 's'} missing or damaged."
        found.append(Trouble(words, reverse("generations:storage"), "See which"))
    return found


def _of_account(account: Account) -> Trouble:
    url = reverse("accounts:account-detail", args=[account.pk])
    if account.state in NEEDS_PERSON:
        return Trouble(f"{account}: {STATES[account.state].what}", url, "Open the account")
    return Trouble(f"{account}: {BLOCKED.what}", url, "See what to do")
