"""One run from beginning to end: build a studio, let it work while everything dies, wait, judge, clean up."""

import json
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.chaos import fleet, report
from benchmarks.chaos.plan import Plan
from benchmarks.chaos.services import Disk, NotHere, PostgreSQL, Redis

ROOT = Path(__file__).resolve().parents[2]
KEPT_VARIABLES = ("PATH", "HOME", "LANG", "TZ")
TASK_PROCESSES = "3"  # of each worker: the least that a worker can have
SLOWEST_RECOVERY = 1.2  # leases

logger = logging.getLogger(__name__)


def run(plan: Plan) -> int:
    """Run the plan and print the report. Returns the exit code: 0 where every promise was kept."""
    folder = Path(tempfile.mkdtemp(prefix="chaos-"))
    folder.chmod(0o711)  # PostgreSQL's own user must come through
    _log_to(folder / "chaos.log")
    studio = Studio(plan, folder)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # clean up then, too
    try:
        result = studio.run()
    finally:
        studio.stop()
        if plan.keep:
            print(f"The logs are in {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    report.show(result)
    if plan.result:
        plan.result.parent.mkdir(parents=True, exist_ok=True)
        plan.result.write_text(json.dumps(result, indent=2, default=str) + "\n")
    return 1 if result["broken"] else 0


class Studio:
    """An installation of its own, from the database up, in a folder that goes away."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        self.plan, self.folder = plan, folder
        self.notes: list[str] = []
        self.fleet = fleet.Fleet()
        self.database: PostgreSQL | None = None
        self.redis: Redis | None = None
        self.port = plan.port or _free_ports(4)
        self.disk = Disk(folder / "data" / "media", plan.disk)

    def run(self) -> dict[str, Any]:
        self._start_services()
        self._prepare()
        from benchmarks.chaos.story import Story  # Django's settings can be read from here on

        story = Story(self.plan, self.fleet, self.disk, self.port, self.database, self.redis)
        self._add_programs()
        result = story.tell()
        if not self.disk.is_mounted:
            self.notes.append("pictures had no disk of their own: instead of full, the folder was read-only")
        recovery = result["recovery"]
        if not self.plan.is_short and recovery["ratio"] is not None and recovery["ratio"] > SLOWEST_RECOVERY:
            result["broken"].append(f"recovery: {recovery['ratio']} leases, where {SLOWEST_RECOVERY} was promised")
        plan = {name: value for name, value in asdict(self.plan).items() if name not in {"result", "keep", "port"}}
        return {"seed": self.plan.seed, "plan": plan, **result, "notes": self.notes}

    def stop(self) -> None:
        self.fleet.stop()
        for service in (self.redis, self.database, self.disk):
            if service is not None:
                service.stop()

    def _start_services(self) -> None:
        if self.plan.database == "postgresql":
            try:
                self.database = PostgreSQL(self.folder, self.port + 2)
                self.database.start()
                self.redis = Redis(self.folder, self.port + 3)
                self.redis.start()
            except NotHere as error:
                self.notes.append(f"on SQLite and without Redis: {error}")
                for service in (self.redis, self.database):
                    if service is not None:
                        service.stop()
                self.database = self.redis = None
        self.disk.start()

    def _prepare(self) -> None:
        """Secrets, tables, static files, in an environment that this process shares with all that it starts."""
        kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
        os.environ.clear()
        os.environ.update(kept)
        os.environ.update(
            DATA_DIR=str(self.folder / "data"),
            STUDIO_PORT=str(self.port),
            SIMULATOR_PORT=str(self.port + 1),
            WORKERS=TASK_PROCESSES,
            STUDIO_IGNORE_DOTENV="1",
            PYTHONUNBUFFERED="1",
            DJANGO_SETTINGS_MODULE="benchmarks.chaos.settings",
            CHAOS_TIMING=json.dumps(self.plan.timing),
        )
        os.environ[fleet.MARK[0]] = fleet.MARK[1]
        if self.database and self.redis:
            os.environ.update(DATABASE_URL=self.database.url, REDIS_URL=self.redis.url)
        for command in (["-m", "mjstudio.keys"], ["manage.py", "bootstrap"]):
            subprocess.run([sys.executable, *command], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
        import django

        django.setup()
        logging.getLogger().setLevel(logging.CRITICAL)  # what this process meets is in the report

    def _add_programs(self) -> None:
        commands = {
            fleet.SIMULATOR: [
                "-m", "midjourney.simulator", "--port", str(self.port + 1), "--speed", str(self.plan.speed),
                "--seed", str(self.plan.seed), "--state-dir", str(self.folder / "simulator"),
                "--picture-scale", "0.1", "--no-limits",
            ],
            fleet.WEB: ["-m", "gunicorn", "--config", "gunicorn.conf.py", "mjstudio.wsgi"],
            **{f"{fleet.WORKER}{number}": ["manage.py", "worker"] for number in range(1, self.plan.workers + 1)},
        }  # fmt: skip
        for name, command in commands.items():
            program = fleet.Program(name, [sys.executable, *command], self.folder, dict(os.environ), ROOT)
            self.fleet.add(program)


def patiently(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait until something is true; False where it did not become so. The database may be away meanwhile."""
    from django.db import DatabaseError, connection

    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if condition():
                return True
        except DatabaseError:
            connection.close()
        time.sleep(0.3)
    return False


def _free_ports(count: int) -> int:
    """The first of neighbouring free ports, below those that systems give to clients."""
    for first in range(21_000 + os.getpid() % 900 * 10, 32_000, 10):
        if all(map(_is_free, range(first, first + count))):
            return first
    raise OSError("no free ports")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _log_to(path: Path) -> None:
    handler = logging.FileHandler(path)
    handler.setFormatter(logging.Formatter("{created:.3f} {levelname} {name} {message}", style="{"))
    log = logging.getLogger("benchmarks.chaos")
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False
