"""Settings of the processes of a benchmark: the studio's own, and waiting times in proportion to the simulator's clock.

BENCH_TIMING holds values of `generations.engine.timing.Timing` as JSON; BENCH_NAME tells this run's tasks from those of
anybody else on the same Redis.
"""

import json
import os

from mjstudio.settings import *  # noqa: F403
from mjstudio.settings import INSTALLED_APPS, Q_CLUSTER

INSTALLED_APPS = [*INSTALLED_APPS, "benchmarks.probe.Probe"]
ENGINE_TIMING = json.loads(os.environ.get("BENCH_TIMING", "{}"))
Q_CLUSTER = {**Q_CLUSTER, "name": os.environ.get("BENCH_NAME", "benchmark")}
