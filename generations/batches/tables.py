"""Tables: CSV with commas, semicolons or tabs, whose first row names the columns."""

import csv
import difflib
import io
from collections.abc import Iterator
from dataclasses import dataclass

from generations.batches import merging
from generations.batches.merging import FLAGS
from generations.batches.reading import MOST_LINES, Line, Reading
from midjourney import prompt as language

PROMPT = "prompt"
DELIMITERS = (",", ";", "\t")
YES = {"1", "true", "yes", "y", "x", "on"}
NO = {"0", "false", "no", "n", "off"}


class CannotRead(ValueError):
    """The table as a whole makes no sense; the text says what to do."""


@dataclass(frozen=True)
class Row:
    """A row and the line of the text that it starts on. `problem` is why its cells do not fit the header."""

    number: int
    cells: dict[str, str]
    problem: str = ""


def read_table(text: str, filename: str = "") -> Reading:
    """A column `prompt`, and a column for any parameter; a row's cell stands above what its prompt says."""
    try:
        header, rows = read_rows(text, prefers_tabs=filename.lower().endswith((".tsv", ".tab")))
        if PROMPT not in header:
            named = ", ".join(f"“{name}”" for name in header if name) or "nothing"
            raise CannotRead(
                f"The table has no column “prompt”. Its first row must name the columns; it names {named}."
            )
        known = {name: field for name in header if (field := merging.field_of(name))}
        _refuse_twins(known)
        lines = tuple(_line(row, known) for row in rows if any(row.cells.values()) or row.problem)
    except CannotRead as error:
        return Reading(problems=(str(error),))
    if not lines:
        return Reading(problems=("The table has no rows below its header.",))
    return Reading(lines, tuple(_unknown(name) for name in header if name and name != PROMPT and name not in known))


def read_rows(text: str, *, prefers_tabs: bool = False) -> tuple[list[str], list[Row]]:
    """The names of the columns, in lower case, and all rows. Raises CannotRead."""
    text = text.lstrip("\ufeff")
    records = _records(text, _delimiter(text, prefers_tabs))
    _, header = next(records, (0, []))
    header = [_name(cell) for cell in header]
    if not any(header):
        raise CannotRead("The table is empty. Its first row must name the columns.")
    twice = next((name for name in header if name and header.count(name) > 1), "")
    if twice:
        raise CannotRead(f"Two columns are called “{twice}”. Give each its own name.")
    return header, [_row(number, cells, header) for number, cells in records]


def with_cells(number: int, text: str, cells: dict[str, str]) -> Line:
    """A line whose prompt takes these parameters, by field of the parameters panel."""
    values: dict[str, str | bool] = {}
    without: set[str] = set()
    for field, cell in cells.items():
        word = cell.casefold()
        if field not in FLAGS:
            values[field] = cell
        elif word in YES:
            values[field] = True
        elif word in NO:
            without.add(merging.family(field))
        else:
            return Line(number, text, f"“{cell[:40]}” in column “{field}” is neither yes nor no. Write one of the two.")
    try:
        return Line(number, merging.above(text, values, without), without=frozenset(without))
    except language.PromptSyntaxError as error:
        return Line(number, text, error.message)


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not empty, with the number of the line that each starts on. Raises CannotRead."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True, skipinitialspace=True)
    count, start = 0, 1
    try:
        for cells in reader:
            if any(map(str.strip, cells)):
                count += 1
                if count > MOST_LINES + 1:
                    raise CannotRead(f"The table has more than {MOST_LINES:,} rows. Split it into several batches.")
                yield start, [" ".join(cell.split()) for cell in cells]
            start = reader.line_num + 1
    except csv.Error as error:
        raise CannotRead(
            f"The table cannot be read from line {start} on ({error}). Look for a quotation mark without a partner; "
            "inside quotes, a quotation mark is written twice."
        ) from None


def _delimiter(text: str, prefers_tabs: bool) -> str:
    """The one that splits the header into the most columns that mean something."""

    def quality(delimiter: str) -> tuple[bool, int]:
        try:
            _, header = next(_records(text, delimiter), (0, []))
        except CannotRead:
            return False, 0
        names = [_name(cell) for cell in header]
        return PROMPT in names, len(names)

    order = sorted(DELIMITERS, key=lambda each: (each == "\t") != prefers_tabs)
    return max(order, key=quality)  # the first of the best


def _name(cell: str) -> str:
    return cell.strip().lstrip("-").strip().casefold()


def _row(number: int, cells: list[str], header: list[str]) -> Row:
    problem = ""
    if any(cells[len(header) :]):
        problem = (
            f"This row has {len(cells)} cells, and the header names {len(header)}. Put text that holds the separator "
            "into quotation marks."
        )
    return Row(number, dict(zip(header, cells, strict=False)), problem)


def _refuse_twins(known: dict[str, str]) -> None:
    seen: dict[str, str] = {}
    for name, field in known.items():
        if field in seen:
            raise CannotRead(f"The columns “{seen[field]}” and “{name}” are the same parameter. Keep one of them.")
        seen[field] = name


def _line(row: Row, known: dict[str, str]) -> Line:
    text = row.cells.get(PROMPT, "")
    if row.problem:
        return Line(row.number, text, row.problem)
    return with_cells(row.number, text, parameters_of(row, known))


def parameters_of(row: Row, known: dict[str, str]) -> dict[str, str]:
    """The cells that are parameters and say something, by field."""
    said = {field: (name, row.cells.get(name, "")) for name, field in known.items()}
    return {field: merging.spelled(name, cell) for field, (name, cell) in said.items() if cell}


def _unknown(name: str) -> str:
    close = difflib.get_close_matches(name, merging.COLUMNS, n=1, cutoff=0.75)
    hint = f" If you meant “{close[0]}”, rename it." if close else ""
    return f"The column “{name[:60]}” is no parameter and is left out.{hint}"
