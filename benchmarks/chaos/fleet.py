"""The studio's processes: started, killed, and started again by somebody as systemd would."""

import os
import random
import re
import signal
import subprocess
import threading
import time
from pathlib import Path

from benchmarks.processes import family

START_AGAIN_AFTER = 1.0  # seconds, like RestartSec
PUMP_STARTED = re.compile(rb"^([\d.]+) (\d+) INFO generations\.engine\.pump pump started", re.MULTILINE)
WORKER, WEB, SIMULATOR = "worker", "web", "simulator"
MARK = ("CHAOS_RUN", str(os.getpid()))  # in the environment of everything that the run starts


class Program:
    """One command that is kept running, with a log file of its own."""

    def __init__(self, name: str, command: list[str], folder: Path, environment: dict[str, str], root: Path) -> None:
        self.name, self.command, self.environment, self.root = name, command, environment, root
        self.log = folder / f"{name}.log"
        self.process: subprocess.Popen | None = None
        self.starts = 0

    def start(self) -> None:
        self.starts += 1
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(  # noqa: S603
                self.command, cwd=self.root, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def pids(self) -> list[int]:
        """Its own process and all below it, itself first."""
        return family(self.process.pid) if self.process is not None and self.is_running else []

    def below(self) -> list[int]:
        return self.pids()[1:]


class Fleet:
    """All programs of the run."""

    def __init__(self) -> None:
        self.programs: list[Program] = []
        self._seen: set[int] = set()
        self._over = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="keeper", daemon=True)

    def add(self, program: Program) -> None:
        self.programs.append(program)

    def named(self, kind: str) -> list[Program]:
        return [program for program in self.programs if program.name.startswith(kind)]

    def start(self) -> None:
        """Start everything, and keep it running from now on."""
        for program in self.programs:
            program.start()
        self._keeper.start()

    def stop(self) -> None:
        """End everything that was started, stopped processes too."""
        self._over.set()
        if self._keeper.is_alive():
            self._keeper.join()
        everything = {pid for program in self.programs for pid in program.pids()} | {*filter(_is_ours, self._seen)}
        send(signal.SIGKILL, everything)
        for program in self.programs:
            if program.process is not None:
                program.process.wait()

    def pumping(self) -> tuple[Program, int] | None:
        """The worker and the process of the pump that started last, where that one still lives."""
        found = [
            (float(at), int(pid), program)
            for program in self.named(WORKER)
            if program.log.exists()
            for at, pid in PUMP_STARTED.findall(program.log.read_bytes())
        ]
        if not found:
            return None
        _, newest, worker = max(found, key=lambda each: each[0])
        return (worker, newest) if newest in worker.pids() else None

    def still_pumps(self, found: tuple[Program, int]) -> bool:
        """Whether a pump that `pumping` found was left alive, with the worker above it."""
        worker, pid = found
        return worker.is_running and _lives(pid)

    def _keep(self) -> None:
        down: dict[str, float] = {}
        looks = 0
        while not self._over.wait(0.25):
            looks += 1
            for program in self.programs:
                if looks % 8 == 0:  # reading /proc costs more than asking
                    self._seen.update(program.pids())
                if program.is_running:
                    down.pop(program.name, None)
                elif time.monotonic() - down.setdefault(program.name, time.monotonic()) > START_AGAIN_AFTER:
                    program.start()


def send(number: int, pids) -> int:
    """Send a signal to processes of ours that may have ended; returns how many got it."""
    count = 0
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue
        count += 1
    return count


def choose(rng: random.Random, pids: list[int]) -> list[int]:
    return [rng.choice(sorted(pids))] if pids else []


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _is_ours(pid: int) -> bool:
    """Whether this process was started with the run's environment: a number may have been given to another since."""
    try:
        return "=".join(MARK).encode() in Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return False
