"""No slot is ever given twice and no limit exceeded, however many processes claim at once."""

import multiprocessing
from collections import Counter

import pytest
from django.db import connections
from django.utils import timezone

from accounts.models import Account, Channel
from generations.engine import claim, outcomes
from generations.engine.timing import Timing
from generations.models import Job, JobStatus, Share
from generations.models.priority import turn_at
from tests import factories

JOBS = 500
PROCESSES = 8


def _claim_until_nothing_waits(account_pk: int, results: "multiprocessing.Queue") -> None:
    connections.close_all()
    account, timing = Account.objects.get(pk=account_pk), Timing(submit_gap=0.0)
    claimed, worst = [], Counter()
    mine: list[Job] = []
    try:
        while Job.objects.filter(status=JobStatus.QUEUED).exists():
            job = claim.claim_next(account, timing)
            if job is not None:
                claimed.append(job.pk)
                mine.append(job)
            for channel_pk, lane, count in _slots_in_use():
                worst[channel_pk, lane] = max(worst[channel_pk, lane], count)
            if mine and (job is None or len(mine) > 1):
                outcomes.fail(mine.pop(0), "failed_upstream")
        for job in mine:
            outcomes.fail(job, "failed_upstream")
        results.put((claimed, dict(worst)))
    finally:
        connections.close_all()


def _slots_in_use() -> list[tuple[int, str, int]]:
    rows = Counter(Job.objects.holding_slots().values_list("channel_id", "lane"))
    totals = Counter()
    for (channel_pk, _), count in rows.items():
        totals[channel_pk] += count
    return [(pk, lane, count) for (pk, lane), count in rows.items()] + [(pk, "all", n) for pk, n in totals.items()]


@pytest.mark.slow
def test_eight_processes_claim_500_jobs_each_once_and_never_over_a_limit(transactional_db):
    account = factories.make_account()
    channels = [
        factories.make_channel(account, max_jobs=4, max_image_jobs=3, max_video_jobs=2),
        factories.make_channel(account, max_jobs=3, max_image_jobs=3, max_video_jobs=1, foreign_jobs={"j1": "image"}),
    ]
    owners = [factories.make_user() for _ in range(4)]
    prompts = [factories.make_job(owner=owner, account=account).prompt for owner in owners]
    Share.ensure([Job(account=account, lane=lane, owner=owner) for owner in owners for lane in ("image", "video")])
    Job.objects.bulk_create(
        Job(
            prompt=prompts[number % 4], owner=owners[number % 4], account=account, text="a boat",
            lane="video" if number % 3 == 0 else "image", priority=number % 2,
        )
        for number in range(JOBS - 4)
    )  # fmt: skip
    connections.close_all()
    fork = multiprocessing.get_context("fork")
    results = fork.Queue()
    workers = [fork.Process(target=_claim_until_nothing_waits, args=(account.pk, results)) for _ in range(PROCESSES)]
    for worker in workers:
        worker.start()
    reports = [results.get(timeout=240) for _ in workers]
    for worker in workers:
        worker.join()

    claimed = [pk for pks, _ in reports for pk in pks]
    assert len(claimed) == len(set(claimed)) == JOBS
    assert set(Job.objects.values_list("attempt", flat=True)) == {1}
    for _, worst in reports:
        for (channel_pk, lane), count in worst.items():
            channel = next(channel for channel in channels if channel.pk == channel_pk)
            foreign = list(channel.foreign_jobs.values())
            taken = len(foreign) if lane == "all" else foreign.count(lane)
            assert count + taken <= (channel.max_jobs if lane == "all" else channel.limit(lane))


@pytest.fixture
def account(db):
    return factories.make_account()


def claim_once(account: Account) -> Job | None:
    return claim.claim_next(account, Timing(submit_gap=0.0))


