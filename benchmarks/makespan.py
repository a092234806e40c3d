"""A batch from its first start to its last end, against the least time that its durations allow."""

import time
from typing import Any

from benchmarks import safety, workload
from benchmarks.figures import Figure, Interval, idle_seconds, list_schedule, makespan_bound
from benchmarks.lag import lag_figures
from benchmarks.record import Run
from benchmarks.studio import Load, Studio, running


def measure(
    *, tick: float, mean: float, slots: int, jobs: int, is_bound: bool = True
) -> tuple[list[Figure], dict[str, Any]]:
    """One member's batch on one channel of so many slots. Without bounds where a job lasts less than ten ticks."""
    with running(Load(mean, slots)) as studio:
        [account] = workload.accounts(studio)
        owner = workload.member("member")
        _warm_up(studio, owner, account)
        cpu = studio.cpu_seconds()
        queued = workload.queue(owner, account, jobs)
        began = time.time()
        workload.wait_for_end(patience=60 + 3 * jobs * mean / slots)
        all_saved = time.time()
        cpu = studio.cpu_seconds() - cpu
        refs = {str(job.ref) for job in queued}
        runs = [run for run in studio.runs() if run.ref in refs]
        commits = studio.commits("saving")
        last_end = max(commits[job.pk] for job in queued)
        memory = studio.peak_memory()
        figures = [
            *_ratios(runs, slots, began, last_end, all_saved, is_bound=is_bound),
            *lag_figures(studio, runs, tick, bounded=False),
            Figure("cpu_seconds_per_job", cpu / jobs, about="all processes of the worker"),
            Figure("peak_memory_mb", memory[0] / 1e6, about=f"the largest of {len(memory)} processes"),
            *safety.check(studio),
        ]
        return figures, {"jobs": jobs, "slots": slots, "mean_seconds": sum(run.seconds for run in runs) / jobs}


def _ratios(
    runs: list[Run], slots: int, began: float, last_end: float, all_saved: float, *, is_bound: bool
) -> list[Figure]:
    durations = [run.seconds for run in runs]
    least = makespan_bound(durations, slots)
    last_start = max(run.began for run in runs)
    spans: list[Interval] = [(run.began, run.ended) for run in runs]
    waits: list[Interval] = [(began, run.began) for run in runs]
    idle = idle_seconds(spans, waits, slots, (began, last_start)) / (slots * (last_start - began))
    most_makespan, most_idle = (1.05, 0.03) if is_bound else (None, None)
    return [
        Figure("makespan_ratio", (last_end - began) / least, most=most_makespan, about="to our commit of the last end"),
        Figure("makespan_saved_ratio", (all_saved - began) / least, about="to the last picture saved"),
        Figure("makespan_list_schedule", list_schedule(durations, slots) / least, about="without any delay"),
        Figure("idle_ratio", idle, most=most_idle),
    ]


def _warm_up(studio: Studio, owner, account) -> None:
    """A few jobs first, so that processes have started and the pool has its connections."""
    studio.start_worker()
    workload.queue(owner, account, 3)
    workload.wait_for_end(patience=120)
