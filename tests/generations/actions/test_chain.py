"""Animating one picture of a grid: two jobs, of which the second waits for the first, through the real engine."""

import pytest

from generations import cards
from generations.actions import pressing
from generations.enqueue import CannotEnqueue, enqueue
from generations.models import Job, JobStatus
from tests.engine import drive

pytestmark = pytest.mark.usefixtures("engine")
LOW, HIGH = "Animate (Low motion)", "Animate (High motion)"


@pytest.fixture
def four(sandbox, member):
    """A finished grid."""
    job = enqueue(member, "a lighthouse --ar 16:9", account=sandbox).jobs.get()
    run(job)
    return job


def run(*jobs: Job) -> None:
    """Drive the engine until these have ended."""
    pks = [job.pk for job in jobs]
    drive(lambda: not Job.objects.filter(pk__in=pks).unfinished().exists())
    for job in jobs:
        job.refresh_from_db()


def card_of(job: Job) -> cards.Card:
    [card] = cards.make_cards(Job.objects.filter(pk=job.pk).for_cards())
    return card


def test_both_steps_run_and_end_with_four_clips(four, member):
    first, second = pressing.animate_picked(member, four, 2, HIGH)
    assert (first.button, first.parent, second.parent, second.waits_for) == ("U2", four, first, first)
    assert "step before it" in card_of(second).waiting
    run(first, second)
    assert [first.status, second.status] == [JobStatus.DONE, JobStatus.DONE]
    assert second.images.filter(kind="video").count() == 4
    assert second.root == four
    assert [event.code for event in second.events.all()][:2] == ["queued", "step_due"]


def test_what_was_picked_before_starts_at_the_second_step(four, member, simulator):
    picked = pressing.press(member, four, "U1")
    run(picked)
    first, second = pressing.animate_picked(member, four, 1, LOW)
    assert first == picked
    assert not second.held
    run(second)
    assert second.status == JobStatus.DONE
    assert simulator.count("POST jobs/button") == 2


def test_what_is_being_picked_is_waited_for(four, member, simulator):
    picked = pressing.press(member, four, "U1")
    first, second = pressing.animate_picked(member, four, 1, LOW)
    assert (first, second.waits_for) == (picked, picked)
    run(first, second)
    assert second.status == JobStatus.DONE
    assert simulator.count("POST jobs/button") == 2


def test_the_same_key_is_one_chain(four, member):
    assert pressing.animate_picked(member, four, 3, LOW, "k") == pressing.animate_picked(member, four, 3, LOW, "k")
    assert Job.objects.filter(root=four).count() == 2


def test_where_the_first_is_refused_the_second_ends_free_and_says_so(four, member, simulator):
    simulator.fault("jobs/button", "moderated")
    first, second = pressing.animate_picked(member, four, 4, LOW)
    run(first, second)
    assert first.status == JobStatus.REFUSED
    assert (second.status, second.error_code, second.remote_id) == (JobStatus.CANCELLED, "chain_broken", "")
    said = card_of(second).explanation
    assert "step before" in said.what
    assert said.cost == "It cost nothing."
    assert not second.retry_is_free  # there is nothing that it could act on
    assert simulator.count("POST jobs/button") == 1


def test_where_the_first_is_cancelled_the_second_is_too(four, member, simulator):
    first, second = pressing.animate_picked(member, four, 4, LOW)
    assert first.move(JobStatus.CANCELLED, code="cancelled", actor=member)
    second.refresh_from_db()
    assert (second.status, second.error_code) == (JobStatus.CANCELLED, "chain_broken")
    assert simulator.count("POST jobs/button") == 0
    again, _ = pressing.animate_picked(member, four, 4, LOW)
    assert again != first


def test_a_restart_in_between_loses_nothing(four, member):
    first, second = pressing.animate_picked(member, four, 2, LOW)
    drive(lambda: Job.objects.get(pk=first.pk).status in {JobStatus.SUBMITTING, JobStatus.RUNNING, JobStatus.SAVING})
    # That worker is gone: all that is left are rows. Another one goes on.
    run(first, second)
    assert second.status == JobStatus.DONE


def test_where_the_picture_cannot_be_animated_the_second_ends_free(sandbox, member, simulator):
    old = enqueue(member, "a lighthouse --v 4", account=sandbox).jobs.get()
    run(old)
    first, second = pressing.animate_picked(member, old, 1, LOW)
    run(first, second)
    assert first.status == JobStatus.DONE
    assert (second.status, second.error_code) == (JobStatus.CANCELLED, "not_offered")
    assert "does not offer" in card_of(second).explanation.what


def test_a_picture_that_is_not_there_and_a_motion_that_is_none_are_refused(four, member):
    for position, label in [(7, LOW), (1, "Animate (Wild motion)")]:
        with pytest.raises(CannotEnqueue):
            pressing.animate_picked(member, four, position, label)
    assert not Job.objects.filter(root=four).exists()


@pytest.mark.parametrize("status", [JobStatus.SAVING, JobStatus.DONE])
def test_a_first_step_that_ends_while_the_second_is_being_stored_still_releases_it(four, member, monkeypatch, status):
    picked = pressing.press(member, four, "U1")
    store = pressing._store

    def ends_first(*args):
        Job.objects.filter(pk=picked.pk).update(status=status, buttons=[LOW])
        return store(*args)

    monkeypatch.setattr(pressing, "_store", ends_first)
    _, second = pressing.animate_picked(member, four, 1, LOW)
    second.refresh_from_db()
    assert (second.status, second.held) == (JobStatus.QUEUED, False)
