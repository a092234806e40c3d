"""The background tasks: thin wrappers, so that what they do can be called, and tested, without a queue.

A task may run zero, one or several times; each is safe for all of these. Arguments are ids, never tokens or rows.
"""

import contextlib

from django.conf import settings

from accounts import syncing
from accounts.encryption import Unreadable
from accounts.models import Account
from generations.engine import adoption, clients, heartbeat, pruning, saving, shutdown
from generations.engine.pump import Pump
from generations.gallery import trash
from generations.media import library, repair
from generations.models import Image, Job, JobStatus
from generations.references import shelf
from midjourney.upstream import UpstreamError


def pump() -> None:
    """Drive the queue for a while, then let the next task go on."""
    driver = Pump()
    if not driver.run(settings.PUMP_SECONDS):
        driver.drain()
        return
    if not shutdown.is_asked():
        saving.enqueue("pump")
    driver.drain()


def watchdog() -> None:
    """Start a pump where none beats. Runs every minute; `worker` looks more often."""
    heartbeat.forget_old_slots()
    library.forget_unfinished()
    if not heartbeat.some_pump_runs():
        saving.enqueue("pump")


def prune() -> None:
    """Throw away what nobody asks for any more. Runs daily."""
    pruning.prune()
    shelf.forget_unused()
    trash.forget_old()


def save_results() -> None:
    """Save the files of finished jobs until none is due."""
    if saving.save_due():
        saving.wake_savers()


def look_for_more(pk: int) -> None:
    """Read a finished job once more and adopt what other programs have made from it."""
    job = Job.objects.select_related("account", "owner").filter(pk=pk, status=JobStatus.DONE).first()
    if job is None or not job.remote_id:
        return
    try:
        reply = clients.client_for(job.account).job(job.remote_id)
    except (UpstreamError, Unreadable):
        return
    if adoption.from_children(job, reply):
        job.account.wake()


def repair_image(pk: int) -> None:
    """Fetch a saved file once more whose copy on our disk is missing or damaged."""
    image = Image.objects.saved().select_related("job__account").filter(pk=pk).first()
    if image is not None:
        with contextlib.suppress(Unreadable):
            repair.repair(image)


def sync_account(pk: int) -> None:
    """Bring one account's channels up to date; its state says how that went."""
    account = Account.objects.filter(pk=pk).first()
    if account is None:
        return
    try:
        syncing.sync_account(account)
    except UpstreamError:
        return
    account.wake()
