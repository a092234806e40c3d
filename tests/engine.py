"""Drives the engine in a test: the real pump and a saver, on threads."""

import time
from collections.abc import Callable, Collection

from generations.engine.driving import driving
from generations.engine.threads import Flow

PATIENCE = 60.0  # seconds; only a broken promise waits this long


def drive(until: Callable[[], bool]) -> None:
    """Run the engine until something is true; fail where it never becomes so."""
    deadline = time.monotonic() + PATIENCE
    with driving():
        while not until():
            assert time.monotonic() < deadline, "it never came true"
            time.sleep(0.02)


class Alone:
    """Stands in for the pump where a test takes one look at one account: collects what the look would send."""

    def __init__(self, watchers: Collection[int] = (), most: int = 1000) -> None:
        self.sent: list[Flow] = []
        self.most = most
        self._watchers = watchers

    def may_send(self, account_pk: int) -> bool:
        return len(self.sent) < self.most

    def send(self, account_pk: int, flow: Flow) -> None:
        self.sent.append(flow)

    def watchers(self) -> Collection[int]:
        return self._watchers

    def is_stopping(self) -> bool:
        return False
