"""The studio's site as a process, as the Procfile starts it, and what it was asked, from its own log."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.test import Client

from accounts.models import User
from benchmarks import processes
from benchmarks.studio import PATIENCE, ROOT, end, free_port, wait_until

LINE = "%(s)s %({content-length}o)s %(U)s"  # status, bytes of the body (those that the kernel sends count), path


@dataclass(frozen=True)
class Request:
    """One line of the site's log; `bytes` are those of the answer's body."""

    status: int
    bytes: int
    path: str


class Site:
    """A site that answers, from `running`."""

    def __init__(self, port: int, process: subprocess.Popen[bytes], log: Path) -> None:
        self.url, self.process, self.log = f"http://127.0.0.1:{port}", process, log

    def requests(self, begin: int = 0) -> list[Request]:
        """What it was asked, but for the first so many."""
        lines = [line.split(" ", 2) for line in self.log.read_text().splitlines()[begin:]]
        return [Request(int(status), int(size) if size.isdecimal() else 0, path) for status, size, path in lines]

    def settled(self, begin: int, quiet: float = 0.5) -> list[Request]:
        """The same once it has been asked nothing for so many seconds."""
        while True:
            found = self.requests(begin)
            time.sleep(quiet)
            if len(self.requests(begin)) == len(found):
                return found

    @property
    def workers(self) -> list[int]:
        """The processes that answer; gunicorn's first one only watches them."""
        return [pid for pid in processes.family(self.process.pid) if pid != self.process.pid]


def session_of(user: User) -> str:
    """The value of a session cookie of somebody who has signed in."""
    client = Client(SERVER_NAME="localhost")
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


@contextmanager
def running() -> Iterator[Site]:
    """Start the site on a port of its own; it has the rows and the files of this process."""
    call_command("collectstatic", interactive=False, verbosity=0)
    port, log = free_port(), settings.DATA_DIR / "requests.log"
    log.touch()
    command = ["-m", "gunicorn", "--config", "gunicorn.conf.py", "--access-logfile", str(log),
               "--access-logformat", LINE, "mjstudio.wsgi"]  # fmt: skip
    environment = os.environ | {"STUDIO_PORT": str(port), "PUBLIC_URL": f"http://127.0.0.1:{port}"}
    process = subprocess.Popen(  # noqa: S603  # our own interpreter and our own command
        [sys.executable, *command],
        cwd=ROOT, env=environment, stdout=sys.stderr, start_new_session=True, preexec_fn=processes.die_with_parent,
    )  # fmt: skip
    try:
        wait_until(lambda: _answers(port), "the site answers", PATIENCE)
        yield Site(port, process, log)
    finally:
        end(process)


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/", timeout=5):
            return True
    except urllib.error.HTTPError:
        return True  # it says that there are no workers
    except OSError:
        return False
