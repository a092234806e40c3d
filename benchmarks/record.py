"""What the simulator wrote down of every job: when it took it, when it ended. The truth to measure against."""

import json
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from midjourney.simulator.clock import Segment


@dataclass(frozen=True)
class Run:
    """One job as the service ran it. `began` and `ended` are Unix times; one that runs has its end in the future."""

    ref: str  # our reference
    remote_id: str
    channel: str
    began: float
    ended: float

    @property
    def seconds(self) -> float:
        return self.ended - self.began


def read(state_dir: Path) -> list[Run]:
    """All jobs that a simulator with this state directory has accepted, in the order in which it did."""
    segments: list[Segment] = []
    jobs: dict[str, dict[str, Any]] = {}
    for line in _lines(state_dir / "journal.jsonl"):
        match line.pop("t"):
            case "clock":
                segments.append(Segment(**line))
            case "job":
                jobs[line["jobid"]] = line
            case "change":
                jobs[line["jobid"]] |= line
    found = [_run(job, segments) for job in jobs.values() if not job["foreign"]]
    return sorted(found, key=lambda run: run.began)


def by_ref(runs: Iterable[Run]) -> dict[str, Run]:
    """The runs by our reference; of one that was paid twice the later one, which `safety` counts."""
    return {run.ref: run for run in runs}


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    """The complete lines of a journal that may be written to meanwhile."""
    if not path.exists():
        return
    for line in path.read_bytes().splitlines(keepends=True):
        if line.endswith(b"\n"):
            yield json.loads(line)


def _wall(sim: float, segments: list[Segment]) -> float:
    """The Unix time of a simulated one; each start of the simulator begins a segment with its own speed."""
    segment = segments[max(0, bisect_right(segments, sim, key=lambda each: each.sim) - 1)]
    return segment.wall + (sim - segment.sim) / segment.speed


def _run(job: dict[str, Any], segments: list[Segment]) -> Run:
    began, ended = _wall(job["accepted"], segments), _wall(job["accepted"] + job["lasts"], segments)
    return Run(str(job["request"].get("replyRef", "")), job["jobid"], job["channel"], began, ended)
