"""Throws away what nobody asks for any more. Daily, in small steps, and only so much a run.

What is kept for ever: jobs, pictures that nobody threw away, and every event that says how an accepted job came to its
state, or that a person did something. What goes, each after `settings.KEEP_DAYS` unless another time stands here:

| What | Why |
|---|---|
| tasks that failed, of django-q2 | their tracebacks are in the log as well; the table grows without end otherwise |
| tasks in the database's queue that no worker has taken for a day | all tasks are sweeps, which the next one repeats |
| events that a file was not saved yet, of jobs that have ended | up to a hundred a job while a link is down |
| events of claims that sent nothing, of jobs that ended without being accepted | a job can go back and forth all day |
| sessions that have run out, and rows of the cache that have | at once |
| how pictures were before they were changed | after a day nothing can be undone any more |
| pictures in the trash, with their files | after `settings.TRASH_DAYS`; until then they can be taken out |
"""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.core.cache.backends.db import DatabaseCache
from django.db import connection, models
from django.db.models import Q
from django.utils import timezone
from django_q.models import OrmQ, Task

from generations.engine import shutdown
from generations.gallery import trash
from generations.gallery.changes import UNDONE_WITHIN
from generations.models import FINAL, GalleryChange, JobEvent, JobStatus

logger = logging.getLogger(__name__)

STEP = 500  # rows that one statement removes: a write in between waits for no more than that
MOST = 20_000  # rows of one kind that one run removes
LEFT_BEHIND = timedelta(days=1)

BACK_AND_FORTH = (JobStatus.QUEUED, JobStatus.SUBMITTING)


def prune(now: datetime | None = None) -> dict[str, int]:
    """Remove what is due, within the bounds of one run; return how many rows of what."""
    now = now or timezone.now()
    removed = {name: _remove(rows) for name, rows in due(now)}
    removed["cache"] = _remove_from_cache(now)
    removed["trash"] = trash.empty_old(now)
    if any(removed.values()):
        logger.info("pruned %s", " ".join(f"{name}={count}" for name, count in removed.items() if count))
    return removed


def due(now: datetime) -> Iterator[tuple[str, models.QuerySet]]:
    """What may go, by name."""
    old = now - timedelta(days=settings.KEEP_DAYS)
    yield "tasks", Task.objects.filter(stopped__lt=old)
    yield "queue", OrmQ.objects.filter(lock__lt=now - LEFT_BEHIND)
    ended = JobEvent.objects.filter(at__lt=old, actor=None, job__status__in=FINAL)
    yield "saving", ended.filter(code="save_retry", previous="")
    yield "claims", ended.filter(_sent_nothing(), job__remote_id="")
    yield "changes", GalleryChange.objects.filter(at__lt=now - UNDONE_WITHIN)
    yield "sessions", Session.objects.filter(expire_date__lt=now)


def _sent_nothing() -> Q:
    """A claim, or its way back to the queue, as opposed to the first event and the last."""
    return Q(status__in=BACK_AND_FORTH, previous__in=BACK_AND_FORTH)


def _remove(rows: models.QuerySet) -> int:
    """Remove rows a step at a time, in one pass over the table."""
    count, last = 0, None
    while count < MOST and not shutdown.is_asked():
        step = rows if last is None else rows.filter(pk__gt=last)
        pks = list(step.order_by("pk").values_list("pk", flat=True)[:STEP])
        if not pks:
            break
        count += rows.model._default_manager.filter(pk__in=pks).delete()[0]
        last = pks[-1]
    return count


def _remove_from_cache(now: datetime) -> int:
    """Rows of the cache in the database that have run out: it removes them itself only when it is full."""
    cache = caches["default"]
    if not isinstance(cache, DatabaseCache):
        return 0
    table = connection.ops.quote_name(cache._table)  # type: ignore[attr-defined]
    moment = connection.ops.adapt_datetimefield_value(now.replace(microsecond=0))
    count = 0
    with connection.cursor() as cursor:
        while count < MOST and not shutdown.is_asked():
            cursor.execute(
                f"DELETE FROM {table} WHERE cache_key IN "  # noqa: S608
                f"(SELECT cache_key FROM {table} WHERE expires < %s LIMIT {STEP})",
                [moment],
            )
            count += cursor.rowcount
            if cursor.rowcount < STEP:
                break
    return count
