"""The studio's database, whichever kind it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from django.apps import apps
from django.db import DatabaseError, connection, connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from accounts.models import User
from generations.backups import postgresql, sqlite
from generations.backups.errors import BackupError
from generations.engine import heartbeat

KINDS: dict[str, ModuleType] = {"sqlite": sqlite, "postgresql": postgresql}
APPS = ("accounts", "generations")


def vendor() -> str:
    return connection.vendor


def tables() -> list[str]:
    """Those of the studio's own apps, as far as they have been made."""
    models = [model for app in APPS for model in apps.get_app_config(app).get_models(include_auto_created=True)]
    return sorted({model._meta.db_table for model in models} & set(_tables()))


def dump(target: Path) -> dict[str, int]:
    """Write a consistent copy; return its rows by table."""
    return KINDS[vendor()].dump(connection.settings_dict, target, tables())


def restore(copy: Path) -> None:
    connections.close_all()
    KINDS[vendor()].restore(connection.settings_dict, copy)


@contextmanager
def opened(kind: str, copy: Path) -> Iterator[Any]:
    """A copy, opened apart from the studio's own database. Raises BackupError."""
    if kind == "postgresql" and vendor() != kind:
        raise BackupError("This backup is of PostgreSQL. Let DATABASE_URL name a server on which it can be tried.")
    with KINDS[kind].opened(connection.settings_dict, copy) as found:
        yield found


def ending() -> str:
    return KINDS[vendor()].ENDING


def migrations() -> dict[str, list[str]]:
    """Those that were applied, by app."""
    found: dict[str, list[str]] = {}
    for app, name in sorted(MigrationRecorder(connection).applied_migrations()):
        found.setdefault(app, []).append(name)
    return found


def unknown_migrations(applied: dict[str, list[str]]) -> list[str]:
    """Those that this version of the studio has not."""
    known = MigrationLoader(None).disk_migrations or {}
    return [f"{app}.{name}" for app in APPS for name in applied.get(app, []) if (app, name) not in known]


def is_in_use() -> bool:
    """Whether anybody has an account in it."""
    return _has_table(User._meta.db_table) and User.objects.exists()


def worker_runs() -> bool:
    try:
        return _has_table("generations_taskslot") and heartbeat.some_pump_runs()
    except DatabaseError:
        return False  # tables of another version: what runs there is not ours


def _has_table(name: str) -> bool:
    return name in _tables()


def _tables() -> list[str]:
    try:
        return connection.introspection.table_names()
    except DatabaseError as error:
        raise BackupError(f"The database cannot be used: {str(error).splitlines()[0]}") from None
