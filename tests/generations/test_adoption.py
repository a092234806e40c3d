"""Children made elsewhere: another program presses a button on our job, and the result joins the family."""

import pytest

from generations import workers
from generations.actions import pressing
from generations.engine import clients
from generations.enqueue import enqueue
from generations.models import Job, JobStatus, Spend
from midjourney.upstream import Submission
from tests.engine import drive

pytestmark = pytest.mark.usefixtures("engine")
S = JobStatus


@pytest.fixture
def grid(simulator, sandbox, member) -> Job:
    job = enqueue(member, "a boat", account=sandbox).jobs.get()
    drive(lambda: Job.objects.filter(pk=job.pk, status=S.DONE).exists())
    job.refresh_from_db()
    return job


def press_elsewhere(grid: Job, button: str) -> str:
    """What another program does with the same token."""
    reply = clients.client_for(grid.account).submit(Submission(verb="button", parent=grid.remote_id, button=button))
    return reply.job_id


def adopted(remote_id: str) -> bool:
    return Job.objects.filter(remote_id=remote_id, status=S.DONE).exists()


def test_a_press_of_another_program_is_adopted_when_it_is_listed_and_its_pictures_are_saved(simulator, grid):
    remote_id = press_elsewhere(grid, "V3")
    grid.account.wake()
    drive(lambda: adopted(remote_id))
    child = Job.objects.get(remote_id=remote_id)
    assert (child.parent, child.root, child.button, child.parent_position) == (grid, grid, "V3", 3)
    assert child.owner == grid.owner
    assert child.images.filter(kind="single").count() == 4
    assert child.events.filter(code="adopted").count() == 1
    assert Spend.objects.get(owner=grid.owner).jobs == 1  # only what was asked for here counts


def test_what_ended_unseen_is_adopted_when_somebody_asks_for_it(client, simulator, grid):
    remote_id = press_elsewhere(grid, "U2")
    simulator.finish(remote_id)
    workers.look_for_more(grid.pk)
    workers.look_for_more(grid.pk)
    drive(lambda: adopted(remote_id))
    assert Job.objects.filter(parent=grid).count() == 1
    assert pressing.existing(grid, "U2").remote_id == remote_id


def test_our_own_press_is_never_taken_for_somebody_elses(simulator, grid, member):
    simulator.fault("jobs/button", "drop-after")
    job = pressing.press(member, grid, "V1")
    drive(lambda: Job.objects.filter(pk=job.pk, status=S.DONE).exists())
    workers.look_for_more(grid.pk)
    assert list(Job.objects.filter(parent=grid)) == [job]
    assert simulator.stats()["paid"] == 2
