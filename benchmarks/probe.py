"""In the worker's processes of a benchmark: writes down when each move of a job was committed.

The moment in a job's event is taken before its transaction waits for the database. What counts is when others can see
it, and only the process that commits knows that.
"""

import os
import time
from collections.abc import Iterable
from pathlib import Path

from django.apps import AppConfig
from django.db import transaction

VARIABLE = "BENCH_PROBE"  # the file to write to


class Probe(AppConfig):
    name = "benchmarks"

    def ready(self) -> None:
        path = os.environ.get(VARIABLE)
        if path:
            _watch_moves(Path(path))


def _watch_moves(path: Path) -> None:
    from generations.models import Job

    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    move = Job.move

    def watched(job: Job, to, **fields) -> bool:
        moved = move(job, to, **fields)
        if moved:
            # One short write, so lines of several processes do not mix.
            transaction.on_commit(lambda: os.write(file, f"{job.pk} {to} {time.time():.6f}\n".encode()) and None)
        return moved

    Job.move = watched  # type: ignore[method-assign, assignment]


def commits(path: Path, status: str) -> dict[int, float]:
    """When each job's first move to this status was committed, as Unix time, by primary key."""
    lines = path.read_text().splitlines() if path.exists() else []
    return _first(line.split() for line in lines if f" {status} " in line)


def _first(rows: Iterable[list[str]]) -> dict[int, float]:
    found: dict[int, float] = {}
    for pk, _, at in rows:
        found.setdefault(int(pk), float(at))
    return found
