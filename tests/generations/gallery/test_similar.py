"""What is like a picture: its copies and what has a prompt like its own, of nobody but its owner."""

import html
import random
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from generations.gallery import fulltext, similar, words
from generations.models import Image, ImageLook, JobStatus
from generations.models.look import bands, signed
from tests import factories
from tests.generations.gallery.scenes import COPIES, save, scene
from tests.plans import plans_of

pytestmark = pytest.mark.django_db

CITY = "a city at night"


def hashed(owner, phash: int, **fields) -> Image:
    """A picture with this hash; there is no file."""
    image = factories.make_image(owner=owner, **fields)
    ImageLook.of(image, phash).save()
    return image


def said(owner, text: str, **fields) -> Image:
    """A picture of a job with this prompt."""
    return factories.make_image(job=factories.make_job(owner=owner, status=JobStatus.DONE, text=text), **fields)


def near(image: Image) -> list[Image]:
    return [each.image for each in similar.near(image.owner, image, image.look.phash)]


def alike(image: Image) -> list[Image]:
    return similar.alike(image.owner, image).images


class TestNear:
    @pytest.mark.parametrize("copy", ["as JPEG", "half as wide", "a little brighter", "without its edges"])
    def test_a_copy_is_found_and_another_picture_is_not(self, member, copy):
        image = save(member, scene(CITY))
        save(member, scene("portrait of an old sailor"))
        found = save(member, COPIES[copy](scene(CITY)))
        assert near(image) == [found]
        assert near(found) == [image]

    def test_the_nearest_come_first_and_the_newest_among_equals(self, member):
        image = hashed(member, 0)
        far, old, new = (hashed(member, phash) for phash in (0b1111 << 30, 0b1, 0b10))
        assert near(image) == [new, old, far]

    def test_what_differs_by_more_than_ten_bits_is_not_shown(self, member):
        image = hashed(member, 0)
        beyond, within = hashed(member, (1 << 11) - 1), hashed(member, (1 << 10) - 1)
        assert near(image) == [within]
        assert beyond not in near(image)

    def test_a_badge_says_same_only_up_to_where_no_two_different_pictures_came(self, member):
        image = hashed(member, 0)
        hashed(member, 0b1111), hashed(member, 0b11111)
        assert [each.likeness for each in similar.near(member, image, 0)] == ["Same", "Close"]

    def test_looks_with_the_highest_bit_are_found_as_well(self, member):
        image = hashed(member, signed(1 << 63, 64))
        other = hashed(member, signed((1 << 63) | 1, 64))
        assert near(image) == [other]

    def test_nothing_of_others_in_the_trash_unsaved_or_outside_the_gallery_is_shown(self, member, other_member):
        image = hashed(member, 5)
        hashed(other_member, 5)
        hashed(member, 5, trashed_at=timezone.now())
        hashed(member, 5, saved=False)
        hashed(member, 5, kind="grid", in_gallery=False)
        assert near(image) == []

    def test_what_is_not_shown_takes_no_place_of_what_is(self, member, other_member, monkeypatch):
        monkeypatch.setattr(similar, "MOST", 2)
        image = hashed(member, 0)
        far = hashed(member, 0b111)
        for _ in range(3):
            hashed(other_member, 0)
            hashed(member, 0, trashed_at=timezone.now())
        assert near(image) == [far]

    def test_no_more_than_so_many_are_shown(self, member, monkeypatch):
        monkeypatch.setattr(similar, "MOST", 2)
        image = hashed(member, 0)
        for _ in range(3):
            hashed(member, 0)
        assert len(near(image)) == 2

    def test_it_takes_two_statements_however_many_there_are(self, member, django_assert_num_queries):
        image = hashed(member, 0)
        for number in range(20):
            hashed(member, number)
        with django_assert_num_queries(2):
            near(image)

    def test_candidates_are_looked_up_in_an_index_of_each_band(self, member, other_member):
        chance = random.Random(7)
        for owner in (other_member, member):
            image = factories.make_image(owner=owner)
            job = factories.make_job(owner=owner, status=JobStatus.DONE)
            facts = {"saved_at": image.saved_at, "path": "a", "sha256": "b", "bytes": 1, "width": 1, "kind": "single"}
            rows = [Image(job=job, owner=owner, position=number, **facts) for number in range(3000)]
            looks = [ImageLook.of(row, signed(chance.getrandbits(64), 64)) for row in Image.objects.bulk_create(rows)]
            ImageLook.objects.bulk_create(looks)
        found = plans_of(lambda: similar.near(member, image, 0))
        [plan] = [plan for sql, plan in found.items() if 'FROM "generations_imagelook"' in sql]
        assert all(f"look_band_{number}" in plan for number in range(4)), plan
        for plan in found.values():
            assert "Seq Scan" not in plan, plan
            assert not re.search(r"SCAN (?!CONSTANT)", plan), plan

    def test_a_row_keeps_the_quarters_of_its_hash(self, member):
        phash = -81985529216486896
        row = hashed(member, phash).look
        row.refresh_from_db()
        assert [row.band_0, row.band_1, row.band_2, row.band_3] == bands(phash)


