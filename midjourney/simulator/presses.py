"""What pressing a button does to the picture (useapi-v3.md §8)."""

from __future__ import annotations

import base64
import binascii
import io
import math
from dataclasses import replace

from PIL import Image

from midjourney.simulator import buttons
from midjourney.simulator.accounts import Channel
from midjourney.simulator.faults import without_words
from midjourney.simulator.fields import Fields
from midjourney.simulator.jobs import Job
from midjourney.simulator.prompts import BadParameter, Prompt, read_prompt
from midjourney.simulator.recipes import PICTURES, Recipe, from_record
from midjourney.simulator.replies import Refusal
from midjourney.simulator.world import Draft

_VARY = {"Vary (Strong)": 0.55, "Vary (Subtle)": 0.18, "Make Variations": 0.4, "Remaster": 0.3}
_VARIATION = 0.35
_EXTENSION = 0.08
_PAN_BY = 0.5
_MAX_MASK_BYTES = 4 * 1024 * 1024


def recipe_of(job: Job) -> Recipe:
    return from_record(job.recipe)


def press(fields: Fields, parent: Job, label: str, channel: Channel | None) -> Draft:
    """The job that a press makes. Raises Refusal 400 where the button wants a mask or a prompt it did not get."""
    if label in buttons.DESCRIBE and parent.verb == "describe":
        raise Refusal(400, f"Button {label} is not supported", code=400)
    prompt, refusal = _prompt(fields, parent, label, channel)
    draft = Draft("button", "image", "image", {}, prompt, parent=parent, button=label, refusal=refusal)
    recipe = recipe_of(parent)
    if parent.lane == "video":
        _press_video(draft, recipe, label, parent)
    elif label in buttons.UPSCALES:
        draft.recipe, draft.kind = recipe.single(int(label[1])), "upscale"
        draft.buttons = buttons.for_single(prompt)
    elif "Upscale" in label:
        draft.recipe = replace(recipe, scale=4 if "4x" in label else 2)
        draft.buttons = buttons.for_single(prompt, upscaled=label)
    elif label in buttons.ANIMATE:
        _animate(draft, recipe, label)
    else:
        text = prompt.text if prompt.text != _parent_prompt(parent).text else ""
        draft.recipe = _bend(fields, recipe, label, text)
        draft.buttons = buttons.for_grid()
    if label == buttons.CUSTOM_ZOOM and not refusal:
        draft.recipe = _custom_zoom(recipe, prompt)
    return draft


def _prompt(fields: Fields, parent: Job, label: str, channel: Channel | None) -> tuple[Prompt, tuple[str, str] | None]:
    """The parent's prompt, or the one that was sent, where remix is on or the button asks for one."""
    given = fields.text("prompt", limit=5000, required=label == buttons.CUSTOM_ZOOM)
    if label == buttons.REGION:
        _read_mask(fields)
    remix = bool(channel and channel.settings.get("remix"))
    if not given or not (remix or label == buttons.CUSTOM_ZOOM):
        return _parent_prompt(parent), None
    try:
        return read_prompt(without_words(given)), None
    except BadParameter as exc:
        return _parent_prompt(parent), ("Invalid parameter", str(exc))


def _parent_prompt(parent: Job) -> Prompt:
    try:
        return read_prompt(without_words(parent.effective))
    except BadParameter:
        return Prompt((), parent.effective)


def _bend(fields: Fields, recipe: Recipe, label: str, text: str) -> Recipe:
    if label in buttons.VARIATIONS:
        return recipe.single(int(label[1])).varied(0, _VARIATION, text)
    if label == buttons.REROLL:
        return replace(recipe, text=text or recipe.text, path=recipe.path, scale=1)
    if label == buttons.REGION:
        bent = recipe.varied(0, 0.9, text)
        return replace(bent, mask=fields.text("mask"), under=replace(recipe, scale=1).as_record())
    if label in _VARY:
        return recipe.varied(0, _VARY[label], text)
    return _look_elsewhere(recipe.varied(0, _EXTENSION, text), label)


