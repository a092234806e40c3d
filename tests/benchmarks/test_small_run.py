"""A real studio of processes, measured once: small, and whatever the machine does meanwhile, true."""

import pytest

from benchmarks import run
from benchmarks.plan import SQLITE, Case

pytestmark = pytest.mark.slow


def test_a_small_batch_is_measured_and_nothing_is_lost_doubled_or_left_unsaved():
    case = Case("makespan-3", "makespan", "", 20, 0.2, {"mean": 1.0, "slots": 3, "jobs": 9})
    result = run._run(case, SQLITE)
    assert "failed" not in result.notes
    figures = {figure.name: figure.value for figure in result.figures}
    assert figures["over_capacity"] == figures["duplicates"] == figures["lost"] == figures["unsaved"] == 0
    assert figures["makespan_ratio"] >= figures["makespan_list_schedule"] >= 1
    assert 0 <= figures["idle_ratio"] <= 1
    assert figures["detection_lag_ratio"] > 0
    assert figures["cpu_seconds_per_job"] > 0
