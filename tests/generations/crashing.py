"""A process that makes workers which kill themselves at a named point: `python -m tests.generations.crashing`.

It reads one JSON object a line, forks a worker for it, and answers with how that ended. It is itself without threads,
so that forking it is safe, and a worker costs no start of Python.
"""

import importlib
import json
import os
import signal
import sys
import time
from typing import Any


def main() -> None:
    import django
    from django.conf import settings

    # The database is that of the tests, by its own name and not by that of a test of a test.
    settings.DATABASES["default"] |= json.loads(os.environ["CRASH_DATABASE"])
    settings.LOGGING_CONFIG = None
    django.setup()
    for name in ("generations.engine.driving", "benchmarks.chaos.promises"):
        importlib.import_module(name)  # once, for all workers
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _work(json.loads(line))
        _, status = os.waitpid(pid, 0)
        print(json.dumps({"died": os.WIFSIGNALED(status), "code": status}), flush=True)  # noqa: T201


def _work(order: dict[str, Any]) -> None:
    """Be a worker until the point is reached, nothing is left to do, or the time is over."""
    from django.conf import settings

    from benchmarks.chaos import promises
    from generations.engine import points
    from generations.engine.driving import driving

    settings.MEDIA_ROOT = order["media"]
    settings.ENGINE_TIMING = order["timing"]
    points.install(lambda name: os.kill(os.getpid(), signal.SIGKILL) if name == order["point"] else None)
    until = time.monotonic() + order["seconds"]
    with driving():
        while time.monotonic() < until and not promises.settled():
            time.sleep(0.02)
        os._exit(0)


if __name__ == "__main__":
    main()
