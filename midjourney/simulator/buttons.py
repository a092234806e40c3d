"""Which buttons a finished job offers and what each does (useapi-v3.md §8)."""

from __future__ import annotations

from midjourney.simulator.prompts import Prompt

REROLL = "🔄"
UPSCALES = ("U1", "U2", "U3", "U4")
VARIATIONS = ("V1", "V2", "V3", "V4")
PANS = ("⬅️", "➡️", "⬆️", "⬇️")
ANIMATE = ("Animate (High motion)", "Animate (Low motion)")
EXTEND = ("Extend (High motion)", "Extend (Low motion)")
DESCRIBE = ("1️⃣", "2️⃣", "3️⃣", "4️⃣", REROLL, "Imagine all")
REGION = "Vary (Region)"
CUSTOM_ZOOM = "Custom Zoom"
MAX_EXTENSIONS = 4

_ACTIONS = {
    "U": "upsample",
    "V": "variation",
    REROLL: "reroll",
    "Vary (Strong)": "high_variation",
    "Vary (Subtle)": "low_variation",
    "Upscale (Subtle)": "upsample_v6_2x_subtle",
    "Upscale (Creative)": "upsample_v6_2x_creative",
    "Upscale (2x)": "upsample_v5_2x",
    "Upscale (4x)": "upsample_v5_4x",
    "⬅️": "pan_left",
    "➡️": "pan_right",
    "⬆️": "pan_up",
    "⬇️": "pan_down",
    "Animate (High motion)": "animate_high",
    "Animate (Low motion)": "animate_low",
    "Extend (High motion)": "animate_high_extend",
    "Extend (Low motion)": "animate_low_extend",
}


def for_grid() -> list[str]:
    """Four images: the set seen in real V7 payloads."""
    return [*UPSCALES, REROLL, *VARIATIONS]


def for_single(prompt: Prompt, upscaled: str = "") -> list[str]:
    """One image, after a U-button or, with `upscaled`, after one of the upscalers."""
    major = prompt.version.split(".")[0] or "7"
    if major in {"1", "2", "3", "4"} and "niji" not in prompt.parameters:
        return ["Make Variations", "Remaster"]
    kinds = ("2x", "4x") if major == "5" else ("Subtle", "Creative")
    word = "Redo Upscale" if upscaled else "Upscale"
    labels = [f"{word} ({kind})" for kind in kinds]
    labels += ["Vary (Subtle)", "Vary (Strong)"]
    if not upscaled:
        labels.append(REGION)
    labels += ["Zoom Out 2x", "Zoom Out 1.5x", CUSTOM_ZOOM]
    if prompt.aspect()[0] != prompt.aspect()[1]:
        labels.append("Make Square")
    labels += [] if upscaled else PANS
    return [*labels, *ANIMATE]


def for_video(count: int) -> list[str]:
    """The videos of one job."""
    return [*UPSCALES[:count], REROLL]


def for_single_video(extensions: int) -> list[str]:
    """One chosen video; it can be extended four times (useapi-v3.md §12)."""
    return list(EXTEND) if extensions < MAX_EXTENSIONS else []


def custom_id(label: str, guid: str) -> str:
    """The `custom_id` of a button's component (useapi-v3.md §6.4)."""
    if label in UPSCALES or label in VARIATIONS:
        return f"MJ::JOB::{_ACTIONS[label[0]]}::{label[1]}::{guid}"
    if label == "Vary (Region)":
        return f"MJ::Inpaint::1::{guid}::SOLO"
    if label == CUSTOM_ZOOM:
        return f"MJ::CustomZoom::{guid}"
    if label.startswith("Zoom Out"):
        return f"MJ::Outpaint::{'50' if '2x' in label else '75'}::1::{guid}::SOLO"
    if label == "Make Square":
        return f"MJ::Outpaint::100::1::{guid}::SOLO"
    action = _ACTIONS.get(label.removeprefix("Redo "), label.lower().replace(" ", "_"))
    return f"MJ::JOB::{action}::{0 if label == REROLL else 1}::{guid}::SOLO"
