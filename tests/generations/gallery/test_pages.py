"""The pages of the gallery: finding, changing many, collections, the trash; the same number of queries for any size."""

import html
import re
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from generations.gallery import collecting
from generations.gallery.pages import PAGE
from generations.models import Collection, CollectionEntry, GalleryChange, Image, JobStatus
from tests import factories

GALLERY = reverse("generations:gallery")
CHANGE = reverse("generations:gallery-change")


@pytest.fixture
def mia(client, member):
    client.force_login(member)
    return member


def make(owner, count: int = 1, text: str = "a red boat", **fields) -> list[Image]:
    job = factories.make_job(owner=owner, status=JobStatus.DONE, text=text)
    return [factories.make_image(job=job, position=number, **fields) for number in range(1, count + 1)]


def text(response) -> str:
    return html.unescape(response.content.decode())


def shown(page: str) -> list[str]:
    return re.findall(r'data-ref="([^"]+)"', page)


class TestFinding:
    def test_a_search_shows_what_it_finds_and_its_terms_as_chips(self, client, mia):
        [boat] = make(mia)
        make(mia, text="a castle")
        page = text(client.get(GALLERY, {"q": "boat rating:0"}))
        assert shown(page) == [str(boat.ref)]
        assert f'href="{GALLERY}?q=rating%3A0"' in page
        assert 'value="boat rating:0"' in page

    def test_what_is_not_understood_is_said_and_the_rest_is_searched_for(self, client, mia):
        make(mia)
        page = text(client.get(GALLERY, {"q": "boat colour:red"}))
        assert "is nothing to search by" in page
        assert len(shown(page)) == 1

    def test_nothing_found_leads_back_to_everything(self, client, mia):
        make(mia)
        assert "Nothing found" in text(client.get(GALLERY, {"q": "castle"}))

    def test_the_next_part_keeps_the_search_and_the_day(self, client, mia):
        make(mia, PAGE + 5)
        make(mia, 3, text="a castle")
        page = client.get(GALLERY, {"q": "boat"}).content.decode()
        [address] = re.findall(r'hx-get="([^"]+more[^"]+)"', page)
        part = client.get(html.unescape(address)).content.decode()
        assert len(shown(part)) == 5
        assert "gallery-day" not in part

    def test_one_jumps_to_a_month_and_finds_the_way_to_newer_ones(self, client, mia):
        old = make(mia, 2, created_at=datetime(2025, 3, 5, 12, tzinfo=UTC))
        make(mia, PAGE + 1, created_at=datetime(2026, 1, 5, 12, tzinfo=UTC))
        page = client.get(GALLERY, {"at": "2025-03"}).content.decode()
        assert set(shown(page)) == {str(image.ref) for image in old}
        assert "at=2025-12" in page
        [address] = re.findall(r'href="([^"]+after=[^"]+)"', page)
        newer = client.get(html.unescape(address)).content.decode()
        assert len(shown(newer)) == PAGE
        assert not set(shown(newer)) & {str(image.ref) for image in old}
        assert re.search(r"after=", newer)

    def test_the_count_looks_no_further_than_it_says(self, client, mia, monkeypatch):
        make(mia, 5)
        address = reverse("generations:gallery-count")
        assert text(client.get(address, {"q": "boat"})).strip() == "5 pictures"
        monkeypatch.setattr("generations.gallery.pages.COUNTED", 3)
        assert text(client.get(address)).strip() == "more than 3 pictures"

    @pytest.mark.parametrize(
        ("typed", "offered"),
        [
            ("ra", "rating>="),
            ("boat is:fa", "boat is:favourite "),
            ("tag:b", "tag:Boats "),
            ("-in:c", '-in:"Campaign A" '),
        ],
    )
    def test_the_box_offers_what_may_come_next(self, client, mia, typed, offered):
        from generations.models import Tag

        Tag.objects.create(owner=mia, name="Boats", key="boats")
        Collection.objects.create(owner=mia, name="Campaign A")
        page = text(client.get(reverse("generations:gallery-suggest"), {"q": typed}))
        assert f'data-text="{offered}"' in page


