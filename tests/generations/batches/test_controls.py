"""Pause, resume, stop, retry, priority, order: decided on rows, while the engine runs or nothing does."""

import pytest

from generations.batches import confirming, controls, drafting, progress
from generations.batches.drafting import Written
from generations.engine import outcomes
from generations.models import Batch, BatchSource, BatchStatus, Job, JobEvent, JobStatus
from tests import factories
from tests.engine import drive

TEN = "\n".join(f"boat {number}" for number in range(10))


def states(batch):
    return {status: count for status, count in progress.progress(batch).counts.items() if count}


def order(batch):
    return [job.batch_line for job in batch.jobs.filter(status=JobStatus.QUEUED).order_by("turn_at", "pk")]


def end(job, status, **fields):
    """Let a job have ended so, as the engine would write it."""
    channel = job.account.channels.first()
    Job.objects.filter(pk=job.pk).update(status=status, channel=channel, **fields)


@pytest.mark.usefixtures("engine")
def test_a_paused_batch_starts_nothing_more_and_goes_on_where_it_was(sandbox, member):
    batch = drafting.draft(member, Written(BatchSource.LINES, text=TEN), account=sandbox)
    confirming.confirm(batch, member)
    drive(lambda: batch.jobs.filter(status=JobStatus.DONE).exists())
    assert controls.pause(batch, member)
    assert not controls.pause(batch, member)
    drive(lambda: not batch.jobs.exclude(status__in=[JobStatus.QUEUED, JobStatus.DONE]).exists())
    waiting = batch.jobs.filter(status=JobStatus.QUEUED)
    assert waiting.exists()
    assert not waiting.filter(held=False).exists()
    assert controls.resume(batch, member)
    drive(lambda: batch.jobs.filter(status=JobStatus.DONE).count() == 10)
    assert progress.progress(batch).is_over


@pytest.mark.usefixtures("engine")
def test_stopping_drops_what_waits_at_once_and_lets_what_runs_end(sandbox, member):
    batch = drafting.draft(member, Written(BatchSource.LINES, text=TEN), account=sandbox)
    confirming.confirm(batch, member)
    drive(lambda: batch.jobs.filter(status=JobStatus.RUNNING).exists())
    dropped = controls.stop(batch, member)
    assert dropped > 0
    assert not batch.jobs.filter(status=JobStatus.QUEUED).exists()
    drive(lambda: progress.progress(batch).is_over)
    assert states(batch) == {JobStatus.CANCELLED: dropped, JobStatus.DONE: 10 - dropped}
    assert JobEvent.objects.filter(job__batch=batch, code="batch_stopped", actor=member).count() == dropped


def test_stopping_can_ask_what_runs_to_stop_also_afterwards(started, member):
    batch = started("a\nb")
    first = batch.jobs.order_by("pk")[0]
    end(first, JobStatus.RUNNING, remote_id="j1")
    assert controls.stop(batch, member) == 1
    assert controls.stop(batch, member, cancel_running=True) == 0
    first.refresh_from_db()
    assert first.cancel_requested_at


def test_what_comes_back_to_the_queue_waits_or_goes_with_its_batch(started, member):
    paused, stopped, running = started("a"), started("b"), started("c")
    for batch in (paused, stopped, running):
        end(batch.jobs.get(), JobStatus.SUBMITTING, attempt=1)
    controls.pause(paused, member)
    controls.stop(stopped, member)
    for batch in (paused, stopped, running):
        assert outcomes.requeue(batch.jobs.get(), "busy")
    assert (paused.jobs.get().status, paused.jobs.get().held) == (JobStatus.QUEUED, True)
    assert stopped.jobs.get().status == JobStatus.CANCELLED
    assert (running.jobs.get().status, running.jobs.get().held) == (JobStatus.QUEUED, False)


def test_only_what_is_free_is_tried_again_once_and_counts_as_its_new_job(started, member):
    batch = started("a\nb\nc\nd")
    free, charged, refused, cancelled = batch.jobs.order_by("pk")
    end(free, JobStatus.FAILED, error_code="parent_gone")
    end(charged, JobStatus.FAILED, error_code="failed_upstream", remote_id="j1")
    end(refused, JobStatus.REFUSED, error_code="moderated")
    end(cancelled, JobStatus.CANCELLED)
    first = controls.retry_failed(batch, member)
    assert first.queued == 2
    assert list(first.not_free.values()) == [1]
    assert "charged" in next(iter(first.not_free))
    assert controls.retry_failed(batch, member).queued == 0
    again = batch.jobs.filter(retry_of__in=[free, refused]).order_by("pk")
    assert [(job.batch_line, job.text, job.status) for job in again] == [(1, "a", "queued"), (3, "c", "queued")]
    assert states(batch) == {JobStatus.QUEUED: 2, JobStatus.FAILED: 1, JobStatus.CANCELLED: 1}
    assert [job.pk for job in progress.failed(batch)] == [charged.pk]


