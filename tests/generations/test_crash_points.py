"""A worker that dies at any named instruction pays nothing twice, loses nothing and leaves no slot behind."""

import json
import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.conf import settings as project
from django.db import connection
from django.utils import timezone

from accounts.models import Account, Channel
from benchmarks.chaos import promises
from generations import decisions
from generations.engine import points
from generations.enqueue import enqueue
from generations.models import FINAL, Job, TaskSlot
from midjourney.simulator.server import Simulator
from tests.engine import drive

pytestmark = [pytest.mark.usefixtures("engine"), pytest.mark.slow]

# A picture takes a second here, so the window in which absence proves something is about half of one.
TIMING = {
    "tick": 0.1, "idle_tick": 0.3, "submit_gap": 0.0, "progress_gap": 0.1, "backoff_base": 0.1, "backoff_cap": 0.2,
    "quarantine": 0.4, "shortest_image_job": 0.95, "send_window": 0.3, "fresh": 0.3,
}  # fmt: skip
LONGEST = 40.0  # seconds that a worker is given to reach its point; only a broken promise waits this long
# What a job must meet on its way so that the point lies on it.
WORDS = {"requeue.moved": "sim:429x3"}


@pytest.fixture
def simulator():
    """One slot, and nobody but us who keeps to it: more than one job at once would show."""
    with Simulator(speed=30, seed=7, picture_scale=0.05, max_jobs=1, enforce_limits=False) as server:
        yield server


@pytest.fixture(autouse=True)
def _timing(settings):
    settings.ENGINE_TIMING = TIMING


@pytest.fixture(scope="module")
def maker(django_db_setup, django_db_blocker):
    """The process that makes workers, on this test's database."""
    database = {name: connection.settings_dict[name] for name in ("NAME", "HOST", "PORT", "USER", "PASSWORD")}
    environment = {"DJANGO_SETTINGS_MODULE": "tests.settings", "CRASH_DATABASE": json.dumps(database, default=str)}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.generations.crashing"],
        cwd=project.BASE_DIR, env={**os.environ, **environment},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    yield process
    process.stdin.close()
    process.wait(timeout=30)


@pytest.fixture
def worker(maker, settings):
    """Runs a worker that dies at a point; returns whether it did."""

    def run(point: str) -> bool:
        order = {"point": point, "media": str(settings.MEDIA_ROOT), "timing": TIMING, "seconds": LONGEST}
        maker.stdin.write(json.dumps(order) + "\n")
        maker.stdin.flush()
        return json.loads(maker.stdout.readline())["died"]

    return run


def let_leases_run_out() -> None:
    """What time does after a death: beats become stale, leases end, results are due again."""
    past = timezone.now() - timedelta(hours=1)
    TaskSlot.objects.update(beat_at=past)
    Account.objects.update(leased_until=past, woken_at=timezone.now())
    Job.objects.exclude(save_due_at=None).update(save_due_at=past)


def tell(job: Job, did_run: bool) -> bool:
    return (decisions.did_run if did_run else decisions.did_not_run)(job, job.owner)


def prove_the_promises(simulator, count: int) -> None:
    """Let a fresh engine end what the dead left, with a person's answers where it asks, and judge."""
    drive(promises.settled)
    assert promises.judge(simulator.stats(), count).broken == []
    promises.answer_as_a_person(simulator.stats, tell)
    drive(lambda: not Job.objects.exclude(status__in=FINAL).exists())
    drive(lambda: not any(Channel.objects.values_list("foreign_jobs", flat=True)))
    assert promises.judge(simulator.stats(), count).broken == []


def queue(member, account: Account, point: str, count: int) -> None:
    for number in range(count):
        enqueue(member, f"boat number {number} {WORDS.get(point, '')}".strip(), account=account)


@pytest.mark.parametrize("point", points.NAMES)
def test_after_a_death_at_any_instruction_everything_is_done_once(point, simulator, sandbox, member, worker):
    queue(member, sandbox, point, 2)
    assert worker(point), f"no worker came to {point}"
    let_leases_run_out()
    prove_the_promises(simulator, 2)


@pytest.mark.parametrize("point", points.NAMES)
def test_workers_that_all_die_at_the_same_instruction_pay_nothing_twice(point, simulator, sandbox, member, worker):
    queue(member, sandbox, point, 1)
    assert worker(point), f"no worker came to {point}"
    for _ in range(2):
        let_leases_run_out()
        worker(point)
    let_leases_run_out()
    prove_the_promises(simulator, 1)
