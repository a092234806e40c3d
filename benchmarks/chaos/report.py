"""The report of a run as a table for people."""

from typing import Any

PROMISES = {
    "lost": "jobs neither final nor in question",
    "without_reason": "jobs that ended badly without a reason",
    "paid_twice": "jobs paid twice",
    "paid_for_nobody": "payments without a job",
    "paid_unknown": "payments that the books do not know",
    "counted_free": "jobs that the books call paid and were free",
    "over_limit": "channels over a limit at any time",
    "slots_leaked": "channels with a slot held for nothing",
    "jobs_with_missing_files": "finished jobs with missing files",
    "broken_files": "files that do not decode or match their checksum",
}
FIGURES = {
    "jobs": "jobs",
    "waiting_for_a_person": "waiting for a person",
    "paid": "payments that the simulator counted",
    "counted_as_paid": "final jobs that the books call paid",
    "paid_and_in_question": "paid, and a person is asked",
    "booked": "jobs taken off budgets",
    "slots_held": "slots held",
    "most_at_once": "most jobs at once",
    "files": "files",
    "files_of_nobody": "files that no row knows (a death between rename and row)",
    "unfinished_files": "unfinished downloads left behind",
}


def show(result: dict[str, Any]) -> None:
    """Print it."""
    print(f"\nChaos, seed {result['seed']}: {result['seconds']} s,", end=" ")
    print(f"settled {result['settled_after']} s after the last event")
    _section("What happened", result["events"])
    _section("How lost answers and deaths were settled", result["settled_by"])
    before, after = result["before_people_answered"], result["at_the_end"]
    for title, names in (("Promises (all must be 0)", PROMISES), ("Figures", FIGURES)):
        print(f"\n{title:<60}{'before':>10}{'at the end':>12}")
        for name, label in names.items():
            print(f"  {label:<58}{before.get(name, '-'):>10}{after.get(name, '-'):>12}")
    _section("Jobs at the end", after["by_status"])
    _section("Reasons on jobs", result["reasons"])
    _section("What people answered where they were asked", result["people_answered"])
    recovery = result["recovery"]
    print("\nRecovery after a death of the pump, in seconds from the kill")
    print(f"  lease {recovery['lease']:g}, kills {recovery['kills']}, took the pump "
          f"{recovery['kills_that_took_the_pump']}, undisturbed {recovery['measured']}")  # fmt: skip
    for name in ("to_next_beat", "to_look_at_every_account"):
        if recovery[name]:
            label = name.replace("_", " ")
            print(f"  {label:<30} median {recovery[name]['median']:.1f}, most {recovery[name]['most']:.1f}")
    print(f"  slowest beat ÷ lease           {recovery['ratio']}")
    for note in result["notes"]:
        print(f"\nNote: {note}")
    print("\nEvery promise was kept." if not result["broken"] else "\nBROKEN PROMISES")
    for line in result["broken"]:
        print(f"  {line}")


def _section(title: str, counts: dict[str, int]) -> None:
    print(f"\n{title}")
    for name, count in counts.items():
        print(f"  {name.replace('_', ' '):<58}{count:>10}")
