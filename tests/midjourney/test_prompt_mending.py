"""What is mended in a typed prompt, and what is left alone."""

from __future__ import annotations

import pytest

from midjourney.prompt import Normalised, normalise


@pytest.mark.parametrize("dash", ["—", "–", "‒", "―", "−", "–-", "-–", "——", "---", "\u200b—", "\ufeff--"])
def test_a_dash_before_a_parameter_becomes_two_hyphens(dash):
    assert normalise(f"a dog {dash}ar 16:9").text == "a dog --ar 16:9"


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("a dog —raw", "a dog --raw"),
        ("a dog —raw —tile", "a dog --raw --tile"),
        ("a dog —niji 6", "a dog --niji 6"),
        ("a dog —no cats", "a dog --no cats"),
        ("a dog —sref random", "a dog --sref random"),
        ("a dog —motion high", "a dog --motion high"),
        ("a dog --ar 1:1 —fast —s 50", "a dog --ar 1:1 --fast --s 50"),
    ],
)
def test_a_dash_is_mended_where_the_rest_fits_the_parameter(text, mended):
    assert normalise(text).text == mended


@pytest.mark.parametrize(
    "text",
    [
        "a dog — running",
        "light — no shadows",
        "a boat —fast and red",
        "the —end of the road",
        "black—raw—steel",
        "a —loop of wire",
        "1990–2000, a stop —motion picture",
        "-ar 16:9",
        "a dog -- ar 16:9",
    ],
)
def test_dashes_among_the_words_stay(text):
    assert normalise(text).text == text


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("x --ar16:9", "x --ar 16:9"),
        ("x --ar=16:9", "x --ar 16:9"),
        ("x --ar 16x9", "x --ar 16:9"),
        ("x --ar 16/9", "x --ar 16:9"),
        ("x --ar 1.5:1", "x --ar 3:2"),
        ("x --ar 16:9, --s 50.", "x --ar 16:9 --s 50"),
        ("x --ar 16:9 , --s 50", "x --ar 16:9 --s 50"),
        ("x --no cats, dogs, --s 5", "x --no cats, dogs --s 5"),
        ("x --tile, --raw", "x --tile --raw"),
        ("x --AR 1:2 --Stylize 5", "x --ar 1:2 --stylize 5"),
        ("<https://a.b/c>, https://d.e/f, a dog", "https://a.b/c https://d.e/f a dog"),
        ("  a\tdog\n\nat  night\u00a0--raw ", "a dog at night --raw"),
    ],
)
def test_slips_are_mended(text, mended):
    assert normalise(text).text == mended


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("x --s 5 --ar 1:1 --stylize 7", "x --ar 1:1 --stylize 7"),
        ("x --raw --raw", "x --raw"),
        ("x --fast --relax", "x --relax"),
        ("x --v 6 --v 7", "x --v 7"),
    ],
)
def test_of_doubled_parameters_the_last_one_stays(text, mended):
    found = normalise(text)
    assert found.text == mended
    assert {notice.code for notice in found.notices} <= {"doubled", "exclusive"}
    assert found.notices


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("x --no a --ar 1:1 --no b, c", "x --ar 1:1 --no a, b, c"),
        ("x --sref 1 --sref 2 1", "x --sref 1 2"),
        ("x --p abc --p def", "x --p abc def"),
    ],
)
def test_doubled_lists_are_joined(text, mended):
    assert normalise(text).text == mended


@pytest.mark.parametrize(
    "text",
    ["x --oref https://a.b/c --oref https://d.e/f", "x --v 7 --niji 6", "x --s 5 dog --s 6", "x --foo 1 --foo 2"],
)
def test_what_only_the_person_can_decide_stays_for_the_checks(text):
    assert normalise(text) == Normalised(text)


@pytest.mark.parametrize(
    ("text", "version", "mended"),
    [
        ("x --style raw", "7", "x --raw"),
        ("x --style raw --v 5.1", "7", "x --raw --v 5.1"),
        ("x --style raw", "5", "x --style raw"),
        ("x --style raw --niji 6", "7", "x --style raw --niji 6"),
        ("x --style cute --niji 5", "7", "x --style cute --niji 5"),
    ],
)
def test_style_raw_becomes_raw_where_the_version_knows_it(text, version, mended):
    assert normalise(text, version).text == mended


def test_braces_and_their_escapes_are_left_alone():
    text = "a {red, pastel \\, blue} \\{ dog --ar {16:9, 1:1}"
    assert normalise(text).text == text


def test_joiners_in_scripts_and_emoji_stay():
    assert normalise("👩\u200d🚀 می\u200cخواهم").text == "👩\u200d🚀 می\u200cخواهم"


def test_every_change_but_whitespace_is_told_once():
    found = normalise("a  dog —ar 16x9 —s 50 --s 60")
    assert [(notice.code, notice.parameter) for notice in found.notices] == [
        ("dashes", "ar"),
        ("dashes", "s"),
        ("value", "ar"),
        ("doubled", "stylize"),
    ]
    assert normalise("a  dog\n --ar 16:9").notices == ()
