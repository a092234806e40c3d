"""Every parameter as data. Source: useapi-v3.md §12, read on `versions.AS_OF`.

A column of that table is one letter of a support string: y yes, n no, ? disputed. The columns are, in order,
V1–V4, V5, V5.1 and V5.2, V6 and V6.1, V7, V8, V8.1, niji 4 and 5, niji 6, niji 7. The table has no column for V1–V4
and V8, so they are disputed unless its notes or both neighbours say more.
"""

from __future__ import annotations

from decimal import Decimal

from midjourney.parameters.model import Conflict, Cost, Kind, Limits, Parameter, Role, Support

_COLUMNS: tuple[tuple[str, ...], ...] = (
    ("1", "2", "3", "4"),
    ("5",),
    ("5.1", "5.2"),
    ("6", "6.1"),
    ("7",),
    ("8",),
    ("8.1",),
    ("niji 4", "niji 5"),
    ("niji 6",),
    ("niji 7",),
)
_LETTERS: dict[str, Support] = {"y": "yes", "n": "no", "?": "disputed"}

_V5 = ("5", "5.1", "5.2")
_V6 = ("6", "6.1")


def _support(letters: str) -> dict[str, Support]:
    columns = zip(_COLUMNS, letters.replace(" ", ""), strict=True)
    return {version: _LETTERS[letter] for versions, letter in columns for version in versions}


def _range(low: str, high: str, step: str = "1") -> Limits:
    return Limits(Decimal(low), Decimal(high), Decimal(step))


def _choices(text: str) -> Limits:
    return Limits(choices=tuple(text.split()))


def _each(versions: tuple[str, ...], limits: Limits) -> dict[str, Limits]:
    return dict.fromkeys(versions, limits)


EVERYWHERE = _support("yyy yyyy yyy")

