"""What one claim costs with few and with many jobs that wait, and how the database finds whose turn it is."""

import re
import statistics
import time
from dataclasses import replace
from typing import Any

from django.db import connection

from accounts.models import Account, Channel
from benchmarks import workload
from benchmarks.figures import Figure, growth
from benchmarks.studio import empty
from generations.engine import claim
from generations.engine.timing import Timing, timing_for

LINE_INDEX = "job_in_line"
JOBS = "generations_job"


def measure(
    *, tick: float, backlogs: list[int], members: int, claims: int, history: int
) -> tuple[list[Figure], dict[str, Any]]:
    """Claim so many jobs, one after the other, with each backlog, no network and nobody else at work.

    `history` is the number of jobs that are done: without them the database reads the whole table and is right.
    """
    figures: list[Figure] = []
    medians: list[float] = []
    plans: list[str] = []
    for backlog in backlogs:
        account = _fill(backlog, members, claims, history)
        timing = replace(timing_for(account), submit_gap=0.0)  # claims follow each other here
        claim.claim_next(account, timing)  # the first one fills caches
        plans = _plans(account, timing)
        medians.append(statistics.median(_timed(account, timing) for _ in range(claims)))
        figures.append(Figure("claim_ms", medians[-1] * 1000, about=f"median, {backlog} queued by {members} members"))
    about = f"from {backlogs[0]} to {backlogs[-1]} queued"
    figures += [
        Figure("claim_growth", growth(medians[0], medians[-1]), most=1.5, about=about),
        Figure("claim_table_scans", len(scans(plans)), most=0, about=f"of jobs, with {backlogs[-1]} queued"),
        Figure(
            "claim_line_reads_beside_index", len(beside_index(plans)), most=0, about="reads of the line: index-only"
        ),
    ]
    return figures, {"plans": plans}


def scans(plans: list[str]) -> list[str]:
    """The steps that read all jobs, in the words of either database."""
    return [step for step in plans if re.search(rf"Seq Scan on {JOBS}\b|^SCAN ({JOBS}|U0)\b(?!.*COVERING)", step)]


def beside_index(plans: list[str]) -> list[str]:
    """The steps that look through the line and read the table's rows as well."""
    covered = ("Index Only Scan", "COVERING INDEX")
    return [step for step in plans if LINE_INDEX in step and not any(word in step for word in covered)]


def _fill(backlog: int, members: int, claims: int, history: int) -> Account:
    empty()
    account = Account(name="Account", base_url="http://127.0.0.1:1/v3/midjourney")
    account.set_token("user:1001-benchmark")
    account.save()
    for number in range(-(-(claims + 2) // 12)):
        Channel.objects.create(account=account, remote_id=str(10**18 + number), max_jobs=12, max_image_jobs=12)
    workload.remember(workload.member("old"), account, history)
    each = [backlog // members + (number < backlog % members) for number in range(members)]
    for count in filter(None, each):
        workload.queue(workload.member("member"), account, count)
    with connection.cursor() as cursor:  # what both databases do by themselves after a while
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    return account


def _timed(account: Account, timing: Timing) -> float:
    began = time.perf_counter()
    if claim.claim_next(account, timing) is None:
        raise RuntimeError("no slot is free, or no job waits")
    return time.perf_counter() - began


def _plans(account: Account, timing: Timing) -> list[str]:
    """Each step of each statement of one claim that touches jobs."""
    statements: list[tuple[str, Any]] = []

    def note(execute, sql, params, many, context):
        if JOBS in sql and sql.lstrip().startswith(("SELECT", "UPDATE")):
            statements.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        claim.claim_next(account, timing)
    return [step for sql, params in statements for step in _explain(sql, params)]


def _explain(sql: str, params: Any) -> list[str]:
    word = "EXPLAIN (COSTS OFF)" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
    with connection.cursor() as cursor:
        cursor.execute(f"{word} {sql}", params)
        return [str(row[-1]).strip() for row in cursor.fetchall()]
