"""Starts a draft: its chosen lines become queued jobs, once."""

from accounts.models import User
from generations.batches.errors import CannotConfirm
from generations.models import Batch

__all__ = ["CannotConfirm", "confirm"]


def confirm(batch: Batch, actor: User) -> bool:
    """Queue a draft's chosen lines in one transaction; False where it had been confirmed already.

    Raises CannotConfirm where no line is chosen or the account may not be used any more; nothing is queued then.
    """
    raise NotImplementedError
