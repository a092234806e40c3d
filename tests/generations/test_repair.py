"""A saved file that is missing or damaged is fetched once more while the service has it."""

import pytest

from generations.enqueue import enqueue
from generations.media import library, repair
from generations.models import Image, Job, JobStatus
from tests.engine import drive

pytestmark = pytest.mark.usefixtures("engine")


@pytest.fixture
def image(simulator, sandbox, member) -> Image:
    job = enqueue(member, "a boat", account=sandbox).jobs.get()
    drive(lambda: Job.objects.filter(pk=job.pk, status=JobStatus.DONE).exists())
    return job.images.get(kind="single", position=2)


def test_a_whole_file_is_left_as_it_is(image):
    assert repair.repair(image)
    assert Image.objects.get(pk=image.pk).path == image.path


@pytest.mark.parametrize("damage", [lambda path: path.unlink(), lambda path: path.write_bytes(b"half")])
def test_a_missing_and_a_damaged_file_come_back_whole_and_the_page_shows_them(client, member, image, damage):
    damage(library.full_path(image.path))
    assert not repair.is_whole(image)
    assert repair.repair(image)
    mended = Image.objects.get(pk=image.pk)
    assert repair.is_whole(mended)
    assert mended.path != image.path
    client.force_login(member)
    assert client.get(mended.original_url()).status_code == 200


def test_what_the_service_no_longer_has_is_said_and_nothing_is_lost(simulator, image):
    library.full_path(image.path).unlink()
    simulator.reset()
    assert not repair.repair(image)
    row = Image.objects.get(pk=image.pk)
    assert row.error_code
    assert row.path == image.path
