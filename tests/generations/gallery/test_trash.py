"""What leaves the trash for good, and what does not."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from generations.gallery import trash
from generations.media import library
from generations.models import Collection, CollectionEntry, Image, Job, JobStatus
from tests import factories
from tests.files import put_picture


@pytest.fixture
def thrown(member) -> Image:
    image = factories.make_image(owner=member, trashed_at=timezone.now() - timedelta(days=31))
    put_picture(image)
    collection = Collection.objects.create(owner=member, name="A")
    CollectionEntry.objects.create(collection=collection, image=image, position=1)
    return image


def files(image: Image) -> list[bool]:
    return [library.full_path(each).exists() for each in [image.path, *(entry[2] for entry in image.thumbnails)]]


def test_after_its_time_a_picture_goes_with_its_files_and_its_job_stays(thrown):
    assert trash.empty_old() == 1
    assert not Image.objects.exists()
    assert not any(files(thrown))
    assert Job.objects.filter(pk=thrown.job_id).exists()


def test_what_went_in_lately_or_was_put_back_stays(thrown):
    Image.objects.update(trashed_at=timezone.now() - timedelta(days=29))
    assert trash.empty_old() == 0
    Image.objects.update(trashed_at=None)
    assert trash.empty(Image.objects.all()) == 0
    assert all(files(thrown))


def test_its_owner_empties_it_and_nobody_else_does(client, member, other_member, thrown):
    address = reverse("generations:gallery-empty-trash")
    client.force_login(other_member)
    client.post(address)
    assert all(files(thrown))
    client.force_login(member)
    assert "1 picture will be deleted" in client.get(address).content.decode()
    client.post(address)
    assert not any(files(thrown))


def test_a_file_that_is_gone_already_keeps_nothing_from_going(thrown):
    library.full_path(thrown.path).unlink()
    assert trash.empty_old() == 1


def test_a_job_shows_a_place_for_what_was_thrown_away_and_not_the_picture(client, member):
    client.force_login(member)
    job = factories.make_job(owner=member, status=JobStatus.DONE)
    kept, thrown = (factories.make_image(job=job, position=number) for number in (1, 2))
    Image.objects.filter(pk=thrown.pk).update(trashed_at=timezone.now())
    for address in ("/", job.get_absolute_url()):
        page = client.get(address).text
        assert kept.original_url() in page
        assert thrown.original_url() not in page
        assert "In the trash" in page
