"""The simulator's journal says when each job held a slot."""

import time

import pytest
import requests

from benchmarks import record
from midjourney.simulator.server import Simulator


def submit(server: Simulator, ref: str) -> str:
    body = {"prompt": "a boat", "channel": server.channel, "replyRef": ref, "stream": False}
    answer = requests.post(f"{server.url}/jobs/imagine", json=body, headers=server.headers, timeout=10)
    return answer.json()["jobid"]


def test_a_run_lasts_from_acceptance_to_end_in_real_time(tmp_path):
    with Simulator(speed=20, duration_mean=60.0, state_dir=tmp_path) as server:
        before = time.time()
        job_id = submit(server, "our-reference")
        after = time.time()
        job = server.app.world.jobs[job_id]
        [run] = record.read(tmp_path)
    assert (run.ref, run.remote_id, run.channel) == ("our-reference", job_id, server.channel)
    assert before <= run.began <= after
    assert run.seconds == pytest.approx(job.lasts / 20)


def test_a_job_of_another_program_and_a_line_that_is_being_written_are_left_out(tmp_path):
    with Simulator(speed=20, state_dir=tmp_path) as server:
        submit(server, "mine")
        server.start_foreign()
        with (tmp_path / "journal.jsonl").open("a") as journal:
            journal.write('{"t": "job", "job')
        assert [run.ref for run in record.read(tmp_path)] == ["mine"]


def test_a_cancelled_job_ends_when_it_was_cancelled(tmp_path):
    with Simulator(speed=20, duration_mean=600.0, state_dir=tmp_path) as server:
        job_id = submit(server, "mine")
        requests.delete(f"{server.url}/jobs/{job_id}", headers=server.headers, timeout=10)
        now = time.time()
        [run] = record.read(tmp_path)
    assert run.ended <= now


def test_the_clock_of_each_start_counts_for_its_own_part(tmp_path):
    with Simulator(speed=0, duration_mean=60.0, state_dir=tmp_path):
        pass  # a first start whose clock stands still
    with Simulator(speed=10, duration_mean=60.0, state_dir=tmp_path) as server:
        job_id = submit(server, "mine")
        lasts = server.app.world.jobs[job_id].lasts
        [run] = record.read(tmp_path)
    assert run.seconds == pytest.approx(lasts / 10)
