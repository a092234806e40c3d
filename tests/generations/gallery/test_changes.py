"""Marks, tags, collections and the trash: done to many at once, counted truly, and undone."""

import pytest

from generations.gallery import changes
from generations.gallery.changes import CannotChange
from generations.models import Collection, Image, JobStatus, Tag
from tests import factories


@pytest.fixture
def pictures(member) -> list[Image]:
    job = factories.make_job(owner=member, status=JobStatus.DONE)
    return [factories.make_image(job=job, position=number) for number in (1, 2, 3, 4)]


@pytest.fixture
def campaign(member) -> Collection:
    return Collection.objects.create(owner=member, name="Campaign A")


def of(*images: Image):
    return Image.objects.filter(pk__in=[image.pk for image in images])


def values(pictures, field: str) -> list:
    return list(of(*pictures).order_by("pk").values_list(field, flat=True))


def test_only_what_changes_is_counted_and_undone(member, pictures):
    of(pictures[0]).update(rating=4)
    of(pictures[1]).update(rating=2)
    done = changes.apply(member, of(*pictures), "rating", "4")
    assert (done.changed, done.looked_at) == (3, 4)
    assert done.words == "3 pictures rated 4; 1 was so already."
    assert values(pictures, "rating") == [4, 4, 4, 4]
    assert changes.undo(member, done.row) == 3
    assert values(pictures, "rating") == [4, 2, 0, 0]


def test_what_was_so_already_says_so_and_leaves_nothing_to_undo(member, pictures):
    changes.apply(member, of(pictures[0]), "favourite", "1")
    again = changes.apply(member, of(pictures[0]), "favourite", "1")
    assert (again.changed, again.row) == (0, None)
    assert again.words == "Nothing changed: it was so already."


def test_an_undo_works_once_and_for_its_owner_only(member, other_member, pictures):
    done = changes.apply(member, of(*pictures), "rejected", "1")
    with pytest.raises(CannotChange):
        changes.undo(other_member, done.row)
    assert changes.undo(member, done.row) == 4
    with pytest.raises(CannotChange):
        changes.undo(member, done.row)
    assert values(pictures, "rejected") == [False] * 4


def test_trash_hides_and_restores(member, pictures):
    done = changes.apply(member, of(*pictures[:2]), "trash")
    assert Image.objects.in_gallery().count() == 2
    assert Image.objects.in_trash().count() == 2
    changes.undo(member, done.row)
    assert Image.objects.in_gallery().count() == 4
    changes.apply(member, of(pictures[0]), "trash")
    back = changes.apply(member, of(*pictures), "restore")
    assert back.changed == 1
    changes.undo(member, back.row)
    assert Image.objects.in_trash().count() == 1


def test_a_tag_is_one_whatever_its_case_and_is_taken_off_again(member, pictures):
    done = changes.apply(member, of(*pictures[:2]), "tag", " Boats ")
    assert done.words == "2 pictures tagged “Boats”."
    more = changes.apply(member, of(*pictures), "tag", "bOATS")
    assert more.changed == 2
    assert Tag.objects.count() == 1
    changes.undo(member, more.row)
    assert Tag.objects.get().images.count() == 2
    off = changes.apply(member, of(*pictures), "untag", "boats")
    assert off.changed == 2
    changes.undo(member, off.row)
    assert Tag.objects.get().images.count() == 2


def test_a_collection_keeps_the_order_of_adding_and_each_picture_once(member, pictures, campaign):
    ref = str(campaign.ref)
    changes.apply(member, of(pictures[2]), "collect", ref)
    done = changes.apply(member, of(*pictures), "collect", ref)
    assert done.changed == 3
    order = list(campaign.entries.order_by("position").values_list("image_id", flat=True))
    assert order[0] == pictures[2].pk
    assert len(set(order)) == 4
    off = changes.apply(member, of(pictures[0], pictures[2]), "uncollect", ref)
    assert campaign.entries.count() == 2
    changes.undo(member, off.row)
    changes.undo(member, done.row)
    assert list(campaign.entries.values_list("image_id", flat=True)) == [pictures[2].pk]


def test_nothing_of_others_is_changed(member, other_member, pictures, campaign):
    for what, value in (("rating", "5"), ("tag", "x"), ("trash", ""), ("favourite", "1")):
        assert changes.apply(other_member, of(*pictures), what, value).changed == 0
    with pytest.raises(CannotChange):
        changes.apply(other_member, of(*pictures), "collect", str(campaign.ref))
    assert values(pictures, "rating") == [0] * 4


@pytest.mark.parametrize(
    ("what", "value"),
    [
        ("rating", "6"),
        ("rating", "x"),
        ("favourite", "2"),
        ("tag", " "),
        ("tag", "x" * 41),
        ("collect", "no"),
        ("fly", ""),
    ],
)
def test_what_cannot_be_done_says_so_and_changes_nothing(member, pictures, what, value):
    with pytest.raises(CannotChange):
        changes.apply(member, of(*pictures), what, value)
    assert not Tag.objects.exists()


def test_too_many_are_refused_rather_than_changed_in_part(member, pictures, monkeypatch):
    monkeypatch.setattr(changes, "MOST", 3)
    with pytest.raises(CannotChange, match="Narrow the search"):
        changes.apply(member, of(*pictures), "rating", "5")
    assert values(pictures, "rating") == [0] * 4


def test_queries_do_not_grow_with_the_number_of_pictures(member, pictures, campaign, django_assert_max_num_queries):
    with django_assert_max_num_queries(9):
        changes.apply(member, of(*pictures), "rating", "3")
    with django_assert_max_num_queries(12):
        changes.apply(member, of(*pictures), "tag", "boats")
    with django_assert_max_num_queries(12):
        changes.apply(member, of(*pictures), "collect", str(campaign.ref))
