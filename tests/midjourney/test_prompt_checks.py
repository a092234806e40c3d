"""Errors for what cannot work, warnings for what the version may not know."""

from __future__ import annotations

from datetime import date

import pytest

from midjourney.prompt import MAX_LENGTH, Problem, check, review

DAY = date(2026, 1, 1)
IMAGE = "https://a.b/c.png"


def codes(text, version="7", **options):
    return [
        (problem.level[0], problem.code, problem.parameter) for problem in check(text, version, today=DAY, **options)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "a dog",
        f"{IMAGE} a dog --iw 1.5",
        f"{IMAGE} {IMAGE}",
        "a dog --ar 16:9 --v 7.0 --s 250 --c 5 --w 300 --q 2 --seed 7 --no cats, text --tile --raw --exp 20 --draft",
        f"a dog --sref {IMAGE}::2 123 random --sw 50 --sv 6 --oref {IMAGE} --ow 400 --p --fast --stealth",
        "a dog --p abc1234 m7123456",
        f"{IMAGE} x --video 1 --motion high --raw --loop --bs 2 --turbo",
        f"{IMAGE} --video --end {IMAGE}",
        f"{IMAGE} x --video --end loop",
        "a::2 b::-0.5 --v 6.1",
        "a \\{dog\\}",
        "a well-known dog — or 1990–2000",
    ],
)
def test_nothing_is_said_about_a_prompt_that_works(text):
    assert codes(text) == []


