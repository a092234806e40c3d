"""Styles: the parameters of a prompt, kept under a name and applied to others in one click."""

from dataclasses import replace
from typing import Any

from generations import panel
from generations.models import Style
from midjourney import prompt as language
from midjourney.prompt import Problem


def parameters_of(text: str) -> str:
    """The parameters of a prompt as they are kept: without its words and image prompts."""
    parsed = language.parse(text)
    return language.build(replace(parsed, words="", image_urls=()))


def problems(parameters: str) -> list[Problem]:
    """What is wrong with a style, judged as if it stood behind some words."""
    parsed = language.parse(parameters)
    found = [problem for problem in language.review(f"a picture {parameters}").problems if problem.is_error]
    if parsed.words or parsed.image_urls:
        found.insert(
            0, Problem("error", "words", "", "A style has parameters only, such as --ar 16:9 --raw. Remove the words.")
        )
    if not parsed.parameters:
        found.insert(0, Problem("error", "empty", "", "Write at least one parameter, such as --stylize 250."))
    return found


def values(style: Style) -> dict[str, Any]:
    """What the style sets, by the names of the panel's controls."""
    form = language.to_form(language.parse(style.parameters))
    return {name: value for name in panel.NAMES if (value := getattr(form, name)) and name != "image_urls"}


def apply(text: str, style: Style) -> str:
    """The text with the style's parameters in place of its own; the rest stays. Applying it again changes nothing."""
    return language.update(text, **values(style))
