"""Short answers about a prompt: its model, shape, lane, speed, a line for the card, and about what it costs."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Literal

from midjourney.parameters import COST, CURRENT_NIJI, default_version, support
from midjourney.prompt.syntax import Argument, Prompt

Speed = Literal["fast", "relax", "turbo", ""]
SPEEDS: tuple[Speed, ...] = ("fast", "relax", "turbo")
VISIBILITIES = ("stealth", "public")

RATIO = re.compile(r"0*([1-9][0-9]{0,4})[:xX×/]0*([1-9][0-9]{0,4})$")
_NUMBER = re.compile(r"[0-9]{1,3}(\.[0-9]{1,2})?$|\.[0-9]{1,2}$")
_ZEROS = re.compile(r"\.0+$")


def stated_version(prompt: Prompt) -> str:
    """The version that the prompt names, as a key ("7", "niji 6", bare "niji"); "" where it names none."""
    argument = prompt.last("v", "niji")
    return version_key(argument) if argument else ""


def version_key(argument: Argument) -> str:
    """The key of the version that a --v or --niji chooses; Midjourney itself writes --v 7 as --v 7.0."""
    number = _ZEROS.sub("", argument.value)
    return number if argument.name == "v" else f"niji {number}".strip()


def effective_version(prompt: Prompt, default: str = "", *, today: date | None = None) -> str:
    """The key of the model that will paint this: the prompt's own, else `default` (the account's setting where it is
    known), else Midjourney's default on `today`. May be a version that the data does not know."""
    stated = stated_version(prompt)
    if stated == "niji":
        return CURRENT_NIJI
    return stated or default or default_version(today or date.today())


def aspect_ratio(prompt: Prompt) -> tuple[int, int]:
    """Width and height as the prompt asks for, (1, 1) where it does not or not readably. A video takes the shape of
    its start image, which the prompt does not tell."""
    match = RATIO.match(prompt.value("ar"))
    return (int(match[1]), int(match[2])) if match else (1, 1)


def lane(prompt: Prompt) -> Literal["image", "video"]:
    """The capacity lane that the job takes a slot of."""
    return "video" if prompt.has("video") else "image"


def speed(prompt: Prompt) -> Speed:
    """The speed that the prompt asks for, "" for the account's own."""
    argument = prompt.last(*SPEEDS)
    return next((name for name in SPEEDS if argument and argument.name == name), "")


def summary(prompt: Prompt, default: str = "") -> str:
    """One line for a card, such as `16:9 · v7 · s100`. The version is left out where neither prompt nor `default`
    says it, and so is what the prompt leaves to the account."""
    version = effective_version(prompt, default) if default or stated_version(prompt) else ""
    if lane(prompt) == "video":
        head = ["video", f"{prompt.value('motion') or 'low'} motion", "loop" if prompt.has("loop") else ""]
    else:
        width, height = aspect_ratio(prompt)
        head = [f"{width}:{height}", f"v{version}" if version[:1].isdigit() else version]
    letters = (("s", "stylize"), ("c", "chaos"), ("w", "weird"), ("q", "quality"), ("exp ", "exp"), ("stop ", "stop"))
    numbers = [f"{letter}{prompt.value(name)}" for letter, name in letters if prompt.value(name)]
    flags = [name for name in ("raw", "tile", "draft", "hd", "sref", "cref", "oref") if prompt.has(name)]
    pieces = (*head, *numbers, *flags, speed(prompt))
    return " · ".join(piece[:20] for piece in pieces if piece)  # values are as typed, and may be anything


def relative_cost(prompt: Prompt, default: str = "", *, today: date | None = None) -> Decimal:
    """GPU use of one run in relation to one ordinary grid in fast mode, whatever the speed. An estimate: nobody
    publishes exact numbers, upscales and HD are unknown, and the shape of the picture counts a little as well."""
    if lane(prompt) == "video":
        clips = _number(prompt.value("bs")) or Decimal(COST.video_batch)
        return COST.video * min(clips, Decimal(COST.video_batch)) / COST.video_batch
    version = effective_version(prompt, default, today=today)

    def counts(name: str) -> bool:
        return prompt.has(name) and support(name, version) != "no"

    cost = (_number(prompt.value("quality")) or Decimal(1)) if counts("quality") else Decimal(1)
    if counts("oref"):
        cost *= COST.oref
    if counts("draft"):
        cost *= COST.draft
    return min(cost, Decimal(16))


def gpu_minutes(prompt: Prompt, default: str = "", *, account_speed: Speed = "", today: date | None = None) -> Decimal:
    """About how many fast GPU minutes one run uses up: 0 in relax, twice as many in turbo.

    `account_speed` is the account's own mode, for prompts that name none. An estimate for people; see relative_cost.
    """
    factor = {"relax": COST.relax, "turbo": COST.turbo}.get(speed(prompt) or account_speed, Decimal(1))
    return relative_cost(prompt, default, today=today) * COST.minutes_per_grid * factor


def _number(text: str) -> Decimal | None:
    return Decimal(text) if _NUMBER.match(text) else None
