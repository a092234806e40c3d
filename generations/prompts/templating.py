"""Templates with variables: which there are, what comes of them, and whether the model they were made for has moved."""

from dataclasses import dataclass
from datetime import date

from generations.batches.templates import filled, placeholders
from generations.models import PromptTemplate, Style, TemplateKind
from midjourney import prompt as language
from midjourney.parameters import default_version, known_version
from midjourney.prompt import Problem

FIRST_FRAME = "first frame"  # of a video template: its picture is chosen on the video page


@dataclass(frozen=True)
class Drift:
    """The default model was another one when this was saved. `pin` is what keeps to the old one, such as `--v 7`."""

    before: str
    now: str
    pin: str


def made_for(text: str, today: date) -> str:
    """The key of the version that a text is for, to be kept with it."""
    return language.effective_version(language.parse(text), today=today)


def drift(kept: PromptTemplate | Style, today: date) -> Drift | None:
    """How the default has moved since; None where it has not, or where the text names its version itself."""
    text = kept.text if isinstance(kept, PromptTemplate) else kept.parameters
    if not kept.made_for or language.stated_version(language.parse(text)):
        return None
    now = default_version(today)
    before, after = known_version(kept.made_for), known_version(now)
    if now == kept.made_for or before is None or after is None:
        return None
    return Drift(before.label, after.label, f"--{'niji' if before.is_niji else 'v'} {before.number}")


def variables(template: PromptTemplate) -> list[str]:
    """What has to be filled in. The first frame of a video is chosen as a picture, not written."""
    return [name for name in placeholders(template.text) if name != FIRST_FRAME]


def fill(template: PromptTemplate, values: dict[str, str], *, pin: str = "") -> str:
    """The prompt with these values, each in one line; missing ones become nothing."""
    every = {name: " ".join(values.get(name, "").split()) for name in placeholders(template.text)}
    text = " ".join(filled(template.text, every).split())
    return f"{text} {pin}" if pin else text


def problems(text: str, kind: str) -> list[Problem]:
    """What is wrong with a template's text, judged with its own names in the places."""
    names = placeholders(text)
    sample = filled(text, {name: "https://example.org/a.png" if name == FIRST_FRAME else name for name in names})
    found = [problem for problem in language.review(" ".join(sample.split())).problems if problem.is_error]
    is_video = language.parse(sample).has("video")
    if kind == TemplateKind.VIDEO and not is_video:
        found.append(Problem("error", "no_video", "video", "A video template needs --video among its parameters."))
    if kind == TemplateKind.IMAGE and is_video:
        found.append(Problem("error", "is_video", "video", "This has --video. Choose video above, or remove it."))
    return found
