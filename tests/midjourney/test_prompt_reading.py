"""Parsing, building, and the short answers about a prompt."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from midjourney.prompt import (
    Argument,
    Part,
    Prompt,
    aspect_ratio,
    build,
    effective_version,
    gpu_minutes,
    lane,
    parse,
    relative_cost,
    speed,
    summary,
)

JUNE_2025 = date(2025, 7, 1)
JUNE_2026 = date(2026, 7, 1)


def test_images_words_and_parameters_are_told_apart():
    assert parse("https://a.b/1.png <https://a.b/2.png> a dog, running --ar 16:9 --no cats, text --raw") == Prompt(
        image_urls=("https://a.b/1.png", "https://a.b/2.png"),
        words="a dog, running",
        parameters=(
            Argument("ar", ("16:9",), "ar"),
            Argument("no", ("cats,", "text"), "no"),
            Argument("raw", (), "raw"),
        ),
    )


def test_an_alias_is_kept_beside_the_canonical_name():
    assert parse("x --S 50").parameters == (Argument("stylize", ("50",), "S"),)


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [("x --ar16:9", "ar", "16:9"), ("x --v7", "v", "7"), ("x --q.5", "quality", ".5"), ("x --niji6", "niji", "6")],
)
def test_a_value_without_a_space_before_it_is_understood(text, name, value):
    assert parse(text).value(name) == value


def test_the_echo_of_a_video_is_understood():
    assert parse("https://a.b/c x --video 1 --raw").leftovers == ()


def test_an_address_among_the_words_is_words():
    assert parse("a dog https://a.b/c.png") == Prompt(words="a dog https://a.b/c.png")


def test_several_references_belong_to_one_parameter():
    assert parse("x --sref https://a.b/c::2 1234 random").parameters[0].values == ("https://a.b/c::2", "1234", "random")


def test_text_behind_a_complete_parameter_is_stray():
    prompt = parse("x --ar 16:9 a dog --tile at night")
    assert [argument.stray for argument in prompt.parameters] == [("a", "dog"), ("at", "night")]
    assert prompt.leftovers == ("a", "dog", "at", "night")


def test_an_unknown_parameter_keeps_its_name_and_what_follows():
    assert parse("x --Foo bar baz").parameters == (Argument("foo", ("bar", "baz"), "Foo"),)


def test_dashes_inside_and_between_words_are_words():
    assert (
        parse("a well-known dog -- an old--new one — it runs").words == "a well-known dog -- an old--new one — it runs"
    )


def test_a_parameter_inside_braces_waits_for_expansion():
    assert parse("a {dog --ar 1:1, cat}").parameters == ()
    assert parse("x --ar {1:1, 16:9} --raw").parameters[0] == Argument("ar", ("{1:1, 16:9}",), "ar")


def test_line_breaks_in_the_words_are_kept():
    assert parse(" a dog\n\nat night\n--ar 1:1").words == "a dog\n\nat night"


def test_building_joins_with_single_spaces():
    assert build(parse(" <https://a.b/c>   a dog \n --ar16:9   --raw ")) == "https://a.b/c a dog --ar 16:9 --raw"


def test_a_prompt_made_by_hand_is_built_with_canonical_names():
    prompt = Prompt(words="a dog", parameters=(Argument("stylize", ("50",)), Argument("tile")))
    assert build(prompt) == "a dog --stylize 50 --tile"


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        ("a dog", (Part("a dog", 1.0),)),
        ("hot::dog", (Part("hot", 1.0), Part("dog", 1.0))),
        ("a::2 b::-0.5", (Part("a", 2.0), Part("b", -0.5))),
        ("a::.5 b", (Part("a", 0.5), Part("b", 1.0))),
    ],
)
def test_weights_of_a_multi_prompt(words, parts):
    assert parse(words).parts == parts


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("x --v 7.0", "7"),
        ("x --version 6.1", "6.1"),
        ("x --niji 6", "niji 6"),
        ("x --niji", "niji 7"),
        ("x --v 6 --v 7", "7"),
        ("x --v 99", "99"),
    ],
)
def test_the_version_is_the_one_that_the_prompt_names(text, version):
    assert effective_version(parse(text), "5.2") == version


def test_without_a_version_it_is_the_accounts_and_then_the_default_of_the_day():
    assert effective_version(parse("x"), "5.2", today=JUNE_2025) == "5.2"
    assert effective_version(parse("x"), today=JUNE_2025) == "7"
    assert effective_version(parse("x"), today=JUNE_2026) == "8.1"


@pytest.mark.parametrize(
    ("text", "ratio"),
    [
        ("x", (1, 1)),
        ("x --ar 16:9", (16, 9)),
        ("x --aspect 2x3", (2, 3)),
        ("x --ar 1:1 --ar 3:2", (3, 2)),
        ("x --ar 0:1", (1, 1)),
        ("x --ar -1:2", (1, 1)),
        ("x --ar wide", (1, 1)),
    ],
)
def test_the_shape_of_the_picture(text, ratio):
    assert aspect_ratio(parse(text)) == ratio


def test_the_lane_is_video_only_with_video():
    assert (lane(parse("x --loop")), lane(parse("https://a.b/c x --video"))) == ("image", "video")


def test_the_last_speed_counts():
    assert (speed(parse("x")), speed(parse("x --fast --turbo"))) == ("", "turbo")


@pytest.mark.parametrize(
    ("text", "default", "line"),
    [
        ("x --ar 16:9 --s 100 --v 7", "", "16:9 · v7 · s100"),
        ("x", "", "1:1"),
        ("x", "8.1", "1:1 · v8.1"),
        ("x --niji 6 --c 20 --raw --turbo", "", "1:1 · niji 6 · c20 · raw · turbo"),
        ("https://a.b/c x --video --motion high --loop", "7", "video · high motion · loop"),
    ],
)
def test_the_line_on_a_card(text, default, line):
    assert summary(parse(text), default) == line


@pytest.mark.parametrize(
    ("text", "cost"),
    [
        ("x --v 7", "1"),
        ("x --v 7 --oref https://a.b/c", "2"),
        ("x --v 6 --oref https://a.b/c", "1"),
        ("x --v 7 --draft", "0.5"),
        ("x --v 7 --q 4", "4"),
        ("x --v 5.2 --q .25", "0.25"),
        ("https://a.b/c x --video", "8"),
        ("https://a.b/c x --video --bs 1", "2"),
    ],
)
def test_cost_in_relation_to_an_ordinary_grid(text, cost):
    assert relative_cost(parse(text)) == Decimal(cost)


def test_minutes_follow_the_speed_of_the_prompt_and_then_of_the_account():
    assert gpu_minutes(parse("x --v 7")) == 1
    assert gpu_minutes(parse("x --v 7 --relax"), account_speed="turbo") == 0
    assert gpu_minutes(parse("x --v 7"), account_speed="turbo") == 2
