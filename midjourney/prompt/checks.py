"""What is wrong with a single prompt.

Errors are for what cannot work whatever the version; everything that the parameter data says is a warning, because
Midjourney is the authority and a refusal there costs nothing (useapi-v3.md §12, §13-29). Permutations are not judged:
expand first, and check what comes out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Literal

from midjourney.parameters import parameter, weights_support
from midjourney.prompt.errors import Problem
from midjourney.prompt.expansion import brace_problem
from midjourney.prompt.fitting import fitting
from midjourney.prompt.reading import effective_version
from midjourney.prompt.syntax import Argument, Prompt, build, parse
from midjourney.prompt.tokens import has_group
from midjourney.prompt.values import URL, value_problem

Plan = Literal["", "basic", "standard", "pro", "mega"]

MAX_LENGTH = 5000
"""Characters of a prompt, parameters included (useapi-v3.md §4.2)."""

MOST_EDITED = 4

_LOOKALIKE = re.compile(r"\S--([A-Za-z]+)|^-([A-Za-z]+)$")
_IMAGE_URL = re.compile(r"(?<!\S)<?(?:https?://|ref:[0-9a-f]{8}(?!\w))")


def check(
    prompt: Prompt | str,
    version: str | None = None,
    *,
    plan: Plan = "",
    verb: Literal["imagine", "button"] = "imagine",
    today: date | None = None,
) -> tuple[Problem, ...]:
    """What is wrong with a single prompt, errors first; each problem once.

    `version` is the account's default model, None where it is not known; `plan` the account's plan, "" likewise;
    `verb` is "button" for the prompt of a button such as Custom Zoom, which alone may use --zoom.
    """
    prompt = parse(prompt) if isinstance(prompt, str) else prompt
    model = effective_version(prompt, version or "", today=today)
    found = (*_text(prompt), *_images(prompt), *_arguments(prompt), *fitting(prompt, model, plan, verb))
    weights = tuple(_weights(prompt, model))
    problems = dict.fromkeys((*found, *weights))
    return tuple(sorted(problems, key=lambda problem: not problem.is_error))


def _text(prompt: Prompt) -> Iterator[Problem]:
    text = build(prompt)
    length = len(text.encode("utf-16-le", "surrogatepass")) // 2
    unbalanced = brace_problem(text)
    if not prompt.words and not prompt.image_urls:
        yield Problem("error", "empty", "", "The prompt has no words. Describe the picture before the parameters.")
    if length > MAX_LENGTH:
        over = f"The prompt has {length:,} characters, and {MAX_LENGTH:,} is the most the service takes."
        yield Problem("error", "too_long", "", f"{over} Shorten it by {length - MAX_LENGTH:,}.")
    if unbalanced:
        yield unbalanced.problem
    yield from _lookalikes(prompt.words)


def _lookalikes(words: str) -> Iterator[Problem]:
    """What was probably meant as a parameter and is read as words: `dog--ar 16:9`, `-ar 16:9`, a lone `--`."""
    if "-" not in words:
        return
    for word in words.split():
        if word.startswith("--"):
            message = f"“{word[:20]}” in the words names no parameter. Write a name right after it, or remove it."
            yield Problem("warning", "lone_dashes", "", message)
            continue
        match = _LOOKALIKE.search(word) if "-" in word else None
        name = (match[1] or match[2]) if match else ""
        if parameter(name):
            message = f"“{word[:40]}” is read as words. Write it as --{name}, with a space before it."
            yield Problem("warning", "looks_like_parameter", name, message)


def _images(prompt: Prompt) -> Iterator[Problem]:
    for url in prompt.image_urls:
        if not URL.match(url.partition("::")[0]):
            message = f"“{url[:60]}” is not a web address. Image prompts start with https:// or http://."
            yield Problem("error", "bad_image_url", "", message)
    if _IMAGE_URL.search(prompt.words):
        message = "An image address stands among the words. Put it at the start of the prompt to use the image."
        yield Problem("warning", "image_not_first", "", message)
    if len(prompt.image_urls) == 1 and not prompt.words and not prompt.has("video"):
        message = "One image without words is usually refused. Add words or a second image."
        yield Problem("warning", "image_alone", "", message)
    if prompt.has("video") and not prompt.image_urls:
        message = "A video needs its first frame. Put the address of an image at the start of the prompt."
        yield Problem("error", "video_without_image", "video", message)


def _arguments(prompt: Prompt) -> Iterator[Problem]:
    for argument in prompt.parameters:
        yield from _argument(argument)
    if prompt.has("v") and prompt.has("niji"):
        message = "--v and --niji choose two different models. Keep one of them."
        yield Problem("error", "two_models", "niji", message)
    omni = [value for argument in prompt.all("oref") for value in argument.values]
    if len(omni) > 1:
        message = f"--oref takes one image, and here are {len(omni)}. Keep the one that matters."
        yield Problem("error", "several_oref", "oref", message)
    edited = [value for argument in prompt.all("edit") for value in argument.values]
    if len(edited) > MOST_EDITED:
        message = f"--edit takes up to {MOST_EDITED} pictures, and here are {len(edited)}. Remove some."
        yield Problem("error", "several_edit", "edit", message)
    for name, count in Counter(argument.name for argument in prompt.parameters).items():
        if name != "oref" and count > 1 and parameter(name):
            message = f"--{name} is given more than once. Keep one; the last would count."
            yield Problem("warning", "doubled", name, message)


def _argument(argument: Argument) -> Iterator[Problem]:
    spec, written = argument.spec, f"--{argument.alias}"
    if spec is None:
        if not has_group(written):
            message = f"{written[:40]} is not a Midjourney parameter. Correct its name or remove it."
            yield Problem("error", "unknown_parameter", argument.name, message)
        return
    if not argument.values and not spec.is_flag and not spec.value_optional:
        message = f"{written} has no value. Write one behind it, or remove it."
        yield Problem("error", "missing_value", spec.name, message)
    for value in argument.values:
        problem = None if has_group(value) else value_problem(argument, spec, value)
        if problem:
            yield problem
    stray = " ".join(text for text in argument.stray if not has_group(text))
    if stray:
        message = f"“{stray[:60]}” stands behind {written} and belongs to nothing. Move words before the parameters."
        yield Problem("error", "stray_text", spec.name, message)


def _weights(prompt: Prompt, version: str) -> Iterator[Problem]:
    if not prompt.has_weights or has_group(prompt.words):
        return
    if not sum(part.weight for part in prompt.parts) > 0:
        message = "The weights of this multi-prompt do not add up to more than 0. Raise one of the numbers after ::."
        yield Problem("error", "weights_not_positive", "", message)
    known = weights_support(version)
    if known == "no":
        message = f"Version {version} ignores :: weights. Use plain words, or a version that knows them."
        yield Problem("warning", "weights_unsupported", "", message)
    elif known == "disputed":
        message = (
            f"It is disputed whether version {version} knows :: weights. Compare the result before you rely on it."
        )
        yield Problem("warning", "weights_disputed", "", message)
