"""What a run of the benchmarks leaves: lines on the terminal, one JSON file for each database, a table in the docs."""

import json
import math
import os
import platform
import re
import subprocess
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure
from benchmarks.plan import POSTGRESQL, SQLITE, Backend, Case

ROOT = Path(__file__).resolve().parent.parent
RESULTS = Path(__file__).resolve().parent / "results"
DOCS = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- begin: written by make bench -->", "<!-- end -->"
BUSY = 0.3  # cores used by others from which on a measurement says more about them; a database server needs some
SAFETY = ("over_capacity", "duplicates", "lost", "unsaved")


@dataclass
class Result:
    """One case on one database. `notes` hold what else it wrote down, or `failed` with the reason."""

    case: Case
    backend: Backend
    figures: list[Figure]
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def is_met(self) -> bool:
        return "failed" not in self.notes and all(figure.is_met for figure in self.figures)


def show(result: Result) -> None:
    """Print the figures of one case."""
    others = result.notes.get("cores_used_by_others", "?")
    print(
        f"\n{result.case.name}: {result.case.title} ({result.notes.get('seconds', '?')} s; others used {others} cores)"
    )
    if "failed" in result.notes:
        print(f"  FAILED  {result.notes['failed']}")
    for figure in result.figures:
        print(f"  {verdict(figure):<7} {figure.name:<30} {number(figure.value):>9}  {bound(figure):<8} {figure.about}")
    print(end="", flush=True)


def conclude(results: list[Result]) -> None:
    """Print what was beyond its bound."""
    beyond = [(result, figure) for result in results for figure in result.figures if not figure.is_met]
    failed = [result for result in results if "failed" in result.notes]
    print("\n── Result")
    for result in failed:
        print(f"   failed  {result.backend.name} {result.case.name}: {result.notes['failed']}")
    for result, figure in beyond:
        print(f"   beyond  {result.backend.name} {result.case.name}: {figure.name} {number(figure.value)}"
              f" (bound {bound(figure)})")  # fmt: skip
    busy = [result for result in results if result.notes.get("cores_used_by_others", 0) > BUSY]
    if busy:
        print(f"   Other programs used more than {BUSY} cores in {len(busy)} of {len(results)} measurements.")
        print("   That makes ratios worse: repeat those on a quiet machine.")
    if not beyond and not failed:
        print("   every figure is within its bound" if results else "   nothing was run")


def write_json(results: list[Result], *, is_quick: bool) -> None:
    """Write what was run into one file for each database; cases that were not run now keep their last result."""
    for backend in {result.backend.name: result.backend for result in results}.values():
        path = RESULTS / (f"tmp/{backend.name}-quick.json" if is_quick else f"{backend.name}.json")
        path.parent.mkdir(parents=True, exist_ok=True)
        cases = json.loads(path.read_text())["cases"] if path.exists() else {}
        cases |= {result.case.name: as_data(result) for result in results if result.backend is backend}
        path.write_text(json.dumps({"backend": asdict(backend), "cases": cases}, indent=2) + "\n")


def as_data(result: Result) -> dict[str, Any]:
    """One result as JSON values, with what a reader needs to compare it with another machine's."""
    return {
        "title": result.case.title,
        "parameters": result.case.parameters,
        "is_met": result.is_met,
        "figures": [{**asdict(figure), "is_met": figure.is_met} for figure in result.figures],
        "notes": result.notes,
        "measured": {
            "at": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"), "commit": _commit(), "cores": os.cpu_count(),
            "python": platform.python_version(), "system": f"{platform.system()} {platform.machine()}",
        },
    }  # fmt: skip


def write_docs() -> None:
    """Put the newest results into the table of docs/performance.md."""
    text = DOCS.read_text()
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    DOCS.write_text(f"{before}{BEGIN}\n{_tables()}{END}{after}")


def _tables() -> str:
    stored = {backend.name: _stored(backend) for backend in (SQLITE, POSTGRESQL)}
    rows: dict[tuple[str, str, str, int], dict[str, dict[str, Any]]] = {}
    for name, cases in stored.items():
        for case, data in cases.items():
            seen: Counter[tuple[str, str]] = Counter()  # the same figure may be taken several times in a measurement
            for figure in data["figures"]:
                key = (figure["name"], _about(figure["about"]))
                if figure["name"] not in SAFETY:
                    rows.setdefault((case, *key, seen[key]), {})[name] = figure
                seen[key] += 1
    lines = ["", "| Measurement | Figure | Bound | SQLite | PostgreSQL |", "|---|---|---|---|---|"]
    for (case, name, about, _), figures in rows.items():
        any_figure = Figure(**{key: value for key, value in next(iter(figures.values())).items() if key != "is_met"})
        cells = " | ".join(_cell(figures.get(backend.name)) for backend in (SQLITE, POSTGRESQL))
        lines.append(f"| {case} | `{name}`{f' ({about})' if about else ''} | {bound(any_figure)} | {cells} |")
    lines += [_safety_row(stored), "", *_measured(stored), ""]
    return "\n".join(lines)


def _about(words: str) -> str:
    """What a figure is of, without what differs from run to run."""
    words = re.sub(r"mean of \d+ jobs", "mean", words)
    return re.sub(r"the largest of \d+ processes", "the largest process", words)


def _stored(backend: Backend) -> dict[str, Any]:
    path = RESULTS / f"{backend.name}.json"
    return json.loads(path.read_text())["cases"] if path.exists() else {}


def _cell(figure: dict[str, Any] | None) -> str:
    if figure is None:
        return "–"
    text = number(figure["value"])
    return text if figure["is_met"] else f"**{text}**"


def _safety_row(stored: dict[str, dict[str, Any]]) -> str:
    cells = []
    for cases in stored.values():
        found = [figure for data in cases.values() for figure in data["figures"] if figure["name"] in SAFETY]
        cells.append(number(sum(figure["value"] for figure in found)) if found else "–")
    return f"| all, summed | {', '.join(f'`{name}`' for name in SAFETY)} | 0 | {' | '.join(cells)} |"


def _measured(stored: dict[str, dict[str, Any]]) -> list[str]:
    """One sentence for each database and commit that the table rests on."""
    found: dict[str, str] = {}
    for cases in stored.values():
        for data in cases.values():
            where = data["measured"]
            version = data["notes"].get("database_version", "")
            text = f"{version}: commit {where['commit']}, Python {where['python']}, {where['cores']} cores"
            found[text] = max(found.get(text, ""), where["at"])
    return [f"- {text}; {at}" for text, at in found.items()]


def verdict(figure: Figure) -> str:
    return ("ok" if figure.is_met else "BEYOND") if figure.has_bound else ""


def bound(figure: Figure) -> str:
    if figure.most == 0:
        return "0"
    parts = [] if figure.least is None else [f"≥ {figure.least:.3g}"]
    if figure.most is not None:
        parts.append(f"≤ {figure.most:.3g}")
    return ", ".join(parts)


def number(value: float) -> str:
    if math.isnan(value):
        return "nothing"
    if value == int(value) and abs(value) < 1e6:
        return str(int(value))
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"


def _commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],  # noqa: S607
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.stdout.strip() or "unknown"