def test_the_member_who_has_used_the_least_goes_first_whatever_the_order_of_the_queue(account):
    factories.make_channel(account)
    busy, newcomer = factories.make_user(), factories.make_user()
    for _ in range(5):
        factories.make_job(owner=busy, account=account)
    late = factories.make_job(owner=newcomer, account=account)
    assert claim_once(account).owner == busy
    assert claim_once(account) == late


def test_the_longest_waiting_goes_first_among_members_who_have_used_as_much(account):
    factories.make_channel(account)
    first = factories.make_job(account=account)
    factories.make_job(account=account)
    assert claim_once(account) == first


def test_a_higher_priority_goes_before_a_fair_turn(account):
    factories.make_channel(account)
    factories.make_job(account=account)
    urgent = factories.make_job(account=account, priority=1, turn_at=turn_at(timezone.now(), 1))
    assert claim_once(account) == urgent


def test_a_full_video_lane_lets_images_pass(account):
    factories.make_channel(account, max_jobs=3, max_image_jobs=3, max_video_jobs=1)
    factories.make_job(account=account, lane="video", status=JobStatus.RUNNING)
    factories.make_job(account=account, lane="video")
    image = factories.make_job(account=account, lane="image")
    assert claim_once(account) == image
    assert claim_once(account) is None


@pytest.mark.parametrize("status", [JobStatus.SUBMITTING, JobStatus.UNCERTAIN, JobStatus.RUNNING])
def test_a_slot_is_held_while_a_job_is_submitting_uncertain_or_running(account, status):
    factories.make_channel(account, max_jobs=1, max_image_jobs=1)
    factories.make_job(account=account, status=status)
    factories.make_job(account=account)
    assert claim_once(account) is None


@pytest.mark.parametrize("status", [JobStatus.SAVING, JobStatus.DONE, JobStatus.FAILED, JobStatus.REFUSED])
def test_a_slot_is_free_once_the_upstream_is_done_with_a_job(account, status):
    factories.make_channel(account, max_jobs=1, max_image_jobs=1)
    factories.make_job(account=account, status=status)
    factories.make_job(account=account)
    assert claim_once(account) is not None


@pytest.mark.parametrize("trouble", [{"block_message": "Pending mod message"}, {"removed_at": "2026-01-01T00:00:00Z"}])
def test_nothing_is_claimed_on_a_blocked_or_removed_channel(account, trouble):
    factories.make_channel(account, **trouble)
    factories.make_job(account=account)
    assert claim_once(account) is None


@pytest.mark.parametrize("state", ["paused", "bad_token", "no_subscription"])
def test_nothing_is_claimed_on_an_account_that_waits_for_a_person(account, state):
    factories.make_channel(account)
    factories.make_job(account=account)
    Account.objects.update(state=state)
    assert claim_once(account) is None


def test_the_emptiest_channel_gets_the_job(account):
    full = factories.make_channel(account)
    empty = factories.make_channel(account)
    factories.make_job(account=account, status=JobStatus.RUNNING, channel=full)
    factories.make_job(account=account)
    assert claim_once(account).channel == empty


def test_two_submissions_on_a_channel_keep_the_polite_gap(account):
    factories.make_channel(account)
    for _ in range(2):
        factories.make_job(account=account)
    timing = Timing(submit_gap=60.0)
    assert claim.claim_next(account, timing) is not None
    assert claim.claim_next(account, timing) is None
    Channel.objects.update(send_after="2020-01-01T00:00:00Z")
    assert claim.claim_next(account, timing) is not None


def test_jobs_of_somebody_who_was_deactivated_are_not_started(account):
    factories.make_channel(account)
    job = factories.make_job(account=account)
    job.owner.is_active = False
    job.owner.save()
    assert claim_once(account) is None


def test_jobs_of_somebody_who_may_no_longer_use_the_account_are_not_started(account):
    factories.make_channel(account)
    job = factories.make_job(account=account)
    account.for_everyone = False
    account.save()
    assert claim_once(account) is None
    account.members.add(job.owner)
    assert claim_once(account) == job
