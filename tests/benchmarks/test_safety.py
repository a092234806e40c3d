"""What the benchmarks count as too many, lost or unsaved."""

import hashlib

import pytest
from django.conf import settings

from benchmarks import safety
from benchmarks.record import Run
from generations.models import JobStatus
from tests import factories

pytestmark = pytest.mark.django_db


def run_of(job, **fields) -> Run:
    return Run(
        **{"ref": str(job.ref), "remote_id": job.remote_id, "channel": "1", "began": 1.0, "ended": 2.0, **fields}
    )


def saved_job(content: bytes = b"a picture"):
    job = factories.make_job(status=JobStatus.DONE)
    image = factories.make_image(
        job=job, path="aa/picture.png", bytes=len(content), sha256=hashlib.sha256(content).hexdigest()
    )
    path = settings.MEDIA_ROOT / image.path
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    return job, path


def test_each_job_beyond_a_limit_counts_in_total_and_by_lane():
    limits = {"total": 3, "image": 3, "video": 2}
    peak = {"1": {"total": 5, "image": 3, "video": 3, "limits": limits}}
    assert safety.over_capacity(peak) == 2 + 1
    assert safety.over_capacity({"1": {"total": 3, "image": 3, "video": 0, "limits": limits}}) == 0


def test_a_job_that_the_service_ran_and_we_know_the_end_of_is_not_lost():
    job = factories.make_job(status=JobStatus.DONE)
    assert safety.lost([run_of(job)], {str(job.ref): job}, is_complete=True) == 0


@pytest.mark.parametrize("status", [JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.UNCERTAIN, JobStatus.FAILED])
def test_a_job_that_the_service_ended_and_we_do_not_know_to_be_is_lost(status):
    job = factories.make_job(status=status)
    assert safety.lost([run_of(job)], {str(job.ref): job}, is_complete=True) == 1


def test_a_run_with_another_id_or_of_nobody_is_lost():
    job = factories.make_job(status=JobStatus.DONE)
    strange = [run_of(job, remote_id="another"), run_of(job, ref="nobody's")]
    assert safety.lost(strange, {str(job.ref): job}, is_complete=False) == 2


def test_a_job_that_never_ran_is_lost_unless_it_was_cancelled_unsent():
    cancelled = factories.make_job(status=JobStatus.CANCELLED)
    waiting = factories.make_job(status=JobStatus.QUEUED)
    jobs = {str(job.ref): job for job in (cancelled, waiting)}
    assert safety.lost([], jobs, is_complete=True) == 1
    assert safety.lost([], jobs, is_complete=False) == 0


def test_a_job_is_saved_where_every_file_is_there_with_its_checksum():
    job, _ = saved_job()
    assert safety.unsaved({job.pk}) == 0


def test_a_damaged_or_missing_file_or_none_at_all_is_unsaved():
    job, path = saved_job()
    path.write_bytes(b"b picture")
    assert safety.unsaved({job.pk}) == 1
    path.unlink()
    assert safety.unsaved({job.pk}) == 1
    assert safety.unsaved({factories.make_job(status=JobStatus.DONE).pk}) == 1
