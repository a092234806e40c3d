"""How evenly equal members share the slots while all of them want more, though their jobs last unequally long."""

from typing import Any

from accounts.models import Account
from benchmarks import safety, workload
from benchmarks.figures import Figure, jain, overlap
from benchmarks.record import by_ref
from benchmarks.studio import Load, Studio, running
from generations import forecast

KNOWN_FROM = forecast.ENOUGH + 1
# Relax doubles the usual duration and turbo halves it.
TEXTS = ("a lighthouse", "a lighthouse --relax", "a lighthouse --turbo", "a lighthouse")


def measure(*, tick: float, mean: float, slots: int, seconds: float) -> tuple[list[Figure], dict[str, Any]]:
    """Members of equal weight who all queue more than there is time for."""
    with running(Load(mean, slots)) as studio:
        [account] = workload.accounts(studio)
        _make_durations_known(studio, account)
        members = [workload.member(f"member {number}") for number in range(len(TEXTS))]
        for owner, text in zip(members, TEXTS, strict=True):
            workload.queue(owner, account, round(4 * slots * seconds / mean), text)
        studio.start_worker()
        workload.wait_for_running(slots, patience=60)
        window = workload.sleep(seconds)
        runs, jobs = by_ref(studio.runs()), workload.refs()
        seconds_of = dict.fromkeys([owner.pk for owner in members], 0.0)
        jobs_of = dict.fromkeys(seconds_of, 0.0)
        for ref, run in runs.items():
            if jobs[ref].owner_id not in seconds_of:
                continue
            seconds_of[jobs[ref].owner_id] += overlap((run.began, run.ended), window)
            jobs_of[jobs[ref].owner_id] += 1
        workload.stop_waiting()
        workload.wait_for_end(patience=60 + 10 * mean)
        return [
            Figure("jain_index", jain(list(seconds_of.values())), least=0.98, about="slot-seconds of equal members"),
            Figure("jain_index_of_job_counts", jain(list(jobs_of.values())), about="for comparison"),
            *safety.check(studio),
        ], {"slot_seconds": list(seconds_of.values())}


def _make_durations_known(studio: Studio, account: Account) -> None:
    """Let some jobs of each kind end first.

    A kind that has never run is charged as a minute, which is about right in production and a multiple of it here.
    """
    studio.start_worker()
    for text in set(TEXTS):
        workload.queue(workload.member("earlier"), account, KNOWN_FROM, text)
    workload.wait_for_end(patience=120)
    studio.stop_worker()  # it remembers for a while that nothing was known
