"""The query plans of what some code reads, with values sent beside the statement as in earnest."""

from collections.abc import Callable
from typing import Any

from django.db import connection


def reads_of(code: Callable[[], object]) -> list[tuple[str, Any]]:
    """Each SELECT that the code runs, with its values."""
    reads: list[tuple[str, Any]] = []

    def note(execute, sql, params, many, context):
        if sql.lstrip().startswith("SELECT"):
            reads.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        code()
    return reads


def plans_of(code: Callable[[], object]) -> dict[str, str]:
    """The plan of each SELECT that the code runs, by the statement. On PostgreSQL as for tables that are not small."""
    reads = reads_of(code)
    explain = "EXPLAIN " if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN "
    found = {}
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE")
            cursor.execute("SET enable_seqscan = off")
        for sql, params in reads:
            cursor.execute(explain + sql, params)
            found[sql] = "\n".join(str(row[-1]) for row in cursor.fetchall())
        if connection.vendor == "postgresql":
            cursor.execute("RESET enable_seqscan")
    return found
