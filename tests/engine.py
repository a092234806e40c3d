"""Drives the engine in a test: the real pump and a saver, on threads."""

import time
from collections.abc import Callable

from generations.engine.driving import driving

PATIENCE = 60.0  # seconds; only a broken promise waits this long


def drive(until: Callable[[], bool]) -> None:
    """Run the engine until something is true; fail where it never becomes so."""
    deadline = time.monotonic() + PATIENCE
    with driving():
        while not until():
            assert time.monotonic() < deadline, "it never came true"
            time.sleep(0.02)
