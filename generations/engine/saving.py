"""Fetches the files of finished jobs, retried until they are on our disk or certainly lost."""

import logging
import math
import time
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django_q.tasks import async_task
from redis.exceptions import RedisError

from accounts.encryption import Unreadable
from generations.engine import adoption, breaker, clients, heartbeat, points, shutdown
from generations.gallery import collecting, facts
from generations.media import library, looks
from generations.media.library import Fetched, NotSaved
from generations.models import Image, ImageKind, Job, JobStatus, Verb
from midjourney.upstream import Gone, JobReply, MediaError, Unreachable, Upstream, UpstreamError

logger = logging.getLogger(__name__)

LEASE = 20.0  # seconds after which another worker may try, unless the one that saves has renewed it
FIRST_RETRY = 4.0  # seconds; doubled each time
LAST_RETRY = 600.0
GIVE_UP_AFTER = timedelta(hours=30)  # links die after 24 h (useapi-v3.md §11)
TASK_SECONDS = 60.0  # of one saver; then the next task goes on
SHOWN_EVERY = 0.4  # seconds; the move to done shows the rest
ASK_EVERY = 0.4  # seconds; a saver goes on until nothing is due
MAKES_PICTURES = {Verb.IMAGINE, Verb.BUTTON, Verb.BLEND}


def enqueue(task: str, *args) -> None:
    """Put a task of `generations.workers` into the queue.

    A broker that does not answer loses nothing: what is due stands in the database, and a sweep asks again.
    """
    try:
        async_task(f"generations.workers.{task}", *args)
    except RedisError as error:
        logger.warning("task not queued task=%s error=%s", task, type(error).__name__)


def save_later() -> None:
    """Start a saver once the transaction has committed; not more often than one can find out that it is not needed."""
    transaction.on_commit(_ask_for_saver)


def ask_again() -> None:
    """Start the saver that was held back a moment ago. The pump calls this all the time."""
    if _asked.again and time.monotonic() - _asked.at > ASK_EVERY:
        _ask_for_saver()


def _ask_for_saver() -> None:
    now = time.monotonic()
    _asked.again = now - _asked.at < ASK_EVERY
    if not _asked.again:
        _asked.at = now
        enqueue("save_results")


class _Asked:
    """When this process last asked for a saver, and whether it wanted to since. Two threads that ask at once only
    start one saver too many."""

    at = -math.inf
    again = False


_asked = _Asked()


def expect_images(job: Job, reply: JobReply) -> None:
    """Write down every file that the answer names, so that none can be forgotten; refresh links of unsaved ones."""
    if job.verb not in MAKES_PICTURES:
        return  # what comes with a seed is the grid's four pictures once more
    wanted = [media for media in reply.media if media.kind in ImageKind.values]
    has_pieces = any(media.kind != ImageKind.GRID for media in wanted)
    known = {(image.kind, image.position): image for image in job.images.all()}
    new = {}
    copied = facts.of_job(job)
    # The gallery shows the newest row first, so the first picture of a job is written last.
    for media in sorted(wanted, key=lambda media: -media.position):
        place = (media.kind, media.position)
        if place in known:
            Image.objects.filter(pk=known[place].pk, saved_at=None).update(source_url=media.url)
            continue
        new[place] = Image(
            job=job,
            kind=media.kind,
            position=media.position,
            owner_id=job.owner_id,
            source_url=media.url,
            created_at=job.ended_at or timezone.now(),
            # A grid repeats its four pictures; it stands in the gallery only where it came alone.
            in_gallery=media.kind != ImageKind.GRID or not has_pieces,
            **copied,
        )
    Image.objects.bulk_create(new.values(), ignore_conflicts=True)  # another process may be at the same


def wake_savers() -> None:
    """Start a saver where results have been due for a moment: its task was lost, or it is time for another try."""
    overdue = timezone.now() - timedelta(seconds=2)
    if Job.objects.filter(status=JobStatus.SAVING, save_due_at__lt=overdue).exists():
        enqueue("save_results")


def save_due() -> int:
    """Save due jobs one after the other for a bounded time; return how many became done.

    So many savers run at once; one more ends at once, and what is due is left to those.
    """
    slot = heartbeat.take_saver_slot()
    if slot is None:
        return 0
    until = time.monotonic() + TASK_SECONDS
    done = 0
    try:
        while time.monotonic() < until and not shutdown.is_asked():
            job = _take_due()
            if job is None:
                break
            slot.beat()
            done += save_job(job, slot)
    finally:
        slot.release()
    return done


def _take_due() -> Job | None:
    """Reserve the job that has been due longest for one attempt."""
    now = timezone.now()
    due = Job.objects.filter(status=JobStatus.SAVING, save_due_at__lte=now).order_by("save_due_at")
    for job in due.select_related("account")[:5]:
        # Longer each time: a job whose saving kills the process must not do so again at once.
        until = now + timedelta(seconds=LEASE * min(job.save_attempts + 1, 30))
        reserved = Job.objects.filter(pk=job.pk, status=JobStatus.SAVING, save_due_at=job.save_due_at).update(
            save_due_at=until, save_attempts=F("save_attempts") + 1
        )
        if reserved:
            job.save_attempts += 1
            job.save_due_at = until
            return job
    return None


def save_job(job: Job, slot: heartbeat.Slot | None = None) -> bool:
    """Try to save everything of a job that is not saved yet; return whether the job is done with that."""
    points.reached("save.reserved")
    try:
        upstream = clients.client_for(job.account)
        if job.save_attempts > 1 or not job.images.exists():
            _refresh_links(job, upstream)
        _save_images(job, upstream, slot)
    except (UpstreamError, Unreadable) as error:
        return _try_again(job, getattr(error, "code", "bad_token"))
    except OSError as error:
        logger.error("saving failed job=%s error=%s", job.pk, error.strerror)
        return _try_again(job, library.disk_error_code(error))
    except Exception:
        # One job that cannot be saved must neither stop the others nor be tried without a pause.
        logger.exception("saving fault job=%s", job.pk)
        return _try_again(job, "saving_fault")
    return conclude(job)


