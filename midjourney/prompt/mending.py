"""Mending what people and their keyboards do to a prompt, where what was meant is certain.

Words are not touched, whitespace aside. A typographic dash becomes `--` only where the name of a parameter follows
it without a space and the rest fits that parameter, so “a boat —fast and red” stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from midjourney.parameters import Kind, Parameter, parameter, support
from midjourney.prompt.reading import RATIO, effective_version
from midjourney.prompt.syntax import Argument, build, is_image_url, is_name, parse
from midjourney.prompt.tokens import has_group, tokens

_INVISIBLE = "\u200b\u2060\ufeff"  # not the joiners, which scripts and emoji need
_DASHED = re.compile(rf"[{_INVISIBLE}]*([-‐‑‒–—―−]{{1,4}})([A-Za-z]+)[{_INVISIBLE}]*")
_TYPOGRAPHIC = re.compile(r"[‒–—―−]")
_RATIO_DECIMAL = re.compile(r"([0-9]{1,4}(?:\.[0-9]{1,3})?):([0-9]{1,4}(?:\.[0-9]{1,3})?)$")
_NUMBER = re.compile(r"\.?[0-9]")
_QUIET_GROUPS = {"speed", "visibility"}  # --v beside --niji is for a person to decide


@dataclass(frozen=True, slots=True)
class Notice:
    """A change that was made to a prompt, to show beside it."""

    code: str
    parameter: str
    message: str


@dataclass(frozen=True, slots=True)
class Normalised:
    """A mended text and what was changed in it. Changes of whitespace alone are not worth a notice."""

    text: str
    notices: tuple[Notice, ...] = ()


def normalise(text: str, version: str = "") -> Normalised:
    """Mend a prompt: dashes, doubled parameters (the last one wins, lists are joined), commas after values, missing
    spaces, `16x9`, `--style raw`, whitespace. Names stay as typed, in lower case. Mending twice changes nothing more.

    `version` is the account's default model, "" where it is not known.
    """
    notices: list[Notice] = []
    pieces = [_collapsed(token.text) for token in tokens(text)]
    prompt = parse(" ".join(_images(_parameters(pieces, notices))))
    arguments = [_mended(argument, notices) for argument in prompt.parameters]
    arguments = list(_raw(arguments, effective_version(prompt, version), notices))
    arguments = list(_last_ones(arguments, notices))
    return Normalised(build(replace(prompt, parameters=tuple(arguments))), tuple(dict.fromkeys(notices)))


def _collapsed(token: str) -> str:
    return " ".join(token.split())


def _images(pieces: list[str]) -> list[str]:
    """Leading image URLs without the commas between them."""
    mended = list(pieces)
    for at, piece in enumerate(pieces):
        if not is_image_url(piece.rstrip(",")):
            break
        mended[at] = piece if piece.startswith("data:") else piece.rstrip(",")
    return mended


def _parameters(pieces: list[str], notices: list[Notice]) -> list[str]:
    """The tokens with every name of a parameter written as `--name` on its own."""
    mended: list[str] = []
    in_tail = False
    for at, piece in enumerate(pieces):
        following = pieces[at + 1] if at + 1 < len(pieces) else ""
        split = _name_and_value(piece, following, in_tail)
        if split is None:
            visible = piece.strip(_INVISIBLE) if in_tail else piece
            mended += [visible] if visible else []
        else:
            mended += [each for each in split if each]
            notices += _respelled(piece, *split)
        in_tail = in_tail or split is not None or is_name(piece)
    return mended


def _name_and_value(piece: str, following: str, in_tail: bool) -> tuple[str, str] | None:
    """`--name` and the value that is glued to it, None where the token is no parameter that is known."""
    match = _DASHED.match(piece)
    spec = parameter(match[2]) if match else None
    if match is None or spec is None or match[1] in {"-", "‐", "‑"} or has_group(piece):
        return None
    name, value = f"--{match[2].lower()}", piece[match.end() :].rstrip(",;")
    if value and value[0] in "=:" and not spec.is_flag:
        value = value[1:]
    elif value and (spec.is_flag or not _NUMBER.match(value)):
        return None
    if match[1] == "--" or _fits(spec, value or following, in_tail):
        return name, value
    return None


def _respelled(piece: str, name: str, value: str) -> Iterator[Notice]:
    if _TYPOGRAPHIC.search(piece[: piece.lower().find(name[2:])]):
        yield Notice("dashes", name[2:], f"A typographic dash became {name}.")
    elif piece.lower() != name + value.lower():
        yield Notice("spelling", name[2:], f"{piece} became {name} {value}".strip() + ".")


def _fits(spec: Parameter, value: str, in_tail: bool) -> bool:
    """Whether a dash before this name was meant as `--`, judged by what follows."""
    if spec.is_flag or spec.value_optional:
        valued = spec.value_optional and re.search("[0-9]", value) is not None
        return in_tail or valued or not value or is_name(value) or _known_after_dashes(value)
    if spec.kind in {Kind.URL, Kind.URLS, Kind.REFERENCES}:
        return is_image_url(value) or value[:1].isdigit() or value in {"random", "loop"}
    if spec.kind is Kind.WORDS:
        return bool(value)
    if spec.kind is Kind.CHOICE:
        return value.rstrip(",;.") in spec.limits.choices
    return _NUMBER.match(value) is not None or has_group(value)


def _known_after_dashes(piece: str) -> bool:
    match = _DASHED.match(piece)
    return match is not None and len(piece) == match.end() and parameter(match[2]) is not None


def _mended(argument: Argument, notices: list[Notice]) -> Argument:
    spec = argument.spec
    if spec is None:
        return argument
    stray = tuple(text for text in argument.stray if text.strip(",;"))
    values = tuple(_value(spec, value) for value in argument.values)
    values = tuple(value for value in values if value)
    if spec.kind is Kind.WORDS and values:
        values = (*values[:-1], values[-1].rstrip(",;"))
        values = values if values[-1] else values[:-1]
    if (values, stray) != (argument.values, argument.stray):
        written = " ".join((f"--{argument.alias}", *values))
        notices.append(Notice("value", spec.name, f"--{argument.alias} {argument.value} became {written}."))
    return replace(argument, alias=argument.alias.lower(), values=values, stray=stray)


def _value(spec: Parameter, value: str) -> str:
    if spec.kind is Kind.WORDS or has_group(value):
        return value
    if spec.kind in {Kind.URL, Kind.URLS, Kind.REFERENCES, Kind.CODES}:
        return value.rstrip(",;")
    value = value.rstrip(",;.")
    if spec.kind is Kind.RATIO:
        return _ratio(value)
    return value.lower() if spec.kind is Kind.CHOICE else value


def _ratio(value: str) -> str:
    """16x9 and 16/9 as 16:9, and 1.5:1 as 3:2, since Midjourney wants whole numbers."""
    match = RATIO.match(value)
    if match:
        return f"{match[1]}:{match[2]}"
    decimal = _RATIO_DECIMAL.match(value)
    if not decimal or "." not in value or not Fraction(decimal[1]) or not Fraction(decimal[2]):
        return value
    width, height = (Fraction(decimal[1]) / Fraction(decimal[2])).as_integer_ratio()
    return value if max(width, height) > 9999 else f"{width}:{height}"


def _raw(arguments: Iterable[Argument], version: str, notices: list[Notice]) -> Iterator[Argument]:
    """--style raw as --raw, in versions that certainly know it."""
    for argument in arguments:
        if argument.name == "style" and argument.value.lower() == "raw" and support("raw", version) == "yes":
            notices.append(Notice("raw", "raw", "--style raw is written --raw now."))
            yield replace(argument, name="raw", alias="raw", values=())
        else:
            yield argument


def _last_ones(arguments: list[Argument], notices: list[Notice]) -> Iterator[Argument]:
    """Of doubled parameters the last, and of parameters that exclude each other quietly (the speeds) as well.

    Left alone for `check` to refuse: a second --oref, --v beside --niji, and what has stray text behind it, which
    would otherwise change its owner.
    """
    ends = {_rivalry(argument): argument for argument in arguments}
    same: dict[str, list[Argument]] = {}
    for argument in arguments:
        same.setdefault(argument.name, []).append(argument)
    for argument in arguments:
        spec, last = argument.spec, ends[_rivalry(argument)]
        joins = spec is not None and spec.takes_several
        if spec is None or spec.name == "oref" or argument.stray:
            yield argument
        elif argument is not last:
            notices.append(_twice(argument, last, joins))
        elif joins and len(same[argument.name]) > 1:
            yield replace(argument, values=_joined(spec, same[argument.name]))
        else:
            yield argument


def _rivalry(argument: Argument) -> str:
    """The name that parameters share of which only the last one counts."""
    spec = argument.spec
    return spec.group if spec and spec.group in _QUIET_GROUPS else argument.name


def _twice(argument: Argument, last: Argument, joins: bool) -> Notice:
    if joins:
        return Notice("joined", argument.name, f"--{argument.alias} is given twice. Both were joined.")
    if last.name != argument.name:
        message = f"--{argument.alias} and --{last.alias} exclude each other. The last one counts."
        return Notice("exclusive", argument.name, message)
    return Notice("doubled", argument.name, f"--{argument.alias} is given twice. The last one counts.")


def _joined(spec: Parameter, arguments: list[Argument]) -> tuple[str, ...]:
    kept = [each for each in arguments if not each.stray or each is arguments[-1]]
    if spec.kind is not Kind.WORDS:
        return tuple(dict.fromkeys(value for each in kept for value in each.values))
    return tuple(token.text for token in tokens(", ".join(each.value for each in kept if each.values)))
