"""Copies of a PostgreSQL database, through its own programs pg_dump, pg_restore and psql."""

import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from generations.backups.errors import BackupError

ENDING = "dump"
ERRORS = (psycopg.Error,)
WAIT = 30.0  # seconds for a lock
PLAIN = ("--no-owner", "--no-privileges", "--no-comments")  # any of them may be refused to the studio's role
# Tables that came after the backup would hold on to those that are to go, so all go, in the same transaction.
CLEAR = """DO $$ DECLARE name text; BEGIN
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('DROP TABLE IF EXISTS public.%I CASCADE', name);
  END LOOP;
END $$;
"""


def dump(settings: dict[str, Any], target: Path, tables: list[str]) -> dict[str, int]:
    """Write a copy; return the rows by table at the very moment that it shows."""
    with _connected(settings) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        row = connection.execute("SELECT pg_export_snapshot()").fetchone()
        snapshot = row[0] if row else ""
        to = ["--format=custom", f"--snapshot={snapshot}", f"--file={target}"]
        _run(settings, "pg_dump", *PLAIN, *to, f"--dbname={_address(settings)}")
        return counts(connection, tables)


def restore(settings: dict[str, Any], copy: Path) -> None:
    """Put the copy in the database's place, in one transaction: where it fails, nothing has changed."""
    clear, script = copy.with_suffix(".clear.sql"), copy.with_suffix(".sql")
    clear.write_text(f"SET lock_timeout = {round(WAIT * 1000)};\n{CLEAR}")
    _run(settings, "pg_restore", *PLAIN, f"--file={script}", str(copy))
    orders = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--single-transaction"]
    try:
        _run(settings, "psql", *orders, f"--dbname={_address(settings)}", f"--file={clear}", f"--file={script}")
    except BackupError as error:
        if "lock timeout" in str(error):
            raise BackupError("The database is in use, so nothing was changed. Stop the site, then restore.") from None
        raise


@contextmanager
def opened(settings: dict[str, Any], copy: Path) -> Iterator[Any]:
    """The copy in a database of its own on the same server, which is removed afterwards."""
    name = f"mjstudio_drill_{secrets.token_hex(6)}"
    own = {**settings, "NAME": name}
    with _connected(settings, autocommit=True) as server:
        try:
            server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        except psycopg.errors.InsufficientPrivilege:
            raise BackupError(
                "The role of DATABASE_URL may not make databases, so the copy cannot be tried. An administrator of the "
                "server can allow it: ALTER ROLE … CREATEDB."
            ) from None
        try:
            _run(settings, "pg_restore", *PLAIN, "--exit-on-error", f"--dbname={_address(own)}", str(copy))
            with _connected(own) as connection:
                yield connection
        finally:
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def faults(connection: Any) -> list[str]:
    """None: reading the copy in has built every index and checked every constraint."""
    return []


def counts(connection: Any, tables: list[str]) -> dict[str, int]:
    count = sql.SQL("SELECT count(*) FROM {}")
    return {name: connection.execute(count.format(sql.Identifier(name))).fetchone()[0] for name in tables}


def _parameters(settings: dict[str, Any]) -> dict[str, Any]:
    """How libpq says where the database is; without the password, which must not stand on a command line."""
    given = {"dbname": "NAME", "user": "USER", "host": "HOST", "port": "PORT"}
    known = {name: str(settings[key]) for name, key in given.items() if settings.get(key)}
    options = settings.get("OPTIONS") or {}
    return known | {name: value for name, value in options.items() if name.startswith("ssl")}


def _address(settings: dict[str, Any]) -> str:
    return make_conninfo(**_parameters(settings))


@contextmanager
def _connected(settings: dict[str, Any], *, autocommit: bool = False) -> Iterator[psycopg.Connection]:
    try:
        password = settings.get("PASSWORD") or None
        connection = psycopg.connect(_address(settings), password=password, autocommit=autocommit)
    except psycopg.OperationalError as error:
        raise BackupError(f"The database does not answer: {str(error).splitlines()[0]}") from None
    with connection:
        yield connection


def _run(settings: dict[str, Any], program: LiteralString, *arguments: str) -> None:
    path = shutil.which(program)
    if path is None:
        raise BackupError(
            f"{program} is not installed. It comes with PostgreSQL’s client programs (Debian: postgresql-client), "
            "which should be as new as the server."
        )
    password = {"PGPASSWORD": str(settings["PASSWORD"])} if settings.get("PASSWORD") else {}
    done = subprocess.run(  # noqa: S603  # one of three programs, and no shell
        [path, *arguments], env={**os.environ, **password}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()] or ["no reason given"]
        raise BackupError(f"{program} failed: {lines[0]}")
