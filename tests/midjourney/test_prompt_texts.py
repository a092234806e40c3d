"""What the prompt language promises for any text at all."""

from __future__ import annotations

from dataclasses import asdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from midjourney.parameters import PARAMETERS
from midjourney.prompt import (
    FormValues,
    PromptSyntaxError,
    TooManyPrompts,
    aspect_ratio,
    build,
    check,
    count_expanded,
    expand,
    from_form,
    gpu_minutes,
    is_single,
    lane,
    normalise,
    parse,
    review,
    speed,
    summary,
    to_form,
    update,
)

NAMES = [name for spec in PARAMETERS for name in (spec.name, *spec.aliases)]
SNIPPETS = [
    *("--", "—", "–", "‒", "―", "−", "-", "‐", "::", "::2", "::-0.5"),
    *("{", "}", ",", "\\", "\\{", "\\}", "\\,", "<", ">"),
    *(" ", "  ", "\n", "\t", "\u00a0", "\u2028", "\x1c", "\x85", "\u200b", "\ufeff", "\u200d", "\u2060", "\x00"),
    *("https://a.b/c.png", "<https://a.b/c>", "http://x", "ftp://x", "data:image/png;base64,AA==", "https://"),
    *("a", "dog", "16:9", "16x9", "16/9", "1.5:1", "7", "7.0", "100", ".5", "-5", "1", "4", "=", ":", "=7"),
    *("{a, b}", "{--ar 1:1, --ar 2:3}", "{1:1, 16:9}", " --foo", " --foo bar", " --AR 3:2", " --r 2"),
    *("raw", "loop", "random", "É", "🏝️", "ſ", "İ"),
]
PIECES = st.one_of(
    st.sampled_from(SNIPPETS),
    st.sampled_from([pattern.format(name) for name in NAMES for pattern in (" --{} ", "--{}", " —{}")]),
    st.text(max_size=8),
)
ANY_TEXT = st.one_of(st.lists(PIECES, max_size=14).map("".join), st.lists(PIECES, max_size=14).map(" ".join), st.text())

VALUES: dict[str, st.SearchStrategy[str | bool]] = {
    "image_urls": st.sampled_from(["", "https://a.b/c.png", "https://a.b/c.png http://d.e/f"]),
    "ar": st.sampled_from(["", "16:9", "2:3", "{1:1, 16:9}"]),
    "stylize": st.sampled_from(["", "0", "250"]),
    "chaos": st.sampled_from(["", "5"]),
    "weird": st.sampled_from(["", "300"]),
    "exp": st.sampled_from(["", "20"]),
    "quality": st.sampled_from(["", "2", ".5"]),
    "seed": st.sampled_from(["", "0", "4294967295"]),
    "stop": st.sampled_from(["", "50"]),
    "iw": st.sampled_from(["", "1.5"]),
    "sref": st.sampled_from(["", "random", "123", "https://a.b/c 99::2 random"]),
    "sw": st.sampled_from(["", "50"]),
    "sv": st.sampled_from(["", "4"]),
    "cref": st.sampled_from(["", "https://a.b/c https://d.e/f"]),
    "cw": st.sampled_from(["", "0"]),
    "oref": st.sampled_from(["", "https://a.b/c"]),
    "ow": st.sampled_from(["", "400"]),
    "profile": st.sampled_from(["", "default", "abc1234", "abc1234 m123"]),
    "zoom": st.sampled_from(["", "1.8"]),
    "tile": st.booleans(),
    "raw": st.booleans(),
    "draft": st.booleans(),
    "hd": st.booleans(),
    "video": st.booleans(),
    "motion": st.sampled_from(["", "high"]),
    "loop": st.booleans(),
    "end": st.sampled_from(["", "loop", "https://a.b/c"]),
    "bs": st.sampled_from(["", "1", "2"]),
    "no": st.sampled_from(["", "people", "red cars, text", "a, b"]),
    "repeat": st.sampled_from(["", "3"]),
    "version": st.sampled_from(["", "7", "8.1", "niji 6", "niji"]),
    "speed": st.sampled_from(["", "fast", "relax", "turbo"]),
    "visibility": st.sampled_from(["", "stealth", "public"]),
}
CHANGES = st.sampled_from(sorted(VALUES)).flatmap(lambda field: st.tuples(st.just(field), VALUES[field]))
ANY_FORM = st.builds(FormValues, **VALUES)