class TestAlike:
    def test_those_that_share_most_words_come_first_then_the_newest(self, member):
        image = said(member, "a crimson lighthouse under heavy clouds")
        one = said(member, "clouds")
        half = said(member, "a lighthouse, crimson")
        all_of_it = said(member, "heavy clouds over the crimson lighthouse --ar 2:1")
        said(member, "a boat")
        assert alike(image) == [all_of_it, half, one]

    def test_pictures_of_the_same_job_are_left_out(self, member):
        image = said(member, "a crimson lighthouse")
        factories.make_image(job=image.job)
        other = said(member, "a crimson lighthouse")
        assert alike(image) == [other]

    def test_words_that_no_other_picture_has_do_not_stand_in_the_way(self, member):
        image = said(member, "xylophonist lighthouse")
        other = said(member, "lighthouse")
        result = similar.alike(member, image)
        assert result.images == [other]
        assert result.words == ["lighthouse"]

    def test_the_rarer_word_counts_more(self, member):
        image = said(member, "lighthouse harbour")
        rare = said(member, "an old harbour")
        for _ in range(3):
            said(member, "lighthouse")
        assert similar.alike(member, image).words == ["harbour", "lighthouse"]
        assert alike(image)[0] == rare

    def test_stop_words_numbers_and_parameters_say_nothing(self, member):
        image = said(member, "the 35 of a --stylize 250")
        said(member, "the 35 of a --stylize 250")
        assert alike(image) == []
        assert words.telling(words.of_prompt("The 4 red, red boats of É and 雨")) == ["red", "boats", "雨"]

    def test_nothing_of_others_in_the_trash_unsaved_or_outside_the_gallery_is_shown(self, member, other_member):
        image = said(member, "a crimson lighthouse")
        said(other_member, "a crimson lighthouse")
        said(member, "a crimson lighthouse", trashed_at=timezone.now())
        said(member, "a crimson lighthouse", saved=False)
        said(member, "a crimson lighthouse", kind="grid", in_gallery=False)
        assert alike(image) == []

    def test_a_prompt_that_lacks_the_rarest_word_only_comes_before_one_that_lacks_more(self, member):
        image = said(member, "a crimson lighthouse under heavy clouds")
        said(member, "a heavy stone")
        changed = said(member, "a crimson lighthouse under thin clouds")
        for _ in range(3):
            said(member, "clouds")
        assert changed in alike(image)[:2]

    def test_it_takes_at_most_five_statements_and_shows_no_more_than_so_many(self, member, monkeypatch):
        monkeypatch.setattr(similar, "MOST", 6)
        image = said(member, "red crimson scarlet ruby vermilion lighthouse tower beacon lantern")
        for text in ("lighthouse", "red crimson scarlet ruby", "beacon lantern tower", image.job.text) * 2:
            said(member, text)
        with CaptureQueriesContext(connection) as queries:
            found = alike(image)
        assert len(queries) <= 5
        assert len(found) <= 6
        assert len(set(found)) == len(found)

    def test_common_words_find_the_same(self, member, monkeypatch):
        monkeypatch.setattr(fulltext, "MANY", 2)
        image = said(member, "a crimson lighthouse")
        others = [said(member, "a crimson lighthouse") for _ in range(4)]
        assert alike(image) == others[::-1]

    def test_the_words_are_looked_up_in_the_full_text_index(self, member):
        for number in range(40):
            image = said(member, f"crimson{number} lighthouse{number % 10}")
        for sql, plan in plans_of(lambda: similar.alike(member, image)).items():
            assert "Seq Scan on generations_image" not in plan, (sql, plan)
            assert not re.search(r"SCAN generations_image(?!_words)", plan), (sql, plan)


class TestPage:
    @pytest.fixture
    def mia(self, client, member):
        client.force_login(member)
        return member

    def shown(self, client, image: Image) -> str:
        return html.unescape(client.get(reverse("generations:image-similar", args=[image.ref])).content.decode())

    def refs(self, page: str) -> list[str]:
        return re.findall(r'data-ref="([^"]+)"', page)

    def test_it_shows_the_picture_its_copies_and_what_has_a_prompt_like_its_own_each_once(self, client, mia):
        image, copy = save(mia, scene(CITY), text=CITY), save(mia, COPIES["as JPEG"](scene(CITY)), text=CITY)
        other = said(mia, "a city by the sea")
        page = self.shown(client, image)
        assert self.refs(page) == [str(each.ref) for each in (image, copy, other)]
        assert 'data-likeness="same">Same<' in page
        assert 'href="/gallery/?q="city""' in page or "q=%22city%22" in page

    def test_empty_parts_say_so(self, client, mia):
        page = self.shown(client, save(mia, scene(CITY)))
        assert "No other picture in your gallery looks like this one." in page
        assert "No other job of yours has a prompt with words like these." in page
        page = self.shown(client, save(mia, scene("abstract"), text="--seed 4"))
        assert "Its prompt has no words" in page

    def test_a_picture_without_a_look_is_compared_all_the_same_and_one_that_cannot_be_read_says_so(self, client, mia):
        image, copy = save(mia, scene(CITY), is_looked_at=False, text="one"), save(mia, scene(CITY), text="two")
        assert str(copy.ref) in self.shown(client, image)
        page = self.shown(client, said(mia, "a boat"))
        assert "cannot be read at the moment" in page

    def test_others_find_nothing_there(self, client, mia, other_member):
        for image in (hashed(other_member, 1), hashed(mia, 1, saved=False)):
            assert client.get(reverse("generations:image-similar", args=[image.ref])).status_code == 404

    def test_queries_do_not_grow_with_the_pictures(self, client, mia, django_assert_max_num_queries):
        image = hashed(mia, 0)
        address = reverse("generations:image-similar", args=[image.ref])
        for number in range(30):
            hashed(mia, number)
            said(mia, "a lighthouse at dusk")
        client.get(address)
        with django_assert_max_num_queries(14):
            client.get(address)

    def test_the_way_there_is_in_the_large_view_and_on_the_page_of_the_job(self, client, mia):
        image = hashed(mia, 0)
        address = reverse("generations:image-similar", args=[image.ref])
        assert address in self.shown_at(client, reverse("generations:image-actions", args=[image.ref]))
        assert address in self.shown_at(client, image.job.get_absolute_url())

    def shown_at(self, client, address: str) -> str:
        return client.get(address).content.decode()
