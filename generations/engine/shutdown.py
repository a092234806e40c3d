"""How the processes of a worker learn that they are to stop.

The supervising `worker` command holds the writing end of a pipe whose reading end every process below it inherits.
When it closes that end, or dies in whatever way, all of them see the end of file: the pump stops at once, and whatever
is still there a little later is killed, so that no orphan lives on.
"""

import os
import select
import signal
import threading
import time

PIPE_VARIABLE = "STUDIO_WORKER_PIPE"
GRACE = 4.0  # seconds between the end of file and the kill
_asked = threading.Event()  # for a pump that runs without a supervisor: tests, commands


def _pipe() -> int | None:
    value = os.environ.get(PIPE_VARIABLE, "")
    return int(value) if value.isdigit() else None


def is_asked() -> bool:
    """Whether this process should stop taking on new work."""
    pipe = _pipe()
    if pipe is None:
        return _asked.is_set()
    poller = select.poll()
    poller.register(pipe, select.POLLIN | select.POLLHUP)
    return bool(poller.poll(0))


def sleep(seconds: float) -> None:
    """Sleep, or less where stopping is asked for meanwhile."""
    pipe = _pipe()
    if pipe is None:
        _asked.wait(seconds)
        return
    poller = select.poll()
    poller.register(pipe, select.POLLIN | select.POLLHUP)
    poller.poll(int(seconds * 1000))


def ask() -> None:
    _asked.set()


def reset() -> None:
    _asked.clear()


def die_with_supervisor() -> None:
    """Watch the pipe from a thread in this process and in every process forked from it."""
    if _pipe() is None:
        return
    _start_watching()
    os.register_at_fork(after_in_child=_start_watching)


def _start_watching() -> None:
    threading.Thread(target=_watch, name="supervisor-watch", daemon=True).start()


def _watch() -> None:
    pipe = _pipe()
    assert pipe is not None  # noqa: S101
    poller = select.poll()
    poller.register(pipe, select.POLLIN | select.POLLHUP)
    poller.poll()
    time.sleep(GRACE)
    os.kill(os.getpid(), signal.SIGKILL)
