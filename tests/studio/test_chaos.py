"""The short form of `make chaos`, and that its judge sees what it is there to see."""

import json
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection

from benchmarks.chaos import promises, watch
from benchmarks.chaos.events import Happened
from generations.models import Job, JobStatus, Spend
from tests import factories
from tests.files import put_picture

S = JobStatus
QUIET = {"paid_by_ref": {}, "peak": {}}


@pytest.mark.slow
def test_a_studio_whose_parts_die_while_it_works_keeps_every_promise(tmp_path):
    result = tmp_path / "chaos.json"
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.chaos", "--short", "--database", connection.vendor, "--result", str(result)],
        cwd=settings.BASE_DIR, capture_output=True, text=True, check=False, timeout=580,
    )  # fmt: skip
    print(done.stdout, done.stderr)  # noqa: T201  # shown where the test failed
    assert done.returncode == 0
    told = json.loads(result.read_text())
    assert told["broken"] == []
    assert told["at_the_end"]["jobs"] == told["plan"]["jobs"]
    assert {"kill the pump", "kill the simulator", "kill the web", "fill the disk"} <= told["events"].keys()


@pytest.fixture
def done_job(member, settings, tmp_path) -> Job:
    """A finished job that was paid once and has all its files."""
    job = factories.make_job(owner=member, status=S.DONE, counted_on="2026-01-01")
    Spend.objects.create(owner=member, day="2026-01-01", jobs=1)
    for position in range(1, 5):
        image = factories.make_image(job=job, position=position, width=64, height=36, thumbnails=[])
        put_picture(image)
        content = promises.library.full_path(image.path).read_bytes()
        image.bytes, image.sha256 = len(content), promises.hashlib.sha256(content).hexdigest()
        image.save()
    return job


def once(job: Job) -> dict:
    return {**QUIET, "paid_by_ref": {str(job.ref): 1}}


def broken(stats: dict, expected: int = 1) -> list[str]:
    """The names of the promises that the judge finds broken."""
    return [line.partition(":")[0] for line in promises.judge(stats, expected).broken]


def test_the_judge_finds_nothing_where_all_is_well(done_job):
    assert broken(once(done_job)) == []


def test_the_judge_sees_a_job_that_was_paid_twice(done_job):
    assert broken({**QUIET, "paid_by_ref": {str(done_job.ref): 2}}) == ["paid_twice"]


def test_the_judge_sees_a_payment_that_the_books_do_not_know(done_job):
    Job.objects.update(counted_on=None)
    Spend.objects.update(jobs=0)
    assert broken(once(done_job)) == ["paid_unknown"]


def test_the_judge_sees_a_payment_for_no_job_of_ours_and_one_that_was_never_made(done_job):
    assert broken({**QUIET, "paid_by_ref": {"somebody else's": 1}}) == ["paid_for_nobody", "counted_free"]


def test_the_judge_sees_books_that_do_not_add_up(done_job):
    Spend.objects.update(jobs=2)
    assert broken(once(done_job)) == ["booked"]


def test_the_judge_sees_a_job_that_was_lost_or_forgotten(done_job):
    assert broken(once(done_job), expected=2) == ["jobs"]
    factories.make_job(status=S.SAVING, account=done_job.account)
    assert broken(once(done_job), expected=2) == ["lost"]


def test_the_judge_sees_a_bad_end_without_a_reason(done_job):
    Job.objects.update(status=S.FAILED)
    assert broken(once(done_job)) == ["without_reason"]


def test_the_judge_sees_more_jobs_at_once_than_the_limit(done_job):
    limits = {"total": 3, "image": 3, "video": 3}
    peak = {"1": {"total": 4, "image": 2, "video": 2, "limits": limits}}
    assert broken({**once(done_job), "peak": peak}) == ["over_limit"]


def test_the_judge_sees_a_slot_that_is_held_for_nothing(done_job):
    factories.make_job(status=S.RUNNING, account=done_job.account, counted_on="2026-01-01", owner=done_job.owner)
    Spend.objects.update(jobs=2)
    assert broken(once(done_job), expected=2) == ["lost", "slots_leaked"]


@pytest.mark.parametrize("harm", ["missing", "cut", "other"])
def test_the_judge_sees_a_file_that_is_not_what_its_row_says(done_job, harm):
    path = promises.library.full_path(done_job.images.first().path)
    content = path.read_bytes()
    path.unlink()
    if harm != "missing":
        path.write_bytes(content[: len(content) // 2] if harm == "cut" else bytes(len(content)))
    assert broken(once(done_job)) == ["broken_files"]


def test_the_judge_sees_a_finished_job_without_all_its_pictures(done_job):
    done_job.images.first().delete()
    assert broken(once(done_job)) == ["jobs_with_missing_files"]


def seen(*looks: tuple[float, str, float]) -> watch.Watch:
    """A watch that saw (moment, holder, beat), and a look at every account with each beat."""
    found = watch.Watch()
    found.looks = [watch.Look(at, holder, beat, beat) for at, holder, beat in looks]
    return found


def test_recovery_is_counted_from_the_kill_to_the_first_beat_of_another_pump():
    kill = Happened("kill the pump", at=100.0, until=100.1, took_pump=True)
    looks = seen((99, "a", 98.5), (101, "a", 100.2), (111, "b", 110.5), (112, "b", 111.5))
    found = watch.summary(looks.recoveries([kill]), lease=10.0)
    assert found["to_next_beat"] == {"median": 10.5, "most": 10.5}
    assert found["ratio"] == 1.05


def test_a_recovery_during_which_something_else_stopped_the_queue_is_no_figure():
    kill = Happened("kill the pump", at=100.0, until=100.1, took_pump=True)
    restart = Happened("restart the database", at=105.0, until=107.0)
    looks = seen((99, "a", 98.5), (130, "b", 129.5))
    assert watch.summary(looks.recoveries([kill, restart]), lease=10.0)["measured"] == 0


def test_a_pump_that_never_beats_again_is_no_quick_recovery():
    kill = Happened("kill the pump", at=100.0, until=100.1, took_pump=True)
    assert watch.summary(seen((99, "a", 98.5)).recoveries([kill]), lease=10.0)["ratio"] > 1.2
