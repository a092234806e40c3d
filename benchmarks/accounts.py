"""Many accounts in one worker: whether each is still looked at once a tick, and ends are still noticed in time."""

import time
from typing import Any

from benchmarks import safety, workload
from benchmarks.figures import Figure
from benchmarks.lag import lag_figures
from benchmarks.requests import LIST, MOST_LISTS
from benchmarks.studio import Load, running, wait_until
from generations.models import Job, JobStatus


def measure(
    *, tick: float, mean: float, accounts: int, slots: int, seconds: float
) -> tuple[list[Figure], dict[str, Any]]:
    """Every account with all its slots in use for a while."""
    with running(Load(mean, slots)) as studio:
        made = workload.accounts(studio, accounts)
        owner = workload.member("member")
        for account in made:
            workload.queue(owner, account, round(slots * (1.5 + 2 * seconds / mean)) + 1)
        began = time.time()
        studio.start_worker()
        workload.wait_for_running(round(0.98 * accounts * slots), patience=120 + accounts * slots / 5)
        ramp = time.time() - began
        cpu, before = studio.cpu_seconds(), studio.requests()[LIST]
        window = workload.sleep(seconds)
        cpu, lists = studio.cpu_seconds() - cpu, studio.requests()[LIST] - before
        ended = [run for run in studio.runs() if window[0] < run.ended < window[1] - 3 * tick]
        workload.stop_waiting()
        refs = [run.ref for run in ended]
        wait_until(lambda: _is_saved(refs), "what ended is saved", patience=120)
        ticks = accounts * (window[1] - window[0]) / tick
        return [
            Figure("tick_kept", lists / ticks, least=0.9, most=MOST_LISTS, about="lists ÷ (accounts × ticks)"),
            *lag_figures(studio, ended, tick),
            Figure("cpu_share", cpu / (window[1] - window[0]), about="of one core, all processes of the worker"),
            Figure("peak_memory_mb", studio.peak_memory()[0] / 1e6, about="the largest process"),
            *safety.check(studio, before=window[1] - 3 * tick),
        ], {"accounts": accounts, "running": accounts * slots, "ended": len(ended), "ramp_seconds": ramp}


def _is_saved(refs: list[str]) -> bool:
    return Job.objects.filter(ref__in=refs, status=JobStatus.DONE).count() >= len(refs)
