"""How many requests a job costs, and whether lists grow with what runs: 12 and 200 jobs at once on one account."""

from typing import Any

from benchmarks import safety, workload
from benchmarks.figures import Figure, growth
from benchmarks.lag import lag_figures
from benchmarks.studio import Load, running
from generations.engine.timing import Timing

# An account is listed once a tick, a little sooner where a job is about to end by forecast; never more often.
MOST_LISTS = 1.05 / Timing.quick
LIST, DETAILS, SUBMIT = "GET jobs", "GET jobs/{jobid}", "POST jobs/imagine"


def measure(
    *, tick: float, mean: float, channels: list[tuple[int, int]], seconds: float
) -> tuple[list[Figure], dict[str, Any]]:
    """The same window with few and with many channels, each given as their number and the slots of each."""
    figures: list[Figure] = []
    lists: list[float] = []
    for count, slots in channels:
        found, per_tick = _window(tick, mean, count, slots, seconds)
        lists.append(per_tick)
        figures += found
    most = growth(lists[0], lists[-1])
    figures.append(Figure("list_calls_growth", most, most=MOST_LISTS, about="from the fewest to the most running jobs"))
    return figures, {"running": [count * slots for count, slots in channels]}


def _window(tick: float, mean: float, channels: int, slots: int, seconds: float) -> tuple[list[Figure], float]:
    at_once = channels * slots
    with running(Load(mean, slots, channels)) as studio:
        [account] = workload.accounts(studio)
        studio.start_worker()
        workload.queue(workload.member("member"), account, round(at_once * (2 + seconds / mean)))
        workload.wait_for_running(round(0.97 * at_once), patience=60 + mean)
        before = studio.requests()
        window = workload.sleep(seconds)
        after = studio.requests()
        asked = {name: after.get(name, 0) - before.get(name, 0) for name in after}
        ended = [run for run in studio.runs() if window[0] < run.ended < window[1]]
        workload.stop_waiting()
        workload.wait_for_end(patience=60 + 10 * mean)
        about = f"{at_once} running"
        per_tick = asked.get(LIST, 0) * tick / (window[1] - window[0])
        return [
            Figure("list_calls_per_tick", per_tick, most=MOST_LISTS, about=about),
            Figure("requests_per_job", sum(asked.get(name, 0) for name in (LIST, DETAILS, SUBMIT)) / len(ended),
                   about=f"{about}: lists, details and submissions"),
            Figure("details_per_job", asked.get(DETAILS, 0) / len(ended), most=1.1, about=about),
            *lag_figures(studio, ended, tick),
            *safety.check(studio),
        ], per_tick  # fmt: skip
