"""The page of the storage: the last check, what it found and how to mend it, and how much of the disk is whose."""

import pytest
from django.urls import reverse
from django.utils import timezone

from generations import storage_pages
from generations.engine import saving
from generations.media import checking, library, repair
from generations.models import MediaCheck
from generations.references import intake
from tests import factories
from tests.files import put_picture
from tests.generations.references.pictures import picture

pytestmark = pytest.mark.django_db
PAGE, CHECK = reverse("generations:storage"), reverse("generations:storage-check")


@pytest.fixture
def ada(client, admin_user):
    client.force_login(admin_user)
    return client


@pytest.fixture
def asked(monkeypatch) -> list:
    found: list = []
    monkeypatch.setattr(saving, "enqueue", lambda task, *args: found.append((task, *args)))
    return found


def checked() -> MediaCheck:
    check = checking.start(quick=True)
    while checking.go_on(check.pk):
        pass
    return check


def put_whole(image) -> None:
    put_picture(image)
    type(image).objects.filter(pk=image.pk).update(bytes=library.full_path(image.path).stat().st_size)


def test_before_the_first_check_it_says_so(ada):
    assert "No check has ended yet" in ada.get(PAGE).content.decode()


def test_it_shows_what_the_last_check_found_with_a_button_for_what_can_be_fetched(ada, member):
    gone = factories.make_image(owner=member)
    whole = factories.make_image(owner=member)
    put_whole(whole)
    reference = intake.take_bytes(member, picture())
    library.full_path(reference.path).unlink()
    checked()
    page = ada.get(PAGE).content.decode()
    assert gone.path in page
    assert reference.path in page
    assert whole.path not in page
    assert page.count("Fetch again</button>") == 1
    assert "The last check found 2 files missing or damaged." in page
    assert gone.job.text not in page


def test_what_is_back_since_the_check_says_so(ada, member):
    image = factories.make_image(owner=member)
    checked()
    put_whole(image)
    page = ada.get(PAGE).content.decode()
    assert "There again" in page
    assert "Fetch again</button>" not in page


def test_where_all_is_whole_it_says_so(ada, member):
    put_whole(factories.make_image(owner=member))
    checked()
    assert "All files are whole" in ada.get(PAGE).content.decode()


def test_check_now_begins_one_and_a_second_press_does_not(ada, asked):
    ada.post(CHECK)
    ada.post(CHECK)
    check = MediaCheck.objects.get()
    assert asked == [("verify_media", check.pk)]
    assert not check.details["repairs"]
    assert "A check is under way" in ada.get(PAGE).content.decode()


def test_it_fetches_what_is_missing_where_that_is_asked_for(ada, asked):
    ada.post(CHECK, {"repairs": "1"})
    assert MediaCheck.objects.get().details["repairs"]


def test_an_admin_has_the_file_of_any_member_fetched_again(ada, asked, member):
    image = factories.make_image(owner=member)
    ada.post(reverse("generations:storage-repair", args=[image.ref]))
    assert asked == [("repair_image", image.pk)]


def test_what_the_service_has_no_longer_is_not_asked_for(ada, asked, member):
    image = factories.make_image(owner=member, created_at=timezone.now() - repair.KEPT_FOR)
    response = ada.post(reverse("generations:storage-repair", args=[image.ref]), follow=True)
    assert asked == []
    assert "A backup has to bring this one back" in response.content.decode()


def test_use_is_counted_by_member_and_in_all(member, other_member, django_assert_num_queries):
    factories.make_image(owner=member, bytes=1000)
    factories.make_image(owner=member, bytes=500, trashed_at=timezone.now())
    factories.make_image(owner=member, saved=False)
    factories.make_image(owner=other_member, bytes=100_000)
    reference = intake.take_bytes(member, picture())
    with django_assert_num_queries(3):
        uses = storage_pages.use_by_member()
    assert [use.person for use in uses] == [other_member, member]
    mine = uses[1]
    assert (mine.pictures, mine.picture_bytes, mine.trashed, mine.trash_bytes) == (1, 1000, 1, 500)
    assert (mine.references, mine.reference_bytes) == (1, reference.bytes)
    assert storage_pages.total(uses).bytes == 101_500 + reference.bytes


def test_the_page_takes_as_many_queries_however_many_there_are(ada, django_assert_max_num_queries):
    for _ in range(5):
        factories.make_image(owner=factories.make_user())
    checked()
    with django_assert_max_num_queries(16):
        ada.get(PAGE)
