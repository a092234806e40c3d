"""`python -m benchmarks.measure CASE PARAMETERS`: one measurement, in the studio that the environment describes.

The result goes to standard output as JSON; `run` starts this once for each case and database.
"""

import importlib
import json
import os
import sys
import time
from dataclasses import asdict
from typing import Any

import django


def main(measurement: str, parameters: str) -> int:
    """Run it and print {"figures": [...], "notes": {...}}; 3 where something never happened."""
    django.setup()
    from benchmarks.processes import cpu_seconds, machine_cpu_seconds
    from benchmarks.studio import DidNotHappen

    module = importlib.import_module(f"benchmarks.{measurement}")
    began, own, machine = time.monotonic(), cpu_seconds(os.getpid()), machine_cpu_seconds()
    try:
        figures, notes = module.measure(**json.loads(parameters))
    except DidNotHappen as problem:
        print(f"This never happened: {problem}.", file=sys.stderr)
        return 3
    seconds = time.monotonic() - began
    of_others = machine_cpu_seconds() - machine - (cpu_seconds(os.getpid()) - own)
    result: dict[str, Any] = {
        "figures": [asdict(figure) for figure in figures],
        "notes": notes,
        "seconds": round(seconds, 1),
        # A busy machine makes every figure worse. The database server is among the others.
        "cores_used_by_others": round(of_others / seconds, 2),
        "database_version": _database_version(),
    }
    print(json.dumps(result))
    return 0


def _database_version() -> str:
    from django.db import connection

    if connection.vendor == "sqlite":
        import sqlite3

        return f"SQLite {sqlite3.sqlite_version}"
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return f"PostgreSQL {cursor.fetchone()[0].split()[0]}"


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