def _refresh_links(job: Job, upstream: Upstream) -> None:
    """Ask for the job once more: links may have been renewed, or files added. Old links may work without the API."""
    try:
        if breaker.is_open(job.account, timezone.now()) or breaker.is_half_open(job.account):
            raise Unreachable("The service is left alone until it answers again.")
        reply: JobReply = upstream.job(job.remote_id)
    except UpstreamError as error:
        if not isinstance(error, Gone) and not job.images.exists():
            raise
        logger.info("links not renewed job=%s code=%s", job.pk, error.code)
        return
    expect_images(job, reply)
    adoption.from_children(job, reply)


def _save_images(job: Job, upstream: Upstream, slot: heartbeat.Slot | None) -> None:
    """Download side by side, then check and publish one after the other: pictures are large once decoded."""
    unsaved = list(job.images.filter(saved_at=None, given_up_at=None))
    if not unsaved:
        return
    fetches: list[tuple[Image, Future[Fetched]]] = []
    shown = time.monotonic()
    try:
        with ThreadPoolExecutor(max_workers=4, thread_name_prefix="download") as pool:
            fetches = [(image, pool.submit(library.fetch, upstream, image.source_url, image.kind)) for image in unsaved]
            for image, fetch in fetches:
                try:
                    _publish(image, _result(fetch, job, slot))
                except (NotSaved, MediaError) as error:
                    _note_failure(image, error.code)
                    continue
                if time.monotonic() - shown > SHOWN_EVERY:  # the card shows each picture as it comes
                    job.touch()
                    shown = time.monotonic()
    finally:
        _forget_unpublished(fetch for _, fetch in fetches)


def _forget_unpublished(fetches: Iterable[Future[Fetched]]) -> None:
    """Remove what was fetched and will not be published because something ended the attempt, such as a full disk."""
    for fetch in fetches:
        if fetch.done() and fetch.exception() is None:
            fetch.result().path.unlink(missing_ok=True)


def _result(fetch: Future[Fetched], job: Job, slot: heartbeat.Slot | None) -> Fetched:
    """What a download brought, keeping the job reserved while it takes its time."""
    while True:
        _renew(job, slot)
        try:
            return fetch.result(timeout=LEASE / 8)
        except TimeoutError:
            continue


def _renew(job: Job, slot: heartbeat.Slot | None) -> None:
    """Keep the job reserved and the slot ours, where a quarter of the time has gone by since."""
    now = timezone.now()
    if job.save_due_at and job.save_due_at - now > timedelta(seconds=LEASE * 3 / 4):
        return
    until = now + timedelta(seconds=LEASE)
    if Job.objects.filter(pk=job.pk, status=JobStatus.SAVING).update(save_due_at=until):
        job.save_due_at = until
    if slot:
        slot.beat()


def _publish(image: Image, fetched: Fetched) -> None:
    facts = library.publish(fetched)
    now = timezone.now()
    if Image.objects.filter(pk=image.pk, saved_at=None).update(saved_at=now, error_code="", **facts):
        image.thumbnails = facts["thumbnails"]
        looks.keep(image)
    else:
        library.discard(facts)  # another worker was quicker
    points.reached("save.filled")


def _note_failure(image: Image, code: str) -> None:
    logger.warning("file not saved image=%s job=%s code=%s", image.pk, image.job_id, code)
    Image.objects.filter(pk=image.pk, saved_at=None).update(error_code=code)


def conclude(job: Job) -> bool:
    """Close a job whose files are all saved, or plan the next attempt; return whether it is done."""
    images = list(job.images.all())
    missing = [image for image in images if not image.is_saved]
    if missing or (not images and job.verb in MAKES_PICTURES):
        code = missing[0].error_code if missing else "no_files"
        return _try_again(job, code or "media_unreachable")
    points.reached("save.complete")
    if job.into_id:  # before the move, so that a death in between only does it again
        collecting.file_away(job)
    note = _counted(images)
    moved = job.move(JobStatus.DONE, code="saved", note=note, save_due_at=None, error_code="", error_text="")
    points.reached("save.done")
    return moved


def _counted(images: Iterable[Image]) -> str:
    images = list(images)
    total = sum(image.bytes or 0 for image in images)
    return f"{len(images)} file{'' if len(images) == 1 else 's'}, {total / 1e6:.1f} MB" if images else ""


def _try_again(job: Job, code: str) -> bool:
    """Plan the next attempt, or give up once no link can be alive any more."""
    now = timezone.now()
    ended = job.ended_at or job.created_at
    if now - ended > GIVE_UP_AFTER:
        Image.objects.filter(job=job, saved_at=None).update(given_up_at=now)
        job.move(JobStatus.FAILED, code="media_lost", error_code="media_lost", save_due_at=None)
        return False
    wait = min(LAST_RETRY, FIRST_RETRY * 2 ** min(job.save_attempts - 1, 10))
    job.record(
        code="save_retry", note=code, only_if={"status": JobStatus.SAVING},
        save_due_at=now + timedelta(seconds=wait), error_code=code,
    )  # fmt: skip
    return False


def save_again(job: Job) -> bool:
    """A person asks for another attempt now; return whether the job still waits for its files."""
    asked = job.touch(only_if={"status": JobStatus.SAVING}, save_due_at=timezone.now())
    if asked:
        save_later()
    return asked