PARAMETERS: tuple[Parameter, ...] = (
    Parameter(
        "ar", Kind.RATIO, "Aspect ratio", "Width to height of the picture, in whole numbers.",
        aliases=("aspect",), default="1:1", support=EVERYWHERE,
    ),
    Parameter(
        "v", Kind.VERSION, "Version", "The Midjourney model that paints the picture.",
        aliases=("version",), limits=_choices("1 2 3 4 5 5.1 5.2 6 6.1 7 8 8.1"), group="version", support=EVERYWHERE,
    ),
    Parameter(
        "niji", Kind.VERSION, "Niji version", "The model for anime and illustration.",
        limits=_choices("4 5 6 7"), group="version", value_optional=True, support=EVERYWHERE,
    ),
    Parameter(
        "stylize", Kind.INTEGER, "Stylize", "How strongly Midjourney's own taste shapes the picture.",
        aliases=("s",), default="100", limits=_range("0", "1000"), support=_support("?yy yyyy yyy"),
    ),
    Parameter(
        "chaos", Kind.INTEGER, "Chaos", "How much the four pictures differ from each other.",
        aliases=("c",), default="0", limits=_range("0", "100"), support=_support("?yy yyyy yyy"),
    ),
    Parameter(
        "weird", Kind.INTEGER, "Weird", "How unusual the pictures may become.",
        aliases=("w",), default="0", limits=_range("0", "3000"), support=_support("nyy yy?? ???"),
    ),
    Parameter(
        "quality", Kind.DECIMAL, "Quality", "How much GPU time goes into the details.",
        aliases=("q",), default="1", limits=_choices("1 2 4"),
        per_version={
            **_each(("1", "2", "3", "4", *_V5, "niji 4", "niji 5"), _choices("0.25 0.5 1")),
            **_each((*_V6, "niji 6"), _choices("0.5 1 2")),
        },
        support=_support("?yy yy?? yyy"),
    ),
    Parameter(
        "seed", Kind.INTEGER, "Seed", "The starting noise; the same seed and prompt give similar pictures.",
        limits=_range("0", "4294967295"), support=_support("?yy yyyy yyy"),
    ),
    Parameter(
        "no", Kind.WORDS, "Without", "What the picture should not show, separated by commas.",
        support=_support("?yy yy?? yyy"),
    ),
    Parameter(
        "tile", Kind.FLAG, "Tile", "Makes a picture that repeats without a seam.", support=_support("?yy yy?? yyy"),
    ),
    Parameter(
        "raw", Kind.FLAG, "Raw", "Follows the words more literally, with less of Midjourney's own taste.",
        with_video=True, support=_support("nny yyyy ???"),
    ),
    Parameter(
        # Superseded by --raw; the values other than raw belong to V4 and niji 5, which the reference does not list.
        "style", Kind.CHOICE, "Style", "The old name of raw, and the styles of niji 5.",
        limits=_choices("raw 4a 4b 4c cute expressive original scenic"), replaced_by="raw",
        support=_support("??y y??? ???"),
    ),
    Parameter(
        "iw", Kind.DECIMAL, "Image weight", "How strongly the image prompt counts against the words.",
        default="1", limits=_range("0", "3", "0.1"), needs="image",
        per_version=_each((*_V5, "niji 5", "niji 6"), _range("0", "2", "0.1")), support=_support("?yy yyyy yyy"),
    ),
    Parameter(
        "sref", Kind.REFERENCES, "Style reference", "Pictures or style codes whose look is taken over.",
        support=_support("nnn yyyy nyy"),
    ),
    Parameter(
        "sw", Kind.INTEGER, "Style weight", "How strongly the style reference counts.",
        default="100", limits=_range("0", "1000"), needs="sref", support=_support("nnn yyyy nyy"),
    ),
    Parameter(
        # No default: one guide says 4 for V7, the official one is believed to be 6.
        "sv", Kind.INTEGER, "Style version", "Which way of reading style references is used.",
        limits=_range("1", "6"), needs="sref",
        per_version=_each((*_V6, "niji 6"), _range("1", "4")), support=_support("nnn yy?n nyn"),
    ),
    Parameter(
        "cref", Kind.URLS, "Character reference", "Pictures of a character to show again.",
        replaced_by="oref", support=_support("nnn ynnn nyn"),
    ),
    Parameter(
        "cw", Kind.INTEGER, "Character weight", "100 keeps face, hair and clothes; 0 keeps only the face.",
        default="100", limits=_range("0", "100"), needs="cref", support=_support("nnn ynnn nyn"),
    ),
    Parameter(
        # The web application has it; no source says what the bot does with it.
        "edit", Kind.URLS, "Edit", "Pictures that are changed as the words say; up to four.",
        support=_support("nnn nn?? nnn"),
    ),
    Parameter(
        "oref", Kind.URL, "Omni reference", "One picture of a person or thing to put into the scene. Doubles the cost.",
        support=_support("nnn nyyy nnn"),
    ),
    Parameter(
        "ow", Kind.INTEGER, "Omni weight", "How closely the omni reference is kept.",
        default="100", limits=_range("1", "1000"), needs="oref", support=_support("nnn nyyy nnn"),
    ),
    Parameter(
        "profile", Kind.CODES, "Profile", "Your personal taste, or the codes of profiles and moodboards.",
        aliases=("p",), value_optional=True, support=_support("nnn yyyy nyy"),
    ),
    Parameter(
        "exp", Kind.INTEGER, "Experimental", "A second kind of stylize; 5 to 50 is the useful part.",
        default="0", limits=_range("0", "100"), support=_support("nnn nyyy nnn"),
    ),
    Parameter(
        "draft", Kind.FLAG, "Draft", "About ten times faster at half the cost, with less detail.",
        support=_support("nnn ny?? nnn"),
    ),
    Parameter(
        # Only third-party guides of 2026 know it; disputed keeps it from being refused as unknown.
        "hd", Kind.FLAG, "HD", "Larger pictures from the start.", support=_support("nnn nn?? nnn"),
    ),
    Parameter(
        "repeat", Kind.INTEGER, "Repeat", "Runs the prompt several times, as separate jobs.",
        aliases=("r",), default="1", limits=_range("1", "40"), support=EVERYWHERE,
    ),
    Parameter(
        "stop", Kind.INTEGER, "Stop", "Ends early at this percentage, for softer pictures.",
        default="100", limits=_range("10", "100"), support=_support("?yy y??? yyy"),
    ),
    Parameter(
        "fast", Kind.FLAG, "Fast", "Uses the account's fast GPU minutes.",
        group="speed", with_video=True, support=EVERYWHERE,
    ),
    Parameter(
        "relax", Kind.FLAG, "Relax", "Waits its turn and uses no fast GPU minutes. Not on the Basic plan.",
        group="speed", with_video=True, support=EVERYWHERE,
    ),
    Parameter(
        "turbo", Kind.FLAG, "Turbo", "Faster than fast, for twice the GPU minutes.",
        group="speed", with_video=True, support=EVERYWHERE,
    ),
    Parameter(
        "stealth", Kind.FLAG, "Stealth", "Keeps the pictures off Midjourney's website. Pro and Mega plans only.",
        group="visibility", with_video=True, support=EVERYWHERE,
    ),
    Parameter(
        "public", Kind.FLAG, "Public", "Shows the pictures on Midjourney's website.",
        group="visibility", with_video=True, support=EVERYWHERE,
    ),
    Parameter(
        "video", Kind.FLAG, "Video", "Animates the image at the start of the prompt. Costs about eight images.",
        with_video=True, support=EVERYWHERE,
    ),
    Parameter(
        "motion", Kind.CHOICE, "Motion", "How much moves.",
        default="low", limits=_choices("low high"), with_video=True, only="video", support=EVERYWHERE,
    ),
    Parameter(
        "loop", Kind.FLAG, "Loop", "Ends where it begins.", with_video=True, only="video", support=EVERYWHERE,
    ),
    Parameter(
        "end", Kind.URL, "End frame", "The picture that the video ends with, or loop.",
        limits=_choices("loop"), with_video=True, only="video", support=EVERYWHERE,
    ),
    Parameter(
        "bs", Kind.INTEGER, "Batch size", "How many videos are made.",
        default="4", limits=_choices("1 2 4"), with_video=True, only="video", support=EVERYWHERE,
    ),
    Parameter(
        "zoom", Kind.DECIMAL, "Zoom", "How far Custom Zoom pulls back.",
        limits=_range("1", "2", "0.1"), only="button", support=EVERYWHERE,
    ),
)  # fmt: skip

