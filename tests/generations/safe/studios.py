"""Whole studios beside that of the tests, each with a database, files and keys that go away with the test."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import override_settings

from accounts.models import Account
from generations.media import library, pictures
from generations.references import intake
from tests import factories
from tests.generations.references.pictures import picture
from tests.generations.safe.databases import address, connected, rows

EACH = 1 + len(pictures.THUMBNAILS)  # files of one picture


@dataclass
class Done:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


class Studio:
    def __init__(self, folder: Path, database: str, keys: str = "") -> None:
        self.folder, self.database = folder, database
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "secret_key").write_text("x" * 60)
        if not (folder / "token_keys").exists():
            (folder / "token_keys").write_text(keys or Fernet.generate_key().decode())

    @property
    def media(self) -> Path:
        return self.folder / "media"

    @property
    def keys(self) -> str:
        return (self.folder / "token_keys").read_text()

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Let the settings and the database connection be those of this studio."""
        own = {"DATA_DIR": self.folder, "MEDIA_ROOT": self.media, "TOKEN_KEYS": self.keys.split(",")}
        with override_settings(**own), connected(self.database):
            yield

    def manage(self, *arguments: str) -> Done:
        """Run a command as `manage.py` does, in this process."""
        out, err, code = io.StringIO(), io.StringIO(), 0
        with self.entered():
            try:
                call_command(*arguments, stdout=out, stderr=err)
            except CommandError as error:
                code = error.returncode
                err.write(str(error))
            except SystemExit as end:
                code = int(end.code or 0)
        return Done(code, out.getvalue(), err.getvalue())

    def run(self, *command: str, **environment: str) -> subprocess.CompletedProcess:
        """Run Python in a process of its own, for what kills it or stays."""
        return subprocess.run(
            [sys.executable, *command],
            cwd=settings.BASE_DIR,
            env={**self.environment(), **environment},
            capture_output=True,
            text=True,
            check=False,
        )

    def environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return {
            **kept,
            "DATA_DIR": str(self.folder),
            "DATABASE_URL": address(self.database),
            "STUDIO_IGNORE_DOTENV": "1",
            "DJANGO_SETTINGS_MODULE": "mjstudio.settings",
        }

    def report(self, *arguments: str) -> dict:
        """What a command prints as JSON; it must succeed."""
        done = self.manage(*arguments, "--json")
        assert done.returncode == 0, done.stderr + done.stdout
        return json.loads(done.stdout)

    def fill(self, pictures: int = 2, color: str = "1020", team: str = "Others") -> None:
        """Add a member with an account, a job with pictures, and a reference."""
        with self.entered():
            owner = factories.make_user("Mia")
            job = factories.make_job(owner=owner, account=factories.make_account(name=team), status="done")
            for number in range(pictures):
                facts = library.publish(library.receive(picture(color=f"#{color}{number:02x}")))
                factories.make_image(job=job, **{**facts, "position": job.images.count() + 1})
            intake.take_bytes(owner, picture(color=f"#{color}ff"))

    def token(self) -> str:
        with self.entered():
            return Account.objects.get(name="Team").token

    def rows(self) -> dict[str, list[str]]:
        with self.entered():
            return rows()

    def contents(self) -> dict[str, bytes]:
        return {str(path.relative_to(self.media)): path.read_bytes() for path in files_below(self.media)}


def files_below(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.parent.name.startswith("."))
