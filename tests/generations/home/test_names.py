"""Names by a pattern: safe on every system, never twice the same, and clear about what they cannot be."""

import re
import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generations.home import naming
from tests.generations.home.conftest import put

RESERVED = re.compile(r"(con|prn|aux|nul|com[1-9]|lpt[1-9])(\.|$)", re.IGNORECASE)


def is_safe(name: str) -> bool:
    return (
        0 < len(name) <= naming.LONGEST - naming.LONGEST_ENDING
        and len(name.encode()) <= 250
        and not re.search(r'[\\/:*?"<>|\x00-\x1f\x7f]', name)
        and not name.endswith((" ", "."))
        and not name.startswith((".", " ", "-"))
        and not RESERVED.match(name)
    )


ODD = st.lists(st.sampled_from(["con", "COM1", ".", "..", "/", "\\", " ", "x" * 200, "é", "e\u0301", "😀" * 90]))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(st.text(max_size=300), ODD.map("".join)))
def test_any_text_becomes_a_safe_name(text):
    name = naming.clean(text)
    assert is_safe(name)
    assert naming.clean(name) == name


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.one_of(st.sampled_from(["a", "A", "a (2)", "é", "e\u0301", "x" * 115, "😀" * 60]), st.text()), max_size=40
    )
)
def test_no_two_names_are_the_same_on_any_system(texts):
    names = naming.Names()
    made = [names.unique(naming.clean(text)) for text in texts]
    assert all(is_safe(name) for name in made)
    assert len({unicodedata.normalize("NFC", name).casefold() for name in made}) == len(texts)


def test_many_of_one_name_are_numbered_quickly():
    names = naming.Names()
    made = [names.unique("boat") for _ in range(20_000)]
    assert made[:3] == ["boat", "boat (2)", "boat (3)"]
    assert len(set(made)) == 20_000


def test_placeholders_are_filled_with_what_is_known(mia):
    image = put(mia, text="a boat: red/blue --seed 7 --v 7", position=3)
    pattern = "{date} {prompt} {seed} {model} {number} {job} {position} {kind}"
    day = image.created_at.strftime("%Y-%m-%d")
    expected = f"{day} a boat red blue 7 7 0042 {str(image.job.ref)[:8]} 3 single"
    assert naming.stem(image, pattern, "0042") == expected


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("", "Write what"),
        ("{author}", "nothing called {author}"),
        ("{}", "nothing called {}"),
        ("{0}", "nothing called {0}"),
        ("{prompt.__class__}", "nothing called"),
        ("{prompt!r}", "nothing called {prompt!r}"),
        ("{seed:>10000000}", "cannot hold :"),
        ("{prompt", "no partner"),
        ("prompt}", "no partner"),
        ("../{prompt}", "cannot hold /"),
        ("a\\b", "cannot hold \\"),
        ("a\x00b", "a control character"),
        ("x" * 121, "at most 120"),
    ],
)
def test_a_pattern_that_cannot_be_used_is_said_before(pattern, says):
    with pytest.raises(naming.BadPattern, match=re.escape(says)):
        naming.check(pattern)
