"""How long somebody with one job waits beside a member with a thousand, in slot turnovers."""

import random
import time
from functools import partial
from typing import Any

from benchmarks import safety, workload
from benchmarks.figures import Figure
from benchmarks.figures import mean as mean_of
from benchmarks.studio import SEED, Load, running, wait_until
from generations.models import Job, JobStatus


def measure(
    *, tick: float, mean: float, slots: int, waiting: int, newcomers: int
) -> tuple[list[Figure], dict[str, Any]]:
    """Newcomers come one after the other, at moments that have nothing to do with the engine's."""
    moments = random.Random(SEED)
    with running(Load(mean, slots)) as studio:
        [account] = workload.accounts(studio)
        workload.queue(workload.member("busy"), account, waiting)
        studio.start_worker()
        workload.wait_for_running(slots, patience=60)
        workload.sleep(2 * mean)
        came: dict[str, float] = {}
        for _ in range(newcomers):
            workload.sleep(moments.uniform(0.5, 1.5) * mean / slots)
            [job] = workload.queue(workload.member("newcomer"), account, 1)
            came[str(job.ref)] = time.time()
            wait_until(partial(_has_started, job.pk), "the newcomer's job starts", 60 + 20 * mean, pause=0.05)
        turnover = mean_of([run.seconds for run in studio.runs()]) / slots
        waits = [(run.began - came[run.ref]) / turnover for run in studio.runs() if run.ref in came]
        workload.stop_waiting()
        workload.wait_for_end(patience=60 + 10 * mean)
        return [
            Figure("newcomer_ratio", mean_of(waits), most=2.0, about=f"mean of {len(waits)} newcomers"),
            Figure("newcomer_ratio_worst", max(waits)),
            *safety.check(studio),
        ], {"waiting": waiting, "turnover_seconds": turnover}


def _has_started(pk: int) -> bool:
    return not Job.objects.filter(pk=pk, status__in=[JobStatus.QUEUED, JobStatus.SUBMITTING]).exists()
