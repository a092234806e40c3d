"""What a search finds: the same on both databases, and what brute force over all pictures finds."""

from datetime import date

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generations.gallery import fulltext, search, words
from generations.gallery.query import parse
from generations.models import Collection, CollectionEntry, Image, ImageTag, JobStatus, Tag
from tests import factories

TODAY = date(2026, 11, 27)
TEXTS = (
    "a lighthouse at dusk --ar 16:9 --stylize 250",
    "red boat on a still lake --ar 1:1 --chaos 20",
    "a still life with red boats --seed 77",
    "Ébauche of a boathouse, still-water",
    "https://example.org/red.png a yellow dot",
    "3d render of a boat 8k --v 6.1",
)


@pytest.fixture
def pictures(member) -> list[Image]:
    made = []
    for number, text in enumerate(TEXTS):
        job = factories.make_job(owner=member, status=JobStatus.DONE, text=text)
        size = [(160, 90), (90, 160), (100, 100)][number % 3]
        made.append(
            factories.make_image(
                job=job, width=size[0], height=size[1], rating=number, favourite=number % 2 == 0, rejected=number == 5
            )
            if number < 6
            else None
        )
    return made


def found(member, text: str) -> set[int]:
    """The numbers of the texts that a search finds."""
    query = parse(text, today=TODAY)
    assert not query.problems
    images = search.apply(Image.objects.filter(owner=member), query, member)
    return {TEXTS.index(image.job.text) for image in images.select_related("job")}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {0, 1, 2, 3, 4, 5}),
        ("boat", {1, 2, 3, 5}),
        ('"boat"', {1, 5}),
        ('"still l"', set()),
        ('"still lake"', {1}),
        ("still-l", {1, 2}),
        ("ebauche", {3}),
        ("red", {1, 2}),
        ("red -lake", {2}),
        ("-boat", {0, 4}),
        ("3d 8k", {5}),
        ("rating>=4", {4, 5}),
        ("-rating>0", {0}),
        ("is:favourite", {0, 2, 4}),
        ("-is:rejected is:rated", {1, 2, 3, 4}),
        ("stylize>100", {0}),
        ("chaos:20", {1}),
        ("seed:77", {2}),
        ("model:6.1", {5}),
        ("shape:landscape", {0, 3}),
        ("shape:square", {2, 5}),
        ("ar:16:9", {0, 3}),
        ("kind:upscale", set()),
        ("kind:imagine kind:single", {0, 1, 2, 3, 4, 5}),
        ("before:2020", set()),
        ("after:2020", {0, 1, 2, 3, 4, 5}),
    ],
)
def test_a_search_finds(member, pictures, text, expected):
    assert found(member, text) == expected


def test_tags_and_collections_are_those_of_whoever_asks(member, other_member, pictures):
    tag = Tag.objects.create(owner=member, name="Boats", key="boats")
    ImageTag.objects.create(image=pictures[1], tag=tag)
    Tag.objects.create(owner=other_member, name="Boats", key="boats")
    campaign = Collection.objects.create(owner=member, name="Campaign A")
    CollectionEntry.objects.create(collection=campaign, image=pictures[2], position=1)
    assert found(member, "tag:BOATS") == {1}
    assert found(member, 'in:"campaign a"') == {2}
    assert found(member, "-tag:boats -is:tagged") == {0, 2, 3, 4, 5}
    assert found(other_member, "tag:boats") == set()


def test_a_picture_that_was_made_into_something_is_found_as_a_parent(member, pictures):
    factories.make_job(owner=member, parent=pictures[1].job, parent_position=1, verb="button", button="U1")
    assert found(member, "is:parent") == {1}


def test_the_index_follows_what_becomes_of_pictures(member, pictures):
    Image.objects.filter(pk=pictures[0].pk).update(words="a castle")
    assert found(member, "castle") == {0}
    assert found(member, "lighthouse") == set()
    pictures[1].delete()
    assert found(member, "lake") == set()


def test_the_index_is_there_after_all_migrations(db):
    assert fulltext.is_installed()


def test_common_words_are_found_as_rare_ones_are(member, pictures, monkeypatch):
    monkeypatch.setattr(fulltext, "MANY", 2)
    assert found(member, "boat") == {1, 2, 3, 5}
    assert found(member, "boat red") == {1, 2}
    assert found(member, "lighthouse -boat") == {0}


class _Undo(Exception):
    pass


WORDS = st.lists(st.sampled_from(["red", "boat", "boats", "bo", "lake", "sea", "åker", "8k"]), max_size=6)
ASKED = st.lists(
    st.sampled_from(["red", "bo", "boat", '"red boat"', '"boat sea"', "-sea", "-lake", "aker", '-"boat red"', "8k"]),
    min_size=1, max_size=4,
)  # fmt: skip


def brute_force(have: list[str], asked: str) -> bool:
    for term in parse(asked, today=TODAY).terms:
        wanted = term.value.split(" ")
        spans = [have[at : at + len(wanted)] for at in range(len(have) - len(wanted) + 1)]
        if term.kind == "phrase":
            is_there = wanted in spans
        else:
            is_there = any(span[:-1] == wanted[:-1] and span[-1].startswith(wanted[-1]) for span in spans)
        if is_there == term.negated:
            return False
    return True


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(texts=st.lists(WORDS, min_size=1, max_size=6), asked=ASKED)
def test_any_words_are_found_as_brute_force_finds_them(member, texts, asked):
    try:
        with transaction.atomic():
            job = factories.make_job(owner=member, status=JobStatus.DONE)
            for number, text in enumerate(texts):
                factories.make_image(job=job, position=number, words=words.fold(" ".join(text)))
            text = " ".join(asked)
            rows = search.apply(Image.objects.filter(job=job), parse(text, today=TODAY), member)
            expected = {
                number for number, have in enumerate(texts) if brute_force(words.fold(" ".join(have)).split(), text)
            }
            assert {image.position for image in rows} == expected
            raise _Undo
    except _Undo:
        pass


def test_nothing_that_is_typed_breaks_the_index(member, pictures):
    for text in ("AND OR NOT", "NEAR(a b)", "words:boat", "a & b | !c", "col : x*", "'; drop", "(", "*", "^a", '"a*"'):
        query = parse(text, today=TODAY)
        list(search.apply(Image.objects.filter(owner=member), query, member))
    assert connection.is_usable()
