"""How the simulated Midjourney reads a prompt: leading URLs, text, parameters (useapi-v3.md §12).

Written apart from the studio's own prompt language on purpose: the two check each other.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

URL = re.compile(r"^https?://\S+$", re.IGNORECASE)
_FLAGS = frozenset({"tile", "raw", "draft", "fast", "relax", "turbo", "stealth", "public", "video", "loop", "hd", "sd"})
_ALIASES = {
    "aspect": "ar",
    "version": "v",
    "stylize": "s",
    "chaos": "c",
    "weird": "w",
    "quality": "q",
    "r": "repeat",
    "profile": "p",
    "personalize": "p",
}
# With those that it writes itself: what it echoes, a button on the result reads again.
_VERSIONS = frozenset({str(n) for n in range(1, 9)} | {f"{n}.0" for n in range(1, 9)} | {"5.1", "5.2", "6.1", "8.1"})
_SPAN = re.compile(r"(?<!\S)(?:--|—|–)(?=[A-Za-z])")


class BadParameter(ValueError):
    """Midjourney would answer "Invalid parameter"; the text is the explanation."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt in its parts. `parameters` maps the short name to its value, "" for a flag."""

    urls: tuple[str, ...]
    text: str
    parameters: dict[str, str] = field(default_factory=dict)

    @property
    def is_video(self) -> bool:
        return "video" in self.parameters

    @property
    def version(self) -> str:
        return self.parameters.get("v", "")

    def aspect(self) -> tuple[int, int]:
        """Width and height of `--ar`, 1:1 where there is none."""
        found = re.fullmatch(r"(\d+):(\d+)", self.parameters.get("ar", ""))
        return (int(found[1]), int(found[2])) if found else (1, 1)


def read_prompt(prompt: str) -> Prompt:
    """Take a prompt apart. Raises BadParameter as Midjourney would."""
    pieces = _SPAN.split(prompt)
    words = pieces[0].split()
    urls: list[str] = []
    while words and URL.match(words[0].strip("<>")):
        urls.append(words.pop(0).strip("<>"))
    parameters: dict[str, str] = {}
    for piece in pieces[1:]:
        name, _, value = piece.strip().partition(" ")
        name = _ALIASES.get(name.lower(), name.lower())
        value = " ".join(value.split())
        if name == "style" and value == "raw":
            name, value = "raw", ""
        if name in parameters and name != "no":
            raise BadParameter(f"`--{name}` is given more than once")
        parameters[name] = f"{parameters[name]}, {value}" if name in parameters else value
    for name, value in parameters.items():
        _check(name, value)
    _check_together(parameters)
    return Prompt(tuple(urls), " ".join(words), parameters)


def effective(prompt: Prompt, suffix: str = "", default_version: str = "7") -> str:
    """The prompt as `content` shows it: suffix applied, version spelt out, links shortened (useapi-v3.md §4.2)."""
    parts = [f"<{short_link(url)}>" for url in prompt.urls]
    if prompt.text:
        parts.append(prompt.text)
    parameters = dict(prompt.parameters)
    if not prompt.is_video:
        for name, value in read_prompt(f"x {suffix}").parameters.items() if suffix else ():
            parameters.setdefault(name, value)
        if "v" not in parameters and "niji" not in parameters:
            parameters["v"] = default_version
    for name, value in parameters.items():
        parts.append(_echo(name, value))
    return " ".join(parts)


def short_link(url: str) -> str:
    """The stand-in that Midjourney shows for an image link."""
    token = hashlib.sha256(url.encode()).hexdigest()[:11]
    return f"https://s.mj.run/{token}"


def _echo(name: str, value: str) -> str:
    if name in {"v", "niji"} and value and "." not in value and name == "v":
        value += ".0"
    if name == "video":
        value = value or "1"
    if value.startswith("http"):
        value = " ".join(f"<{short_link(word)}>" if URL.match(word) else word for word in value.split())
    return f"--{name} {value}".strip()


def _number(low: float, high: float, *, whole: bool = True) -> Callable[[str], bool]:
    def check(value: str) -> bool:
        pattern = r"\d{1,10}" if whole else r"\d{1,5}(\.\d+)?|\.\d+"
        return bool(re.fullmatch(pattern, value)) and low <= float(value) <= high

    return check


def _one_of(*allowed: str) -> Callable[[str], bool]:
    return lambda value: value in allowed


def _is_ratio(value: str) -> bool:
    found = re.fullmatch(r"(\d{1,4}):(\d{1,4})", value)
    if not found or not int(found[1]) or not int(found[2]):
        return False
    return Fraction(1, 14) <= Fraction(int(found[1]), int(found[2])) <= 14


def _is_reference(value: str) -> bool:
    words = value.split()
    return bool(words) and all(re.fullmatch(r"(https?://\S+|\d+|random)(::[\d.]+)?", word) for word in words)


def _is_link(value: str) -> bool:
    return bool(re.fullmatch(r"<?https?://\S+", value))


_CHECKS: dict[str, Callable[[str], bool]] = {
    "ar": _is_ratio,
    "v": lambda value: value in _VERSIONS,
    "niji": _one_of("4", "5", "6", "7"),
    "s": _number(0, 1000),
    "c": _number(0, 100),
    "w": _number(0, 3000),
    "q": _one_of(".25", "0.25", ".5", "0.5", "1", "2", "4"),
    "seed": _number(0, 4_294_967_295),
    "no": lambda value: bool(value),
    "iw": _number(0, 3, whole=False),
    "sref": _is_reference,
    "sw": _number(0, 1000),
    "sv": _number(1, 8),
    "cref": _is_reference,
    "cw": _number(0, 100),
    "oref": _is_link,
    "ow": _number(1, 1000),
    "p": lambda value: bool(re.fullmatch(r"[A-Za-z0-9 ]*", value)),
    "exp": _number(0, 100),
    "repeat": _number(2, 40),
    "stop": _number(10, 100),
    "motion": _one_of("low", "high"),
    "end": lambda value: value == "loop" or _is_link(value),
    "bs": _one_of("1", "2", "4"),
    "zoom": _number(1, 2, whole=False),
    "style": lambda value: bool(re.fullmatch(r"[A-Za-z0-9-]+", value)),
}


def _check(name: str, value: str) -> None:
    if name == "video":
        if value not in {"", "1"}:
            raise BadParameter(f"Invalid value for `--video`: `{value}`")
        return
    if name in _FLAGS:
        if value:
            raise BadParameter(f"`--{name}` does not take a value, but there is `{value}`; put the text first")
        return
    check = _CHECKS.get(name)
    if check is None:
        raise BadParameter(f"Unrecognized parameter(s): `--{name}`")
    if not check(value):
        raise BadParameter(f"Invalid value for `--{name}`: `{value}`")


def _check_together(parameters: dict[str, str]) -> None:
    if "v" in parameters and "niji" in parameters:
        raise BadParameter("`--v` and `--niji` cannot be used together")
    for weight, reference in (("sw", "sref"), ("cw", "cref"), ("ow", "oref")):
        if weight in parameters and reference not in parameters:
            raise BadParameter(f"`--{weight}` needs `--{reference}`")
    major = parameters.get("v", "7").split(".")[0]
    if "cref" in parameters and "niji" not in parameters and major in {"7", "8"}:
        raise BadParameter(f"`--cref` is not compatible with `--version {parameters.get('v', '7')}`")
    if "oref" in parameters and parameters.get("q") == "4":
        raise BadParameter("`--oref` is not compatible with `--quality 4`")
