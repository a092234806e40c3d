"""`make bench`: every measurement on every database that answers; a table, JSON files, and docs/performance.md.

    python -m benchmarks.run [--quick] [--only NAME …] [--on sqlite postgresql] [--no-docs]

Ends with 1 where a figure is beyond its bound or a measurement failed. BENCH=name,name is the same as --only.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from benchmarks import report
from benchmarks.figures import Figure
from benchmarks.plan import FULL, POSTGRESQL, QUICK, SQLITE, Backend, Case, timing
from tests import machine

ROOT = Path(__file__).resolve().parent.parent
SCRATCH_PREFIX = "mjstudio-bench-"


def main(argv: list[str] | None = None) -> int:
    options = _options(argv)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that databases and folders are removed then, too
    cases = [case for case in (QUICK if options.quick else FULL) if not options.only or _is_named(case, options.only)]
    results: list[report.Result] = []
    for backend in (SQLITE, POSTGRESQL):
        if options.on and backend.name not in options.on:
            continue
        problem = _missing(backend)
        if problem:
            print(f"Not run on {backend.title}: {problem}")
            continue
        print(f"\n── {backend.title}: about {sum(case.seconds for case in cases) / 60:.0f} minutes", flush=True)
        for case in cases:
            result = _run(case, backend)
            report.show(result)
            results.append(result)
    report.conclude(results)
    report.write_json(results, is_quick=options.quick)
    if not options.quick and not options.no_docs:
        report.write_docs()
    return 0 if results and all(result.is_met for result in results) else 1


def _options(argv: list[str] | None) -> argparse.Namespace:
    names = sorted({name for case in FULL for name in (case.name, case.measurement)})
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that everything runs; says little")
    parser.add_argument("--only", nargs="+", choices=names, metavar="NAME", help=f"one of {', '.join(names)}")
    parser.add_argument("--on", nargs="+", choices=[SQLITE.name, POSTGRESQL.name], help="only these databases")
    parser.add_argument("--no-docs", action="store_true", help="leave docs/performance.md as it is")
    options = parser.parse_args(argv)
    chosen = [name for name in os.environ.get("BENCH", "").replace(",", " ").split() if name]
    if chosen and not options.only:
        if unknown := set(chosen) - set(names):
            parser.error(f"BENCH: there is no {', '.join(sorted(unknown))}; choose from {', '.join(names)}")
        options.only = chosen
    return options


def _is_named(case: Case, names: list[str]) -> bool:
    return case.name in names or case.measurement in names


def _missing(backend: Backend) -> str:
    """Why this backend cannot be used here, or nothing."""
    if backend is SQLITE:
        return ""
    database, redis = machine.postgresql_url(), machine.redis_url()
    missing = " and ".join(name for name, url in [("PostgreSQL", database), ("Redis", redis)] if not url)
    return f"{missing} does not answer (TEST_DATABASE_URL, TEST_REDIS_URL)" if missing else ""


def _run(case: Case, backend: Backend) -> report.Result:
    """One case in a folder and a database of its own, which are gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix=SCRATCH_PREFIX))
    try:
        with _database(backend, folder) as environment:
            environment |= {"BENCH_TIMING": json.dumps(timing(case.tick))}
            subprocess.run([sys.executable, "-m", "mjstudio.keys"], cwd=ROOT, env=environment, check=True,
                           stdout=subprocess.DEVNULL)  # fmt: skip
            done = subprocess.run(  # noqa: S603  # our own interpreter and our own module
                [sys.executable, "-m", "benchmarks.measure", case.measurement, json.dumps(case.parameters)],
                cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=False,
            )  # fmt: skip
        if done.returncode:
            return report.Result(case, backend, [], {"failed": f"exit code {done.returncode}"})
        found = json.loads(done.stdout.splitlines()[-1])
        figures = [Figure(**values) for values in found.pop("figures")]
        return report.Result(case, backend, figures, found)
    finally:
        if os.environ.get("BENCH_KEEP") != "1":
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _database(backend: Backend, folder: Path) -> Iterator[dict[str, str]]:
    """The environment of an installation in this folder; a PostgreSQL database is made for it and dropped."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    environment = {
        **kept, "DATA_DIR": str(folder / "data"), "STUDIO_IGNORE_DOTENV": "1", "LOG_LEVEL": "WARNING",
        "WORKERS": str(backend.workers), "DJANGO_SETTINGS_MODULE": "benchmarks.settings", "PYTHONUNBUFFERED": "1",
        "BENCH_NAME": folder.name,
    }  # fmt: skip
    if backend is SQLITE:
        yield environment
        return
    server = machine.postgresql_url() or ""
    name = f"mjstudio_bench_{uuid.uuid4().hex[:10]}"
    _execute(server, f'CREATE DATABASE "{name}"')
    try:
        url = f"{server.rpartition('/')[0]}/{name}"
        yield environment | {"DATABASE_URL": url, "REDIS_URL": machine.redis_url() or ""}
    finally:
        _execute(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _execute(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)


if __name__ == "__main__":
    sys.exit(main())
