"""Event streams (useapi-v3.md §7.1)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

from midjourney.simulator.clock import Clock
from midjourney.simulator.jobs import FINAL, Job
from midjourney.simulator.replies import Json, Reply

Write = Callable[[bytes], None]


class StreamBroken(OSError):
    """The listener is gone, or a fault broke the stream."""


def stream(
    job: Job,
    clock: Clock,
    payload: Callable[[Job, float], Json],
    is_gone: Callable[[], bool],
    broken: Callable[[Job], None],
) -> Reply:
    """A reply that tells a job's events as they happen and gets the job stuck when the listener leaves."""

    def run(write: Write) -> None:
        try:
            _tell(job, clock, payload, is_gone, write)
        except OSError:
            broken(job)
            raise

    return Reply(200, content_type="text/event-stream", headers={"Cache-Control": "no-cache"}, stream=run)


def _tell(
    job: Job, clock: Clock, payload: Callable[[Job, float], Json], is_gone: Callable[[], bool], write: Write
) -> None:
    started = {"event": "initialized", "message": "Stream initialized", "jobId": job.jobid}
    write(_line(started, 0, clock.wall()))
    sequence = 0
    shown = -1.0
    while True:
        sim = clock.sim()
        for phase in job.phases():
            at = job.accepted + phase.since
            if phase.since <= shown or at > sim:
                continue
            shown = phase.since
            sequence += 1
            body = {"event": f"midjourney_{phase.status}", "job": payload(job, at)}
            write(_line(body, sequence, clock.wall()))
            if phase.status in FINAL:
                return
            if "drop-sse" in job.faults and phase.status == "progress":
                raise StreamBroken("broken by a fault")
        if is_gone():
            raise StreamBroken("the listener left")
        clock.wait(_next(job, shown), 0.25)


def _next(job: Job, shown: float) -> float:
    return min((job.accepted + phase.since for phase in job.phases() if phase.since > shown), default=job.ends)


def _line(value: Json, sequence: int, wall: float) -> bytes:
    moment = datetime.fromtimestamp(wall, UTC)
    stamp = f"{moment:%H:%M:%S}.{moment.microsecond // 1000:03d}"
    text = json.dumps({**value, "seq": sequence, "ts": stamp}, ensure_ascii=False)
    return f"data: {text}\n\n".encode()
