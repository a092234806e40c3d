"""Flows: work that goes back and forth between the database and the network.

A flow is a generator. What it does itself runs on one of a few threads that use the database. What it yields, a list of
calls to an upstream, runs side by side on threads that do not; the flow then goes on with the list of what they
returned, an exception where one raised. So a service that hangs keeps neither a connection to the database nor a thread
that others need, and hundreds of accounts get by with a handful of connections.
"""

import logging
import threading
import time
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any

from django.db import connection, connections

logger = logging.getLogger(__name__)

Call = Callable[[], Any]
Flow = Generator[list[Call], list[Any], Any]

# SQLite lets one connection write at a time and makes the others sleep for up to a tenth of a second between two tries;
# one thread never has to. On PostgreSQL a few use the time that the server takes.
DATABASE_THREADS = {"sqlite": 1}
OTHERWISE = 4
NETWORK_THREADS = 128
CHECK_AFTER = 2.0  # seconds without use after which a connection is tried before it is relied on


class Crew:
    """The threads of one pump. They end when it is closed and its last flow is over."""

    def __init__(self) -> None:
        size = DATABASE_THREADS.get(connection.vendor, OTHERWISE)
        self._database = ThreadPoolExecutor(size, "flow", initializer=self._note_thread)
        self._threads = 0
        self._network = ThreadPoolExecutor(NETWORK_THREADS, "call")
        self._state = threading.Condition()
        self._flows = self._steps = 0
        self._is_closed = False

    @property
    def flows(self) -> int:
        """How many flows are under way."""
        return self._flows

    @property
    def steps(self) -> int:
        """How many of them wait for a thread that uses the database, or have one."""
        return self._steps

    def start(self, flow: Flow, then: Callable[[], None] | None = None) -> Future:
        """Run a flow; the future brings what it returns. `then` is called when it is over, in whatever way."""
        future: Future = Future()
        with self._state:
            if self._is_closed and not self._flows:
                raise RuntimeError("the crew is closed")
            self._flows += 1
        self._queue(flow, [], future, then)
        return future

    def join(self, timeout: float | None = None) -> bool:
        """Wait until no flow is under way; return whether that came true in time."""
        with self._state:
            return self._state.wait_for(lambda: not self._flows, timeout)

    def close(self) -> None:
        """End the threads once the flows that are under way are over."""
        with self._state:
            self._is_closed = True
            is_over = not self._flows
        if is_over:
            self._end()

    def _queue(self, *args: Any) -> None:
        with self._state:
            self._steps += 1
        self._database.submit(self._step, *args)

    def _step(self, flow: Flow, answers: list[Any], future: Future, then: Callable[[], None] | None) -> None:
        calls: list[Call] | None = None
        try:
            with fresh_connections():
                calls = flow.send(answers) if answers else next(flow)
        except StopIteration as end:
            future.set_result(end.value)
        except BaseException as error:
            logger.exception("engine fault in %s", getattr(flow, "__qualname__", flow))
            future.set_exception(error)
        finally:
            with self._state:
                self._steps -= 1
        if calls is None:
            self._over(then)
        else:
            self._call(calls, lambda found: self._queue(flow, found, future, then))

    def _call(self, calls: list[Call], then: Callable[[list[Any]], None]) -> None:
        """Make calls side by side and go on when the last has answered."""
        if not calls:
            then([])
            return
        answers: list[Any] = [None] * len(calls)
        left = [len(calls)]
        lock = threading.Lock()

        def make(index: int, call: Call) -> None:
            answers[index] = answer_of(call)
            with lock:
                left[0] -= 1
                is_last = not left[0]
            if is_last:
                then(answers)

        for index, call in enumerate(calls):
            self._network.submit(make, index, call)

    def _over(self, then: Callable[[], None] | None) -> None:
        if then is not None:
            then()
        with self._state:
            self._flows -= 1
            is_end = self._is_closed and not self._flows
            self._state.notify_all()
        if is_end:
            self._end()

    def _note_thread(self) -> None:
        with self._state:
            self._threads += 1

    def _end(self) -> None:
        _crews.discard(self)
        # A connection is closed by its own thread only; each waits for the others, so that each does it once.
        together = threading.Barrier(max(1, self._threads))
        for _ in range(self._threads):
            with suppress(RuntimeError):  # closed already
                self._database.submit(_close_connections, together)
        self._database.shutdown(wait=False)
        self._network.shutdown(wait=False)


def _close_connections(together: threading.Barrier) -> None:
    connections.close_all()
    with suppress(threading.BrokenBarrierError):
        together.wait(timeout=1.0)


_crews: set[Crew] = set()


def crew() -> Crew:
    """Threads for a pump; whoever asks for them closes them."""
    made = Crew()
    _crews.add(made)
    return made


def retire(*, wait: bool = False) -> None:
    """Close every crew of this process."""
    for each in list(_crews):
        if wait:
            each.join()
        each.close()
        if wait:
            each._database.shutdown(wait=True)


def here(flow: Flow) -> Any:
    """Run a flow to its end in this thread, its calls one after the other; return what it returns."""
    answers: list[Any] = []
    try:
        while True:
            calls = flow.send(answers) if answers else next(flow)
            answers = [answer_of(call) for call in calls]
    except StopIteration as end:
        return end.value


def ask(call: Callable, *args: Any, **kwargs: Any) -> Flow:
    """A flow's single call: `answer = yield from ask(function, …)`. Raises what it raised."""
    (answer,) = yield [partial(call, *args, **kwargs)]
    if isinstance(answer, BaseException):
        raise answer
    return answer


def answer_of(call: Call) -> Any:
    try:
        return call()
    except Exception as error:  # noqa: BLE001  # handed to the flow, which knows what it means
        return error


_used = threading.local()


class fresh_connections:
    """Use this thread's connection, checked where it may have died, and dropped where it did."""

    def __enter__(self) -> None:
        if time.monotonic() - getattr(_used, "at", 0.0) > CHECK_AFTER:
            for known in connections.all(initialized_only=True):
                known.close_if_unusable_or_obsolete()

    def __exit__(self, *_: object) -> None:
        _used.at = time.monotonic()
        for known in connections.all(initialized_only=True):
            if known.errors_occurred:
                known.close_if_unusable_or_obsolete()
