"""The gallery: everything that was saved, newest first, to its owner only."""

import html
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from generations.gallery.pages import PAGE
from generations.models import JobStatus
from tests.factories import make_image, make_job

GALLERY = reverse("generations:gallery")


@pytest.fixture
def mia(client, member):
    client.force_login(member)
    return member


def shown(page: str) -> list[str]:
    return re.findall(r'<a class="tile"[^>]* href="/images/([0-9a-f-]+)/original"', page)


def test_an_empty_gallery_leads_to_the_first_picture(client, mia):
    page = client.get(GALLERY).content.decode()
    assert "Make the first one" in page
    assert f'href="{reverse("generations:create")}"' in page


def test_saved_pictures_are_shown_newest_first(client, mia):
    now = timezone.now()
    old = make_image(owner=mia, saved_at=now - timedelta(hours=1))
    new = make_image(owner=mia, saved_at=now)
    assert shown(client.get(GALLERY).content.decode()) == [str(new.ref), str(old.ref)]


def test_unsaved_results_and_grids_that_repeat_their_pictures_are_not_shown(client, mia):
    make_image(owner=mia, saved=False)
    make_image(owner=mia, kind="grid", position=0, in_gallery=False)
    assert shown(client.get(GALLERY).content.decode()) == []


def test_pictures_of_others_are_not_shown(client, mia, other_member):
    make_image(owner=other_member)
    assert shown(client.get(GALLERY).content.decode()) == []


def test_every_picture_is_reached_once_without_script(client, mia):
    job = make_job(owner=mia, status=JobStatus.DONE)
    same_moment = timezone.now()
    images = [make_image(job=job, position=number, saved_at=same_moment) for number in range(1, 100)]
    seen, address = [], GALLERY
    while address:
        page = client.get(address).content.decode()
        seen += shown(page)
        older = re.findall(r'data-older href="([^"]+)"', page)
        address = html.unescape(older[0]) if older else ""
    assert sorted(seen) == sorted(str(image.ref) for image in images)
    assert len(seen) == 99


def test_endless_scroll_gets_the_same_parts(client, mia):
    job = make_job(owner=mia, status=JobStatus.DONE)
    for number in range(1, PAGE + 6):
        make_image(job=job, position=number)
    [address] = re.findall(r'hx-get="([^"]+more[^"]+)"', client.get(GALLERY).content.decode())
    part = client.get(html.unescape(address)).content.decode()
    assert len(shown(part)) == 5
    assert "<html" not in part


@pytest.mark.parametrize("before", ["x", "2026-01-01_1", "2026-13-01T00:00:00Z_1", "2026-01-01T00:00:00Z_x", "_" * 99])
def test_a_key_that_makes_no_sense_is_the_beginning(client, mia, before):
    make_image(owner=mia)
    response = client.get(GALLERY, {"before": before})
    assert response.status_code == 200


def test_a_tile_knows_its_size_before_it_is_loaded(client, mia):
    image = make_image(owner=mia, width=1456, height=816, color="#102030")
    page = client.get(GALLERY).content.decode()
    assert 'width="1456" height="816" loading="lazy"' in page
    assert 'fill="#102030"' in page
    assert f"{image.thumbnail_url(320)} 320w, {image.thumbnail_url(960)} 960w" in page


def test_every_tile_has_its_place_before_anything_is_loaded_and_says_how_wide_it_is(client, mia):
    shapes = [(1456, 816), (816, 1456), (1024, 1024), (1680, 720), (3000, 400)]
    for width, height in shapes:
        make_image(owner=mia, width=width, height=height)
    for address in (GALLERY, f"{GALLERY}?select=1"):
        page = client.get(address).content.decode()
        tiles = re.findall(r'data-shape="-?[0-9]+".*?<img ([^>]+)>', page, re.DOTALL)
        assert len(tiles) == len(shapes)
        for tile, (width, height) in zip(tiles, shapes[::-1], strict=True):
            assert f'width="{width}" height="{height}" loading="lazy"' in tile
            assert re.search(r'sizes="auto, \(max-width: 720px\) [0-9]+vw, [0-9]+rem"', tile)


def test_nothing_of_the_page_is_painted_before_its_last_row_is_there(client, mia):
    make_image(owner=mia)
    page = client.get(GALLERY).content.decode()
    [awaited] = re.findall(r'<link rel="expect" blocking="render" href="#([^"]+)">', page)
    assert page.index(f'id="{awaited}"') > page.rindex('class="tile"')


def test_a_video_says_that_it_is_one(client, mia):
    make_image(owner=mia, kind="video", content_type="video/mp4", seconds=5.2)
    assert "data-video" in client.get(GALLERY).content.decode()


def test_queries_do_not_grow_with_the_pictures(client, mia, django_assert_num_queries):
    make_image(owner=mia)
    client.get(GALLERY)
    with CaptureQueriesContext(connection) as queries:
        client.get(GALLERY)
    few = len(queries)
    for _ in range(12):
        make_image(owner=mia)
    with django_assert_num_queries(few):
        client.get(GALLERY)


def test_no_style_and_no_script_is_inline(client, mia):
    make_image(owner=mia)
    page = client.get(GALLERY).content.decode()
    assert not re.search(r'\sstyle="|<style|<script(?![^>]* src=)|\son\w+="', page)
