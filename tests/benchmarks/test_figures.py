"""The arithmetic of the benchmarks' figures, on cases that can be worked out by hand."""

import math

import pytest

from benchmarks import figures
from benchmarks.figures import Figure


def test_no_schedule_beats_the_sum_over_slots_or_the_longest_job():
    assert figures.makespan_bound([3.0, 3.0, 3.0, 3.0], slots=2) == 6.0
    assert figures.makespan_bound([1.0, 1.0, 10.0], slots=3) == 10.0


def test_a_list_schedule_starts_each_job_where_a_slot_is_free_first():
    assert figures.list_schedule([4.0, 1.0, 1.0, 1.0, 1.0], slots=2) == 4.0
    assert figures.list_schedule([1.0, 1.0, 4.0], slots=2) == 5.0  # the long one comes last


def test_a_slot_is_idle_only_while_a_job_waits_for_it():
    # One of two slots is used from 0 to 10; a second job waits from 4 and starts at 7.
    runs = [(0.0, 10.0), (7.0, 12.0)]
    assert figures.idle_seconds(runs, [(4.0, 7.0)], slots=2, window=(0.0, 12.0)) == pytest.approx(3.0)


def test_two_idle_slots_and_one_waiting_job_are_one_idle_slot():
    assert figures.idle_seconds([], [(0.0, 5.0)], slots=2, window=(0.0, 10.0)) == pytest.approx(5.0)
    assert figures.idle_seconds([], [(0.0, 5.0), (0.0, 5.0)], slots=2, window=(0.0, 10.0)) == pytest.approx(10.0)


def test_idleness_outside_the_window_does_not_count():
    assert figures.idle_seconds([], [(0.0, 10.0)], slots=1, window=(2.0, 5.0)) == pytest.approx(3.0)


def test_a_job_that_follows_another_at_once_leaves_no_idle_time():
    runs = [(0.0, 5.0), (5.0, 9.0)]
    assert figures.idle_seconds(runs, [(0.0, 0.0), (0.0, 5.0)], slots=1, window=(0.0, 9.0)) == pytest.approx(0.0)


def test_jains_index_is_one_where_all_have_the_same_and_one_nth_where_one_has_everything():
    assert figures.jain([7.0, 7.0, 7.0]) == pytest.approx(1.0)
    assert figures.jain([9.0, 0.0, 0.0]) == pytest.approx(1 / 3)
    assert math.isnan(figures.jain([0.0, 0.0]))


def test_a_percentile_is_one_of_the_values():
    values = [float(number) for number in range(1, 101)]
    assert figures.percentile(values, 0.99) == 99.0
    assert figures.percentile([5.0], 0.99) == 5.0
    assert math.isnan(figures.percentile([], 0.5))


def test_an_overlap_is_never_negative():
    assert figures.overlap((0.0, 10.0), (8.0, 20.0)) == 2.0
    assert figures.overlap((0.0, 1.0), (8.0, 20.0)) == 0.0


@pytest.mark.parametrize(
    ("figure", "is_met"),
    [
        (Figure("a", 1.05, most=1.05), True),
        (Figure("a", 1.06, most=1.05), False),
        (Figure("a", 0.97, least=0.98), False),
        (Figure("a", 1.2, least=0.9, most=1.1), False),
        (Figure("a", math.nan, most=1.0), False),
        (Figure("a", math.nan), True),
    ],
)
def test_a_figure_keeps_its_bound_or_does_not_and_nothing_measured_is_a_miss(figure, is_met):
    assert figure.is_met is is_met
