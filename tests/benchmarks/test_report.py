"""What `make bench` says, writes down, and ends with."""

import json

import pytest

from benchmarks import report, run
from benchmarks.figures import Figure
from benchmarks.plan import FULL, QUICK, SQLITE, Case

CASE = Case("makespan-3", "makespan", "18 jobs on 3 slots", 10, 0.1, {"slots": 3})


@pytest.fixture
def in_folder(tmp_path, monkeypatch):
    docs = tmp_path / "performance.md"
    docs.write_text(f"Before.\n\n{report.BEGIN}\nold\n{report.END}\n\nAfter.\n")
    monkeypatch.setattr(report, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(report, "DOCS", docs)
    return tmp_path


def result(value: float) -> report.Result:
    figures = [Figure("idle_ratio", value, most=0.03), Figure("lost", 0, most=0)]
    return report.Result(CASE, SQLITE, figures, {"database_version": "SQLite 3"})


@pytest.mark.parametrize(("value", "code"), [(0.03, 0), (0.04, 1)])
def test_a_figure_beyond_its_bound_ends_the_run_with_1_and_is_named(value, code, in_folder, monkeypatch, capsys):
    monkeypatch.setattr(run, "_run", lambda case, backend: result(value))
    assert run.main(["--only", "makespan-3", "--on", "sqlite"]) == code
    assert ("beyond" in capsys.readouterr().out) == bool(code)


def test_a_measurement_that_fails_ends_the_run_with_1(in_folder, monkeypatch):
    monkeypatch.setattr(run, "_run", lambda case, backend: report.Result(case, backend, [], {"failed": "exit code 3"}))
    assert run.main(["--only", "makespan-3", "--on", "sqlite"]) == 1


def test_results_name_the_machines_facts_but_neither_its_name_nor_its_folders(in_folder, monkeypatch):
    monkeypatch.setattr(run, "_run", lambda case, backend: result(0.01))
    run.main(["--only", "makespan-3", "--on", "sqlite"])
    text = (in_folder / "results/sqlite.json").read_text()
    measured = json.loads(text)["cases"]["makespan-3"]["measured"]
    assert {"at", "commit", "cores", "python", "system"} <= set(measured)
    assert str(run.ROOT) not in text
    assert report.platform.node() not in text


def test_a_case_that_was_not_run_keeps_its_last_result(in_folder):
    report.write_json([result(0.01)], is_quick=False)
    other = report.Result(Case("lag", "lag", "", 1, 1.0), SQLITE, [Figure("detection_lag_ratio", 0.5, most=0.6)])
    report.write_json([other], is_quick=False)
    assert set(json.loads((in_folder / "results/sqlite.json").read_text())["cases"]) == {"makespan-3", "lag"}


def test_the_table_is_written_between_its_marks_and_shows_a_miss_in_bold(in_folder):
    report.write_json([result(0.04)], is_quick=False)
    report.write_docs()
    text = (in_folder / "performance.md").read_text()
    assert text.startswith("Before.")
    assert text.rstrip().endswith("After.")
    assert "old" not in text
    assert "| makespan-3 | `idle_ratio` | ≤ 0.03 | **0.040** | – |" in text


def test_a_quick_run_leaves_results_and_docs_as_they_are(in_folder, monkeypatch):
    monkeypatch.setattr(run, "_run", lambda case, backend: result(0.01))
    before = report.DOCS.read_text()
    run.main(["--quick", "--only", "makespan-3", "--on", "sqlite"])
    assert report.DOCS.read_text() == before
    assert not (in_folder / "results/sqlite.json").exists()


def test_quick_and_full_measure_the_same(in_folder):
    assert [case.name for case in QUICK] == [case.name for case in FULL]
    for case in FULL:
        if "mean" in case.sizes and case.sizes.get("is_bound", True):
            assert case.sizes["mean"] >= 10 * case.tick
