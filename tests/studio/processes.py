"""Real processes of the studio, each with a folder and ports of their own, for tests that kill them."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

PATIENCE = 180.0  # seconds; only a broken promise waits this long, and a busy machine


def free_ports(count: int = 2) -> list[int]:
    """Neighbouring free ports: the simulator's is the site's plus one. Below those that systems give to clients."""
    for _ in range(50):
        first = random.randrange(20_000, 32_000, count)
        if all(_is_free(first + offset) for offset in range(count)):
            return [first + offset for offset in range(count)]
    raise AssertionError("no free ports")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def wait_until(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"never happened: {what}"
        time.sleep(0.1)


def below(pid: int) -> list[int]:
    """All processes below one, from /proc."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int(entry.joinpath("stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, IndexError):
                continue
            children.setdefault(parent, []).append(int(entry.name))
    found, look = [], [pid]
    while look:
        for child in children.get(look.pop(), []):
            found.append(child)
            look.append(child)
    return found


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


class Studio:
    """An installation in a folder: its environment, its commands and the processes that were started."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self.port, self.simulator_port = free_ports()
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self.environment = {
            **kept,
            "DATA_DIR": str(folder / "data"),
            "PORT": str(self.port),
            "STUDIO_PORT": str(self.port),
            "SIMULATOR_SPEED": "10",
            "STUDIO_IGNORE_DOTENV": "1",
            "PYTHONUNBUFFERED": "1",
            **environment,
        }
        self.processes: list[subprocess.Popen] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def run(self, *arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=settings.BASE_DIR, env=self.environment, capture_output=True, text=True, check=True, timeout=120,
        )  # fmt: skip

    def prepare(self) -> str:
        """Keys, tables, the first admin; returns what was printed."""
        return self.run("-m", "mjstudio.keys").stdout + self.run("manage.py", "bootstrap").stdout

    def start(self, *command: str) -> subprocess.Popen:
        log = open(self.folder / "log.txt", "ab")  # noqa: SIM115
        process = subprocess.Popen(
            command, cwd=settings.BASE_DIR, env=self.environment, stdout=log, stderr=log, start_new_session=True
        )
        self.processes.append(process)
        return process

    def log(self) -> str:
        path = self.folder / "log.txt"
        return path.read_text(errors="replace") if path.exists() else ""

    def stop(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                for pid in [process.pid, *below(process.pid)]:
                    try:
                        os.kill(pid, signal.SIGKILL)
                    except ProcessLookupError:
                        continue
                process.wait()


@contextmanager
def studio(folder: Path, **environment: str) -> Iterator[Studio]:
    installation = Studio(folder, **environment)
    try:
        yield installation
    finally:
        installation.stop()
        print(installation.log())  # noqa: T201  # shown where the test failed
