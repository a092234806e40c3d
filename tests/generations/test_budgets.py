"""Budgets are exact: whatever claims at once, on how many accounts, and whatever is given back."""

import multiprocessing
from collections import Counter
from datetime import UTC, date, datetime

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Account
from generations import budgets
from generations.budgets import Allowance, Limit, goes_on_at
from generations.engine import claim, outcomes
from generations.engine.timing import Timing
from generations.models import Budget, Feed, Job, JobStatus, Share, Spend, ledger
from midjourney.upstream import JobReply
from tests import factories

TIMING = Timing(submit_gap=0.0)


@pytest.fixture
def account(db):
    account = factories.make_account()
    factories.make_channel(account, max_jobs=12, max_image_jobs=12)
    return account


def claim_once(account: Account) -> Job | None:
    return claim.claim_next(account, TIMING)


def claim_all(account: Account) -> list[Job]:
    return list(iter(lambda: claim_once(account), None))


def queue(account: Account, owner, count: int) -> list[Job]:
    return [factories.make_job(account=account, owner=owner) for _ in range(count)]


def spent(owner) -> int:
    return sum(Spend.objects.filter(owner=owner).values_list("jobs", flat=True))


# What is held back


@pytest.mark.parametrize("limit", ["per_day", "per_month", "at_once"])
@pytest.mark.parametrize("whose", ["member", "team"])
def test_no_more_jobs_start_than_a_limit_allows(account, member, other_member, limit, whose):
    Budget.objects.create(owner=member if whose == "member" else None, **{limit: 2})
    queue(account, member, 4)
    queue(account, other_member, 4)
    started = Counter(job.owner for job in claim_all(account))
    if whose == "member":
        assert started == {member: 2, other_member: 4}
    else:
        assert started.total() == 2


def test_a_budget_of_nothing_starts_nothing(account, member):
    Budget.objects.create(owner=member, per_day=0)
    queue(account, member, 1)
    assert claim_once(account) is None


def test_jobs_at_once_count_on_all_accounts(account, member):
    other = factories.make_account()
    factories.make_channel(other)
    Budget.objects.create(owner=member, at_once=2)
    queue(account, member, 2)
    queue(other, member, 2)
    first = claim_once(account)
    assert claim_once(other)
    assert claim_once(other) is None
    assert claim_once(account) is None
    outcomes.fail(first, "failed_upstream")
    assert claim_once(other)


def test_jobs_that_only_read_or_switch_something_count_in_no_budget_and_wait_for_none(account, member):
    Budget.objects.create(owner=member, per_day=1)
    factories.make_job(account=account, owner=member, lane="", verb="info")
    queue(account, member, 1)
    assert claim_once(account)
    assert claim_once(account)
    assert Spend.objects.get().jobs == 1
    factories.make_job(account=account, owner=member, lane="", verb="info")
    assert claim_once(account)


# What is given back


def claimed(account, member) -> Job:
    Budget.objects.create(owner=member, per_day=1)
    queue(account, member, 2)
    job = claim_once(account)
    assert (spent(member), job.counted_on) == (1, timezone.localdate())
    return job


def test_a_job_that_was_not_sent_is_given_back(account, member):
    job = claimed(account, member)
    outcomes.requeue(job, "not_sent")
    job.refresh_from_db()
    assert (spent(member), job.counted_on) == (0, None)
    assert claim_once(account)
    assert claim_once(account) is None


@pytest.mark.parametrize(
    ("to", "fields", "left"),
    [
        (JobStatus.REFUSED, {}, 0),
        (JobStatus.FAILED, {"error_code": "parent_gone"}, 0),
        (JobStatus.CANCELLED, {}, 0),
        (JobStatus.FAILED, {"error_code": "ran_untracked"}, 1),
        (JobStatus.UNCERTAIN, {}, 1),
        (JobStatus.RUNNING, {"remote_id": "j1"}, 1),
    ],
)
def test_what_cost_nothing_is_given_back_and_what_may_have_is_not(account, member, to, fields, left):
    job = claimed(account, member)
    if fields.get("error_code") == "ran_untracked":
        job.move(JobStatus.UNCERTAIN)
    assert job.move(to, **fields)
    assert spent(member) == left


