"""What is asked on every tick and every page reads an index of what is under way, however much has ended."""

import pytest
from django.db import connection

from generations import budgets, enqueue, live
from generations.engine import capacity, doubt
from generations.models import Budget, Job, JobStatus
from tests import factories
from tests.plans import plans_of

ASKED = {
    "slots of an account": lambda job: capacity.account_use(job.account),
    "slots of a member": lambda job: budgets.Allowance([job.owner_id]).reached(job.owner_id),
    "what an account runs": lambda job: list(Job.objects.holding_slots().filter(account=job.account)),
    "what a page waits for": lambda job: live.unfinished(job.owner),
    "the least busy account": lambda job: enqueue.choose_account(job.owner),
    "lost answers": lambda job: doubt.in_doubt(job.account),
}


@pytest.mark.parametrize("asked", ASKED)
def test_what_is_under_way_is_read_without_what_has_ended(db, asked):
    running = factories.make_job(status=JobStatus.RUNNING)
    Budget.objects.create(owner=running.owner, at_once=1)
    for _ in range(30):
        factories.make_job(owner=running.owner, account=running.account, status=JobStatus.DONE)
    found = plans_of(lambda: ASKED[asked](running))
    reads = {sql: plan for sql, plan in found.items() if '"generations_job"' in sql}
    assert reads
    for sql, plan in reads.items():
        partial = ("job_holds_slot", "job_owner_holds", "job_owner_unfinished", "job_account_unfinished")
        assert any(name in plan for name in partial), f"{connection.vendor}: {plan}\n{sql}"
