"""The parameters panel: prompt text to form values and back.

The text is the truth. A control changes its own parameter in it and nothing else: not the other parameters, not
their order, not the names that the person chose to type.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields

from midjourney.parameters import Kind, Parameter, limits, parameter
from midjourney.prompt.errors import PromptSyntaxError
from midjourney.prompt.reading import SPEEDS, VISIBILITIES, stated_version
from midjourney.prompt.syntax import Argument, Prompt, cut, image_span, is_image_url, parse, strip_brackets
from midjourney.prompt.tokens import braces, tokens

DEFAULT_PROFILE = "default"
"""How the form writes a bare --profile, which means the account's own profile."""


@dataclass(frozen=True, slots=True)
class FormValues:
    """What the panel shows. Text is "" and a flag False where the prompt does not say.

    Values are as typed, so they may be wrong. `version` is a key ("7", "niji 6"), `speed` fast, relax or turbo,
    `visibility` stealth or public. `image_urls`, `sref`, `cref`, `edit` and `profile` hold several separated by spaces.
    """

    image_urls: str = ""
    ar: str = ""
    stylize: str = ""
    chaos: str = ""
    weird: str = ""
    exp: str = ""
    quality: str = ""
    seed: str = ""
    stop: str = ""
    iw: str = ""
    sref: str = ""
    sw: str = ""
    sv: str = ""
    cref: str = ""
    cw: str = ""
    edit: str = ""
    oref: str = ""
    ow: str = ""
    profile: str = ""
    zoom: str = ""
    tile: bool = False
    raw: bool = False
    draft: bool = False
    hd: bool = False
    video: bool = False
    motion: str = ""
    loop: bool = False
    end: str = ""
    bs: str = ""
    no: str = ""
    repeat: str = ""
    version: str = ""
    speed: str = ""
    visibility: str = ""


FIELDS = tuple(field.name for field in fields(FormValues))
_NAMES: dict[str, tuple[str, ...]] = {"version": ("v", "niji"), "speed": SPEEDS, "visibility": VISIBILITIES}


def to_form(prompt: Prompt) -> FormValues:
    """The values for the panel, as the prompt states them."""
    return FormValues(**{field: _form_value(prompt, field) for field in FIELDS})  # type: ignore[arg-type]


def from_form(values: FormValues, words: str) -> str:
    """The text of a prompt with these words and values. Parameters that stand in `words` give way to `values`."""
    return update(words, **asdict(values))


def update(text: str, **changes: str | bool) -> str:
    """Change parameters in a prompt's text; keys are the fields of `FormValues`.

    A parameter is changed where it stands, under the name that was typed, or else added at the end under its canonical
    name. "", False and Midjourney's default remove it. What the text already says stays as it was written, even a
    default: it may be there against the account's own setting. Raises PromptSyntaxError (code `bad_value`) for a value
    that would not read back as this parameter, and TypeError for an unknown key.
    """
    for field, value in changes.items():
        if field not in FIELDS:
            raise TypeError(f"there is no parameter {field!r}")
        text = _changed(text, field, value)
    return text


def _changed(text: str, field: str, value: str | bool) -> str:
    prompt = parse(text)
    if field == "image_urls":
        return _with_images(text, prompt, [token.text for token in tokens(str(value))])
    given = _given(prompt, field)
    if value == _form_value(prompt, field) and len(given) <= 1:
        return text
    target = _target(field, value)
    argument = _written(*target, given[-1] if given else None) if target else ""
    if argument and not given:
        return f"{text.rstrip()} {argument}".lstrip()
    for position, old in enumerate(reversed(given)):
        if argument and position == 0:
            text = text[: old.start] + argument + text[old.end :]
        else:
            text = cut(text, old.start, old.end)
    return text


def _given(prompt: Prompt, field: str) -> tuple[Argument, ...]:
    if field == "raw":  # --style raw is its old spelling
        return tuple(each for each in prompt.all("raw", "style") if each.name == "raw" or each.value == "raw")
    return prompt.all(*_NAMES.get(field, (field,)))


def _form_value(prompt: Prompt, field: str) -> str | bool:
    if field == "image_urls":
        return " ".join(prompt.image_urls)
    if field == "version":
        return stated_version(prompt)
    given = _given(prompt, field)
    if field in _NAMES:
        return given[-1].name if given else ""
    spec = parameter(field)
    if spec is None or spec.is_flag:
        return bool(given)
    if not given:
        return ""
    if field == "profile":
        return " ".join(each.value or DEFAULT_PROFILE for each in given)
    if spec.takes_several:
        return (", " if spec.kind is Kind.WORDS else " ").join(each.value for each in given if each.values)
    return given[-1].value


def _target(field: str, value: str | bool) -> tuple[str, str] | None:
    """The parameter and the value to write, None to remove it."""
    if isinstance(value, bool) or not value.strip():
        return (field, "") if value is True else None
    value = value.strip()
    if field in {"speed", "visibility"}:
        if value not in _NAMES[field]:
            raise _bad_value(field, value)
        return value, ""
    if field == "version":
        family, _, number = value.rpartition("niji")
        return ("niji", number.strip()) if value.startswith("niji") else ("v", family + number)
    spec = parameter(field)
    if field == "profile" and value == DEFAULT_PROFILE:
        return field, ""
    return None if spec and is_default(spec, value) else (field, value)


def is_default(spec: Parameter, value: str) -> bool:
    """Whether a value only says what Midjourney does anyway; 1.0 is 1."""
    if value == spec.default:
        return True
    numeric = spec.kind in {Kind.INTEGER, Kind.DECIMAL} and "." in value
    return numeric and bool(spec.default) and value.rstrip("0").rstrip(".") == spec.default


def _written(name: str, value: str, old: Argument | None) -> str:
    """`--name value`, under the alias that `old` was typed with where it is the same parameter."""
    alias = old.alias if old and old.name == name else name
    text = f"--{alias} {value}".strip()
    read = parse(text).parameters
    expected = tuple(token.text for token in tokens(value))
    if len(read) != 1 or read[0].name != name or read[0].values != expected or braces(value).unmatched:
        raise _bad_value(name, value)
    return text


def _bad_value(name: str, value: str) -> PromptSyntaxError:
    return PromptSyntaxError(
        f"“{value}” is not a value for --{name}. Write it as in {example(name)}.", code="bad_value", parameter=name
    )


def example(name: str) -> str:
    """How a parameter is written, for messages: `--ar 16:9`."""
    spec = parameter(name)
    url = "https://example.com/image.png"
    samples = {"ar": "16:9", "profile": "abc1234", "no": "people, text", "oref": url, "cref": url, "end": url}
    samples |= {"sref": url, "niji": "7", "v": "7", "seed": "1234", "repeat": "4", "iw": "1.5", "zoom": "1.5"}
    if spec is None or spec.is_flag:
        return f"--{name}"
    choices = limits(name, "").choices
    return f"--{name} {samples.get(name) or spec.default or (choices[0] if choices else '10')}"


def _with_images(text: str, prompt: Prompt, urls: list[str]) -> str:
    wanted = tuple(map(strip_brackets, urls))
    if wanted == prompt.image_urls:
        return text
    for url in wanted:
        if not is_image_url(url) or braces(url).unmatched:
            raise PromptSyntaxError(
                f"“{url}” is not the address of an image. Use one that starts with https://.",
                code="bad_value",
                parameter="image_urls",
            )
    start, end = image_span(text)
    return " ".join(piece for piece in (" ".join(wanted), (text[:start] + text[end:]).lstrip()) if piece)