class TestChanging:
    def test_many_are_changed_and_it_is_said_and_can_be_undone(self, client, mia):
        images = make(mia, 3)
        refs = [str(image.ref) for image in images]
        response = client.post(CHANGE, {"do": "rating:4", "image": refs, "next": f"{GALLERY}?select=1"}, follow=True)
        assert "3 pictures rated 4." in text(response)
        change = GalleryChange.objects.get()
        response = client.post(reverse("generations:gallery-undo", args=[change.ref]), follow=True)
        assert "Undone for 3 pictures." in text(response)
        assert set(Image.objects.values_list("rating", flat=True)) == {0}

    def test_all_that_match_are_changed_and_no_other(self, client, mia, other_member):
        make(mia, 50)
        make(mia, 2, text="a castle")
        make(other_member, 2)
        client.post(CHANGE, {"do": "tag", "tag-value": "Boats", "all": "1", "q": "boat"})
        assert Image.objects.filter(tags__key="boats").count() == 50

    def test_a_script_gets_the_tiles_and_a_word_with_a_way_back(self, client, mia):
        [image] = make(mia)
        response = client.post(CHANGE, {"do": "favourite:1", "image": str(image.ref)}, headers={"HX-Request": "true"})
        assert "mark-heart" in text(response)
        assert 'hx-swap-oob="outerHTML"' in text(response)
        assert "gallery/undo/" in response["HX-Trigger"]
        response = client.post(CHANGE, {"do": "trash", "image": str(image.ref)}, headers={"HX-Request": "true"})
        assert 'hx-swap-oob="delete"' in text(response)

    def test_nothing_chosen_or_nothing_known_changes_nothing(self, client, mia):
        make(mia)
        assert "Choose some pictures first." in text(client.post(CHANGE, {"do": "trash"}, follow=True))
        assert "no such thing" in text(client.post(CHANGE, {"do": "fly", "all": "1"}, follow=True))
        assert Image.objects.in_gallery().count() == 1

    def test_a_form_leads_nowhere_but_to_the_studio(self, client, mia):
        for address in ("https://evil.example/", "//evil.example", "javascript:alert(1)"):
            response = client.post(CHANGE, {"do": "trash", "next": address})
            assert response["Location"] == GALLERY

    def test_the_trash_shows_what_is_in_it_and_gives_it_back(self, client, mia):
        [image] = make(mia)
        client.post(CHANGE, {"do": "trash", "image": str(image.ref)})
        trash = reverse("generations:gallery-trash")
        assert shown(client.get(GALLERY).content.decode()) == []
        assert shown(client.get(trash).content.decode()) == [str(image.ref)]
        client.post(CHANGE, {"do": "restore", "image": str(image.ref), "next": trash})
        assert shown(client.get(GALLERY).content.decode()) == [str(image.ref)]

    def test_the_layout_is_kept(self, client, mia):
        make(mia)
        client.post(reverse("generations:gallery-view"), {"rows": "grid", "size": "dense"})
        page = client.get(GALLERY).content.decode()
        assert 'data-rows="grid" data-size="dense"' in page
        client.post(reverse("generations:gallery-view"), {"rows": "nonsense"})
        assert 'data-rows="grid"' in client.get(GALLERY).content.decode()


class TestCollections:
    @pytest.fixture
    def campaign(self, mia):
        collection = Collection.objects.create(owner=mia, name="Campaign A")
        for number, image in enumerate(make(mia, 4), start=1):
            CollectionEntry.objects.create(collection=collection, image=image, position=number * 1024)
        return collection

    def order(self, collection) -> list[int]:
        return [image.position for image in collecting.entries(collection).images]

    @pytest.mark.parametrize(
        ("to", "expected"),
        [("first", [3, 1, 2, 4]), ("earlier", [1, 3, 2, 4]), ("later", [1, 2, 4, 3]), ("last", [1, 2, 4, 3])],
    )
    def test_a_picture_is_moved(self, client, campaign, to, expected):
        image = campaign.entries.get(image__position=3).image
        client.post(reverse("generations:collection-move", args=[campaign.ref]), {"to": to, "image": str(image.ref)})
        assert self.order(campaign) == expected

    def test_its_pages_go_on_where_the_last_ended(self, client, mia, campaign, monkeypatch):
        monkeypatch.setattr(collecting, "PAGE", 3)
        first = collecting.entries(campaign)
        rest = collecting.entries(campaign, first.older)
        assert [image.position for image in first.images + rest.images] == [1, 2, 3, 4]
        assert rest.older == ""

    def test_a_search_can_be_kept_as_a_collection(self, client, mia):
        make(mia)
        make(mia, text="a castle")
        response = client.post(reverse("generations:collection-new"), {"name": "Boats", "query": "boat"}, follow=True)
        assert len(shown(response.content.decode())) == 1
        response = client.post(reverse("generations:collection-new"), {"name": "Bad", "query": "rating:9"})
        assert response.status_code == 422
        assert "from 0 to 5" in text(response)

    def test_a_name_is_taken_once(self, client, mia, campaign):
        response = client.post(reverse("generations:collection-new"), {"name": "campaign a"})
        assert "already" in text(response)

    def test_its_pictures_outlive_it(self, client, campaign):
        client.post(reverse("generations:collection-delete", args=[campaign.ref]))
        assert Image.objects.in_gallery().count() == 4

    def test_the_cover_is_the_first_picture_until_one_is_chosen(self, client, mia, campaign):
        [shelf] = collecting.shelves(mia)
        assert (shelf.cover.position, shelf.count) == (1, 4)
        image = campaign.entries.get(image__position=3).image
        client.post(
            reverse("generations:collection-move", args=[campaign.ref]), {"to": "cover", "image": str(image.ref)}
        )
        [shelf] = collecting.shelves(mia)
        assert shelf.cover == image