thorough = settings(max_examples=150, deadline=None)


@thorough
@given(ANY_TEXT)
def test_a_prompt_that_is_built_reads_back_as_the_same_prompt(text):
    prompt = parse(text)
    assert parse(build(prompt)) == prompt


@thorough
@given(ANY_TEXT)
def test_reading_loses_nothing_but_whitespace_and_brackets(text):
    def visible(anything):
        return "".join(anything.split()).replace("<", "").replace(">", "")

    assert visible(build(parse(text))) == visible(text)


@thorough
@given(ANY_TEXT)
def test_mending_twice_changes_nothing_more(text):
    once = normalise(text).text
    assert normalise(once).text == once


@thorough
@given(ANY_TEXT)
def test_mended_text_has_no_whitespace_to_spare(text):
    mended = normalise(text).text
    assert mended == " ".join(mended.split())


@thorough
@given(st.text(alphabet=st.characters(exclude_characters="-‐‑‒–—―−<>:", exclude_categories=["Cs"])))
def test_mending_leaves_words_alone(text):
    assert normalise(text).text == " ".join(text.split())


@thorough
@given(ANY_TEXT)
def test_no_text_upsets_the_checks_or_the_short_answers(text):
    prompt = parse(text)
    assert check(text) == check(prompt)
    assert all(problem.message.endswith(".") for problem in check(prompt))
    assert min(aspect_ratio(prompt)) > 0
    assert lane(prompt) in {"image", "video"}
    assert speed(prompt) in {"", "fast", "relax", "turbo"}
    assert 0 <= gpu_minutes(prompt) <= 32
    assert summary(prompt)


@thorough
@given(ANY_TEXT)
def test_expanding_makes_as_many_single_prompts_as_counted(text):
    try:
        count = count_expanded(text)
        prompts = expand(text, limit=64) if count <= 64 else ()
    except PromptSyntaxError:
        return
    if count > 64:
        with pytest.raises(TooManyPrompts) as caught:
            expand(text, limit=64)
        assert caught.value.count == count
        return
    assert len(prompts) == count
    assert all(map(is_single, prompts))
    assert [expand(prompt) for prompt in prompts] == [(prompt,) for prompt in prompts]


@thorough
@given(ANY_TEXT)
def test_a_review_sends_only_single_prompts(text):
    found = review(text, limit=16)
    assert all(map(is_single, found.prompts))
    assert found.can_be_sent == (bool(found.prompts) and not any(problem.is_error for problem in found.problems))


@thorough
@given(ANY_TEXT, CHANGES)
def test_a_change_shows_in_the_panel(text, change):
    field, value = change
    changed = update(text, **{field: value})
    assert asdict(to_form(parse(changed)))[field] == value


@thorough
@given(ANY_TEXT, CHANGES)
def test_a_change_leaves_words_and_every_other_value_alone(text, change):
    field, value = change
    before = parse(text)
    if before.leftovers:  # stray text changes its owner when what stood before it goes
        return
    after = parse(update(text, **{field: value}))
    assert after.words == before.words
    assert {**asdict(to_form(after)), field: None} == {**asdict(to_form(before)), field: None}


@thorough
@given(ANY_TEXT)
def test_setting_what_the_text_says_already_leaves_it_as_typed(text):
    prompt = parse(text)
    doubled = {argument.name for argument in prompt.parameters if len(prompt.all(argument.name)) > 1}
    if doubled or prompt.leftovers:
        return
    values = {name: value for name, value in asdict(to_form(prompt)).items() if value}
    for name, value in values.items():
        rivals = len(prompt.all("v", "niji")) > 1 if name == "version" else False
        if name not in {"speed", "visibility", "raw"} and not rivals:
            assert update(text, **{name: value}) == text


@thorough
@given(ANY_FORM)
def test_a_form_survives_its_text(values):
    prompt = parse(from_form(values, "a dog"))
    assert (prompt.words, to_form(prompt)) == ("a dog", values)


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(SNIPPETS), st.sampled_from(SNIPPETS), st.integers(1000, 5000))
def test_long_monotonous_texts_are_read_without_trouble(first, second, times):
    text = (first + second) * times
    assert parse(build(parse(text))) == parse(text)
    assert normalise(text[:5000]).text is not None
    assert review(text[:5000], limit=2).text is not None
