"""The simulator as a program: state that survives, the command line, signals, load."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from midjourney.simulator.cli import fault_help, parse
from midjourney.simulator.faults import FAULTS, TOKEN_WORDS
from midjourney.simulator.server import Simulator
from midjourney.simulator.store import StateInUse
from tests.midjourney.test_simulator_basics import Client

ROOT = Path(__file__).parents[2]
TOKEN = "user:1234-simulator"


class Program:
    """The simulator in a process of its own."""

    def __init__(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "midjourney.simulator", "--picture-scale", "0.1", *arguments]
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ}
        )
        assert self.process.stdout is not None
        self.line = self.process.stdout.readline()
        self.url = self.line.split()[1] if self.line else ""

    def stop(self, number: int) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=10)


@pytest.fixture(name="programs")
def _programs() -> Iterator[list[Program]]:
    programs: list[Program] = []
    yield programs
    for program in programs:
        if program.process.poll() is None:
            program.process.kill()
        program.process.communicate()


def test_jobs_settings_blocks_and_time_survive_a_restart(tmp_path: Path) -> None:
    with Simulator(speed=0, state_dir=tmp_path) as simulator:
        client = Client(simulator)
        grid = client.done(replyRef="one")["jobid"]
        child = client.press(grid, "U1")
        cancelled = client.imagine()
        client.delete(f"jobs/{cancelled}")
        simulator.advance(3)
        simulator.block(text="Captcha")
        channel, before, seen = simulator.channel, client.job(grid), client.job(child)
        peak = simulator.stats()["peak"]
    with Simulator(speed=0, state_dir=tmp_path) as simulator:
        client = Client(simulator)
        assert client.get(f"accounts/{channel}").json()["error"] == "Captcha"
        again = client.job(grid)
        for job in (before, again):
            del job["response"]["attachments"]
        assert again == before
        after = client.job(child)
        assert (after["status"], after["updated"]) == (seen["status"], seen["updated"])
        assert client.job(cancelled)["error"] == "Job cancelled by user"
        assert client.get("jobs").json()["total"] == 1
        assert simulator.stats()["peak"] == peak
        assert client.post("jobs/button", jobId=grid, button="U1").json()["jobid"] == child
        simulator.finish()
        assert client.job(child)["status"] == "completed"


def test_a_line_that_was_cut_short_is_dropped(tmp_path: Path) -> None:
    with Simulator(speed=0, state_dir=tmp_path) as simulator:
        jobid = Client(simulator).imagine()
    journal = tmp_path / "journal.jsonl"
    whole = journal.read_bytes()
    journal.write_bytes(whole + b'{"t":"job","jobid":"half')
    with Simulator(speed=0, state_dir=tmp_path) as simulator:
        assert Client(simulator).job(jobid)["status"] == "created"
    lines = journal.read_bytes().splitlines()
    assert all(json.loads(line) for line in lines)


def test_tokens_are_not_in_the_journal(tmp_path: Path) -> None:
    with Simulator(speed=0, state_dir=tmp_path) as simulator:
        Client(simulator, "user:7-verysecret").imagine()
        Client(simulator, "user:7-verysecret").post("accounts", discord="MTIzNDU2Nzg5.anothersecret.xyz")
    text = (tmp_path / "journal.jsonl").read_text()
    assert "verysecret" not in text
    assert "anothersecret" not in text


def test_two_simulators_do_not_share_a_state_directory(tmp_path: Path) -> None:
    with Simulator(state_dir=tmp_path), pytest.raises(StateInUse):
        Simulator(state_dir=tmp_path)


def test_a_job_survives_kill_9_and_goes_on(tmp_path: Path, programs: list[Program]) -> None:
    arguments = ("--port", "0", "--state-dir", str(tmp_path), "--speed", "0")
    first = Program(*arguments)
    programs.append(first)
    body = {"prompt": "a boat", "stream": False, "replyRef": "x"}
    headers = {"Authorization": f"Bearer {TOKEN}"}
    jobid = requests.post(f"{first.url}/jobs/imagine", json=body, headers=headers, timeout=20).json()["jobid"]
    assert first.stop(signal.SIGKILL) == -signal.SIGKILL
    second = Program(*arguments)
    programs.append(second)
    own = second.url.removesuffix("/v3/midjourney") + "/_simulator"
    assert requests.get(f"{own}/stats", timeout=20).json()["paid_by_ref"] == {"x": 1}
    requests.post(f"{own}/clock", json={"advance": 40}, timeout=20)
    job = requests.get(f"{second.url}/jobs/{jobid}", headers=headers, timeout=20).json()
    assert job["status"] == "completed"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_0_though_clients_are_connected(programs: list[Program], number: int) -> None:
    program = Program("--port", "0", "--speed", "7", "--verbose")
    programs.append(program)
    assert program.line.startswith("simulator: http://127.0.0.1:")
    session = requests.Session()
    session.get(f"{program.url}/jobs", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=20)
    stream = session.post(
        f"{program.url}/jobs/imagine",
        json={"prompt": "a"},
        headers={"Authorization": f"Bearer {TOKEN}"},
        stream=True,
        timeout=20,
    )
    assert stream.status_code == 200
    assert program.stop(number) == 0
    _, errors = program.process.communicate()
    assert "GET /v3/midjourney/jobs 200" in errors
    assert "user:1234" not in errors
    assert "Traceback" not in errors


def test_a_port_in_use_is_one_readable_line(programs: list[Program]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        program = Program("--port", str(taken.getsockname()[1]))
        programs.append(program)
        _, errors = program.process.communicate(timeout=20)
    assert program.process.returncode == 1
    assert len(errors.splitlines()) == 1
    assert "is in use" in errors


def test_help_lists_every_fault_and_token_word() -> None:
    text = fault_help()
    assert all(name in text for name in (*FAULTS, *TOKEN_WORDS))


@pytest.mark.parametrize(
    "arguments", [["--channels", "abc"], ["--max-jobs", "16"], ["--speed", "-1"], ["--picture-scale", "0"]]
)
def test_wrong_options_are_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(arguments)
    assert ended.value.code == 2
    assert arguments[0] in capsys.readouterr().err


def test_it_imports_no_django() -> None:
    code = "import sys, midjourney.simulator.cli; print([m for m in sys.modules if m.split('.')[0] in " + (
        "('django', 'accounts', 'generations', 'mjstudio')])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_many_clients_at_once_get_sane_answers() -> None:
    with Simulator(speed=100, max_jobs=15) as simulator:
        wrong: list[object] = []

        def work(number: int) -> None:
            client = Client(simulator, simulator.token_for(number))
            ids = [client.imagine(f"boat {n}", replyRef=f"{number}/{n}") for n in range(5)]
            listed = {item["jobId"] for c in client.get("jobs").json()["channels"].values() for item in c["jobs"]}
            wrong.extend(jobid for jobid in ids if jobid not in listed and client.job(jobid)["status"] != "completed")

        threads = [threading.Thread(target=work, args=(number,)) for number in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []
        assert simulator.stats()["jobs"] == 100
        assert set(simulator.stats()["started_by_ref"].values()) == {1}
