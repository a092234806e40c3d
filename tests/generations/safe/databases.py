"""Databases of their own for whole studios in tests, of the kind that the tests run on."""

import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection, connections
from psycopg import sql

from generations.backups import postgresql


class Databases:
    def __init__(self, folder: Path) -> None:
        self.folder, self.made = folder, []

    def new(self, like: str = "") -> str:
        """The name of a new one: empty, or a copy. SQLite: a path; PostgreSQL: a database of the server."""
        name = f"safe_{secrets.token_hex(6)}"
        if connection.vendor == "sqlite":
            path = self.folder / f"{name}.sqlite3"
            if like:
                shutil.copy(like, path)
            return str(path)
        template = sql.Identifier(like or "template0")
        with _server() as server:
            server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), template))
        self.made.append(name)
        return name

    def migrated(self) -> str:
        """The name of a new one with all tables, as the database of the tests has them."""
        name = self.new()
        known = connection.settings_dict
        if connection.vendor == "sqlite":
            with closing(sqlite3.connect(known["NAME"])) as source, closing(sqlite3.connect(name)) as target:
                source.backup(target)
        else:
            dump = self.folder / "tables.dump"
            postgresql.dump(known, dump, [])
            postgresql.restore(known | {"NAME": name}, dump)
        return name

    def names(self) -> set[str]:
        """All on the server."""
        with _server() as server:
            return {row[0] for row in server.execute("SELECT datname FROM pg_database")}

    def drop(self) -> None:
        for name in self.made:
            with _server() as server:
                server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def connected(name: str) -> Iterator[None]:
    """Let `django.db.connection` be one to this database."""
    usual = connections["default"]
    other = usual.copy()
    other.settings_dict["NAME"] = name
    connections["default"] = other
    try:
        yield
    finally:
        other.close()
        connections["default"] = usual


def address(name: str) -> str:
    """What DATABASE_URL says of it."""
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    known = connection.settings_dict
    password = f":{known['PASSWORD']}" if known["PASSWORD"] else ""
    return f"postgres://{known['USER']}{password}@{known['HOST']}:{known['PORT']}/{name}"


def rows() -> dict[str, list[Any]]:
    """Every row of every table of the database that is connected."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608
            found[table] = sorted(map(repr, cursor.fetchall()))
    return found


def _server() -> psycopg.Connection:
    known = connection.settings_dict
    return psycopg.connect(
        host=known["HOST"], port=known["PORT"], user=known["USER"], password=known["PASSWORD"] or None,
        dbname="postgres", autocommit=True,
    )  # fmt: skip
