"""From text to `Prompt` and back.

A prompt is `URL… words --name value --name value`. Reading never fails and loses nothing but whitespace between the
pieces; what makes no sense is kept where it was found, as a parameter with an unknown name or as stray text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import takewhile

from midjourney.parameters import Kind, Parameter, parameter
from midjourney.prompt.tokens import Token, braces, each_token, has_group

_NAME = re.compile(r"--([A-Za-z]+)")
_FIRST_NAME = re.compile(r"(?<!\S)--[A-Za-z]")
REFERENCE_TOKEN = r"ref:([0-9a-f]{8})"  # noqa: S105 - no secret, a piece of a prompt
"""A picture that is kept elsewhere, see `references`."""

_URL = re.compile(rf"<?[A-Za-z][A-Za-z0-9+.-]*://|<?data:|<?{REFERENCE_TOKEN}(?=$|[\s>,]|::)", re.IGNORECASE)
_NUMBER_START = re.compile(r"\.?\d")
_REFERENCE = re.compile(r"\d+(::.*)?$|random(::.*)?$|<?[a-z][a-z0-9+.-]*://|<?ref:[0-9a-f]{8}", re.IGNORECASE)
_CODE = re.compile(r"[A-Za-z0-9_-]+(::.*)?$")
_WEIGHT = re.compile(r"::(-?(?:\d+\.?\d*|\.\d+))?")


@dataclass(frozen=True, slots=True)
class Argument:
    """A parameter as given in a prompt.

    `name` is canonical, or what was typed in lower case where it is unknown; `alias` is what was typed, without
    dashes. `stray` is the text between the values and the next parameter, which Midjourney does not accept. `start`
    and `end` are where name and values stand in the text that was parsed.
    """

    name: str
    values: tuple[str, ...] = ()
    alias: str = ""
    stray: tuple[str, ...] = ()
    start: int = field(default=-1, compare=False, repr=False)
    end: int = field(default=-1, compare=False, repr=False)

    @property
    def value(self) -> str:
        return " ".join(self.values)

    @property
    def spec(self) -> Parameter | None:
        return parameter(self.name)

    def __str__(self) -> str:
        return " ".join((f"--{self.alias or self.name}", *self.values, *self.stray))


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a multi-prompt and its weight."""

    words: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt taken apart. `words` is as typed, line breaks included; see `Argument` for `parameters`."""

    image_urls: tuple[str, ...] = ()
    words: str = ""
    parameters: tuple[Argument, ...] = ()

    @property
    def has_weights(self) -> bool:
        return "::" in self.words

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts of a multi-prompt; the whole of the words with weight 1 where there is no `::`."""
        return _parts(self.words)

    @property
    def leftovers(self) -> tuple[str, ...]:
        """Text that stands after a parameter and belongs to none."""
        return tuple(text for argument in self.parameters for text in argument.stray)

    def all(self, *names: str) -> tuple[Argument, ...]:
        """The arguments with one of these canonical names, in order."""
        return tuple(argument for argument in self.parameters if argument.name in names)

    def last(self, *names: str) -> Argument | None:
        """The argument that counts: the last one with one of these names."""
        return next((argument for argument in reversed(self.parameters) if argument.name in names), None)

    def has(self, name: str) -> bool:
        return any(argument.name == name for argument in self.parameters)

    def value(self, name: str) -> str:
        """The value of the argument that counts, "" where there is none."""
        argument = self.last(name)
        return argument.value if argument else ""


def parse(text: str) -> Prompt:
    """Read a prompt as Midjourney would. Never raises; ask `check` what is wrong with it."""
    groups = braces(text).groups if "{" in text else ()
    urls = tuple(_leading_urls(text, groups))
    start = urls[-1].end if urls else 0
    tail = _tail(text, start, groups)
    return Prompt(
        image_urls=tuple(strip_brackets(url.text) for url in urls),
        words=text[start:tail].strip(),
        parameters=tuple(_arguments(tuple(each_token(text, groups, tail)))),
    )


def build(prompt: Prompt) -> str:
    """The text of a prompt, its pieces joined by single spaces; `parse` reads the same prompt from it."""
    pieces = (*prompt.image_urls, prompt.words, *map(str, prompt.parameters))
    return " ".join(piece for piece in pieces if piece)


def is_name(token: str) -> bool:
    """Whether a token is, or starts with, the name of a parameter, known or not."""
    return _NAME.match(token) is not None


