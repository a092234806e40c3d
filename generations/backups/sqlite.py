"""Copies of an SQLite database, through SQLite's own backup interface: consistent while it is written to."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from generations.backups.errors import BackupError

WAIT = 30.0  # seconds for a lock
ENDING = "sqlite3"
ERRORS = (sqlite3.Error,)
BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def dump(settings: dict[str, Any], target: Path, tables: list[str]) -> dict[str, int]:
    """Write a copy; return its rows by table."""
    source = Path(settings["NAME"])
    if not source.is_file():
        raise BackupError(f"There is no database at {source}.")
    _copy(source, target)
    with opened(settings, target) as copy:
        copy.execute("PRAGMA journal_mode=DELETE")
        return counts(copy, tables)


def restore(settings: dict[str, Any], copy: Path) -> None:
    """Put the copy in the database's place, in one transaction."""
    target = Path(settings["NAME"])
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _copy(copy, target)


@contextmanager
def opened(settings: dict[str, Any], copy: Path) -> Iterator[Any]:
    with closing(sqlite3.connect(copy, timeout=WAIT)) as connection:
        yield connection


def faults(connection: Any) -> list[str]:
    """What SQLite itself finds wrong."""
    found = [row[0] for row in connection.execute("PRAGMA integrity_check(10)") if row[0] != "ok"]
    broken = connection.execute("PRAGMA foreign_key_check").fetchmany(10)
    return found + [f"{row[0]}: row {row[1]} refers to a row of {row[2]} that is not there" for row in broken]


def counts(connection: Any, tables: list[str]) -> dict[str, int]:
    return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables}  # noqa: S608


def _copy(source: Path, target: Path) -> None:
    until = time.monotonic() + WAIT

    def look(status: int, remaining: int, total: int) -> None:
        # Python would try again for ever.
        if status in BUSY and time.monotonic() > until:
            raise BackupError(f"{target} is in use, so nothing was changed. Stop the site, then restore.")

    try:
        with (
            closing(sqlite3.connect(source, timeout=WAIT)) as here,
            closing(sqlite3.connect(target, timeout=WAIT)) as there,
        ):
            here.backup(there, progress=look)
    except sqlite3.Error as error:
        raise BackupError(f"SQLite could not copy {source} to {target}: {error}.") from None
