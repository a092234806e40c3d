"""`make chaos`, or `python -m benchmarks.chaos --help`."""

import argparse
import os
import sys
from pathlib import Path

from benchmarks.chaos.plan import Plan


def main() -> int:
    defaults = Plan()
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chaos", description=__doc__)
    add = parser.add_argument
    add("--seed", type=int, default=defaults.seed, help="of prompts and events (1)")
    add("--short", action="store_true", help="the short form: a minute, few jobs, no promise about times")
    add("--jobs", type=int, help="how many (500; short: 30)")
    add("--workers", type=int, help="worker commands (4; short: 2)")
    add("--accounts", type=int, help="accounts on the simulator, two channels each (3; short: 2)")
    add("--rounds", type=int, help="how often each event of the machine happens (2; short: 1)")
    add("--database", choices=("postgresql", "sqlite"), help="postgresql comes with a Redis (postgresql)")
    add("--port", type=int, help="the first of five neighbouring ports (some free ones)")
    add("--result", type=Path, help="where to write the result as JSON (benchmarks/results/chaos.json; short: nowhere)")
    add("--keep", action="store_true", help="keep the folder of the run with all logs")
    given = {name: value for name, value in vars(parser.parse_args()).items() if value is not None}
    plan = (Plan.short() if given.pop("short") else defaults).but(**given)
    os.environ.setdefault("STUDIO_IGNORE_DOTENV", "1")

    from benchmarks.chaos.run import run  # needs the plan's environment before Django's settings are read

    return run(plan)


if __name__ == "__main__":
    sys.exit(main())
