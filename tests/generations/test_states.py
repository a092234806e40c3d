"""The state machine: only drawn arrows are walked, each once, and a final state never reopens."""

import threading
from itertools import pairwise

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generations.models import FINAL, HOLDS_SLOT, MOVES, Feed, Job, JobEvent, JobStatus
from tests import factories

ALLOWED = [(source, target) for target, sources in MOVES.items() for source in sources]
FORBIDDEN = [
    (source, target) for source in JobStatus for target in JobStatus if (source, target) not in ALLOWED
]  # fmt: skip


def job_in(status: str) -> Job:
    return factories.make_job(status=status)


@pytest.mark.parametrize(("source", "target"), ALLOWED)
def test_a_drawn_arrow_is_walked_once_and_leaves_one_event(db, source, target):
    job = job_in(source)
    if target in HOLDS_SLOT and job.channel is None:
        job.channel = factories.make_channel(job.account)
    twin = Job.objects.get(pk=job.pk)
    assert job.move(target, channel=job.channel)
    assert not twin.move(target, channel=job.channel)
    assert twin.status == target
    event = JobEvent.objects.get(job=job)
    assert (event.previous, event.status) == (source, target)


@pytest.mark.parametrize(("source", "target"), FORBIDDEN)
def test_an_arrow_that_is_not_drawn_is_not_walked(db, source, target):
    job = job_in(source)
    assert not job.move(target)
    job.refresh_from_db()
    assert job.status == source
    assert not JobEvent.objects.exists()


@given(st.lists(st.sampled_from(JobStatus), max_size=12))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_tried_in_whatever_order_a_final_state_never_reopens(db, targets):
    job = job_in(JobStatus.QUEUED)
    channel = factories.make_channel(job.account)
    final = None
    for target in targets:
        moved = Job.objects.get(pk=job.pk).move(target, channel=channel)
        now = Job.objects.get(pk=job.pk).status
        assert moved == (now == target) or not moved
        if final is not None:
            assert now == final
        if now in FINAL:
            final = now
    events = list(JobEvent.objects.filter(job=job).order_by("pk"))
    assert all(earlier.status == later.previous for earlier, later in pairwise(events))


def test_of_many_who_try_at_once_exactly_one_wins(transactional_db):
    job = job_in(JobStatus.RUNNING)
    wins = []

    def try_to_end(target: JobStatus) -> None:
        try:
            wins.append(Job.objects.get(pk=job.pk).move(target))
        finally:
            connection.close()

    threads = [
        threading.Thread(target=try_to_end, args=(target,))
        for target in [JobStatus.DONE, JobStatus.FAILED, JobStatus.REFUSED, JobStatus.CANCELLED] * 2
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(wins) == [False] * 7 + [True]
    assert JobEvent.objects.filter(job=job).count() == 1


def test_each_change_takes_the_next_number_of_its_owners_feed(db):
    owner = factories.make_user()
    first, second = factories.make_job(owner=owner), factories.make_job(owner=owner)
    first.move(JobStatus.CANCELLED)
    second.move(JobStatus.CANCELLED)
    assert 0 < first.change < second.change == Feed.objects.get(owner=owner).value


def test_a_stranger_sees_no_job_and_no_image(db, member, other_member):
    image = factories.make_image(owner=member)
    assert list(Job.objects.visible_to(member)) == [image.job]
    assert not Job.objects.visible_to(other_member).exists()
    assert not type(image).objects.visible_to(other_member).exists()


def test_a_deactivated_person_sees_nothing_any_more(db, member):
    factories.make_image(owner=member)
    member.is_active = False
    assert not Job.objects.visible_to(member).exists()
