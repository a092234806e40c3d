"""The language of the search box: words, "phrases", -without, and filters such as `rating>=4 is:favourite ar:16:9`.

A text is read into terms. Each term can be shown as a chip and taken out of the text; what cannot be understood is a
problem with a place and a way out, and the rest is still searched for.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from generations.gallery import words

LONGEST = 500  # characters
MOST_TERMS = 30

Kind = Literal[
    "words", "phrase", "is", "kind", "model", "ratio", "shape", "number", "tag", "collection", "account", "person",
    "date",
]  # fmt: skip

NUMBERS = {"rating": 5, "stylize": 1000, "chaos": 100, "weird": 3000, "seed": 4_294_967_295}
FLAGS = ("favourite", "rejected", "rated", "tagged", "noted", "parent", "shared", "video")
KINDS = ("imagine", "upscale", "variation", "zoom", "blend", "video", "import", "grid", "single")
SHAPES = ("landscape", "portrait", "square")
DATES = ("before", "after", "on")
ALIASES = {
    "s": "stylize", "style": "stylize", "c": "chaos", "w": "weird", "stars": "rating", "fav": "favourite", "v": "model",
    "version": "model", "ar": "ratio", "orientation": "shape", "collection": "in", "since": "after", "until": "before",
    "type": "kind",
}  # fmt: skip
FIELDS = ("is", "kind", "model", "ratio", "shape", "tag", "in", "account", "person", *DATES, *NUMBERS)
# What can be asked of pictures that others have shared: nothing that tells of their prompts or of what they think.
OF_OTHERS = frozenset({"kind", "shape", "ratio", "date", "person"})

_PIECE = re.compile(
    r"""(?P<minus>[-−]?)
        (?: (?P<field>[A-Za-z]+) (?P<operator>>=|<=|≥|≤|:|=|>|<) (?: "(?P<quoted>[^"]*)" | (?P<value>[^\s"]*) )
          | "(?P<phrase>[^"]*)"?
          | (?P<word>[^\s"]+) )""",
    re.VERBOSE,
)  # fmt: skip
_OPERATORS = {"≥": ">=", "≤": "<=", "=": ":"}
_RATIO = re.compile(r"(\d{1,5})\s*[:x×/]\s*(\d{1,5})")
_AGO = re.compile(r"(\d{1,4})([dwmy])")
_DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that pictures must have, or with `negated` must not have.

    `text` is how it is written in the box; `value` what it means: words folded and separated by spaces, a name, a
    number, or an ISO date.
    """

    kind: Kind
    name: str
    value: str
    text: str
    operator: str = ":"
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """What of the text was not understood, and what to do."""

    text: str
    message: str


@dataclass(frozen=True)
class Query:
    terms: tuple[Term, ...] = ()
    problems: tuple[Problem, ...] = field(default=())

    @property
    def text(self) -> str:
        """The query as it would be written, without what was not understood."""
        return " ".join(term.text for term in self.terms)

    @property
    def person(self) -> str:
        """The colleague whose shared pictures are looked for; "" for one's own gallery."""
        return next((term.value for term in self.terms if term.kind == "person"), "")

    def without(self, term: Term) -> str:
        """The text that is left when this term is taken out."""
        return " ".join(each.text for each in self.terms if each is not term)

    def __bool__(self) -> bool:
        return bool(self.terms)


class _Wrong(Exception):
    """A term that cannot be understood; the message says what would be."""


def parse(text: str, *, today: date) -> Query:
    """Read what somebody typed. Never fails: what makes no sense is among the problems."""
    terms: list[Term] = []
    problems: list[Problem] = []
    if len(text) > LONGEST:
        problems.append(Problem(text[LONGEST:][:40], f"Only the first {LONGEST} characters are searched for."))
    for piece in _PIECE.finditer(text[:LONGEST]):
        try:
            term = _term(piece, today)
        except _Wrong as wrong:
            problems.append(Problem(piece.group(), str(wrong)))
            continue
        if term is not None and term not in terms:
            terms.append(term)
    if len(terms) > MOST_TERMS:
        problems.append(Problem(terms[MOST_TERMS].text, f"Only the first {MOST_TERMS} conditions are searched for."))
    return _kept_private(Query(tuple(terms[:MOST_TERMS]), tuple(problems)))


def _kept_private(query: Query) -> Query:
    """The query without what may not be asked of the pictures of others."""
    if not query.person:
        return query
    asked = [term for term in query.terms if term.kind in OF_OTHERS or (term.kind, term.value) == ("is", "video")]
    allowed = [term for term in asked if term.kind != "person" or term.value == query.person]
    said = "Of what others share only its kind, shape, ratio and date can be searched for, one person at a time."
    refused = [Problem(term.text, said) for term in query.terms if term not in allowed]
    return Query(tuple(allowed), (*query.problems, *refused))


def _term(piece: re.Match[str], today: date) -> Term | None:
    negated = bool(piece["minus"])
    text = piece.group().replace("−", "-")
    if piece["phrase"] is not None:
        folded = words.split(piece["phrase"])
        whole = text if text.endswith('"') and len(text) > 1 + negated else f'{text}"'
        return Term("phrase", "", " ".join(folded), whole, negated=negated) if folded else None
    name = ALIASES.get((piece["field"] or "").lower(), (piece["field"] or "").lower())
    if piece["field"] and (name in FIELDS or name in FLAGS):
        return _filter(name, piece, text, negated, today)
    if piece["field"] and piece["operator"] == ":" and piece["field"].isascii() and not piece["value"].startswith("/"):
        raise _Wrong(f"“{piece['field']}” is nothing to search by. There is {', '.join(FIELDS)}.")
    folded = words.split(text)
    return Term("words", "", " ".join(folded), text, negated=negated) if folded else None


def _filter(name: str, piece: re.Match[str], text: str, negated: bool, today: date) -> Term:
    quoted = piece["quoted"]
    value = (quoted if quoted is not None else piece["value"]).strip()
    operator = _OPERATORS.get(piece["operator"], piece["operator"])
    if not value:
        raise _Wrong(f"Say what {name} is to be, as in {EXAMPLES.get(name, f'{name}:…')}.")
    if name in NUMBERS:
        return _number(name, value, operator, text, negated)
    if operator != ":":
        raise _Wrong(f"{name} takes a colon, as in {EXAMPLES[name]}.")
    if name == "person" and negated:
        raise _Wrong("person cannot be left out; name whose shared pictures you look for.")
    kind, meaning = _meaning(name, value, today)
    return Term(kind, name, meaning, text, negated=negated)


def _number(name: str, value: str, operator: str, text: str, negated: bool) -> Term:
    most = NUMBERS[name]
    if not (value.isascii() and value.isdecimal() and len(value) < 12 and int(value) <= most):
        raise _Wrong(f"{name} is a whole number from 0 to {most}, as in {EXAMPLES[name]}.")
    return Term("number", name, str(int(value)), text, operator, negated)


def _meaning(name: str, value: str, today: date) -> tuple[Kind, str]:
    low = value.lower()
    match name:
        case "is":
            return "is", _one_of(low, FLAGS, name)
        case "kind":
            return "kind", _one_of(low, KINDS, name)
        case "shape":
            return "shape", _one_of(low, SHAPES, name)
        case "model":
            return "model", " ".join(low.removeprefix("v").split())
        case "ratio":
            return "ratio", _ratio(value)
        case "tag":
            return "tag", words.fold(value)
        case "in":
            return "collection", value
        case "account":
            return "account", value
        case "person":
            return "person", value
        case _:
            return "date", _date(name, low, today)


def _one_of(value: str, known: Iterable[str], name: str) -> str:
    value = ALIASES.get(value, value)
    if value not in known:
        raise _Wrong(f"{name} can be {', '.join(known)}; not “{value[:20]}”.")
    return value


def _ratio(value: str) -> str:
    found = _RATIO.fullmatch(value)
    if not found or not int(found[1]) or not int(found[2]):
        raise _Wrong("A ratio is two numbers, as in ar:16:9.")
    return f"{int(found[1])}:{int(found[2])}"


def _date(name: str, value: str, today: date) -> str:
    if value in {"today", "yesterday"}:
        return (today - timedelta(days=value == "yesterday")).isoformat()
    if ago := _AGO.fullmatch(value):
        return (today - timedelta(days=int(ago[1]) * _DAYS[ago[2]])).isoformat()
    parts = value.split("-")
    if all(part.isascii() and part.isdecimal() for part in parts) and 1 <= len(parts) <= 3:
        try:
            return date(*[int(part) for part in (*parts, "1", "1")[:3]]).isoformat()
        except ValueError:
            pass
    raise _Wrong(f"{name} takes a day such as 2026-01-31, a month, a year, 7d, 2w, or today.")


EXAMPLES = {
    "is": "is:favourite", "kind": "kind:upscale", "model": "model:7", "ratio": "ar:16:9", "shape": "shape:portrait",
    "tag": "tag:boats", "in": 'in:"Campaign A"', "account": "account:Studio", "person": "person:Ada",
    "before": "before:2026-01-31", "after": "after:7d", "on": "on:today",
    "rating": "rating>=4", "stylize": "stylize>250", "chaos": "chaos<50", "weird": "weird>0", "seed": "seed:1234",
}  # fmt: skip
