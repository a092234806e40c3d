"""Whether the service can still be asked to act on a job."""

from datetime import timedelta

from django.utils import timezone

from accounts.models import Account, User
from generations.models import Job, Lane, Verb

KEPT_FOR = timedelta(days=62)  # useapi-v3.md §5.2: the service forgets a job after that


def problem(owner: User, parent: Job) -> str:
    """Why nothing can be pressed on a job although it offers it, and what to do; "" where it can. Load its channel."""
    if not Account.objects.visible_to(owner).filter(pk=parent.account_id).exists():
        return NOT_SHARED
    return channel_problem(parent) or age_problem(parent)


NOT_SHARED = "You may not use the account that made this picture any more. Ask an admin to share it with you."
NO_CHANNEL = "The channel that made this picture is no longer configured at the service, and buttons need it."


def channel_problem(parent: Job) -> str:
    return NO_CHANNEL if parent.channel is None or parent.channel.removed_at else ""


def age_problem(parent: Job) -> str:
    made = parent.remote_created_at or parent.accepted_at
    if made and timezone.now() - made > KEPT_FOR:
        return f"The service keeps a job for {KEPT_FOR.days} days, and this one is older."
    return ""


def why_nothing(parent: Job) -> str:
    """Why a finished job offers no action at all."""
    if parent.verb == Verb.DESCRIBE:
        return "A description has no pictures of its own to act on. Run one of its prompts instead."
    return "Midjourney offers no actions for this result."


def has_seed(parent: Job) -> bool:
    """Whether the service can be asked for its seed (useapi-v3.md §4.6)."""
    is_picture = parent.lane == Lane.IMAGE and parent.verb in {Verb.IMAGINE, Verb.BUTTON, Verb.BLEND}
    return is_picture and bool(parent.remote_id)
