"""A collection that is chosen before generating: its pictures are in it when they are saved, and their children too."""

import pytest
from django.urls import reverse

from generations.actions import pressing
from generations.enqueue import enqueue, enqueue_again
from generations.gallery import collecting
from generations.models import Collection, Job, JobStatus
from tests.engine import drive


@pytest.fixture
def campaign(member):
    return Collection.objects.create(owner=member, name="Campaign A")


def done(job: Job) -> Job:
    drive(lambda: Job.objects.filter(pk=job.pk, status=JobStatus.DONE).exists())
    job.refresh_from_db()
    return job


@pytest.mark.usefixtures("engine")
def test_pictures_go_where_they_were_meant_to_go_and_so_do_those_made_of_them(sandbox, member, campaign):
    job = done(enqueue(member, "a boat", account=sandbox, into=campaign).jobs.get())
    assert [image.position for image in collecting.entries(campaign).images] == [1, 2, 3, 4]
    done(pressing.press(member, job, "U1"))
    assert campaign.entries.count() == 5
    assert enqueue_again(job, "again").into == campaign


@pytest.mark.usefixtures("engine")
def test_a_collection_that_is_gone_by_then_keeps_nothing_from_being_saved(sandbox, member, campaign):
    job = enqueue(member, "a boat", account=sandbox, into=campaign).jobs.get()
    campaign.delete()
    assert done(job).images.count() == 5


def test_the_bar_offers_ones_own_collections_and_takes_no_other(client, sandbox, member, other_member, campaign):
    other = Collection.objects.create(owner=other_member, name="Not yours")
    Collection.objects.create(owner=member, name="A search", query="boat")
    client.force_login(member)
    page = client.get(reverse("generations:create")).content.decode()
    assert "Into Campaign A" in page
    assert "Not yours" not in page
    assert "A search" not in page
    create = reverse("generations:prompt-create")
    client.post(create, {"text": "a boat", "into": str(campaign.ref)})
    assert Job.objects.get().into == campaign
    response = client.post(create, {"text": "another boat", "into": str(other.ref)})
    assert response.status_code == 422
    assert Job.objects.count() == 1