def strip_brackets(url: str) -> str:
    """Without the angle brackets that Midjourney and Discord put around a URL."""
    return url[1:-1] if url.startswith("<") and url.endswith(">") else url


def image_span(text: str) -> tuple[int, int]:
    """Where the leading image URLs stand in `text`; an empty span where the first would go."""
    urls = tuple(_leading_urls(text, braces(text).groups))
    return (urls[0].start, urls[-1].end) if urls else (0, 0)


def cut(text: str, start: int, end: int) -> str:
    """`text` without a stretch of it and the whitespace before it; the rest stays as typed."""
    before, after = text[:start].rstrip(), text[end:]
    return before + after if before else after.lstrip()


def is_image_url(token: str) -> bool:
    """Whether a token at the start of a prompt is read as an image: any address, also one that cannot work."""
    half_bracketed = token.startswith("<") and not token.endswith(">")
    return _URL.match(token) is not None and not half_bracketed


def _leading_urls(text: str, groups: tuple[tuple[int, int], ...]) -> Iterator[Token]:
    return takewhile(lambda piece: is_image_url(piece.text), each_token(text, groups))


def _tail(text: str, start: int, groups: tuple[tuple[int, int], ...]) -> int:
    """Where the first parameter starts, or where the text ends."""
    ahead = iter(groups)
    group = next(ahead, None)
    for name in _FIRST_NAME.finditer(text, start):
        while group is not None and group[1] <= name.start():
            group = next(ahead, None)
        if group is None or name.start() < group[0]:
            return name.start()
    return len(text)


def _arguments(pieces: tuple[Token, ...]) -> Iterator[Argument]:
    at = 0
    while at < len(pieces):
        end = at + 1
        while end < len(pieces) and not is_name(pieces[end].text):
            end += 1
        yield _argument(pieces[at], pieces[at + 1 : end])
        at = end


def _argument(head: Token, rest: tuple[Token, ...]) -> Argument:
    alias, glued = _split_name(head.text)
    spec = parameter(alias)
    values = ([glued] if glued else []) + [piece.text for piece in rest]
    taken = _taken(spec, values)
    own = taken - (1 if glued else 0)  # how many of the tokens after the name are values
    return Argument(
        name=spec.name if spec else alias.lower(),
        values=tuple(values[:taken]),
        alias=alias,
        stray=tuple(values[taken:]),
        start=head.start,
        end=rest[own - 1].end if own else head.end,
    )


def _split_name(token: str) -> tuple[str, str]:
    """The name in a token and a value without a space before it, as in --ar16:9."""
    match = _NAME.match(token)
    if match is None or match.end() == len(token):
        return token[2:], ""
    spec, glued = parameter(match[1]), token[match.end() :]
    if spec and _NUMBER_START.match(glued) and _taken(spec, [glued]):
        return match[1], glued
    return token[2:], ""


def _taken(spec: Parameter | None, values: list[str]) -> int:
    """How many of the tokens after a name are its values; the others are stray."""
    if spec is None or spec.kind is Kind.WORDS:
        return len(values)
    count = 0
    while count < len(values) and _takes(spec, count, values[count]):
        count += 1
    return count


def _takes(spec: Parameter, count: int, piece: str) -> bool:
    match spec.kind:
        case Kind.FLAG:
            # Midjourney echoes --video as --video 1 (useapi-v3.md §12).
            return spec.name == "video" and count == 0 and piece == "1"
        case Kind.CODES:
            return _CODE.match(piece.rstrip(",")) is not None or has_group(piece)
        case Kind.REFERENCES | Kind.URLS:
            return count == 0 or _REFERENCE.match(piece.rstrip(",")) is not None or has_group(piece)
        case Kind.URL:
            return count == 0 or is_image_url(piece)
        case _ if spec.value_optional:
            return count == 0 and (_NUMBER_START.match(piece) is not None or has_group(piece))
        case _:
            return count == 0


def _parts(words: str) -> tuple[Part, ...]:
    parts: list[Part] = []
    at = 0
    for mark in _WEIGHT.finditer(words):
        parts.append(Part(words[at : mark.start()].strip(), float(mark[1]) if mark[1] else 1.0))
        at = mark.end()
    rest = words[at:].strip()
    if rest or not parts:
        parts.append(Part(rest))
    return tuple(parts)
