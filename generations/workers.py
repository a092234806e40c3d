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
from generations.media import checking, library, looks, repair
from generations.models import Image, Job, JobStatus
from generations.references import shelf
from generations.sharing import copies
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
    lost = checking.take_up_lost()
    if lost:
        saving.enqueue("verify_media", lost.pk)


def prune() -> None:
    """Throw away what nobody asks for any more, and take the looks that are missing. Runs daily."""
    pruning.prune()
    shelf.forget_unused()
    copies.forget_old()
    looks.catch_up()


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


def begin_check() -> None:
    """Look at every saved file, unless that is under way. Runs weekly."""
    if not checking.running():
        saving.enqueue("verify_media", checking.start().pk)


def verify_media(pk: int, *at) -> None:
    """Look at the next portion of the files, from `at` (a phase and the last primary key), then let a task go on."""
    check = checking.go_on(pk, list(at) or None)
    if check and not check.ended_at and not shutdown.is_asked():
        saving.enqueue("verify_media", pk, *check.details["at"])


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
