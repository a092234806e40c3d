"""A studio without its site: a simulator and a worker as processes, with a folder, a database and ports of their own.

The process that measures has the same settings, so it reads and writes the same rows through the models.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from benchmarks import probe, processes, record

SIMULATED_MEAN = 60.0  # simulated seconds of a mean job; the clock's speed makes real seconds of it
PICTURE_SCALE = 0.03  # pictures of some 40 pixels: drawing and checking them is not what is measured
SIGMA = 0.35  # of the logarithm of the durations
# Of the seeds 1 to 100 the one in the middle by what a schedule without any delay needs for 600 jobs on 12 slots: 1.014
# of the bound. Seed 1 happens to be the worst of them: a long job comes last, and that alone needs 1.038.
SEED = 39
ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 60.0  # seconds for a process to start


class DidNotHappen(Exception):
    """What a measurement waits for did not come in time; it holds what that was."""


@dataclass(frozen=True)
class Load:
    """What the simulator is told: the mean of a job in real seconds, and each account's channels and slots."""

    mean: float
    slots: int  # of each channel
    channels: int = 1
    seed: int = SEED


class Studio:
    """One simulator and one worker, from `running`."""

    def __init__(self, folder: Path, load: Load) -> None:
        self.folder, self.load = folder, load
        self.port = free_port()
        self.processes: list[subprocess.Popen[bytes]] = []
        self.worker_pid = 0

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v3/midjourney"

    def start_simulator(self) -> None:
        load = self.load
        arguments = {
            "port": self.port, "speed": SIMULATED_MEAN / load.mean, "seed": load.seed, "channels": load.channels,
            "max-jobs": load.slots, "duration-mean": SIMULATED_MEAN, "duration-sigma": SIGMA,
            "picture-scale": PICTURE_SCALE, "state-dir": self.folder / "simulator",
        }  # fmt: skip
        options = [text for name, value in arguments.items() for text in (f"--{name}", str(value))]
        # Without limits of its own, so that a job too many would run and be counted instead of being refused.
        self._start("simulator", "-m", "midjourney.simulator", "--no-limits", *options)
        wait_until(self._answers, "the simulator answers", PATIENCE)

    def start_worker(self) -> None:
        self.worker_pid = self._start("worker", "manage.py", "worker")

    def stats(self) -> dict[str, Any]:
        """The simulator's own counts."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/_simulator/stats", timeout=60) as answer:
            return json.load(answer)

    def requests(self) -> dict[str, int]:
        """How often each endpoint was asked."""
        return dict(self.stats()["requests"])

    def runs(self) -> list[record.Run]:
        return record.read(self.folder / "simulator")

    def commits(self, status: str) -> dict[int, float]:
        """When each job's move to this status was committed, by primary key."""
        return probe.commits(Path(os.environ[probe.VARIABLE]), status)

    def cpu_seconds(self) -> float:
        """Of all processes of the worker so far."""
        return processes.cpu_seconds(self.worker_pid)

    def peak_memory(self) -> list[int]:
        """Bytes of each of the worker's processes, largest first."""
        return processes.peak_memory(self.worker_pid)

    def stop_worker(self) -> None:
        """End the worker that was started last."""
        end(self.processes.pop())

    def stop(self) -> None:
        """End everything, the worker first, so that it does not see its service go."""
        while self.processes:
            end(self.processes.pop())

    def _start(self, name: str, *command: str) -> int:
        with open(self.folder / f"{name}.log", "ab") as log:
            process = subprocess.Popen(  # noqa: S603  # our own interpreter and our own commands
                [sys.executable, *command],
                cwd=ROOT, stdout=log, stderr=log, start_new_session=True, preexec_fn=processes.die_with_parent,
            )  # fmt: skip
        self.processes.append(process)
        return process.pid

    def _answers(self) -> bool:
        try:
            return bool(self.stats())
        except OSError:
            return False


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask a process to end, and make it after a while."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        process.kill()  # the kernel ends the worker's processes with it
        process.wait()


@contextmanager
def running(load: Load) -> Iterator[Studio]:
    """An empty studio with its simulator; `start_worker` starts the rest. What an earlier one left is removed."""
    empty()
    folder = settings.DATA_DIR / f"studio-{time.time_ns()}"
    folder.mkdir(parents=True)
    os.environ[probe.VARIABLE] = str(folder / "commits.txt")
    studio = Studio(folder, load)
    try:
        studio.start_simulator()
        yield studio
    finally:
        studio.stop()


def empty() -> None:
    """Fresh tables, nothing in the broker."""
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("flush", interactive=False, verbosity=0)
    if settings.REDIS_URL:
        from django_q.brokers import get_broker

        get_broker().purge_queue()
    _analyse()


def _analyse() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def wait_until(condition: Callable[[], object], what: str, patience: float, pause: float = 0.2) -> None:
    """Look until something is true. Raises DidNotHappen after `patience` seconds."""
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            raise DidNotHappen(what)
        time.sleep(pause)


def free_port() -> int:
    """A port of this machine that nobody uses."""
    with socket.socket() as probing:
        probing.bind(("127.0.0.1", 0))
        return int(probing.getsockname()[1])
