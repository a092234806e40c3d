"""What people decide about a batch. All of it is rows, so it survives every restart; the engine acts on them."""

from dataclasses import dataclass

from accounts.models import User
from generations.models import Batch, Job

FIRST, LAST, UP, DOWN = "first", "last", "up", "down"


@dataclass(frozen=True)
class Retried:
    """`queued` new jobs; `not_free` says why the rest were left alone: sentence by number of jobs."""

    queued: int
    not_free: dict[str, int]


def pause(batch: Batch, actor: User) -> bool:
    """Start nothing more of it; what runs ends. False where it is not running."""
    raise NotImplementedError


def resume(batch: Batch, actor: User) -> bool:
    """Let a paused batch go on; False where it is not paused."""
    raise NotImplementedError


def stop(batch: Batch, actor: User, *, cancel_running: bool = False) -> int:
    """Drop what waits at once, for good; return how many jobs. What runs ends, or is asked to stop."""
    raise NotImplementedError


def retry_failed(batch: Batch, actor: User) -> Retried:
    """Queue again what ended badly and is free to retry, in the same batch and lines. Twice makes one job each."""
    raise NotImplementedError


def set_priority(batch: Batch, priority: int, actor: User) -> int:
    """Change the priority of what waits; return how many jobs. Raises PermissionError for high unless a lead asks."""
    raise NotImplementedError


def move(job: Job, where: str, actor: User) -> bool:
    """Put a waiting job first, last, up or down among the waiting jobs of its batch; False where nothing changed."""
    raise NotImplementedError


def rename(batch: Batch, name: str) -> bool:
    """Give it another name; False where that is empty or the same."""
    raise NotImplementedError


def run_again(batch: Batch, actor: User) -> Batch:
    """A new draft of the same writing, to be looked at and confirmed. Raises CannotDraft."""
    raise NotImplementedError
