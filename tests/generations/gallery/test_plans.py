"""What the gallery reads it finds by an index, however many pictures there are."""

import pytest
from django.db import connection
from django.utils import timezone

from generations.gallery import pages
from generations.gallery.query import parse
from generations.models import JobStatus
from tests import factories
from tests.plans import plans_of

ASKED = {
    "": "image_gallery",
    "rating:0": "image_gallery",
    "is:favourite": "image_favourite",
    "rating:5": "image_rated",
    "kind:upscale": "image_made_by",
    "seed:4711": "image_seed",
}


@pytest.mark.parametrize("text", ASKED)
def test_a_page_of_the_gallery_reads_an_index(member, text):
    job = factories.make_job(owner=member, status=JobStatus.DONE)
    for number in range(40):
        factories.make_image(job=job, position=number, words=f"word{number}")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    query = parse(text, today=timezone.localdate())
    found = plans_of(lambda: pages.page(member, query=query))
    [plan] = [plan for sql, plan in found.items() if 'FROM "generations_image"' in sql]
    if connection.vendor == "sqlite":  # PostgreSQL chooses by what it knows of the values; make bench looks at that
        assert ASKED[text] in plan, plan
    assert "Seq Scan on generations_image" not in plan


def test_words_are_looked_up_in_the_full_text_index(member):
    job = factories.make_job(owner=member, status=JobStatus.DONE)
    for number in range(40):
        factories.make_image(job=job, position=number, words=f"word{number}")
    query = parse("word7", today=timezone.localdate())
    found = plans_of(lambda: pages.page(member, query=query))
    [plan] = [plan for sql, plan in found.items() if 'FROM "generations_image"' in sql]
    assert "generations_image_words" in plan if connection.vendor == "sqlite" else "Seq Scan" not in plan, plan
