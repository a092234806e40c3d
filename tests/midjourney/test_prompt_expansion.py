"""Permutations and repeats."""

from __future__ import annotations

import pytest

from midjourney.prompt import (
    PromptSyntaxError,
    TooManyPrompts,
    count_expanded,
    expand,
    expansion_problem,
    is_single,
)


@pytest.mark.parametrize(
    ("text", "prompts"),
    [
        ("a dog", ("a dog",)),
        ("a  dog\nruns", ("a  dog\nruns",)),
        ("a {red, blue} dog", ("a red dog", "a blue dog")),
        ("{a, b} {c, d}", ("a c", "a d", "b c", "b d")),
        ("{a, {b, c} d}s", ("as", "b ds", "c ds")),
        ("a {big, } dog", ("a big dog", "a dog")),
        ("a {red} dog", ("a red dog",)),
        ("a {} dog", ("a dog",)),
        ("{a, a}", ("a", "a")),
        ("x --ar {1:1, 16:9}", ("x --ar 1:1", "x --ar 16:9")),
        ("x --{v 7, niji 6}", ("x --v 7", "x --niji 6")),
        ("a {dog --ar 1:1, cat --ar 2:3}", ("a dog --ar 1:1", "a cat --ar 2:3")),
        ("{red, pastel \\, yellow} bird", ("red bird", "pastel , yellow bird")),
        ("{a, b} \\{c, d\\}", ("a \\{c, d\\}", "b \\{c, d\\}")),
        ("a \\{b, c\\}", ("a \\{b, c\\}",)),
        ("{a\\}, b}", ("a\\}", "b")),
        ("back\\slash {a, b}", ("back\\slash a", "back\\slash b")),
    ],
)
def test_braces_become_single_prompts_in_order(text, prompts):
    assert expand(text) == prompts
    assert count_expanded(text) == len(prompts)


@pytest.mark.parametrize(
    ("text", "prompts"),
    [
        ("x --repeat 3 --raw", ("x --raw",) * 3),
        ("x --r 2", ("x",) * 2),
        ("x --r2", ("x",) * 2),
        ("x --repeat 1", ("x",)),
        ("x --r 2 --r 3", ("x",) * 3),
        ("{a, b} --repeat 2", ("a", "a", "b", "b")),
    ],
)
def test_a_repeat_becomes_that_many_prompts_without_it(text, prompts):
    assert expand(text) == prompts
    assert count_expanded(text) == len(prompts)


def test_a_huge_number_is_counted_and_refused_without_being_built():
    text = " ".join(["{" + ",".join("x" * 40) + "}"] * 5)
    assert count_expanded(text) == 40**5
    with pytest.raises(TooManyPrompts, match="more than a million") as caught:
        expand(text)
    assert (caught.value.count, caught.value.limit) == (40**5, 500)


def test_the_limit_is_the_callers():
    assert len(expand("{a, b, c}", limit=3)) == 3
    with pytest.raises(TooManyPrompts, match="This makes 4 prompts, and at most 3"):
        expand("{a, b, c, d}", limit=3)
    with pytest.raises(TooManyPrompts):
        expand("x --repeat 4", limit=3)


def test_braces_may_nest_deeply():
    assert expand("{" * 3000 + "x" + "}" * 3000) == ("x",)


@pytest.mark.parametrize(
    ("text", "code", "position"),
    [
        ("a {red, blue dog", "unbalanced_braces", 2),
        ("a red} dog", "unbalanced_braces", 5),
        ("{a} {b", "unbalanced_braces", 4),
        ("a } {", "unbalanced_braces", 2),
        ("x --repeat", "bad_repeat", 2),
        ("x --repeat 0", "bad_repeat", 2),
        ("x --repeat two", "bad_repeat", 2),
        ("x --repeat -1", "bad_repeat", 2),
        ("x --repeat 2 dogs", "bad_repeat", 2),
        ("x --repeat {2, 3}", "bad_repeat", 2),
        ("{a --repeat 2, b}", "repeat_in_braces", 3),
    ],
)
def test_what_cannot_be_expanded_says_where_and_what_to_do(text, code, position):
    with pytest.raises(PromptSyntaxError) as caught:
        expand(text)
    assert (caught.value.code, caught.value.position) == (code, position)
    with pytest.raises(PromptSyntaxError):
        count_expanded(text)
    problem = expansion_problem(text)
    assert problem is not None
    assert (problem.level, problem.code) == ("error", code)


def test_a_repeat_put_together_out_of_pieces_is_refused():
    with pytest.raises(PromptSyntaxError, match="inside braces"):
        expand("x --{r, repeat} 2")


def test_single_means_that_one_job_starts():
    assert is_single("a dog \\{x\\} {")
    assert not is_single("a {dog}")
    assert not is_single("a dog --r 2")


def test_what_can_be_expanded_has_no_problem():
    assert expansion_problem("{a, b} --r 2") is None
    problem = expansion_problem("{a, b} --r 2", limit=3)
    assert problem is not None
    assert problem.code == "too_many_prompts"
