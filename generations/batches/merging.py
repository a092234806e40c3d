"""Laying parameters above and below those of a prompt, piece by piece and never by gluing text."""

from collections.abc import Iterable
from dataclasses import fields, replace
from functools import cache

from midjourney import prompt as language
from midjourney.parameters import PARAMETERS, parameter
from midjourney.prompt import Argument, FormValues, Prompt, PromptSyntaxError
from midjourney.prompt.tokens import braces, tokens

FIELDS = tuple(field.name for field in fields(FormValues))
FLAGS = frozenset(field.name for field in fields(FormValues) if field.type == "bool")
CHOICES = ("speed", "visibility")  # their values are parameters themselves
# Names of columns that mean something, for hints.
COLUMNS = ("prompt", *FIELDS, *(name for spec in PARAMETERS for name in spec.aliases))


def field_of(name: str) -> str:
    """The field of the parameters panel that a column's name stands for; "" for none."""
    name = name.replace(" ", "_")
    if name in FIELDS:
        return name
    spec = parameter(name)
    if spec is None:
        return "image_urls" if name in {"image", "images"} else ""
    return "version" if spec.name in {"v", "niji"} else spec.name if spec.name in FIELDS else ""


def spelled(name: str, cell: str) -> str:
    """The value of a cell as the panel has it: a column `niji` holds a number, a version may be written v7."""
    if name == "niji":
        return f"niji {cell}"
    return cell.casefold().removeprefix("v") if field_of(name) == "version" else cell


@cache
def family(name: str) -> str:
    """What only one of can hold: --v and --niji are one family, and so are the speeds."""
    spec = parameter(name)
    return "version" if name in {"v", "niji", "version"} else (spec.group or spec.name) if spec else name


def above(text: str, values: dict[str, str | bool], without: Iterable[str] = ()) -> str:
    """A prompt that says these values, by field, whatever it said before. Raises PromptSyntaxError."""
    images = values.get("image_urls")
    if images:
        text = language.update(text, image_urls=images)
    given = [_argument(field, value) for field, value in values.items() if field != "image_urls"]
    gone = {family(argument.name) for argument in given} | set(without)
    if not gone:
        return text
    prompt = language.parse(text)
    kept = (argument for argument in prompt.parameters if family(argument.name) not in gone)
    return language.build(replace(prompt, parameters=(*kept, *given)))


def below(prompt: Prompt, shared: Prompt, without: Iterable[str] = ()) -> Prompt:
    """A prompt with those of the shared parameters that it does not say itself."""
    if not shared.parameters:
        return prompt
    own = {family(argument.name) for argument in prompt.parameters}.union(without)
    added = tuple(argument for argument in shared.parameters if family(argument.name) not in own)
    return replace(prompt, parameters=prompt.parameters + added) if added else prompt


def _argument(field: str, value: str | bool) -> Argument:
    """A parameter with a value that reads back as it. Raises PromptSyntaxError."""
    text = "" if value is True else str(value).strip()
    name = field
    if field in CHOICES:
        name, text = text.casefold().lstrip("-"), ""
    elif field == "version":
        family_name, _, number = text.casefold().rpartition("niji")
        name, text = ("niji", number.strip()) if text.casefold().startswith("niji") else ("v", family_name + number)
    elif field == "profile" and text == language.DEFAULT_PROFILE:
        text = ""
    argument = Argument(name, tuple(token.text for token in tokens(text)), name)
    read = language.parse(str(argument)).parameters
    is_choice = field not in CHOICES or family(name) == family(_FIRST_CHOICE[field])
    if read != (argument,) or not is_choice or braces(text).unmatched:
        raise PromptSyntaxError(
            f"“{str(value)[:60]}” is not a value for “{field}”. Correct it or leave it empty.", code="bad_value"
        )
    return argument


_FIRST_CHOICE = {"speed": "fast", "visibility": "stealth"}
