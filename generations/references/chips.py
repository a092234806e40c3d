"""What stands in a prompt besides words and numbers: pictures, addresses and style codes, each with its role."""

from dataclasses import dataclass

from generations.models import Reference
from midjourney import prompt as language
from midjourney.parameters import ROLES

# The control of the panel that holds each role's values, by the name of its parameter; "" is the start of the text.
_CONTROLS = {"": "image_urls"}
_LABELS = {role.parameter: role.label for role in reversed(ROLES)}  # "" is an image prompt, except in a video
_WEIGHTS = {role.parameter: role.weight for role in ROLES if role.weight}
_PLACES = ("sref", "cref", "oref", "edit", "end")


@dataclass(frozen=True)
class Chip:
    """A reference as it is shown: removing it takes `value` out of the control `control`.

    `thumbnail` is "" for what is no picture of the library; `is_missing` for a picture that is not there any more.
    """

    control: str
    value: str
    role: str
    what: str
    thumbnail: str = ""
    weight: str = ""
    is_missing: bool = False


def of_text(user, text: str) -> list[Chip]:
    """The chips of a text in the order of their places. One query where it uses pictures of the library."""
    parsed = language.parse(text)
    places = [("image_urls", "", url) for url in parsed.image_urls]
    for argument in parsed.all(*_PLACES):
        places += [(argument.name, argument.name, value) for value in argument.values]
    codes = {code for _, _, value in places for code in language.codes(value)}
    rows = Reference.objects.visible_to(user).in_library().filter(code__in=codes) if codes else ()
    known = {row.code: row for row in rows}
    return [_chip(parsed, *place, known) for place in places]


def _chip(parsed: language.Prompt, control: str, parameter: str, value: str, known: dict[str, Reference]) -> Chip:
    role = "Start frame" if not parameter and parsed.has("video") else _LABELS.get(parameter, parameter)
    weight = parsed.value(_WEIGHTS.get(parameter, "-"))
    codes = language.codes(value)
    if not codes:
        return Chip(control, value, role, _shortened(value), weight=weight)
    row = known.get(codes[0])
    if row is None:
        return Chip(control, value, role, f"ref:{codes[0]} is not in your library", weight=weight, is_missing=True)
    return Chip(control, value, role, row.name or "Picture", row.thumbnail_url(), weight)


def _shortened(value: str) -> str:
    """An address without what makes it long; a code as it is."""
    if "://" not in value:
        return value if value.lower() != "random" else "a random style"
    host, _, path = value.partition("://")[2].partition("/")
    return f"{host}/…{path[-16:]}" if len(path) > 18 else f"{host}/{path}"
