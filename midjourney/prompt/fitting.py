"""How the parameters of a prompt fit its version, each other and the account's plan. Warnings only."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from midjourney.parameters import (
    CONFLICTS,
    CURRENT_NIJI,
    RATIO_LIMITS,
    Kind,
    Parameter,
    known_version,
    limits,
    parameter,
    support,
)
from midjourney.prompt.errors import Problem
from midjourney.prompt.reading import RATIO, speed, stated_version
from midjourney.prompt.syntax import Argument, Prompt
from midjourney.prompt.values import NUMBER

_PLANS_WITH_STEALTH = {"pro", "mega"}


def fitting(prompt: Prompt, version: str, plan: str, verb: str) -> Iterator[Problem]:
    """The warnings about a prompt that is painted by `version`."""
    video = prompt.has("video")
    for argument in prompt.parameters:
        spec = argument.spec
        if spec is None:
            continue
        yield from _place(argument, spec, video, verb)
        if not video:
            yield from _version(argument, spec, version)
            yield from _needs(prompt, argument, spec)
        yield from _range(argument, spec, version)
    yield from _model(prompt)
    yield from _conflicts(prompt)
    yield from _plan(prompt, plan)


def _warning(code: str, name: str, message: str) -> Problem:
    return Problem("warning", code, name, message)


def _place(argument: Argument, spec: Parameter, video: bool, verb: str) -> Iterator[Problem]:
    written = f"--{argument.alias}"
    if spec.only == "video" and not video:
        yield _warning("video_only", spec.name, f"{written} is for videos only. Add --video or remove {written}.")
    elif spec.only == "button" and verb != "button":
        yield _warning("zoom_only", spec.name, f"{written} is for the Custom Zoom button only. Remove it here.")
    elif video and not spec.with_video and not _raw_by_its_old_name(argument):
        message = f"Videos ignore {written}. Remove it; a video takes its shape and look from its first frame."
        yield _warning("not_for_video", spec.name, message)


def _raw_by_its_old_name(argument: Argument) -> bool:
    return argument.name == "style" and argument.value.lower() == "raw"


def _version(argument: Argument, spec: Parameter, version: str) -> Iterator[Problem]:
    written, known = f"--{argument.alias}", support(spec.name, version)
    if known == "no" and spec.replaced_by and support(spec.replaced_by, version) != "no":
        message = f"Version {version} no longer knows {written}. Use --{spec.replaced_by} instead."
        yield _warning("replaced", spec.name, message)
    elif known == "no":
        message = f"Version {version} does not know {written}. Remove it or choose another version."
        yield _warning("unsupported", spec.name, message)
    elif known == "disputed" and known_version(version) and not _raw_by_its_old_name(argument):
        message = f"It is disputed whether version {version} knows {written}. Send it if you like; it may be refused."
        yield _warning("disputed", spec.name, message)


def _needs(prompt: Prompt, argument: Argument, spec: Parameter) -> Iterator[Problem]:
    written = f"--{argument.alias}"
    if spec.needs == "image" and not prompt.image_urls:
        message = f"{written} does nothing without an image. Put an image address at the start, or remove {written}."
        yield _warning("needs_image", spec.name, message)
    elif spec.needs and spec.needs != "image" and not prompt.has(spec.needs):
        message = f"{written} does nothing without --{spec.needs}. Add --{spec.needs}, or remove {written}."
        yield _warning("needs_other", spec.name, message)


def _range(argument: Argument, spec: Parameter, version: str) -> Iterator[Problem]:
    if spec.kind is Kind.VERSION or not argument.values:
        return
    written, value, allowed = f"--{argument.alias}", argument.values[0], limits(spec.name, version)
    if spec.kind is Kind.RATIO:
        yield from _ratio(spec, value, version)
    elif spec.kind in {Kind.INTEGER, Kind.DECIMAL} and NUMBER.match(value):
        number = Decimal(value)
        if allowed.choices and number not in map(Decimal, allowed.choices):
            yield _not_a_choice(spec, written, value, allowed.choices)
        elif allowed.low is not None and allowed.high is not None and not allowed.low <= number <= allowed.high:
            message = f"{written} {value} is out of range. Use {allowed.low} to {allowed.high}."
            yield _warning("out_of_range", spec.name, message)
    elif spec.kind is Kind.CHOICE and value.lower() not in allowed.choices and "{" not in value:
        yield _not_a_choice(spec, written, value, allowed.choices)


def _not_a_choice(spec: Parameter, written: str, value: str, choices: tuple[str, ...]) -> Problem:
    listed = ", ".join(choices)
    message = f"{written} {value[:20]} is not one of the known values. Use one of {listed}."
    return _warning("out_of_range", spec.name, message)


def _ratio(spec: Parameter, value: str, version: str) -> Iterator[Problem]:
    match, bounds = RATIO.match(value), RATIO_LIMITS.get(version)
    if match and bounds and not bounds[0] <= Decimal(match[1]) / Decimal(match[2]) <= bounds[1]:
        message = f"Version {version} is not made for pictures as narrow or wide as {value}. Expect odd results."
        yield _warning("out_of_range", spec.name, message)


def _model(prompt: Prompt) -> Iterator[Problem]:
    stated = stated_version(prompt)
    argument = prompt.last("v", "niji")
    if argument is None or "{" in stated:
        return
    if stated == "niji":
        number = CURRENT_NIJI.removeprefix("niji ")
        message = f"--niji names no version, so niji {number} is assumed. Write --niji {number} to be sure."
        yield _warning("niji_without_version", "niji", message)
    elif not known_version(stated):
        message = (
            f"--{argument.alias} {argument.value[:20]} is not a version known here. Check the number before sending."
        )
        yield _warning("unknown_version", argument.name, message)


def _conflicts(prompt: Prompt) -> Iterator[Problem]:
    for conflict in CONFLICTS:
        value = prompt.value(conflict.name)
        if not prompt.has(conflict.name) or not prompt.has(conflict.other):
            continue
        same = bool(NUMBER.match(value)) and bool(conflict.value) and Decimal(value) == Decimal(conflict.value)
        if same or not conflict.value:
            yield _warning(conflict.code, conflict.name, conflict.message)
    for group in ("speed", "visibility"):
        names = dict.fromkeys(each.name for each in prompt.parameters if each.spec and each.spec.group == group)
        if len(names) > 1:
            listed = " and ".join(f"--{name}" for name in names)
            yield _warning(
                "exclusive", list(names)[-1], f"{listed} exclude each other. Keep one; the last would count."
            )


def _plan(prompt: Prompt, plan: str) -> Iterator[Problem]:
    if speed(prompt) == "relax":
        if plan == "basic":
            message = "The Basic plan has no relax mode. Remove --relax, or use an account with another plan."
            yield _warning("plan_relax", "relax", message)
        elif prompt.has("video") and plan == "standard":
            message = "Relaxed videos need the Pro or Mega plan. Remove --relax, or use another account."
            yield _warning("plan_relax_video", "relax", message)
    if prompt.has("stealth") and plan and plan not in _PLANS_WITH_STEALTH:
        message = "Stealth needs the Pro or Mega plan. Remove --stealth, or use another account."
        yield _warning("plan_stealth", "stealth", message)
    spec = parameter("repeat")
    if spec and prompt.has("repeat"):
        message = "--repeat starts several jobs. It is expanded into single prompts before anything is sent."
        yield _warning("repeat", spec.name, message)