@pytest.mark.parametrize("to", [JobStatus.FAILED, JobStatus.CANCELLED, JobStatus.SAVING])
def test_what_had_been_accepted_stays_counted(account, member, to):
    job = claimed(account, member)
    job.move(JobStatus.RUNNING, remote_id="j1")
    job.move(to)
    assert spent(member) == 1


def test_a_job_that_turns_up_while_queued_again_is_counted_and_given_back_at_most_once(account, member):
    job = claimed(account, member)
    outcomes.requeue(job, "never_started")
    outcomes.adopt(job, JobReply(job_id="j1", status="started", raw={}), code="found")
    assert spent(member) == 1
    job.refresh_from_db()
    assert job.counted_on == timezone.localdate()
    outcomes.fail(job, "failed_upstream")
    assert spent(member) == 1


def test_what_was_counted_yesterday_is_given_back_to_yesterday(account, member, monkeypatch):
    job = claimed(account, member)
    day = timezone.localdate()
    monkeypatch.setattr(ledger, "today", lambda now=None: date(day.year + 1, 1, 1))
    assert claim_once(account)
    outcomes.requeue(job, "not_sent")
    assert dict(Spend.objects.values_list("day", "jobs")) == {day: 0, date(day.year + 1, 1, 1): 1}


# Days and months


def test_a_new_day_and_a_new_month_begin_at_midnight_in_the_studios_zone(account, member, settings):
    settings.TIME_ZONE = "Asia/Tokyo"
    late, early = datetime(2026, 3, 31, 14, 59, tzinfo=UTC), datetime(2026, 3, 31, 15, 0, tzinfo=UTC)
    assert (ledger.today(late), ledger.today(early)) == (date(2026, 3, 31), date(2026, 4, 1))
    Spend.objects.create(owner=member, day=date(2026, 3, 31), jobs=3)
    Budget.objects.create(owner=member, per_day=3, per_month=3)
    assert Allowance([member.pk], day=date(2026, 3, 31)).reached(member.pk).what == budgets.MONTH
    assert Allowance([member.pk], day=date(2026, 4, 1)).reached(member.pk) is None


@pytest.mark.parametrize(
    ("what", "most", "expected"),
    [
        ("day", 3, datetime(2026, 12, 31, 23, tzinfo=UTC)),
        ("month", 3, datetime(2026, 12, 31, 23, tzinfo=UTC)),
        ("at_once", 3, None),
        ("day", 0, None),
    ],
)
def test_a_limit_says_when_it_goes_on_by_itself(settings, what, most, expected):
    settings.TIME_ZONE = "Europe/Berlin"
    assert goes_on_at(Limit("member", what, 3, most), datetime(2026, 12, 31, 12, tzinfo=UTC)) == expected


def test_of_several_limits_the_one_that_lasts_longest_is_the_reason(member):
    Budget.objects.create(owner=member, per_day=1, per_month=1)
    Budget.objects.create(owner=None, per_day=1)
    Spend.objects.create(owner=member, day=timezone.localdate(), jobs=1)
    reached = Allowance().reached(member.pk)
    assert (reached.whose, reached.what) == ("member", "month")


# What a claim costs


def test_a_claim_takes_as_many_queries_for_many_members_with_budgets_as_for_few(account):
    Budget.objects.create(owner=None, per_day=1000, per_month=1000, at_once=1000)
    counts = []
    for more in (3, 3, 30):  # the first finds nobody who competed before it
        for _ in range(more):
            owner = factories.make_user()
            Feed.objects.create(owner=owner)
            Budget.objects.create(owner=owner, per_day=1, per_month=1, at_once=1)
            Spend.objects.create(owner=owner, day=timezone.localdate(), jobs=1)
            queue(account, owner, 3)
        owner = factories.make_user()
        Feed.objects.create(owner=owner)
        Spend.objects.create(owner=owner, day=timezone.localdate(), jobs=0)
        Budget.objects.create(owner=owner, per_day=1, per_month=1, at_once=1)
        queue(account, owner, 1)
        with CaptureQueriesContext(connection) as queries:
            assert claim_once(account).owner == owner
        counts.append(len(queries))
    assert counts[1] == counts[2]


