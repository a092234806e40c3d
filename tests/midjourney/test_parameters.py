"""The parameter data against the table of useapi-v3.md §12."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from midjourney.parameters import (
    ASPECT_RATIOS,
    CONFLICTS,
    PARAMETERS,
    VERSIONS,
    Kind,
    default_version,
    known_version,
    limits,
    parameter,
    parameters_for,
    reference_roles,
    support,
    weights_support,
)

Y, N, D = "yes", "no", "disputed"
COLUMNS = ("5.2", "6.1", "7", "8.1", "niji 5", "niji 6", "niji 7")
TABLE = {
    # name:     V5.2 V6.1 V7 V8.1 niji5 niji6 niji7
    "ar": (Y, Y, Y, Y, Y, Y, Y),
    "stylize": (Y, Y, Y, Y, Y, Y, Y),
    "chaos": (Y, Y, Y, Y, Y, Y, Y),
    "weird": (Y, Y, Y, D, D, D, D),
    "quality": (Y, Y, Y, D, Y, Y, Y),
    "seed": (Y, Y, Y, Y, Y, Y, Y),
    "no": (Y, Y, Y, D, Y, Y, Y),
    "tile": (Y, Y, Y, D, Y, Y, Y),
    "raw": (Y, Y, Y, Y, D, D, D),
    "iw": (Y, Y, Y, Y, Y, Y, Y),
    "sref": (N, Y, Y, Y, N, Y, Y),
    "sw": (N, Y, Y, Y, N, Y, Y),
    "sv": (N, Y, Y, N, N, Y, N),
    "cref": (N, Y, N, N, N, Y, N),
    "cw": (N, Y, N, N, N, Y, N),
    "oref": (N, N, Y, Y, N, N, N),
    "ow": (N, N, Y, Y, N, N, N),
    "profile": (N, Y, Y, Y, N, Y, Y),
    "exp": (N, N, Y, Y, N, N, N),
    "draft": (N, N, Y, D, N, N, N),
    "stop": (Y, Y, D, D, Y, Y, Y),
    "fast": (Y, Y, Y, Y, Y, Y, Y),
    "relax": (Y, Y, Y, Y, Y, Y, Y),
    "turbo": (Y, Y, Y, Y, Y, Y, Y),
    "stealth": (Y, Y, Y, Y, Y, Y, Y),
    "public": (Y, Y, Y, Y, Y, Y, Y),
}


@pytest.mark.parametrize("name", TABLE)
def test_support_is_what_the_table_says(name):
    assert tuple(support(name, version) for version in COLUMNS) == TABLE[name]


def test_weights_are_known_as_the_table_says():
    assert tuple(weights_support(version) for version in COLUMNS) == (Y, Y, N, D, D, Y, D)


def test_raw_begins_with_5_1():
    assert [support("raw", version) for version in ("4", "5", "5.1")] == [N, N, Y]


def test_every_parameter_says_something_about_every_version():
    keys = {version.key for version in VERSIONS}
    assert [spec.name for spec in PARAMETERS if set(spec.support) != keys] == []


def test_what_the_data_does_not_hold_is_disputed():
    assert (support("ar", "9"), support("nothing", "7"), weights_support("9")) == (D, D, D)


@pytest.mark.parametrize(
    ("name", "default", "low", "high"),
    [
        ("stylize", "100", 0, 1000),
        ("chaos", "0", 0, 100),
        ("weird", "0", 0, 3000),
        ("seed", "", 0, 4294967295),
        ("sw", "100", 0, 1000),
        ("cw", "100", 0, 100),
        ("ow", "100", 1, 1000),
        ("exp", "0", 0, 100),
        ("stop", "100", 10, 100),
        ("iw", "1", 0, 3),
        ("sv", "", 1, 6),
    ],
)
def test_ranges_and_defaults_of_v7(name, default, low, high):
    allowed = limits(name, "7")
    spec = parameter(name)
    assert spec is not None
    assert (spec.default, allowed.low, allowed.high) == (default, Decimal(low), Decimal(high))


@pytest.mark.parametrize(
    ("version", "choices"),
    [("7", ("1", "2", "4")), ("6.1", ("0.5", "1", "2")), ("5.2", ("0.25", "0.5", "1"))],
)
def test_quality_depends_on_the_version(version, choices):
    assert limits("quality", version).choices == choices


@pytest.mark.parametrize(("version", "high"), [("5.2", 2), ("6", 3), ("7", 3), ("8.1", 3), ("niji 6", 2)])
def test_image_weight_depends_on_the_version(version, high):
    assert limits("iw", version).high == high


@pytest.mark.parametrize(("version", "high"), [("6", 4), ("6.1", 4), ("7", 6)])
def test_style_version_depends_on_the_version(version, high):
    assert limits("sv", version).high == high


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        *(("aspect", "ar"), ("s", "stylize"), ("c", "chaos"), ("w", "weird"), ("q", "quality"), ("version", "v")),
        *(("p", "profile"), ("r", "repeat"), ("AR", "ar")),
    ],
)
def test_aliases_lead_to_the_parameter(alias, name):
    spec = parameter(alias)
    assert spec is not None
    assert spec.name == name


def test_no_name_belongs_to_two_parameters():
    names = [name for spec in PARAMETERS for name in (spec.name, *spec.aliases)]
    assert len(names) == len(set(names))


def test_video_takes_only_its_own_parameters_raw_speed_and_visibility():
    assert {spec.name for spec in parameters_for("7", video=True)} == {
        *("video", "motion", "raw", "loop", "end", "bs"),
        *("fast", "relax", "turbo", "stealth", "public"),
    }


def test_controls_leave_out_what_a_version_does_not_know():
    names = {spec.name for spec in parameters_for("7")}
    assert "oref" in names
    assert names.isdisjoint({"cref", "cw", "motion", "bs", "zoom"})


@pytest.mark.parametrize(
    ("version", "roles"),
    [
        ("5.2", ["image"]),
        ("6.1", ["image", "style", "character"]),
        ("7", ["image", "style", "omni"]),
        ("8.1", ["image", "style", "omni", "edit"]),
        ("niji 6", ["image", "style", "character"]),
    ],
)
def test_reference_roles_of_a_version(version, roles):
    assert [role.name for role in reference_roles(version)] == roles


def test_a_video_takes_a_first_and_a_last_frame_and_nothing_else():
    assert [role.name for role in reference_roles("7", video=True)] == ["start", "end"]


@pytest.mark.parametrize(
    ("day", "version"),
    [
        (date(2025, 6, 16), "6.1"),
        (date(2025, 6, 17), "7"),
        (date(2026, 6, 9), "7"),
        (date(2026, 6, 10), "8.1"),
        (date(2030, 1, 1), "8.1"),
    ],
)
def test_the_default_model_on_a_day(day, version):
    assert default_version(day) == version


def test_every_value_of_v_and_niji_is_a_known_version():
    keys = [*limits("v", "").choices, *(f"niji {number}" for number in limits("niji", "").choices)]
    assert keys == [version.key for version in VERSIONS]
    known = known_version("niji 6")
    assert known is not None
    assert (known.is_niji, known.number) == (True, "6")


def test_every_parameter_that_another_one_is_about_exists():
    named = {spec.needs for spec in PARAMETERS} | {spec.replaced_by for spec in PARAMETERS}
    named |= {name for conflict in CONFLICTS for name in (conflict.name, conflict.other)}
    assert [name for name in named - {"", "image"} if parameter(name) is None] == []


def test_every_parameter_has_a_label_and_one_sentence_of_help():
    assert [spec.name for spec in PARAMETERS if not spec.label or not spec.help.endswith(".")] == []


def test_the_offered_ratios_start_square_and_are_whole():
    assert ASPECT_RATIOS[0] == "1:1"
    assert all(part.isdigit() for ratio in ASPECT_RATIOS for part in ratio.split(":"))


def test_flags_have_no_default_and_every_number_has_bounds():
    bare = [spec.name for spec in PARAMETERS if spec.is_flag and spec.default]
    open_ended = [
        spec.name
        for spec in PARAMETERS
        if spec.kind in {Kind.INTEGER, Kind.DECIMAL} and spec.limits.low is None and not spec.limits.choices
    ]
    assert (bare, open_ended) == ([], [])
