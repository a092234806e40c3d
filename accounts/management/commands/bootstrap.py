"""Brings an installation to where it can start: tables, static files, the first admin, the Sandbox account."""

import hashlib
import os
import secrets

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from accounts.models import Account, User

FIRST_ADMIN = "admin@studio.local"
SANDBOX = "Sandbox"


class Command(BaseCommand):
    help = "Migrate, collect static files and, on the first run, make an admin and the Sandbox account. Safe to repeat."

    def handle(self, *, verbosity: int, **options) -> None:
        settings.DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.umask(0o077)
        try:
            call_command("migrate", interactive=False, verbosity=0)
        except OperationalError as error:
            raise CommandError(f"The database cannot be used: {str(error).splitlines()[0]}") from None
        call_command("createcachetable", verbosity=0)
        self._collect_static()
        if not User.objects.exists():
            self._first_run()
        self._move_sandbox()

    def _collect_static(self) -> None:
        """Collect static files if any has changed since the last time."""
        stamp = settings.DATA_DIR / "static.stamp"
        fingerprint = _fingerprint()
        if (
            stamp.is_file()
            and stamp.read_text() == fingerprint
            and (settings.STATIC_ROOT / "staticfiles.json").is_file()
        ):
            return
        call_command("collectstatic", interactive=False, verbosity=0, clear=True)
        stamp.write_text(fingerprint)

    def _first_run(self) -> None:
        password = secrets.token_urlsafe(12)
        User.objects.create_superuser(FIRST_ADMIN, password, name="Admin")
        account = Account(name=SANDBOX, base_url=settings.SIMULATOR_URL)
        account.set_token(f"user:1000-sandbox{secrets.token_hex(8)}")
        account.save()
        self.stdout.write(
            "\n  The first admin (shown only now, so write it down):\n\n"
            f"    e-mail    {FIRST_ADMIN}\n"
            f"    password  {password}\n\n"
            "  Change the password under Settings once you have signed in.\n"
        )

    def _move_sandbox(self) -> None:
        """The simulator's port may have changed since the last run."""
        for account in Account.objects.filter(name=SANDBOX).exclude(base_url=settings.SIMULATOR_URL):
            if account.is_local:
                account.base_url = settings.SIMULATOR_URL
                account.save(update_fields=["base_url"])


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            status = os.stat(storage.path(path))
            digest.update(f"{path} {status.st_mtime_ns} {status.st_size}\n".encode())
    return digest.hexdigest()