def _look_elsewhere(recipe: Recipe, label: str) -> Recipe:
    """Zooms, pans and Make Square: the same scene through a larger or a moved window."""
    view, aspect = recipe.view, (recipe.width, recipe.height)
    if label.startswith("Zoom Out"):
        return replace(recipe, view=replace(view, height=view.height * (2.0 if "2x" in label else 1.5)))
    if label == "Make Square":
        longer = max(1.0, aspect[0] / aspect[1])
        return recipe.resized((1, 1), replace(view, height=view.height * longer))
    if label in {"⬅️", "➡️"}:
        grown = aspect[0] / aspect[1] * _PAN_BY * view.height
        step = grown / 2 if label == "➡️" else -grown / 2
        return recipe.resized(_ratio(aspect[0] * (1 + _PAN_BY), aspect[1]), replace(view, x=view.x + step))
    grown = _PAN_BY * view.height
    step = grown / 2 if label == "⬇️" else -grown / 2
    taller = replace(view, y=view.y + step, height=view.height + grown)
    return recipe.resized(_ratio(aspect[0], aspect[1] * (1 + _PAN_BY)), taller)


def _custom_zoom(recipe: Recipe, prompt: Prompt) -> Recipe:
    factor = float(prompt.parameters.get("zoom", "2"))
    view = replace(recipe.view, height=recipe.view.height * factor)
    bent = recipe.varied(0, _EXTENSION, prompt.text)
    if "ar" not in prompt.parameters:
        return replace(bent, view=view)
    width, height = prompt.aspect()
    before, after = recipe.width / recipe.height, width / height
    return bent.resized((width, height), replace(view, height=view.height * max(1.0, before / after)))


def _ratio(width: float, height: float) -> tuple[int, int]:
    whole = math.gcd(round(width), round(height)) or 1
    return round(width) // whole, round(height) // whole


def _animate(draft: Draft, recipe: Recipe, label: str) -> None:
    motion = "high" if "High" in label else "low"
    draft.lane, draft.kind = "video", "video"
    draft.recipe = replace(recipe.varied(0, 0.0), motion=motion)
    draft.prompt = replace(draft.prompt, parameters={"motion": motion, "video": ""})
    draft.buttons, draft.result = buttons.for_video(PICTURES), {"videos": PICTURES}


def _press_video(draft: Draft, recipe: Recipe, label: str, parent: Job) -> None:
    draft.lane, draft.kind = "video", "video"
    if label in buttons.UPSCALES:
        draft.recipe, draft.kind, draft.result = recipe.single(int(label[1])), "upscale", {"videos": 1}
        draft.buttons = buttons.for_single_video(recipe.extended)
    elif label in buttons.EXTEND:
        motion = "high" if "High" in label else "low"
        draft.recipe = replace(recipe.varied(0, 0.0), motion=motion, extended=recipe.extended + 1)
        draft.buttons, draft.result = buttons.for_video(PICTURES), {"videos": PICTURES}
    else:
        count = int(parent.result.get("videos", PICTURES))
        draft.recipe, draft.result, draft.buttons = recipe, {"videos": count}, buttons.for_video(count)


def _read_mask(fields: Fields) -> None:
    """Refuse anything but bare base64 of a WebP picture (useapi-v3.md §8.3)."""
    text = fields.text("mask", required=True)
    try:
        content = base64.b64decode(text, validate=True)
        if len(content) > _MAX_MASK_BYTES:
            raise Refusal(400, "Parameter mask is too large", code=400)
        with Image.open(io.BytesIO(content), formats=["WEBP"]) as picture:
            picture.load()
    except (binascii.Error, ValueError, OSError):
        raise Refusal(400, "Parameter mask must be a base64 encoded WebP image", code=400) from None
