"""The parameters panel: which controls there are, what each shows for a text, and what the chosen version offers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from midjourney import prompt as language
from midjourney.parameters import ASPECT_RATIOS, VERSIONS, Kind, default_version, known_version, limits, parameter
from midjourney.parameters import support as support_for
from midjourney.prompt import FormValues

# In the order of the panel; each name is a field of FormValues.
SHAPE = ("ar",)
MODEL = ("version", "speed")
LOOK = ("stylize", "chaos", "weird", "quality")
FLAGS = ("raw", "tile", "draft")
REFERENCES = ("image_urls", "iw", "sref", "sw", "sv", "cref", "cw", "oref", "ow", "edit")
WEIGHT_OF = {
    "iw": "image_urls",
    "sw": "sref",
    "cw": "cref",
    "ow": "oref",
    "sv": "sref",
}  # pointless without what they weigh
MORE = ("no", "seed", "repeat", "profile", "exp", "stop")
NAMES = (*SHAPE, *MODEL, *LOOK, *FLAGS, *REFERENCES, *MORE)

SLIDERS = {"stylize", "chaos", "weird", "iw", "sw", "cw", "ow", "exp", "stop"}
CHOICES = {"ar", "speed", "quality"}  # radio buttons; "" is what Midjourney does anyway
SPEEDS = (("", "Account’s own"), ("fast", "Fast"), ("relax", "Relax"), ("turbo", "Turbo"))

_LABELS = {"image_urls": "Image prompts", "edit": "Edit", "version": "Model", "speed": "Speed", "no": "Leave out"}
_HELP = {
    "image_urls": "Addresses of images whose content and colours flow into the picture.",
    "version": "Niji is for anime and illustration.",
    "speed": "Relax uses no fast minutes; turbo uses twice as many.",
    "no": "What the picture should not show, separated by commas.",
}
_PLACEHOLDERS = {
    "image_urls": "https://…",
    "sref": "https://… or a style code",
    "cref": "https://…",
    "edit": "https://…",
    "oref": "https://…",
    "no": "people, text",
    "seed": "Any",
    "repeat": "1",
    "profile": "default, or a code",
}


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str
    is_offered: bool = True
    box: tuple[float, float, float, float] | None = None  # x, y, width and height of a drawn shape


@dataclass(frozen=True, slots=True)
class Control:
    """One control as a template draws it."""

    name: str
    kind: str  # ratio, choice, version, slider, number, flag, text
    label: str
    help: str
    value: Any
    is_offered: bool
    default: str = ""
    low: str = ""
    high: str = ""
    step: str = ""
    placeholder: str = ""
    choices: tuple[Choice, ...] = ()

    @property
    def shown(self) -> str:
        """What a slider points at while nothing is set."""
        return str(self.value or self.default)


def controls(text: str) -> dict[str, Control]:
    """The whole panel for a prompt's text, by name."""
    parsed = language.parse(text)
    version = language.effective_version(parsed)
    values = language.to_form(parsed)
    panel = {name: _control(name, value_of(values, name), version) for name in NAMES}
    for weight, reference in WEIGHT_OF.items():
        if not panel[weight].value and not panel[reference].value:
            panel[weight] = replace(panel[weight], is_offered=False)
    return panel


def value_of(values: FormValues, name: str) -> str | bool:
    """What the control of this name shows: a value that a radio button calls the default is ""."""
    value = getattr(values, name)
    spec = parameter(name)
    if name in CHOICES and spec and value == spec.default:
        return ""
    return value


def as_data(panel: dict[str, Control]) -> dict[str, Any]:
    """The panel for the script that keeps the controls in step with the text."""
    return {
        control.name: {
            "value": control.value,
            "offered": control.is_offered,
            **({"low": control.low, "high": control.high} if control.kind == "slider" else {}),
            **(
                {"choices": [choice.value for choice in control.choices if choice.is_offered]}
                if control.kind == "choice"
                else {}
            ),
        }
        for control in panel.values()
    }


def _control(name: str, value: str | bool, version: str) -> Control:
    spec = parameter(name)
    label = _LABELS.get(name) or (spec.label if spec else name)
    words = _HELP.get(name) or (spec.help if spec else "")
    offered = bool(value) or _is_offered(name, version)
    if name == "version":
        return Control(name, "version", label, words, value, True, choices=_versions(str(value)))
    if name == "speed":
        return Control(name, "choice", label, words, value, True, choices=tuple(Choice(*each) for each in SPEEDS))
    if name == "ar":
        return Control(name, "ratio", label, words, value, True, choices=_ratios(str(value)))
    if spec is None:
        return Control(name, "text", label, words, value, True, placeholder=_PLACEHOLDERS.get(name, ""))
    if spec.kind is Kind.FLAG:
        return Control(name, "flag", label, words, value, offered)
    if name == "quality":
        return Control(name, "choice", label, words, value, offered, choices=_qualities(str(value), version))
    allowed = limits(name, version)
    kind = "slider" if name in SLIDERS else "number" if spec.kind is Kind.INTEGER else "text"
    low, high = ("", "") if allowed.low is None else (str(allowed.low), str(allowed.high))
    return Control(
        name, kind, label, words, value, offered,
        default=spec.default, step=str(allowed.step), low=low, high=high, placeholder=_PLACEHOLDERS.get(name, ""),
    )  # fmt: skip


def _is_offered(name: str, version: str) -> bool:
    return name == "image_urls" or support_for(name, version) != "no"


def _versions(value: str) -> tuple[Choice, ...]:
    default = known_version(default_version(date.today()))
    newest_first = [Choice(version.key, version.label) for version in reversed(VERSIONS)]
    first = Choice("", f"Default ({default.label})" if default else "Default")
    unknown = [] if not value or known_version(value) else [Choice(value, value)]
    return (first, *unknown, *newest_first)


def _ratios(value: str) -> tuple[Choice, ...]:
    common = [Choice("" if ratio == "1:1" else ratio, ratio, box=_box(ratio)) for ratio in ASPECT_RATIOS]
    is_common = any(choice.value == value for choice in common)
    own = Choice("" if is_common else value, "Own" if is_common else value, not is_common, _box("1:1"))
    return (*common, own)


def _box(ratio: str) -> tuple[float, float, float, float]:
    """The shape, drawn into a square of 24."""
    width, height = (float(part) for part in ratio.split(":"))
    scale = 18 / max(width, height)
    width, height = round(width * scale, 1), round(height * scale, 1)
    return (round(12 - width / 2, 1), round(12 - height / 2, 1), width, height)


def _qualities(value: str, version: str) -> tuple[Choice, ...]:
    """Every value that any version knows; those of the others are hidden until their version is chosen."""
    spec = parameter("quality")
    allowed = limits("quality", version).choices
    every = {*allowed, *(spec.limits.choices if spec else ())}
    every |= {choice for each in (spec.per_version.values() if spec else ()) for choice in each.choices}
    if value:
        every.add(value)
    default = spec.default if spec else "1"
    ordered = sorted(every, key=lambda each: (_number(each), each))
    return tuple(
        Choice("" if each == default else each, each, each in allowed or each in {default, value}) for each in ordered
    )


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 1e9
