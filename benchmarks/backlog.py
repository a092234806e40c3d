"""What a long queue costs the worker: the same work with few and with many jobs that wait."""

from typing import Any

from benchmarks import safety, workload
from benchmarks.figures import Figure, growth
from benchmarks.studio import Load, running, wait_until


def measure(
    *, tick: float, mean: float, slots: int, backlogs: list[int], jobs: int
) -> tuple[list[Figure], dict[str, Any]]:
    """Finish so many jobs with each backlog behind them."""
    figures: list[Figure] = []
    cpus: list[float] = []
    peaks: list[float] = []
    for backlog in backlogs:
        found, cpu, peak = _run(mean, slots, backlog, jobs)
        figures += found
        cpus.append(cpu)
        peaks.append(peak)
    about = f"from {backlogs[0]} to {backlogs[-1]} queued"
    figures += [
        Figure("cpu_growth", growth(cpus[0], cpus[-1]), about=about),
        Figure("memory_growth", growth(peaks[0], peaks[-1]), about=about),
    ]
    return figures, {"jobs": jobs, "slots": slots}


def _run(mean: float, slots: int, backlog: int, jobs: int) -> tuple[list[Figure], float, float]:
    with running(Load(mean, slots)) as studio:
        [account] = workload.accounts(studio)
        owner = workload.member("member")
        studio.start_worker()
        workload.queue(owner, account, slots)
        workload.wait_for_end(patience=60 + 10 * mean)
        workload.queue(owner, account, backlog + jobs)
        cpu = studio.cpu_seconds()
        wait_until(lambda: workload.settled() >= slots + jobs, "the jobs have ended", 60 + 5 * jobs * mean / slots)
        cpu = (studio.cpu_seconds() - cpu) / (workload.settled() - slots)
        memory = studio.peak_memory()
        workload.stop_waiting()
        workload.wait_for_end(patience=120 + 10 * mean)
        about = f"{backlog} queued"
        return [
            Figure("cpu_seconds_per_job", cpu, about=about),
            Figure("peak_memory_mb", memory[0] / 1e6, about=f"{about}, the largest of {len(memory)} processes"),
            *safety.check(studio),
        ], cpu, memory[0]  # fmt: skip
