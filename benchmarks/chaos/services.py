"""A PostgreSQL, a Redis and a disk of our own, which may be crashed, emptied and filled."""

import errno
import glob
import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

PATIENCE = 60.0  # seconds
BALLAST = "ballast"


class NotHere(Exception):
    """This machine cannot offer the service; the text says why."""


class PostgreSQL:
    """A throw-away cluster. Where we are root it runs as `postgres`, for the server refuses to run as root."""

    def __init__(self, folder: Path, port: int) -> None:
        self.data, self.port, self.log = folder / "postgresql", port, folder / "postgresql.log"
        found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"), key=lambda path: int(path.split("/")[4]))
        initdb = shutil.which("initdb") or (found[-1] if found else None)
        if initdb is None:
            raise NotHere("initdb was not found (PostgreSQL's server programs)")
        self.bin = Path(initdb).resolve().parent
        self.user = "postgres" if os.geteuid() == 0 else None

    @property
    def url(self) -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Make the cluster and start it."""
        self.data.mkdir(mode=0o700)
        self.log.touch()
        if self.user:
            shutil.chown(self.data, self.user)
            shutil.chown(self.log, self.user)
        self._run("initdb", "-D", str(self.data), "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-locale")
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=400"
        (self.data / "postmaster.opts.wanted").write_text(options)
        self._control("start", "-o", options, "-l", str(self.log))

    def restart(self, mode: str) -> None:
        """Restart it: `fast` ends all connections, `immediate` is a crash with recovery."""
        options = (self.data / "postmaster.opts.wanted").read_text()
        self._control("restart", "-m", mode, "-o", options, "-l", str(self.log))

    def stop(self) -> None:
        if (self.data / "postmaster.pid").exists():
            self._control("stop", "-m", "immediate")

    def _control(self, what: str, *arguments: str) -> None:
        self._run("pg_ctl", what, "-w", "-t", str(int(PATIENCE)), "-D", str(self.data), *arguments)

    def _run(self, program: str, *arguments: str) -> None:
        as_user: dict[str, Any] = {"user": self.user, "group": self.user, "extra_groups": []} if self.user else {}
        done = subprocess.run(  # noqa: S603
            [str(self.bin / program), *arguments],
            cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            check=False, **as_user,
        )  # fmt: skip
        if done.returncode:
            raise NotHere(f"{program} failed: {done.stderr.strip()[-300:]}")


class Redis:
    """A server without persistence."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port
        program = shutil.which("redis-server")
        if program is None:
            raise NotHere("redis-server was not found")
        self.program = program
        self.process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        self.process = subprocess.Popen(  # noqa: S603
            [self.program, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        deadline = time.monotonic() + PATIENCE
        while not self._answers():
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise NotHere("redis-server does not start")
            time.sleep(0.1)

    def flush(self) -> None:
        """Forget every queued task, session limit and cache entry."""
        self._client().flushall()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def _answers(self) -> bool:
        import redis

        try:
            return bool(self._client().ping())
        except redis.RedisError:
            return False

    def _client(self):
        import redis

        return redis.Redis(port=self.port, socket_connect_timeout=5)


class Disk:
    """Where the studio keeps its pictures: a file system of its own where we may mount one, so that it can be full.

    Elsewhere the folder is made read-only instead: the write fails too, though with another error.
    """

    def __init__(self, folder: Path, megabytes: int) -> None:
        self.folder, self.megabytes = folder, megabytes
        self.is_mounted = False

    def start(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        mount = shutil.which("mount")
        if mount and os.geteuid() == 0:
            options = f"size={self.megabytes}m,mode=0700"
            done = subprocess.run(  # noqa: S603
                [mount, "-t", "tmpfs", "-o", options, "tmpfs", str(self.folder)], capture_output=True, check=False
            )
            self.is_mounted = done.returncode == 0

    def fill(self) -> None:
        """Leave no space for anything new."""
        if not self.is_mounted:
            for folder in [self.folder, *filter(Path.is_dir, self.folder.iterdir())]:
                folder.chmod(0o500)
            return
        with open(self.folder / BALLAST, "wb", buffering=0) as file:
            for size in (1 << 20, 4096):
                try:
                    while True:
                        file.write(bytes(size))
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise

    def empty(self) -> None:
        """Give the space back."""
        if self.is_mounted:
            (self.folder / BALLAST).unlink(missing_ok=True)
        else:
            for folder in [self.folder, *filter(Path.is_dir, self.folder.iterdir())]:
                folder.chmod(0o700)

    def stop(self) -> None:
        if self.is_mounted:
            subprocess.run(["umount", "-l", str(self.folder)], check=False)  # noqa: S603, S607
            self.is_mounted = False
