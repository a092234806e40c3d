"""The panel and the text say the same."""

from __future__ import annotations

import pytest

from midjourney.prompt import FormValues, PromptSyntaxError, from_form, parse, to_form, update


def test_the_panel_shows_what_the_text_says():
    text = "https://a.b/c a dog --AR 16:9 --v 7.0 --s 50 --no cats, text --style raw --p --relax --stealth --sref 1 2"
    assert to_form(parse(text)) == FormValues(
        image_urls="https://a.b/c",
        ar="16:9",
        version="7",
        stylize="50",
        no="cats, text",
        raw=True,
        profile="default",
        speed="relax",
        visibility="stealth",
        sref="1 2",
    )


def test_an_empty_text_has_an_empty_panel():
    assert to_form(parse("a dog")) == FormValues()


@pytest.mark.parametrize(
    ("text", "change", "changed"),
    [
        ("a dog", {"ar": "16:9"}, "a dog --ar 16:9"),
        ("", {"ar": "16:9"}, "--ar 16:9"),
        ("a  dog\n--s 50  --ar 1:1 --tile", {"stylize": "250"}, "a  dog\n--s 250  --ar 1:1 --tile"),
        ("a dog --ar16:9 --tile", {"ar": "3:2"}, "a dog --ar 3:2 --tile"),
        ("a dog --s 50 --ar 1:2 --tile", {"ar": ""}, "a dog --s 50 --tile"),
        ("--ar 1:2 --tile", {"ar": ""}, "--tile"),
        ("a dog --s 50", {"stylize": "100"}, "a dog"),
        ("a dog --q 2", {"quality": "1.0"}, "a dog"),
        ("a dog --s 100", {"stylize": "100"}, "a dog --s 100"),
        ("a dog --s 5 --ar 1:2 --s 6", {"stylize": "7"}, "a dog --ar 1:2 --s 7"),
        ("a dog --s 5 --ar 1:2 --s 6", {"stylize": ""}, "a dog --ar 1:2"),
        ("a dog --tile", {"tile": False}, "a dog"),
        ("a dog", {"tile": True}, "a dog --tile"),
        ("a dog --style raw --tile", {"raw": False}, "a dog --tile"),
        ("a dog --style cute", {"raw": True}, "a dog --style cute --raw"),
        ("a dog --version 6 --tile", {"version": "7"}, "a dog --version 7 --tile"),
        ("a dog --v 6 --tile", {"version": "niji 6"}, "a dog --niji 6 --tile"),
        ("a dog --niji 6", {"version": "8.1"}, "a dog --v 8.1"),
        ("a dog --v 6", {"version": ""}, "a dog"),
        ("a dog --v 7.0", {"version": "7"}, "a dog --v 7.0"),
        ("a dog --fast --tile", {"speed": "relax"}, "a dog --relax --tile"),
        ("a dog --fast", {"speed": ""}, "a dog"),
        ("a dog --no a --tile --no b", {"no": "c, d"}, "a dog --tile --no c, d"),
        ("a dog --p abc", {"profile": "default"}, "a dog --p"),
        ("a dog", {"image_urls": "https://a.b/c"}, "https://a.b/c a dog"),
        ("https://a.b/c  a dog", {"image_urls": "https://d.e/f https://g.h/i"}, "https://d.e/f https://g.h/i a dog"),
        ("https://a.b/c a dog", {"image_urls": ""}, "a dog"),
        ("a dog --ar {1:1, 2:3}", {"ar": "16:9"}, "a dog --ar 16:9"),
        ("a dog --foo bar --tile", {"tile": False, "ar": "1:2"}, "a dog --foo bar --ar 1:2"),
    ],
)
def test_a_change_touches_its_own_parameter_only(text, change, changed):
    assert update(text, **change) == changed


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("ar", "16:9 --v 7"),
        ("ar", "16:9 dog"),
        ("no", "cats --tile"),
        ("sref", "1 dog"),
        ("ar", "{1:1"),
        ("version", "niji six"),
        ("speed", "ludicrous"),
        ("image_urls", "a dog"),
    ],
)
def test_a_value_that_would_say_something_else_is_refused(field, value):
    with pytest.raises(PromptSyntaxError, match="is not") as caught:
        update("a dog", **{field: value})
    assert caught.value.code == "bad_value"


def test_an_unknown_key_is_a_programming_error():
    with pytest.raises(TypeError, match="foo"):
        update("a dog", foo="1")


def test_a_form_becomes_a_text_in_a_steady_order():
    values = FormValues(version="7", ar="16:9", image_urls="https://a.b/c", stylize="50", raw=True, speed="turbo")
    assert from_form(values, "a dog") == "https://a.b/c a dog --ar 16:9 --stylize 50 --raw --v 7 --turbo"


def test_words_that_carry_parameters_give_way_to_the_form():
    assert from_form(FormValues(ar="16:9"), "a dog --ar 1:2 --tile") == "a dog --ar 16:9"