def test_trying_a_job_again_from_its_card_and_from_its_batch_makes_one_job(started, member):
    from generations import decisions

    batch = started("a")
    job = batch.jobs.get()
    end(job, JobStatus.FAILED, error_code="parent_gone")
    job.refresh_from_db()
    assert decisions.retry(job, member)
    assert controls.retry_failed(batch, member).queued == 0
    assert batch.jobs.count() == 2


def test_in_a_stopped_batch_nothing_is_tried_again_but_a_single_job_may_be_on_its_own(started, member):
    from generations import decisions

    batch = started("a")
    end(batch.jobs.get(), JobStatus.FAILED, error_code="parent_gone")
    controls.stop(batch, member)
    assert controls.retry_failed(batch, member).queued == 0
    prompt = decisions.retry(batch.jobs.get(), member)
    assert prompt.jobs.get().batch is None


def test_a_retry_in_a_paused_batch_waits_with_it(started, member):
    batch = started("a")
    end(batch.jobs.get(), JobStatus.FAILED, error_code="parent_gone")
    controls.pause(batch, member)
    assert controls.retry_failed(batch, member).queued == 1
    assert batch.jobs.get(status=JobStatus.QUEUED).held


def test_lines_are_moved_among_those_that_wait(started, member):
    batch = started("a\nb\nc\nd")
    a, b, c, d = batch.jobs.order_by("pk")
    for job, where, expected in [
        (d, controls.FIRST, [4, 1, 2, 3]),
        (b, controls.UP, [4, 2, 1, 3]),
        (d, controls.LAST, [2, 1, 3, 4]),
        (b, controls.DOWN, [1, 2, 3, 4]),
    ]:
        assert controls.move(job, where, member)
        assert order(batch) == expected
    assert not controls.move(a, controls.FIRST, member)
    assert not controls.move(d, controls.DOWN, member)
    end(c, JobStatus.RUNNING)
    assert not controls.move(c, controls.FIRST, member)


@pytest.mark.usefixtures("engine")
def test_jobs_start_in_the_order_they_were_moved_to(sandbox, member):
    batch = drafting.draft(member, Written(BatchSource.LINES, text="a\nb\nc\nd\ne"), account=sandbox)
    confirming.confirm(batch, member)
    controls.move(batch.jobs.get(batch_line=5), controls.FIRST, member)
    controls.move(batch.jobs.get(batch_line=1), controls.LAST, member)
    drive(lambda: not batch.jobs.filter(status=JobStatus.QUEUED).exists())
    claimed = JobEvent.objects.filter(job__batch=batch, code="claimed").order_by("at", "pk")
    assert [event.job.batch_line for event in claimed] == [5, 2, 3, 4, 1]


def test_a_priority_moves_the_whole_line_and_keeps_its_order_and_high_is_for_leads(started, member):
    batch = started("a\nb\nc")
    other = factories.make_job(owner=member, account=batch.account)
    controls.move(batch.jobs.get(batch_line=3), controls.FIRST, member)
    assert controls.set_priority(batch, -1, member) == 3
    everything = list(Job.objects.order_by("turn_at").values_list("batch_line", flat=True))
    assert everything == [None, 3, 1, 2]
    with pytest.raises(PermissionError):
        controls.set_priority(batch, 1, member)
    assert controls.set_priority(batch, 0, member) == 3
    assert Job.objects.order_by("turn_at").last() == other
    assert set(batch.jobs.values_list("priority", flat=True)) == {0}


def test_running_again_makes_a_draft_of_the_same_writing(started, member):
    batch = started("a {red, blue} boat", shared="--ar 16:9", name="Boats")
    controls.rename(batch, "  Red and  blue ")
    again = controls.run_again(batch, member)
    assert (again.status, again.again_of, again.name) == (BatchStatus.DRAFT, batch, "Red and blue")
    assert [row.text for row in again.lines.all()] == ["a red boat --ar 16:9", "a blue boat --ar 16:9"]
    assert not controls.rename(again, " ")
    assert Batch.objects.count() == 2


def test_progress_costs_few_queries_and_knows_rate_and_end(started, member, django_assert_max_num_queries):
    from datetime import timedelta

    from django.utils import timezone

    batch = started(TEN)
    now = timezone.now()
    for number, job in enumerate(batch.jobs.order_by("pk")[:6]):
        started_at = now - timedelta(minutes=3)
        end(
            job,
            JobStatus.DONE,
            reserved_at=started_at,
            accepted_at=started_at,
            ended_at=now - timedelta(seconds=number),
        )
    with django_assert_max_num_queries(4):
        figures = progress.progress(batch)
    assert (figures.total, figures.ended, figures.share) == (10, 6, 0.6)
    assert figures.per_minute == pytest.approx(2, rel=0.1)
    assert timedelta(minutes=1) < figures.expected_end - now < timedelta(minutes=4)
    assert figures.gpu_minutes == pytest.approx(6)