# Many processes


PROCESSES, ACCOUNTS, EACH = 8, 3, 25


def _work(accounts: list[int], number: int, results) -> None:
    """Claim, end or give back, and note how many of each owner's jobs were seen running at once at worst."""
    connections.close_all()
    mine: list[Job] = []
    worst: Counter = Counter()
    started: list[tuple[int, int]] = []
    try:
        idle = 0
        while idle < 15:
            account = Account.objects.get(pk=accounts[number % len(accounts)])
            number += 1
            job = claim_once(account)
            idle = 0 if job else idle + 1
            if job:
                started.append((job.pk, job.owner_id))
                mine.append(job)
            held = Counter(Job.objects.holding_slots().values_list("owner_id", flat=True))
            held[0] = held.total()
            worst |= held
            if mine and (job is None or len(mine) > 1):
                done = mine.pop(0)
                if done.attempt == 1 and done.pk % 3 == 0:
                    outcomes.requeue(done, "not_sent")
                else:
                    done.move(JobStatus.RUNNING, remote_id=f"j{done.pk}")
                    outcomes.fail(done, "failed_upstream")
        results.put((started, dict(worst)))
    finally:
        connections.close_all()


@pytest.mark.slow
def test_eight_processes_on_three_accounts_never_start_one_job_too_many_and_lose_none(transactional_db):
    accounts = [factories.make_account() for _ in range(ACCOUNTS)]
    for account in accounts:
        factories.make_channel(account, max_jobs=6, max_image_jobs=6)
    daily, monthly, single, free = (factories.make_user(name) for name in ("Dora", "Mona", "Sina", "Fred"))
    Budget.objects.create(owner=daily, per_day=25)
    Budget.objects.create(owner=monthly, per_month=30)
    Budget.objects.create(owner=single, at_once=2)
    Budget.objects.create(owner=None, at_once=7, per_day=25 + 30 + 2 * EACH)
    owners = [daily, monthly, single, free]
    jobs = [
        Job(prompt=factories.make_job(owner=owner, account=account, status=JobStatus.DONE).prompt,
            owner=owner, account=account, text="a boat")
        for owner in owners
        for account in accounts
    ]  # fmt: skip
    Share.ensure(jobs)
    Job.objects.bulk_create(
        Job(prompt=job.prompt, owner=job.owner, account=job.account, text="a boat") for job in jobs for _ in range(EACH)
    )
    connections.close_all()
    fork = multiprocessing.get_context("fork")
    results = fork.Queue()
    pks = [account.pk for account in accounts]
    workers = [fork.Process(target=_work, args=(pks, number, results)) for number in range(PROCESSES)]
    for worker in workers:
        worker.start()
    reports = [results.get(timeout=240) for _ in workers]
    for worker in workers:
        worker.join()

    spends = {owner: spent(owner) for owner in owners}
    assert spends[daily] <= 25
    assert spends[monthly] <= 30
    assert sum(spends.values()) == 25 + 30 + 2 * EACH
    ended = Counter(Job.objects.filter(status=JobStatus.FAILED).values_list("owner_id", flat=True))
    assert {owner.pk: count for owner, count in spends.items()} == dict(ended)
    assert Job.objects.filter(status=JobStatus.QUEUED).count() == len(owners) * ACCOUNTS * EACH - ended.total()
    assert not Job.objects.holding_slots().exists()
    for _, worst in reports:
        assert worst[0] <= 7
        assert worst.get(single.pk, 0) <= 2
    times = Counter(pk for started, _ in reports for pk, _ in started)
    assert max(times.values()) <= 2  # once, and once more where it was given back
