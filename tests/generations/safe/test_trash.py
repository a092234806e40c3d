"""Pictures in the trash are deleted after a while, with their files; their jobs, and references of them, stay."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from generations.engine import pruning
from generations.gallery import trash
from generations.media import library
from generations.models import Collection, CollectionEntry, Comment, Grant, Image, ImageTag, Job, Pick, PublicLink, Tag
from generations.references import intake
from tests import factories
from tests.files import put_picture

pytestmark = pytest.mark.django_db


def make_trashed(owner, days: int = 31, **fields) -> Image:
    image = factories.make_image(owner=owner, trashed_at=timezone.now() - timedelta(days=days), **fields)
    put_picture(image)
    return image


def files_of(image: Image) -> list[bool]:
    return [library.full_path(path).exists() for path in [image.path, *(entry[2] for entry in image.thumbnails)]]


def test_pruning_deletes_what_has_been_in_the_trash_for_thirty_days_and_nothing_else(member):
    old, new = make_trashed(member), make_trashed(member, days=29)
    kept = factories.make_image(owner=member)
    put_picture(kept)
    assert pruning.prune()["trash"] == 1
    assert set(Image.objects.all()) == {new, kept}
    assert not any(files_of(old))
    assert all(files_of(new) + files_of(kept))


def test_the_time_is_a_setting(member, settings):
    make_trashed(member, days=5)
    settings.TRASH_DAYS = 4
    assert pruning.prune()["trash"] == 1


def test_what_hangs_on_a_picture_goes_with_it_and_its_job_stays(client, member, other_member):
    image = make_trashed(member)
    album = Collection.objects.create(owner=member, name="Boats", cover=image)
    CollectionEntry.objects.create(collection=album, image=image, position=1)
    ImageTag.objects.create(image=image, tag=Tag.objects.create(owner=member, name="Sea", key="sea"))
    Comment.objects.create(image=image, author=other_member, text="Nice")
    Grant.objects.create(image=image, user=other_member, created_by=member)
    link = PublicLink.objects.create(collection=album, created_by=member)
    PublicLink.objects.create(image=image, created_by=member)
    Pick.objects.create(link=link, image=image, visitor="x")
    pruning.prune()
    for model in (CollectionEntry, ImageTag, Comment, Grant, Pick, Image):
        assert not model.objects.exists(), model
    assert list(PublicLink.objects.all()) == [link]
    album.refresh_from_db()
    assert album.cover is None
    job = Job.objects.get(pk=image.job_id)
    client.force_login(member)
    assert client.get(job.get_absolute_url()).status_code == 200
    assert client.get(reverse("generations:gallery")).status_code == 200


def test_a_reference_made_from_it_keeps_its_own_file(member):
    image = make_trashed(member)
    reference = intake.take_image(member, image)
    pruning.prune()
    reference.refresh_from_db()
    assert reference.source is None
    assert library.full_path(reference.path).exists()


def test_emptying_it_now_takes_the_trash_of_its_owner_only_and_so_much_at_a_time(member, other_member, monkeypatch):
    monkeypatch.setattr(trash, "STEP", 2)
    others = make_trashed(other_member)
    kept = factories.make_image(owner=member)
    for _ in range(4):
        make_trashed(member, days=0)
    mine = Image.objects.visible_to(member)
    assert trash.empty(mine, most=3) == 3
    assert trash.empty(mine) == 1
    assert trash.empty(mine) == 0
    assert set(Image.objects.all()) == {others, kept}


@pytest.mark.django_db(transaction=True)
def test_what_is_taken_out_of_the_trash_at_the_last_moment_stays(member):
    image = make_trashed(member)
    Image.objects.update(trashed_at=None)
    assert trash._delete([image.pk]) == 0
    assert all(files_of(image))


@pytest.mark.django_db(transaction=True)
def test_the_files_stay_until_the_rows_are_gone_for_certain(member, monkeypatch):
    """A database that fails leaves both; a process that dies afterwards leaves files, which verify_media finds."""
    image = make_trashed(member)

    def fail(*args):
        raise transaction.TransactionManagementError

    with monkeypatch.context() as broken:
        broken.setattr(Image.objects.none().__class__, "delete", fail)
        with pytest.raises(transaction.TransactionManagementError):
            trash.empty_old()
    assert Image.objects.filter(pk=image.pk).exists()
    assert all(files_of(image))
