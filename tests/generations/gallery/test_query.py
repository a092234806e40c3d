"""The language of the search box."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generations.gallery import query
from generations.gallery.query import EXAMPLES, FIELDS, parse

TODAY = date(2026, 11, 27)


def read(text: str) -> query.Query:
    return parse(text, today=TODAY)


def terms(text: str) -> list[tuple]:
    return [(term.kind, term.name, term.operator, term.value, term.negated) for term in read(text).terms]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("red Boat", [("words", "", ":", "red", False), ("words", "", ":", "boat", False)]),
        ('-fog "still lake"', [("words", "", ":", "fog", True), ("phrase", "", ":", "still lake", False)]),
        ("Ébauche", [("words", "", ":", "ebauche", False)]),
        ("stylize>250 rating≥4", [("number", "stylize", ">", "250", False), ("number", "rating", ">=", "4", False)]),
        ("s:50", [("number", "stylize", ":", "50", False)]),
        ("-is:rejected", [("is", "is", ":", "rejected", True)]),
        ("is:fav kind:upscale", [("is", "is", ":", "favourite", False), ("kind", "kind", ":", "upscale", False)]),
        ("ar:16x9", [("ratio", "ratio", ":", "16:9", False)]),
        ('in:"Campaign A"', [("collection", "in", ":", "Campaign A", False)]),
        ("tag:Boats", [("tag", "tag", ":", "boats", False)]),
        ("after:7d", [("date", "after", ":", "2026-11-20", False)]),
        ("before:2026-03", [("date", "before", ":", "2026-03-01", False)]),
        ("art-deco", [("words", "", ":", "art deco", False)]),
    ],
)
def test_what_is_typed_means_what_it_says(text, expected):
    assert terms(text) == expected
    assert not read(text).problems


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("rating:9", "from 0 to 5"),
        ("colour:red", "nothing to search by"),
        ("is:pretty", "can be favourite"),
        ("before:soon", "takes a day"),
        ("ar:wide", "two numbers"),
        ("rating>", "Say what rating"),
        ("kind>upscale", "takes a colon"),
        ("on:2026-02-31", "takes a day"),
    ],
)
def test_what_is_not_understood_says_what_would_be_and_the_rest_is_still_searched_for(text, words):
    found = read(f"boat {text}")
    assert [term.value for term in found.terms] == ["boat"]
    [problem] = found.problems
    assert problem.text == text
    assert words in problem.message


def test_every_field_has_an_example_that_is_understood():
    assert set(EXAMPLES) == set(FIELDS)
    for text in EXAMPLES.values():
        assert len(read(text).terms) == 1, text


def test_a_term_is_taken_out_and_the_rest_stays_as_it_was_typed():
    found = read('boat "still lake" rating>=4')
    assert found.without(found.terms[1]) == "boat rating>=4"


def test_too_much_is_cut_off_and_says_so():
    found = read("boat " * 300)
    assert len(found.terms) == 1
    assert found.problems
    assert len(read(" ".join(f"w{number}" for number in range(90))).terms) == query.MOST_TERMS


@given(st.text(max_size=200))
def test_whatever_is_typed_is_read_and_reads_the_same_again(text):
    found = read(text)
    again = read(found.text)
    assert [(term.kind, term.value, term.negated) for term in again.terms] == [
        (term.kind, term.value, term.negated) for term in found.terms
    ]
    assert not again.problems


PIECES = st.sampled_from(
    [*EXAMPLES.values(), "boat", '"still lake"', "-fog", '"', "-", ":", "rating:", "is:x", "ar:1:0", '-"', "a:b", "−x"]
)


@given(st.lists(PIECES, max_size=8))
def test_pieces_in_any_order_read_the_same_again(pieces):
    found = read(" ".join(pieces))
    again = read(found.text)
    assert [(t.kind, t.name, t.operator, t.value, t.negated) for t in again.terms] == [
        (t.kind, t.name, t.operator, t.value, t.negated) for t in found.terms
    ]
