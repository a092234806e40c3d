"""The worker as a process: it stops quickly, leaves no orphans, and others go on where it was killed."""

import json
import os
import signal
import sys
import time

import pytest

from tests.studio.processes import Studio, below, is_alive, studio, wait_until

pytestmark = pytest.mark.slow

WORKER = (sys.executable, "manage.py", "worker")


@pytest.fixture
def installation(tmp_path):
    with studio(tmp_path) as found:
        found.prepare()
        found.start(sys.executable, "manage.py", "simulator")
        yield found


def status(installation: Studio) -> dict:
    return json.loads(installation.run("manage.py", "studio_status", "--json").stdout)


def imagine(installation: Studio, count: int) -> None:
    file = installation.folder / "prompts.txt"
    file.write_text("\n".join(f"boat number {number}" for number in range(count)))
    installation.run("manage.py", "batch", str(file), "--user", "admin@studio.local")


def is_ready(installation: Studio) -> bool:
    report = status(installation)
    return report["worker"]["running"] and bool(report["accounts"][0]["channels"])


def stats(installation: Studio) -> dict:
    import requests

    return requests.get(f"http://127.0.0.1:{installation.simulator_port}/_simulator/stats", timeout=10).json()


def test_sigterm_ends_the_worker_and_everything_below_it(installation):
    worker = installation.start(*WORKER)
    wait_until(lambda: is_ready(installation), "a pump beats")
    family = below(worker.pid)
    assert family
    worker.send_signal(signal.SIGTERM)
    worker.wait(timeout=30)
    wait_until(lambda: not any(map(is_alive, family)), "no process is left")


def test_sigterm_stops_claiming_at_once_and_the_next_worker_goes_on_with_what_ran(installation):
    """What was sent stays sent once; nothing new is sent once a second has passed."""
    worker = installation.start(*WORKER)
    wait_until(lambda: is_ready(installation), "a pump beats")
    imagine(installation, 9)
    wait_until(lambda: sent(installation) >= 4, "slots are refilled")
    family = below(worker.pid)
    worker.send_signal(signal.SIGTERM)
    time.sleep(1.0)
    before = sent(installation)
    worker.wait(timeout=30)
    assert sent(installation) == before < 9
    wait_until(lambda: not any(map(is_alive, family)), "no process is left")
    installation.start(*WORKER)
    wait_until(lambda: ended(installation) == 9, "the next worker sees the end of all of them")
    assert set(stats(installation)["paid_by_ref"].values()) == {1}
    assert sent(installation) == 9


def ended(installation: Studio) -> int:
    jobs = status(installation)["jobs"]
    return jobs["saving"] + jobs["done"]


def sent(installation: Studio) -> int:
    return stats(installation)["requests"].get("POST jobs/imagine", 0)


def test_whatever_dies_everything_is_done_once_and_nothing_is_paid_twice(installation):
    worker = installation.start(*WORKER)
    wait_until(lambda: is_ready(installation), "a pump beats")
    imagine(installation, 8)
    # Everything below the supervisor at once, then the supervisor itself, while jobs are being sent and saved.
    for kill_all in (True, False):
        wait_until(lambda: status(installation)["jobs"]["running"], "jobs run")
        victims = [*below(worker.pid), *([] if kill_all else [worker.pid])]
        for pid in victims:
            if is_alive(pid):
                os.kill(pid, signal.SIGKILL)
        wait_until(lambda pids=victims: not any(map(is_alive, pids)), "no orphan is left")
        if not kill_all:
            worker.wait(timeout=30)
            installation.start(*WORKER)
    wait_until(lambda: _settled(installation), "every job has ended or waits for a person")
    report = status(installation)
    assert report["jobs"]["done"] + report["needs_person"] == 8
    assert max(stats(installation)["paid_by_ref"].values()) == 1
    peak = next(iter(stats(installation)["peak"].values()))
    assert peak["total"] <= 3


def _settled(installation: Studio) -> bool:
    report = status(installation)
    return report["jobs"]["done"] + report["needs_person"] == 8


def test_a_supervisor_that_is_killed_takes_its_processes_with_it(installation):
    worker = installation.start(*WORKER)
    wait_until(lambda: is_ready(installation), "a pump beats")
    family = below(worker.pid)
    worker.kill()
    worker.wait()
    time.sleep(0.1)
    wait_until(lambda: not any(map(is_alive, family)), "no orphan is left")
