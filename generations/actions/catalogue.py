"""What a button's label means (useapi-v3.md §8.1). The list is open: a label that is not known is offered as it is."""

import re
from dataclasses import dataclass
from typing import Literal

from generations import kinds
from generations.models import Job, Lane

Group = Literal["upscale", "vary", "zoom", "pan", "reroll", "animate", "extend", "other"]

REROLL = "🔄"
REGION = "Vary (Region)"
CUSTOM_ZOOM = "Custom Zoom"
ONCE = ("U1", "U2", "U3", "U4")  # a job does these once; again answers with the same result (§8.2)
PICK = "Pick"  # what U1 to U4 do with clips, which nothing upscales
ANIMATE = ("Animate (Low motion)", "Animate (High motion)")

GROUP_LABELS: dict[Group, str] = {
    "upscale": "Upscale",
    "vary": "Vary",
    "zoom": "Zoom",
    "pan": "Pan",
    "reroll": "Again",
    "animate": "Animate",
    "extend": "Extend",
    "other": "More",
}
_ICONS: dict[Group, str] = {
    "upscale": "upscale",
    "vary": "vary",
    "zoom": "zoom-out",
    "pan": "pan",
    "reroll": "retry",
    "animate": "play",
    "extend": "video",
    "other": "more",
}
_ARROWS = {
    "⬅": ("Left", "arrow-left"),
    "➡": ("Right", "arrow-right"),
    "⬆": ("Up", "arrow-up"),
    "⬇": ("Down", "arrow-down"),
}
_NUMBERED = re.compile(r"([UV])([1-4])")
_BRACKETS = re.compile(r"\((.+?)( motion)?\)$")
_WITH_REMIX = {"vary", "pan", "reroll"}


@dataclass(frozen=True, slots=True)
class Button:
    """A button as people know it.

    `label` is sent letter by letter; `words` is what stands on it within its group and `title` on its own; `position`
    is the picture that it acts on, 0 where that is all of the job's. `takes_prompt` where the service reads a prompt
    of its own while remix is on; `is_once` where pressing again only brings the first result.
    """

    label: str
    group: Group
    words: str
    title: str
    icon: str
    lane: str
    position: int = 0
    takes_prompt: bool = False
    needs_prompt: bool = False
    needs_mask: bool = False
    is_once: bool = False


def read(label: str, parent_lane: str = Lane.IMAGE) -> Button:
    """What this label means on a job of that lane ("image" or "video")."""
    bare = label.replace("\ufe0f", "").strip()
    numbered = _NUMBERED.fullmatch(bare)
    group = _group(bare)
    is_video = parent_lane == Lane.VIDEO or group in {"animate", "extend"}
    words = _words(bare, group, is_clip=parent_lane == Lane.VIDEO)
    return Button(
        label=label,
        group=group,
        words=words,
        title=kinds.button_label(label),
        icon=_ARROWS[bare][1] if bare in _ARROWS else "check" if words == PICK else _ICONS[group],
        lane=Lane.VIDEO if is_video else Lane.IMAGE,
        position=int(numbered[2]) if numbered else 0,
        takes_prompt=group in _WITH_REMIX and parent_lane != Lane.VIDEO,
        needs_prompt=bare == CUSTOM_ZOOM,
        needs_mask=bare == REGION,
        is_once=bare in ONCE,
    )


def name(button: Button) -> str:
    """The button on its own, as people say it: "Upscale 2", "Vary (Subtle)", "Reroll"."""
    if button.group == "upscale" and button.position and button.lane == Lane.IMAGE:
        return f"Upscale {button.position}"
    return button.title


def of_job(job: Job) -> list[Button]:
    """The buttons that the job's upstream answer offered, in the order in which it did.

    Those of a describe result are left out: they are none of the service's supported ones (§6.5).
    """
    if job.verb == "describe" or not job.remote_id:
        return []
    return [read(str(label), job.lane) for label in job.buttons]


def _group(bare: str) -> Group:
    first = bare.split("(")[0].strip().lower()
    match first:
        case "vary" | "make variations" | "remaster":
            return "vary"
        case "custom zoom" | "make square":
            return "zoom"
        case "animate":
            return "animate"
        case "extend":
            return "extend"
    if bare == REROLL:
        return "reroll"
    if bare in _ARROWS:
        return "pan"
    if numbered := _NUMBERED.fullmatch(bare):
        return "upscale" if numbered[1] == "U" else "vary"
    if "upscale" in first:
        return "upscale"
    return "zoom" if first.startswith("zoom") else "other"


def _words(bare: str, group: Group, *, is_clip: bool) -> str:
    """What stands on the button inside its group: Subtle, 2x, Left, low motion."""
    if numbered := _NUMBERED.fullmatch(bare):
        if numbered[1] == "V":
            return "Vary"
        return PICK if is_clip else "Upscale"
    if bare in _ARROWS:
        return _ARROWS[bare][0]
    if bare == REROLL:
        return "Reroll"
    if group in {"animate", "extend"} and (found := _BRACKETS.search(bare)):
        return f"{found[1].capitalize()} motion"
    if found := _BRACKETS.search(bare):
        return f"Redo {found[1]}" if bare.startswith("Redo") else found[1]
    return bare.removeprefix("Zoom Out ") if bare.startswith("Zoom Out") else bare.removesuffix(" Zoom")
