"""Webhooks: every event of a job is POSTed to its `replyUrl` as it occurs (useapi-v3.md §7.2)."""

from __future__ import annotations

import contextlib
import heapq
import json
import queue
import threading
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPException

from midjourney.simulator import ids
from midjourney.simulator.clock import Clock
from midjourney.simulator.jobs import FINAL, Job, Phase
from midjourney.simulator.replies import Json
from midjourney.simulator.stats import Counters

WORKERS = 4
TIMEOUT_SECONDS = 5.0


@dataclass(order=True, slots=True)
class _Due:
    sim: float
    number: int
    job: Job = field(compare=False)
    phase: Phase = field(compare=False)
    course: int = field(compare=False)


class Webhooks:
    """A scheduler thread that knows what is due, and a few senders; one job always has the same sender."""

    def __init__(self, clock: Clock, counters: Counters, payload: Callable[[Job, float], Json]) -> None:
        self._clock = clock
        self._counters = counters
        self._payload = payload
        self._due: list[_Due] = []
        self._number = 0
        self._lock = threading.Lock()
        self._courses: dict[str, int] = {}
        self._held: dict[str, list[tuple[Job, Json]]] = {}
        self._stopping = False
        self._queues: list[queue.Queue[tuple[Job, Json] | None]] = [queue.Queue() for _ in range(WORKERS)]
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        self._threads = [threading.Thread(target=self._schedule, name="simulator-webhooks", daemon=True)]
        self._threads += [threading.Thread(target=self._send_all, args=(q,), daemon=True) for q in self._queues]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stopping = True
        self._clock.wake()
        for waiting in self._queues:
            waiting.put(None)

    def follow(self, job: Job, after: float) -> None:
        """Send this job's events from that simulated time on; called again when a job's course changes."""
        if not job.reply_url:
            return
        with self._lock:
            course = self._courses[job.jobid] = self._courses.get(job.jobid, 0) + 1
            for phase in job.phases():
                at = job.accepted + phase.since
                if at >= after:
                    self._number += 1
                    heapq.heappush(self._due, _Due(at, self._number, job, phase, course))
        self._clock.wake()

    def forget(self) -> None:
        with self._lock:
            self._due.clear()
            self._courses.clear()
            self._held.clear()

    def settle(self, seconds: float = 10.0) -> bool:
        """Wait until everything that is due now has been sent; says whether it was."""
        done = threading.Event()

        def wait() -> None:
            while not self._stopping and self._has_due():
                self._clock.wait(None, 0.005)
            for waiting in self._queues:
                waiting.join()
            done.set()

        threading.Thread(target=wait, daemon=True).start()
        return done.wait(seconds)

    def _has_due(self) -> bool:
        with self._lock:
            return bool(self._due) and self._due[0].sim <= self._clock.sim()

    def _schedule(self) -> None:
        while not self._stopping:
            with self._lock:
                now = self._clock.sim()
                while self._due and self._due[0].sim <= now:
                    self._hand_over(heapq.heappop(self._due))
                upcoming = self._due[0].sim if self._due else None
            self._clock.wait(upcoming, 0.5 if upcoming is not None else 5.0)

    def _hand_over(self, due: _Due) -> None:
        job, phase = due.job, due.phase
        # A job that was cancelled or got stuck has been followed anew since this was planned.
        if due.course != self._courses.get(job.jobid):
            return
        if phase.status in FINAL:
            del self._courses[job.jobid]
        body = self._payload(job, due.sim)
        for event in self._spoilt(job, phase, body):
            self._queues[ids.digest(job.jobid) % WORKERS].put((job, event))

    def _spoilt(self, job: Job, phase: Phase, body: Json) -> list[Json]:
        last = phase.status in FINAL
        if "lost-webhook" in job.faults or (last and "lost-final-webhook" in job.faults):
            self._counters.add("webhooks", "lost")
            return []
        if "duplicate-webhook" in job.faults:
            return [body, body]
        if "shuffled-webhook" not in job.faults:
            return [body]
        held = self._held.setdefault(job.jobid, [])
        held.append((job, body))
        if not last:
            return []
        del self._held[job.jobid]
        return [event for _, event in reversed(held)]

    def _send_all(self, waiting: queue.Queue[tuple[Job, Json] | None]) -> None:
        while True:
            item = waiting.get()
            try:
                if item is None:
                    return
                self._send(*item)
            finally:
                waiting.task_done()

    def _send(self, job: Job, body: Json) -> None:
        request = urllib.request.Request(  # noqa: S310 - only http and https pass validation
            job.reply_url,
            data=json.dumps(body, ensure_ascii=False).encode(),
            headers={"Content-Type": "application/json", "User-Agent": "useapi-simulator"},
            method="POST",
        )
        outcome = "failed"
        with (
            contextlib.suppress(OSError, ValueError, HTTPException),
            self._opener.open(request, timeout=TIMEOUT_SECONDS) as answer,
        ):
            answer.read(4096)
            outcome = "sent"
        self._counters.add("webhooks", outcome)
        self._counters.add("webhooks_by_job", job.jobid)
