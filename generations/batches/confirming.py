"""Starts a draft: its chosen lines become queued jobs, once."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import Account, User
from accounts.models.account import wake_accounts
from generations import enqueue
from generations.batches.errors import CannotConfirm
from generations.models import Batch, BatchLine, BatchStatus, Job, Priority, Prompt, Verb
from generations.models.priority import turn_at

__all__ = ["CannotConfirm", "confirm"]

APART = timedelta(milliseconds=1)  # between the turns of two lines, so that they start in their order


def confirm(batch: Batch, actor: User) -> bool:
    """Queue a draft's chosen lines in one transaction; False where it had been confirmed already.

    Raises CannotConfirm where no line is chosen or the account may not be used any more; nothing is queued then.
    """
    with transaction.atomic():
        now = timezone.now()
        draft = Batch.objects.filter(pk=batch.pk, status=BatchStatus.DRAFT)
        # Holds the row until the commit: whoever confirms at the same time waits, and then finds no draft.
        if not draft.update(status=BatchStatus.RUNNING, confirmed_at=now):
            return False
        batch.refresh_from_db()
        lines = list(batch.lines.filter(is_chosen=True).select_related("parent").defer("parent__upstream"))
        _check(batch, lines)
        jobs = [_job(batch, line, now + place * APART) for place, line in enumerate(lines)]
        prompts = [
            Prompt(
                owner_id=batch.owner_id,
                account_id=job.account_id,
                text=line.text,
                idempotency_key=f"batch-{batch.ref}-{line.position}",
            )
            for line, job in zip(lines, jobs, strict=True)
        ]
        enqueue.store(prompts, jobs, actor)
        accounts = sorted({job.account_id for job in jobs})
        transaction.on_commit(lambda: wake_accounts(accounts))
    return True


def _check(batch: Batch, lines: list[BatchLine]) -> None:
    """Raises CannotConfirm."""
    if not lines:
        raise CannotConfirm("No line is chosen. Choose at least one that can work.")
    if batch.priority > Priority.NORMAL and not batch.owner.is_lead:
        raise CannotConfirm("High priority is for leads. Choose normal or low.")
    usable = set(Account.objects.visible_to(batch.owner).values_list("pk", flat=True))
    needed = {line.parent.account_id if line.parent else batch.account_id for line in lines}
    if needed - usable:
        name = Account.objects.filter(pk__in=needed - usable).values_list("name", flat=True).first()
        raise CannotConfirm(f"You may not use the account {name} any more. Choose another, or take those lines out.")
    if any(line.button and line.parent is None for line in lines):
        raise CannotConfirm("A picture of this batch is gone. Make the batch anew.")


def _job(batch: Batch, line: BatchLine, queued_at) -> Job:
    fields = _facts_of_button(line.parent, line) if line.parent else enqueue.facts(line.text)
    return Job(
        owner_id=batch.owner_id,
        batch=batch,
        batch_line=line.number,
        priority=batch.priority,
        turn_at=turn_at(queued_at, batch.priority),
        **{"account_id": batch.account_id, **fields},
    )


def _facts_of_button(parent: Job, line: BatchLine) -> dict:
    return {
        "verb": Verb.BUTTON,
        "parent": parent,
        "parent_position": line.parent_position,
        "button": line.button,
        "account_id": parent.account_id,
        "bound_to": parent.channel_id or 0,  # a button works on its picture's channel only
        "lane": line.lane,
        "text": parent.text,
        "parameters": parent.parameters,
        "ratio_width": parent.ratio_width,
        "ratio_height": parent.ratio_height,
        "kind": line.kind,
    }