@pytest.mark.parametrize("name", ["gallery", "gallery-trash", "collection-list", "collection-detail"])
def test_queries_do_not_grow_with_the_pictures(client, mia, name, django_assert_num_queries):
    collection = Collection.objects.create(owner=mia, name="A")

    def add(count: int) -> None:
        for image in make(mia, count):
            CollectionEntry.objects.create(collection=collection, image=image, position=image.pk)
        make(mia, count, trashed_at=datetime(2026, 1, 1, tzinfo=UTC))
        for number in range(count):
            Collection.objects.create(owner=mia, name=f"{number} of {count}")

    add(1)
    address = reverse(f"generations:{name}", args=[collection.ref] if name == "collection-detail" else [])
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    add(12)
    with django_assert_num_queries(len(few)):
        client.get(address)
    assert len(few) <= 8


class TestOnePicture:
    def test_a_note_is_kept_and_found(self, client, mia):
        [image] = make(mia)
        client.post(reverse("generations:image-note", args=[image.ref]), {"note": " for the cover "})
        assert Image.objects.get().note == "for the cover"
        assert shown(client.get(GALLERY, {"q": "is:noted"}).content.decode()) == [str(image.ref)]

    def test_the_large_view_says_what_it_is_and_where_it_belongs(self, client, mia):
        [image] = make(mia)
        collection = Collection.objects.create(owner=mia, name="Campaign A")
        CollectionEntry.objects.create(collection=collection, image=image, position=1)
        client.post(CHANGE, {"do": "tag", "tag-value": "Boats", "image": str(image.ref)})
        page = text(client.get(reverse("generations:image-actions", args=[image.ref])))
        assert "Campaign A" in page
        assert "Boats" in page
        assert "1456 × 816" in page

    def test_two_to_four_are_compared_and_no_others(self, client, mia, other_member):
        first, second = make(mia, 2)
        [strange] = make(other_member)
        address = reverse("generations:gallery-compare")
        page = text(client.get(address, {"image": [str(first.ref), str(second.ref)]}))
        assert page.count(first.original_url()) == 3
        response = client.get(address, {"image": [str(first.ref), str(strange.ref), "x"]})
        assert response.status_code == 302

    def test_a_batch_is_made_of_all_that_match(self, client, mia):
        make(mia, 3)
        make(mia, text="a castle")
        address = reverse("generations:batch-from-pictures")
        page = text(client.post(address, {"all": "1", "q": "boat"}))
        refs = [str(image.ref) for image in Image.objects.filter(words__contains="boat")]
        assert all(ref in page for ref in refs)
        assert str(Image.objects.get(words__contains="castle").ref) not in page


@pytest.mark.parametrize(
    "ref", ["x", "z" * 8 + "-zzzz-zzzz-zzzz-" + "z" * 12, "-" * 36, "٣" * 36, "{" + "0" * 34 + "}"]
)
def test_what_is_no_ref_is_no_picture_and_no_fault(client, mia, ref):
    collection = Collection.objects.create(owner=mia, name="A")
    move = reverse("generations:collection-move", args=[collection.ref])
    assert client.post(move, {"to": "first", "image": ref}).status_code == 302
    assert client.post(CHANGE, {"do": "trash", "image": ref}).status_code == 302
    assert client.get(reverse("generations:gallery-compare"), {"image": [ref, ref]}).status_code == 302
    assert client.get(GALLERY, {"change": ref}).status_code == 200
    assert client.get(reverse("generations:template-new"), {"copy": ref}).status_code == 200
    assert client.get(reverse("generations:create"), {"apply": ref}).status_code == 200