WEIGHTS: dict[str, Support] = _support("?yy yn?? ?y?")
"""Multi-prompts, `a::2 b::-0.5`."""

CONFLICTS: tuple[Conflict, ...] = (
    Conflict(
        "quality_oref", "quality", "4", "oref",
        "--q 4 does not work together with --oref. Use --q 2 or lower, or remove --oref.",
    ),
    Conflict(
        "seed_turbo", "seed", "", "turbo",
        "A seed does not give the same picture again in turbo mode. Remove --turbo if you need it to.",
    ),
)  # fmt: skip

ROLES: tuple[Role, ...] = (
    Role("image", "Image prompt", "Content and colours flow into the picture.", "", "iw"),
    Role("style", "Style", "Only the look is taken over.", "sref", "sw"),
    Role("character", "Character", "The same character appears again.", "cref", "cw"),
    Role("omni", "Omni", "A person or thing is put into the scene. Doubles the cost.", "oref", "ow", most=1),
    Role("edit", "Edit", "The picture itself is changed as the words say. Up to four.", "edit", "", most=4),
    Role("start", "Start frame", "What the video begins with.", "", "", most=1, only="video"),
    Role("end", "End frame", "What the video ends with.", "end", "", most=1, only="video"),
)

ASPECT_RATIOS: tuple[str, ...] = ("1:1", "4:5", "3:4", "2:3", "9:16", "1:2", "5:4", "4:3", "3:2", "16:9", "2:1", "21:9")
"""Those worth a button, square first, then tall, then wide."""

RATIO_LIMITS: dict[str, tuple[Decimal, Decimal]] = {
    "3": (Decimal("0.4"), Decimal("2.5")),
    "4": (Decimal("0.5"), Decimal("2")),
    **dict.fromkeys(_V5, (Decimal("0.5"), Decimal("2"))),
}
"""Width divided by height that a version paints well; for V5 wider is experimental."""

COST = Cost(
    minutes_per_grid=Decimal(1),
    video=Decimal(8),
    video_batch=4,
    draft=Decimal("0.5"),
    oref=Decimal(2),
    turbo=Decimal(2),
    relax=Decimal(0),
)
"""oref, draft and video from the reference; a minute per grid and turbo twice are general knowledge."""
