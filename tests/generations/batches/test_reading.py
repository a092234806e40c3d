"""What is written becomes numbered lines: text, tables, templates, and parameters over and under each other."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generations.batches import merging, reading, tables, templates
from generations.batches.composing import compose, read_shared
from generations.batches.errors import CannotDraft
from generations.batches.reading import Line
from midjourney import prompt as language

# One line of text, as people write it.
words = st.text(st.characters(blacklist_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=40)
cells = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00\r"), max_size=40)


def texts(lines, shared=""):
    return [row.text for row in compose(tuple(lines), read_shared(shared))]


@given(st.lists(words, max_size=30), st.sampled_from(["\n", "\r\n", "\r"]))
def test_every_line_with_words_is_read_once_under_its_own_number(lines, end):
    expected = [
        (number, line.strip())
        for number, line in enumerate(lines, start=1)
        if line.strip().strip("\ufeff") and not line.strip().lstrip("\ufeff").startswith("#")
    ]
    found = reading.read_lines(end.join(lines)).lines
    assert [(line.number, line.text.strip("\ufeff")) for line in found] == [
        (number, text.strip("\ufeff")) for number, text in expected
    ]


@given(st.lists(cells.filter(lambda cell: cell.strip()), min_size=1, max_size=20), st.sampled_from([",", ";", "\t"]))
def test_a_table_that_a_spreadsheet_wrote_gives_its_prompts_back_with_the_line_they_start_on(prompts, delimiter):
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerow(["prompt", "seed"])
    numbers = []
    for prompt in prompts:
        numbers.append(out.getvalue().count("\n") + 1)
        writer.writerow([prompt, ""])
    found = tables.read_table(out.getvalue(), "prompts.csv")
    assert [line.text for line in found.lines] == [" ".join(prompt.split()) for prompt in prompts]
    assert [line.number for line in found.lines] == numbers


@given(st.text(max_size=300))
def test_no_text_makes_reading_a_table_fail_with_anything_but_a_problem(text):
    for filename in ("a.csv", "a.tsv"):
        found = tables.read_table(text, filename)
        assert found.lines or found.problems


@given(st.text(max_size=200), st.text(max_size=200))
def test_no_template_makes_reading_fail_with_anything_but_a_problem(template, variables):
    found = templates.read_template(template, variables)
    assert found.lines or found.problems


def test_a_byte_order_mark_and_quoted_line_ends_are_no_part_of_the_prompt():
    text = reading.decode(b'\xef\xbb\xbfprompt;ar\r\n"a boat\r\nat sea; calm";16:9\r\na dog;\r\n')
    found = tables.read_table(text, "a.csv")
    assert [(line.number, line.text) for line in found.lines] == [(2, "a boat at sea; calm --ar 16:9"), (4, "a dog")]


def test_an_upload_that_is_no_utf8_names_the_line():
    with pytest.raises(CannotDraft, match="line 2"):
        reading.decode("a boat\na caf\xe9".encode("latin-1"), "prompts.txt")


def test_columns_may_be_called_by_any_name_of_the_parameter():
    lines = tables.read_table("Prompt,--Version,s,raw\na boat,v6.1,250,yes\na girl,niji 6,,no\n").lines
    assert [line.text for line in lines] == ["a boat --v 6.1 --stylize 250 --raw", "a girl --niji 6"]


def test_an_unknown_column_is_told_with_what_was_probably_meant():
    found = tables.read_table("prompt,stylise,notes\na boat,100,mine\n")
    assert len(found.lines) == 1
    assert "stylize" in found.notices[0]
    assert "notes" in found.notices[1]


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ("words,ar\na boat,1:1\n", "no column “prompt”"),
        ("prompt,v,version\na,6,7\n", "same parameter"),
        ("prompt,ar,ar\na,1:1,1:1\n", "Two columns"),
        ('prompt\n"a boat\n', "quotation mark"),
        ("", "empty"),
        ("prompt\n", "no rows"),
    ],
)
def test_a_table_that_makes_no_sense_says_why(table, says):
    [problem] = tables.read_table(table).problems
    assert says in problem


def test_a_row_with_too_many_cells_or_a_wrong_value_cannot_work_and_the_others_can():
    table = "prompt,ar,tile\na red, old boat, at sea,16:9\na dog,16:9 4:3,\na cat,,perhaps\nan owl,,,x\na fox,2:3,1\n"
    found = tables.read_table(table)
    assert [line.number for line in found.lines if line.problem] == [2, 3, 4, 5]
    assert found.lines[4].text == "a fox --ar 2:3 --tile"


def test_a_lines_own_parameter_wins_over_the_shared_one_also_where_it_is_the_default():
    lines = [Line(1, "a boat --ar 1:1 --niji 6"), Line(2, "a dog"), Line(3, "a cat --fast --style raw")]
    assert texts(lines, "--ar 16:9 --v 7 --relax") == [
        "a boat --ar 1:1 --niji 6 --relax",
        "a dog --ar 16:9 --v 7 --relax",
        "a cat --fast --raw --ar 16:9 --v 7",
    ]


def test_a_cell_that_says_no_keeps_a_shared_flag_away():
    lines = tables.read_table("prompt,tile\na boat,no\na dog,\n").lines
    assert texts(lines, "--tile") == ["a boat", "a dog --tile"]


def test_braces_and_repeat_make_several_prompts_of_one_line_also_in_shared_parameters():
    rows = compose((Line(4, "a {red, blue} boat"), Line(5, "a dog --repeat 3")), read_shared("--ar {1:1, 2:3}"))
    assert [row.text for row in rows if row.number == 4] == [
        f"a {color} boat --ar {ratio}" for color in ("red", "blue") for ratio in ("1:1", "2:3")
    ]
    assert len([row for row in rows if row.number == 5]) == 6
    assert [row.position for row in rows] == list(range(1, 11))


def test_shared_words_and_unknown_shared_parameters_are_refused():
    for shared, says in (("a boat --ar 1:1", "two dashes"), ("--stylish 4", "not a Midjourney parameter")):
        with pytest.raises(CannotDraft, match=says):
            read_shared(shared)


@given(st.sampled_from(["--ar 16:9", "--v 7", "--no a, b", "--relax", "--tile"]), words)
def test_laying_below_changes_no_parameter_of_the_prompt_itself(shared, text):
    own = language.parse(text)
    merged = merging.below(own, language.parse(shared))
    assert merged.parameters[: len(own.parameters)] == own.parameters
    assert merged.words == own.words


def test_a_template_takes_every_combination_of_its_variables():
    found = templates.read_template(
        "a {{ Subject }} in {{style}}", "# mine\nsubject: boat | old dog\nstyle: ink | oil | {red, blue} chalk\n"
    )
    assert [line.text for line in found.lines] == [
        f"a {subject} in {style}" for subject in ("boat", "old dog") for style in ("ink", "oil", "{red, blue} chalk")
    ]
    assert [line.number for line in found.lines] == [1, 2, 3, 4, 5, 6]


def test_a_template_with_a_table_takes_it_row_by_row_and_other_columns_as_parameters():
    found = templates.read_template("a {{subject}} in {{style}}", "subject,style,ar\nboat,ink,2:3\ndog,,1:1\n")
    assert (found.lines[0].number, found.lines[0].text) == (2, "a boat in ink --ar 2:3")
    assert "{{style}}" in found.lines[1].problem


def test_values_are_put_in_once_and_not_looked_at_again():
    found = templates.read_template("{{a}} and {{b}}", "a: {{b}}\nb: x")
    assert [line.text for line in found.lines] == ["{{b}} and x"]


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ("style: ink", "no values for {{subject}}"),
        ("subject: dog\ncolour: red", "no {{colour}}"),
        ("subject,colour\ndog,red\n", "no {{colour}}"),
        ("", "no values for {{subject}}"),
        ("subject: a\nsubject: b", "given twice"),
        ("subject: " + " | ".join(map(str, range(10_001))), "10,001"),
    ],
)
def test_a_missing_or_unknown_variable_is_told_by_its_name(variables, says):
    [problem] = templates.read_template("a {{subject}}", variables).problems
    assert says in problem
