"""Whether a value is written in a way that can be read at all. Its range is a matter of the version, see `fitting`."""

from __future__ import annotations

import re

from midjourney.parameters import Kind, Parameter
from midjourney.prompt.errors import Problem
from midjourney.prompt.forms import example
from midjourney.prompt.reading import RATIO
from midjourney.prompt.syntax import REFERENCE_TOKEN, Argument

URL = re.compile(rf"(?:https?://[^\s/?#.:][^\s/?#]*([/?#]\S*)?|{REFERENCE_TOKEN})$", re.IGNORECASE)
WHOLE = re.compile(r"-?[0-9]{1,12}$")
NUMBER = re.compile(r"-?(?:[0-9]{1,12}(?:\.[0-9]{0,6})?|\.[0-9]{1,6})$")
_VERSION = re.compile(r"[0-9]{1,2}(?:\.[0-9]{1,2})?$")
_CODE = re.compile(r"[A-Za-z0-9_-]+$")
_WEIGHT = re.compile(r"::(?:-?(?:[0-9]{1,6}(?:\.[0-9]{0,6})?|\.[0-9]{1,6}))?$")
_PATTERNS = {Kind.INTEGER: WHOLE, Kind.DECIMAL: NUMBER, Kind.RATIO: RATIO, Kind.VERSION: _VERSION}


def value_problem(argument: Argument, spec: Parameter, value: str) -> Problem | None:
    """The error of one value of a known parameter, None where it can be read."""
    if _readable(spec, value):
        return None
    sample = example(spec.name)
    message = f"“{value[:60]}” is not a value for --{argument.alias}. Write it as in {sample}."
    return Problem("error", "invalid_value", spec.name, message)


def _readable(spec: Parameter, value: str) -> bool:
    pattern = _PATTERNS.get(spec.kind)
    if pattern is not None:
        return pattern.match(value) is not None
    if spec.kind is Kind.CODES:
        return _CODE.match(_without_weight(value)) is not None
    if spec.kind is Kind.REFERENCES:
        plain = _without_weight(value)
        return URL.match(plain) is not None or WHOLE.match(plain) is not None or plain.lower() == "random"
    if spec.kind in {Kind.URL, Kind.URLS}:
        return value.lower() in spec.limits.choices or URL.match(_without_weight(value)) is not None
    return True  # words, flags, and choices, which are a matter of the version


def _without_weight(value: str) -> str:
    at = value.rfind("::")
    return value[:at] if at > 0 and _WEIGHT.match(value, at) else value
