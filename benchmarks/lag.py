"""How soon the studio knows that a job has ended, in ticks: from its end at the service to our commit of it."""

from collections.abc import Iterable
from typing import Any

from benchmarks import safety, workload
from benchmarks.figures import Figure, mean, percentile
from benchmarks.record import Run
from benchmarks.studio import Load, Studio, running


def measure(
    *, tick: float, mean: float, slots: int, accounts: int, seconds: float
) -> tuple[list[Figure], dict[str, Any]]:
    """Accounts with every slot in use for a while, each with a member and jobs that wait."""
    with running(Load(mean, slots)) as studio:
        made = workload.accounts(studio, accounts)
        studio.start_worker()
        each = round(slots * (2 + seconds / mean))
        for account in made:
            workload.queue(workload.member("member"), account, each)
        workload.sleep(mean / 2)
        window = workload.sleep(seconds)
        runs = [run for run in studio.runs() if window[0] < run.ended < window[1] - 3 * tick]
        workload.stop_waiting()
        workload.wait_for_end(patience=60 + 10 * mean)
        return [*lag_figures(studio, runs, tick), *safety.check(studio)], {"jobs": len(runs)}


def lag_figures(studio: Studio, runs: Iterable[Run], tick: float, *, bounded: bool = True) -> list[Figure]:
    """The mean and the 99th percentile over these runs, in ticks; a job whose end was never noticed is no figure."""
    lags = [lag / tick for lag in detection_lags(studio, runs)]
    return [
        Figure("detection_lag_ratio", mean(lags), most=0.6 if bounded else None, about=f"mean of {len(lags)} jobs"),
        Figure("detection_lag_ratio_p99", percentile(lags, 0.99), most=1.3 if bounded else None),
    ]


def detection_lags(studio: Studio, runs: Iterable[Run]) -> list[float]:
    """Seconds from the service's end of each run to our commit of it, for those that we know to have ended."""
    commits, jobs = studio.commits("saving"), workload.refs()
    known = [(run, jobs[run.ref].pk) for run in runs if run.ref in jobs]
    return [commits[pk] - run.ended for run, pk in known if pk in commits]