@pytest.mark.parametrize(
    ("text", "code", "parameter"),
    [
        ("", "empty", ""),
        ("   \n", "empty", ""),
        ("--ar 16:9", "empty", ""),
        ("x" * (MAX_LENGTH + 1), "too_long", ""),
        ("🏝" * (MAX_LENGTH // 2 + 1), "too_long", ""),
        ("a dog --video", "video_without_image", "video"),
        ("a dog --foo", "unknown_parameter", "foo"),
        ("a dog --ar", "missing_value", "ar"),
        ("a dog --no --tile", "missing_value", "no"),
        ("a dog --ar 16:9 at night", "stray_text", "ar"),
        ("a dog --tile 1", "stray_text", "tile"),
        ("ftp://a.b/c.png a dog", "bad_image_url", ""),
        ("https:// a dog", "bad_image_url", ""),
        ("data:image/png;base64,AA== a dog", "bad_image_url", ""),
        ("a dog --s lots", "invalid_value", "stylize"),
        ("a dog --s 1.5", "invalid_value", "stylize"),
        ("a dog --ar -16:9", "invalid_value", "ar"),
        ("a dog --ar 0:9", "invalid_value", "ar"),
        ("a dog --ar 16", "invalid_value", "ar"),
        ("a dog --v new", "invalid_value", "v"),
        ("a dog --sref dog.png", "invalid_value", "sref"),
        ("a dog --oref 123", "invalid_value", "oref"),
        ("a dog --v 7 --niji 6", "two_models", "niji"),
        (f"a dog --oref {IMAGE} {IMAGE}", "several_oref", "oref"),
        (f"a dog --oref {IMAGE} --oref {IMAGE}", "several_oref", "oref"),
        ("a dog {red", "unbalanced_braces", ""),
        ("a::1 b::-1 --v 6", "weights_not_positive", ""),
        ("a::1 b::-2 --v 6", "weights_not_positive", ""),
    ],
)
def test_what_cannot_work_is_an_error(text, code, parameter):
    assert [found for found in codes(text) if found[0] == "e"] == [("e", code, parameter)]


@pytest.mark.parametrize(
    ("text", "version", "code", "parameter"),
    [
        (f"a dog --cref {IMAGE}", "7", "replaced", "cref"),
        (f"a dog --oref {IMAGE}", "6.1", "unsupported", "oref"),
        ("a dog --raw", "5", "unsupported", "raw"),
        ("a dog --exp 5", "niji 6", "unsupported", "exp"),
        ("a dog --weird 5", "8.1", "disputed", "weird"),
        ("a dog --tile", "8.1", "disputed", "tile"),
        ("a dog --s 1001", "7", "out_of_range", "stylize"),
        ("a dog --s -5", "7", "out_of_range", "stylize"),
        ("a dog --ow 0", "7", "needs_other", "ow"),
        ("a dog --q .25", "7", "out_of_range", "quality"),
        ("a dog --q 3", "7", "out_of_range", "quality"),
        ("a dog --seed 4294967296", "7", "out_of_range", "seed"),
        (f"{IMAGE} x --iw 2.5", "5.2", "out_of_range", "iw"),
        ("a dog --ar 3:1", "4", "out_of_range", "ar"),
        ("a dog --v 9", "7", "unknown_version", "v"),
        ("a dog --niji", "7", "niji_without_version", "niji"),
        ("a dog --iw 2", "7", "needs_image", "iw"),
        ("a dog --sw 5", "7", "needs_other", "sw"),
        ("a dog --motion low", "7", "video_only", "motion"),
        ("a dog --bs 2", "7", "video_only", "bs"),
        (f"{IMAGE} x --video --ar 16:9", "7", "not_for_video", "ar"),
        (f"{IMAGE} x --video --motion wild", "7", "out_of_range", "motion"),
        (f"a dog --q 4 --oref {IMAGE}", "7", "quality_oref", "quality"),
        ("a dog --seed 5 --turbo", "7", "seed_turbo", "seed"),
        ("a dog --fast --relax", "7", "exclusive", "relax"),
        ("a dog --s 5 --s 6", "7", "doubled", "stylize"),
        ("a dog --repeat 2", "7", "repeat", "repeat"),
        ("a dog --zoom 1.5", "7", "zoom_only", "zoom"),
        ("a::2 b", "7", "weights_unsupported", ""),
        ("a::2 b", "8.1", "weights_disputed", ""),
        ("a dog -ar 16:9", "7", "looks_like_parameter", "ar"),
        ("a dog--ar 16:9", "7", "looks_like_parameter", "ar"),
        ("a dog -- ar 16:9", "7", "lone_dashes", ""),
        (f"a dog {IMAGE}", "7", "image_not_first", ""),
        (IMAGE, "7", "image_alone", ""),
    ],
)
def test_what_may_not_do_what_was_meant_is_a_warning(text, version, code, parameter):
    found = codes(text, version)
    assert ("w", code, parameter) in found
    assert all(level == "w" for level, _, _ in found)


@pytest.mark.parametrize(
    ("text", "plan", "found"),
    [
        ("x --relax", "basic", [("w", "plan_relax", "relax")]),
        ("x --relax", "standard", []),
        ("x --relax", "", []),
        (f"{IMAGE} x --video --relax", "standard", [("w", "plan_relax_video", "relax")]),
        (f"{IMAGE} x --video --relax", "pro", []),
        ("x --stealth", "standard", [("w", "plan_stealth", "stealth")]),
        ("x --stealth", "mega", []),
    ],
)
def test_the_plan_is_considered_where_it_is_known(text, plan, found):
    assert codes(text, plan=plan) == found


def test_custom_zoom_may_zoom():
    assert codes("a dog --zoom 1.8 --ar 3:2", verb="button") == []


def test_the_prompts_own_version_beats_the_accounts():
    assert codes("a dog --exp 5 --v 6", "7") == [("w", "unsupported", "exp")]
    assert codes("a dog --exp 5 --v 7", "6") == []


def test_without_a_version_the_default_of_the_day_decides():
    assert [problem.code for problem in check("a dog --tile", today=date(2026, 6, 9))] == []
    assert [problem.code for problem in check("a dog --tile", today=date(2026, 6, 10))] == ["disputed"]


def test_errors_come_before_warnings():
    assert codes("a dog --exp 5 --foo", "6") == [("e", "unknown_parameter", "foo"), ("w", "unsupported", "exp")]


def test_a_message_says_what_is_wrong_and_what_to_do():
    assert check("a dog --s lots", "7") == (
        Problem("error", "invalid_value", "stylize", "“lots” is not a value for --s. Write it as in --stylize 100."),
    )


def test_permutations_are_left_to_the_expanded_prompts():
    assert codes("a {red, blue} dog --ar {1:1, 16:9} --{raw, tile}") == []


def test_the_longest_prompt_is_accepted():
    assert codes("x" * MAX_LENGTH) == []


def test_a_review_mends_expands_and_checks():
    found = review("a {red, blue} dog —ar 16x9 --exp 5", "6", today=DAY)
    assert found.text == "a {red, blue} dog --ar 16:9 --exp 5"
    assert found.prompts == ("a red dog --ar 16:9 --exp 5", "a blue dog --ar 16:9 --exp 5")
    assert [problem.code for problem in found.problems] == ["unsupported"]
    assert [notice.code for notice in found.notices] == ["dashes", "value"]
    assert (found.count, found.can_be_sent) == (2, True)


def test_a_review_of_too_many_prompts_counts_and_sends_none():
    found = review("{a, b, c} --r 10", limit=20)
    assert (found.count, found.prompts, found.can_be_sent) == (30, (), False)
    assert [problem.code for problem in found.problems] == ["too_many_prompts"]


def test_a_review_finds_the_one_bad_prompt_among_many():
    found = review("x --s {50, 100, lots}", "7", today=DAY)
    assert [(problem.level, problem.code) for problem in found.problems] == [("error", "invalid_value")]
    assert not found.can_be_sent
