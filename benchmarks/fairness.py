"""How evenly equal members share the slots while all of them want more, though their jobs last unequally long."""

from typing import Any

from benchmarks import safety, workload
from benchmarks.figures import Figure, jain, overlap
from benchmarks.record import by_ref
from benchmarks.studio import Load, running

# Relax doubles the usual duration and turbo halves it.
TEXTS = ("a lighthouse", "a lighthouse --relax", "a lighthouse --turbo", "a lighthouse")


def measure(*, tick: float, mean: float, slots: int, seconds: float) -> tuple[list[Figure], dict[str, Any]]:
    """Members of equal weight who all queue more than there is time for."""
    with running(Load(mean, slots)) as studio:
        [account] = workload.accounts(studio)
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
            seconds_of[jobs[ref].owner_id] += overlap((run.began, run.ended), window)
            jobs_of[jobs[ref].owner_id] += 1
        workload.stop_waiting()
        workload.wait_for_end(patience=60 + 10 * mean)
        return [
            Figure("jain_index", jain(list(seconds_of.values())), least=0.98, about="slot-seconds of equal members"),
            Figure("jain_index_of_job_counts", jain(list(jobs_of.values())), about="for comparison"),
            *safety.check(studio),
        ], {"slot_seconds": list(seconds_of.values())}
