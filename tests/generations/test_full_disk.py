"""A disk without space: it costs time, nothing else, and nothing half-made is left to take up more of it."""

import errno

import pytest
from django.conf import settings

from generations.engine import saving
from generations.enqueue import enqueue
from generations.media import pictures
from generations.models import JobStatus
from tests.engine import drive

pytestmark = pytest.mark.usefixtures("engine")


def files() -> list[str]:
    return [path.name for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]


def test_a_full_disk_leaves_nothing_half_made_and_the_job_goes_on_when_there_is_space(
    simulator, sandbox, member, monkeypatch
):
    monkeypatch.setattr(saving, "FIRST_RETRY", 0.3)
    made = pictures.make_thumbnails

    def without_space(picture, stem):
        made(picture, stem)
        raise OSError(errno.ENOSPC, "No space left on device")

    job = enqueue(member, "a boat", account=sandbox).jobs.get()
    with monkeypatch.context() as full:
        full.setattr(pictures, "make_thumbnails", without_space)
        drive(lambda: _error(job) == "disk_full")
        assert files() == []
    drive(lambda: _error(job) == "" and job.status == JobStatus.DONE)


def _error(job) -> str:
    job.refresh_from_db()
    return job.error_code
