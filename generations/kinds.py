"""The kind of a job: what its duration depends on, as one short text such as "imagine fast 7" or "video relax"."""

from midjourney import prompt as language

_GROUPS = (
    ("upscale", ("upscale", "redo")),
    ("animate", ("animate", "extend")),
    ("vary", ("vary", "v1", "v2", "v3", "v4")),
    ("zoom", ("zoom", "make square", "⬅", "➡", "⬆", "⬇", "pan")),
)

_LABELS = {"🔄": "Reroll", "⬅": "Pan left", "➡": "Pan right", "⬆": "Pan up", "⬇": "Pan down"}
_NUMBERED = {"U": "Pick", "V": "Vary"}


def of_prompt(parsed: language.Prompt) -> str:
    """The kind of a new prompt's job."""
    verb = "video" if language.lane(parsed) == "video" else "imagine"
    speed = language.speed(parsed)
    version = language.effective_version(parsed)
    return " ".join(part for part in (verb, str(speed or ""), version if verb == "imagine" else "") if part)[:60]


def of_button(button: str) -> str:
    """The kind of a job that presses a button."""
    label = button.lower().strip()
    if label in {"u1", "u2", "u3", "u4"}:
        return "pick"
    for group, words in _GROUPS:
        if any(word in label for word in words):
            return group
    return "button"


def button_label(button: str) -> str:
    """A button in words: "Pick 2" for U2, "Pan left" for an arrow, others as they are."""
    bare = button.replace("\ufe0f", "").strip()
    if len(bare) == 2 and bare[0] in _NUMBERED and bare[1] in "1234":
        return f"{_NUMBERED[bare[0]]} {bare[1]}"
    return _LABELS.get(bare, bare)
