"""Templates × variables: `a {{subject}} in {{style}}` and what to put there."""

import math
import re
from collections.abc import Iterator
from itertools import product

from generations.batches import merging
from generations.batches.reading import MOST_LINES, Line, Reading, numbered
from generations.batches.tables import CannotRead, Row, parameters_of, read_rows, with_cells

_PLACE = re.compile(r"\{\{\s*([^\W\d][\w-]*(?: [\w-]+)*)\s*\}\}")
_LIST = re.compile(r"([^\W\d][\w -]*?)\s*:(.*)$", re.DOTALL)


def read_template(template: str, variables: str) -> Reading:
    """Every line of the template with every combination of values, or with every row of a table.

    Values are written as `name: one | two | three`, which makes all combinations, or as a table with a header, which
    makes one prompt a row. Columns that the template does not use and that are parameters are taken as such. Lines are
    numbered by their combination, or by the row's line in the table.
    """
    patterns = [line for _, line in numbered(template) if line and not line.startswith("#")]
    names = {name for pattern in patterns for name in placeholders(pattern)}
    if not patterns:
        return Reading(problems=("The template is empty. Write a prompt with names in double braces: {{subject}}.",))
    if not names:
        return Reading(problems=("The template names no variable. Write one in double braces, such as {{subject}}.",))
    try:
        if _is_list(variables):
            return Reading(tuple(_combined(patterns, _values(variables, names))))
        return _tabulated(patterns, names, variables)
    except CannotRead as error:
        return Reading(problems=(str(error),))


def placeholders(pattern: str) -> list[str]:
    """The names that stand in double braces, in lower case, each once."""
    return list(dict.fromkeys(match[1].casefold() for match in _PLACE.finditer(pattern)))


def filled(pattern: str, values: dict[str, str]) -> str:
    """The pattern with the values in their places; what stands in a value is not looked at again."""
    return _PLACE.sub(lambda match: values[match[1].casefold()], pattern)


def _is_list(variables: str) -> bool:
    lines = [line for _, line in numbered(variables) if line and not line.startswith("#")]
    return not lines or all(_LIST.match(line) for line in lines)


def _values(variables: str, names: set[str]) -> dict[str, list[str]]:
    """The values of each variable. Raises CannotRead."""
    found: dict[str, list[str]] = {}
    for number, line in numbered(variables):
        match = _LIST.match(line)
        if not line or line.startswith("#") or match is None:
            continue
        name = match[1].casefold()
        if name in found:
            raise CannotRead(f"The variable “{name}” is given twice, again in line {number}. Join its values with |.")
        found[name] = [value for each in match[2].split("|") if (value := " ".join(each.split()))]
    _check_names(names, {name for name, values in found.items() if values})
    unused = sorted(found.keys() - names)
    if unused:
        raise CannotRead(f"The template has no {_marked(unused)}. Correct the name, or take the variable out.")
    return found


def _combined(patterns: list[str], values: dict[str, list[str]]) -> Iterator[Line]:
    """All combinations, the last variable varying fastest. Raises CannotRead."""
    count = sum(math.prod(len(values[name]) for name in placeholders(pattern)) for pattern in patterns)
    if count > MOST_LINES:
        raise CannotRead(
            f"This makes {count:,} prompts, and {MOST_LINES:,} is the most of one batch. Take values out, or make "
            "several batches."
        )
    number = 0
    for pattern in patterns:
        names = [name for name in values if name in placeholders(pattern)]
        for combination in product(*(values[name] for name in names)):
            number += 1
            yield Line(number, filled(pattern, dict(zip(names, combination, strict=True))))


def _tabulated(patterns: list[str], names: set[str], variables: str) -> Reading:
    header, rows = read_rows(variables)
    _check_names(names, set(header))
    if not rows:
        raise CannotRead("The table of variables has no rows below its header.")
    known = {name: field for name in header if name not in names and (field := merging.field_of(name))}
    unused = sorted(name for name in header if name and name not in names and name not in known)
    if unused:
        raise CannotRead(
            f"The template has no {_marked(unused)}, and it is no parameter. Correct the name, or take the column out."
        )
    return Reading(tuple(_row_line(pattern, row, known) for row in rows for pattern in patterns))


def _row_line(pattern: str, row: Row, known: dict[str, str]) -> Line:
    empty = [name for name in placeholders(pattern) if not row.cells.get(name)]
    problem = row.problem or (f"This row has no value for {_marked(empty)}." if empty else "")
    if problem:
        return Line(row.number, pattern, problem)
    return with_cells(row.number, filled(pattern, row.cells), parameters_of(row, known))


def _check_names(wanted: set[str], given: set[str]) -> None:
    missing = sorted(wanted - given)
    if missing:
        has = (
            f" There are values for {_marked(sorted(given))}." if given else f" Write them as {missing[0]}: one | two."
        )
        raise CannotRead(f"There are no values for {_marked(missing)}.{has}")


def _marked(names: list[str]) -> str:
    return ", ".join("{{" + name[:40] + "}}" for name in names[:10])
