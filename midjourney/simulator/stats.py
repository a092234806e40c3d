"""What tests and benchmarks read: requests, starts, payments, and the most that ever ran at once."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Iterable

from midjourney.simulator.jobs import Job
from midjourney.simulator.replies import Json


class Counters:
    """Named groups of counters, safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._groups: dict[str, Counter[str]] = defaultdict(Counter)

    def add(self, group: str, name: str) -> None:
        with self._lock:
            self._groups[group][name] += 1

    def get(self, group: str) -> dict[str, int]:
        with self._lock:
            return dict(self._groups[group])

    def clear(self) -> None:
        with self._lock:
            self._groups.clear()


def peak(intervals: Iterable[tuple[float, float]]) -> int:
    """The most intervals that overlap; one that ends as another begins does not."""
    edges = [edge for start, end in intervals for edge in ((start, 1), (end, -1))]
    running = most = 0
    for _, step in sorted(edges):
        running += step
        most = max(most, running)
    return most


def peaks(jobs: Iterable[Job], limits: dict[str, Json]) -> dict[str, Json]:
    """Per channel, the most jobs at once in total and per lane, from the moments of acceptance and of the end."""
    spans: dict[str, list[tuple[str, float, float]]] = defaultdict(list)
    for job in jobs:
        spans[job.channel].append((job.lane, job.accepted, job.ends))
    result: dict[str, Json] = {}
    for channel, own in spans.items():
        result[channel] = {
            "total": peak((start, end) for _, start, end in own),
            "image": peak((start, end) for lane, start, end in own if lane == "image"),
            "video": peak((start, end) for lane, start, end in own if lane == "video"),
            "limits": limits.get(channel, {}),
        }
    return result


def summary(jobs: list[Job], counters: Counters, limits: dict[str, Json], sim: float) -> Json:
    """The body of `GET /_simulator/stats`.

    Jobs of "other programs" count in `peak` and `running` only.
    """
    own = [job for job in jobs if not job.foreign]
    paid = [job for job in own if job.is_paid]
    return {
        "jobs": len(own),
        "running": sum(job.is_running(sim) for job in jobs),
        "by_status": dict(Counter(job.phase(sim).status for job in own)),
        "by_verb": dict(Counter(job.verb for job in own)),
        "started_by_ref": dict(Counter(job.reply_ref for job in own)),
        "paid_by_ref": dict(Counter(job.reply_ref for job in paid)),
        "paid": len(paid),
        "unlisted": sum(not job.listed for job in own),
        "foreign": sum(job.foreign for job in jobs),
        "peak": peaks(jobs, limits),
        "requests": counters.get("requests"),
        "answers": counters.get("answers"),
        "full": counters.get("full"),
        "faults": counters.get("faults"),
        "webhooks": {"sent": 0, "failed": 0, "lost": 0, **counters.get("webhooks")},
        "webhooks_by_job": counters.get("webhooks_by_job"),
        "simulated_seconds": round(sim, 3),
    }
