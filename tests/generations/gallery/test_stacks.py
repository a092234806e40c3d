"""Stacks: a family of pictures as one; and pages that begin anywhere and go on both ways."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from generations.gallery import pages, stacks
from generations.models import Image, Job, JobStatus
from generations.templatetags.jobs import key
from tests import factories
from tests.plans import plans_of

GALLERY = reverse("generations:gallery")
VIEW = reverse("generations:gallery-view")


def make(owner, count: int = 4, parent: Job | None = None) -> list[Image]:
    """A job with pictures, the last row being the first that the gallery shows."""
    job = factories.make_job(owner=owner, status=JobStatus.DONE)
    if parent:
        Job.objects.filter(pk=job.pk).update(parent=parent, root=parent.root or parent)
        job.refresh_from_db()
    return [factories.make_image(job=job, position=number) for number in range(count, 0, -1)][::-1]


def shown(page: str) -> list[str]:
    return re.findall(r'data-ref="([^"]+)"', page)


@pytest.fixture
def mia(client, member):
    client.force_login(member)
    client.post(VIEW, {"stacks": "stacked"})
    return member


def stack_url(image: Image) -> str:
    return reverse("generations:gallery-stack", args=[image.ref])


def test_a_grid_its_pictures_and_all_that_was_made_of_them_are_one_stack(client, mia):
    grid = make(mia)
    upscale = make(mia, 1, parent=grid[0].job)
    further = make(mia, 1, parent=upscale[0].job)
    lone = make(mia, 1)
    page = client.get(GALLERY).text
    assert shown(page) == [str(lone[0].ref), str(further[0].ref)]
    assert "Open the stack of 6" in page
    assert page.count('class="pile"') == 1


def test_a_stack_opens_in_place_and_closes_again(client, mia):
    grid = make(mia)
    make(mia)
    opened = client.get(stack_url(grid[0]), headers={"HX-Request": "true"}).text
    assert shown(opened) == [str(image.ref) for image in grid]
    assert "<html" not in opened
    closed = client.get(stack_url(grid[0]), {"closed": "1"}, headers={"HX-Request": "true"}).text
    assert shown(closed) == [str(grid[0].ref)]
    assert "Open the stack of 4" in closed


def test_without_script_a_stack_is_a_page(client, mia):
    grid = make(mia)
    page = client.get(stack_url(grid[2])).text
    assert shown(page) == [str(image.ref) for image in grid]
    assert "<html" in page


def test_a_stack_holds_nothing_of_others_and_nothing_from_the_trash(client, mia, other_member):
    mine = make(mia)
    make(other_member, 1, parent=mine[0].job)
    Image.objects.filter(pk=mine[0].pk).update(trashed_at=mine[0].created_at)
    page = client.get(GALLERY).text
    assert shown(page) == [str(mine[1].ref)]
    assert "Open the stack of 3" in page
    assert client.get(stack_url(mine[0])).status_code == 404
    assert set(stacks.of(mia, mine[1])) == set(mine[1:])


def test_a_search_and_the_choice_of_many_show_single_pictures(client, mia):
    make(mia)
    assert len(shown(client.get(GALLERY, {"q": "kind:imagine"}).text)) == 4
    assert len(shown(client.get(GALLERY, {"select": "1"}).text)) == 4


def test_stacks_go_on_from_page_to_page_and_none_is_shown_twice(client, mia, monkeypatch):
    monkeypatch.setattr(pages, "PAGE", 2)
    jobs = [make(mia) for _ in range(5)]
    make(mia, 1, parent=jobs[0][0].job)
    found, before = [], ""
    for _ in range(5):
        page = pages.page(mia, before, is_stacked=True)
        found += [image.family for image in page.images]
        before = page.older
        if not before:
            break
    assert len(found) == len(set(found)) == 5
    assert found[0] == jobs[0][0].job_id


@pytest.mark.parametrize("count", [4, 24])
def test_stacks_take_the_same_number_of_statements_for_any_size(client, mia, count):
    for _ in range(count):
        make(mia)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        client.get(GALLERY)
    assert len([each for each in asked if "generations_" in each["sql"]]) <= 8


def test_a_page_of_stacks_reads_indexes(member):
    for _ in range(30):
        make(member)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    found = plans_of(lambda: pages.page(member, is_stacked=True))
    [plan] = [plan for sql, plan in found.items() if 'FROM "generations_image"' in sql]
    if connection.vendor == "sqlite":  # PostgreSQL chooses by what it knows of the values; make bench looks at that
        assert "image_gallery" in plan
        assert "image_family" in plan
    assert "Seq Scan on generations_image" not in plan


def test_an_address_that_names_a_picture_begins_with_it_and_leads_both_ways(client, member, monkeypatch):
    monkeypatch.setattr(pages, "PAGE", 3)
    client.force_login(member)
    images = make(member, 9)
    page = client.get(GALLERY, {"from": key(images[4])}).text
    assert shown(page) == [str(image.ref) for image in images[4:7]]
    above, below = (re.search(rf'hx-get="([^"]+more[^"]+{name}[^"]+)"', page)[1] for name in ("after", "before"))
    newer = client.get(above.replace("&amp;", "&")).text
    assert shown(newer) == [str(image.ref) for image in images[1:4]]
    assert "data-newer" in newer
    assert "data-older" not in newer
    older = client.get(below.replace("&amp;", "&")).text
    assert shown(older) == [str(image.ref) for image in images[7:]]
    assert "data-older" not in older
    assert "data-newer" not in older


def test_above_the_first_picture_there_is_nothing_and_no_way_to_it(client, member):
    client.force_login(member)
    [image] = make(member, 1)
    above = client.get(reverse("generations:gallery-more"), {"after": key(image)}).text
    assert shown(above) == []
    assert "data-newer" not in above
