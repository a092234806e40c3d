"""What nobody asks for any more goes, in bounds; what says what was paid, or what a person did, stays."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from django_q.models import OrmQ, Schedule, Task

from generations import workers
from generations.engine import pruning
from generations.management.commands import worker
from generations.models import JobEvent, JobStatus
from tests import factories

pytestmark = pytest.mark.django_db

S = JobStatus
LONG_AGO = timezone.now() - timedelta(days=200)


def event(job, status, previous="", code="", at=LONG_AGO, actor=None) -> JobEvent:
    return JobEvent.objects.create(job=job, at=at, status=status, previous=previous, code=code, actor=actor)


def way_of(job) -> list[JobEvent]:
    """Sent once in vain, then accepted."""
    return [
        event(job, S.QUEUED),
        event(job, S.SUBMITTING, S.QUEUED, "claimed"),
        event(job, S.QUEUED, S.SUBMITTING, "busy"),
        event(job, S.SUBMITTING, S.QUEUED, "claimed"),
    ]


def test_every_move_of_a_job_that_was_accepted_is_kept():
    job = factories.make_job(status=S.DONE)
    events = [*way_of(job), event(job, S.RUNNING, S.SUBMITTING), event(job, S.SAVING, S.RUNNING)]
    pruning.prune()
    assert JobEvent.objects.count() == len(events)


def test_repeated_attempts_to_save_go_once_the_job_has_ended():
    done, saving = factories.make_job(status=S.DONE), factories.make_job(status=S.SAVING)
    for job in (done, saving):
        for _ in range(3):
            event(job, S.SAVING, code="save_retry")
    assert pruning.prune()["saving"] == 3
    assert set(JobEvent.objects.values_list("job", flat=True)) == {saving.pk}


def test_claims_that_sent_nothing_go_where_the_job_was_never_accepted_and_its_first_and_last_word_stay():
    job = factories.make_job(status=S.CANCELLED, remote_id="")
    way_of(job)
    event(job, S.CANCELLED, S.QUEUED, "cancelled")
    assert pruning.prune()["claims"] == 3
    assert list(job.events.values_list("status", flat=True)) == ["queued", "cancelled"]


def test_what_a_person_did_is_kept():
    job = factories.make_job(status=S.CANCELLED, remote_id="")
    event(job, S.QUEUED, S.SUBMITTING, "requeued", actor=job.owner)
    pruning.prune()
    assert job.events.count() == 1


def test_what_is_not_old_yet_is_kept(settings):
    job = factories.make_job(status=S.DONE)
    event(job, S.SAVING, code="save_retry", at=timezone.now() - timedelta(days=5))
    pruning.prune()
    assert job.events.count() == 1
    settings.KEEP_DAYS = 4
    pruning.prune()
    assert job.events.count() == 0


def failed_task(number: int, stopped) -> Task:
    return Task.objects.create(
        id=f"{number:032d}", name=str(number), func="x", started=stopped, stopped=stopped, success=False
    )


def test_old_tasks_leftovers_of_the_queue_and_sessions_that_ran_out_go():
    now = timezone.now()
    failed_task(1, LONG_AGO)
    failed_task(2, now)
    OrmQ.objects.create(key="mjstudio", payload="x", lock=now - timedelta(days=2))
    OrmQ.objects.create(key="mjstudio", payload="x", lock=now)
    Session.objects.create(session_key="old", session_data="", expire_date=LONG_AGO)
    Session.objects.create(session_key="new", session_data="", expire_date=now + timedelta(days=1))
    workers.prune()
    assert [task.name for task in Task.objects.all()] == ["2"]
    assert OrmQ.objects.count() == 1
    assert [session.session_key for session in Session.objects.all()] == ["new"]


def test_one_run_removes_so_much_and_the_next_goes_on(monkeypatch):
    monkeypatch.setattr(pruning, "STEP", 2)
    monkeypatch.setattr(pruning, "MOST", 4)
    for number in range(7):
        failed_task(number, LONG_AGO)
    assert [pruning.prune()["tasks"] for _ in range(3)] == [4, 3, 0]


def test_rows_of_the_cache_that_ran_out_go(settings):
    from django.core.cache import caches
    from django.core.management import call_command
    from django.db import connection

    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "studio_cache"},
    }
    call_command("createcachetable")
    caches["default"].set("short", "x", timeout=0.001)
    caches["default"].set("long", "x", timeout=600)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE studio_cache SET expires = %s WHERE cache_key LIKE %s", ["2001-01-01 00:00:00", "%short"]
        )
    assert pruning.prune()["cache"] == 1
    assert caches["default"].get("long") == "x"


def test_pruning_is_scheduled_daily_and_once():
    worker._schedule()
    worker._schedule()
    found = Schedule.objects.get(name="prune")
    assert found.func == "generations.workers.prune"
    assert found.schedule_type == Schedule.DAILY
