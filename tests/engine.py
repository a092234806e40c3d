"""Drives the engine in a test: the real pump, with the background tasks run on the spot."""

import threading
import time
from collections.abc import Callable

from django.db import connection

from generations.engine import saving, shutdown
from generations.engine.pump import Pump

PATIENCE = 30.0  # seconds; only a broken promise waits this long


def drive(until: Callable[[], bool], *, patience: float = PATIENCE) -> None:
    """Run a pump, and a saver beside it, until something is true; fail where it never becomes so."""
    pump = Pump()
    driver = threading.Thread(target=_run, args=(lambda: pump.run(patience),))
    saver = threading.Thread(target=_run, args=(_save_until_stopped,))
    shutdown.reset()
    driver.start()
    saver.start()
    deadline = time.monotonic() + patience
    try:
        while not until():
            assert driver.is_alive() or not shutdown.is_asked(), "the pump ended"
            assert time.monotonic() < deadline, "it never came true"
            time.sleep(0.02)
    finally:
        shutdown.ask()
        driver.join()
        pump.drain()
        saver.join()
        shutdown.reset()


def _save_until_stopped() -> None:
    while not shutdown.is_asked():
        if not saving.save_due():
            shutdown.sleep(0.05)


def _run(function: Callable) -> None:
    try:
        function()
    finally:
        connection.close()
