"""Drives the queue inside this process, for commands that wait where no worker runs, and for tests."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection

from generations.engine import saving, shutdown
from generations.engine.pump import Pump

FOR_AS_LONG_AS_ASKED = 10.0**9  # seconds


@contextmanager
def driving() -> Iterator[None]:
    """A pump and a saver on threads of their own, until the block ends."""
    pump = Pump()
    threads = [_thread(lambda: _pump(pump)), _thread(_save)]
    shutdown.reset()
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        shutdown.ask()
        for thread in threads:
            thread.join()
        pump.drain()
        shutdown.reset()


def _pump(pump: Pump) -> None:
    """Take over whenever no other pump beats."""
    while not shutdown.is_asked():
        pump.run(FOR_AS_LONG_AS_ASKED)
        shutdown.sleep(0.5)


def _save() -> None:
    while not shutdown.is_asked():
        if not saving.save_due():
            shutdown.sleep(0.05)


def _thread(function: Callable[[], object]) -> threading.Thread:
    def run() -> None:
        try:
            function()
        finally:
            connection.close()

    return threading.Thread(target=run, daemon=True)
