"""Prompts for `describe`, and words for `blend`, out of a picture's colours and shape or a link's text."""

from __future__ import annotations

import colorsys
import io
import math
import random
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

import numpy as np
from PIL import Image

from midjourney.simulator import ids
from midjourney.simulator.fields import Blob
from midjourney.simulator.replies import Refusal

_RATIOS = ((1, 1), (16, 9), (9, 16), (3, 2), (2, 3), (4, 3), (3, 4), (5, 4), (4, 5), (2, 1), (1, 2), (21, 9))
_HUES = (
    "red",
    "orange",
    "golden",
    "yellow",
    "green",
    "emerald",
    "teal",
    "cyan",
    "azure",
    "blue",
    "violet",
    "magenta",
    "rose",
)
_OPENINGS = (
    "{subject} in {a} and {b} tones, {light}",
    "a cinematic view of {subject}, {light}, {a} shadows and {b} highlights",
    "minimal composition, {subject}, {a} palette with a touch of {b}, {light}",
    "an editorial photograph of {subject}, {b} accents on {a}, {light}, fine grain",
)
_BRIGHT = ("soft morning haze", "high-key daylight", "airy backlight", "pale winter sun")
_DARK = ("low-key moonlight", "deep blue hour", "a single warm lamp in the dark", "dramatic chiaroscuro")
_FIGURES = ("a quiet landscape", "a still life on a table", "layered hills", "an abstract study", "a distant skyline")


@dataclass(frozen=True, slots=True)
class Look:
    """What can be said of a picture: words for it, two colours, whether it is bright, its size."""

    subject: str
    colours: tuple[str, str]
    bright: bool
    size: tuple[int, int]


def look_at_blob(blob: Blob, name: str) -> Look:
    """Look at an upload. Raises Refusal 400 where it is no picture."""
    try:
        with Image.open(io.BytesIO(blob.content)) as picture:
            size = picture.size
            picture.draft("RGB", (64, 64))
            pixels = np.asarray(picture.convert("RGB").resize((16, 16)), dtype=np.float32) / 255
    except (OSError, ValueError, Image.DecompressionBombError):
        raise Refusal(400, f"Parameter {name} is not an image that can be read", code=400) from None
    flat = pixels.reshape(-1, 3)
    order = flat.mean(axis=1).argsort()
    dark, light = flat[order[:128]].mean(axis=0), flat[order[128:]].mean(axis=0)
    choice = random.Random(ids.digest(blob.content[:4096].hex()))
    subject = choice.choice(_FIGURES)
    return Look(subject, (_colour_name(dark), _colour_name(light)), bool(flat.mean() > 0.5), size)


def look_at_link(link: str) -> Look:
    """Make something up from the words of a link; nothing is fetched."""
    parts = urlsplit(link)
    stem = unquote(parts.path.rsplit("/", 1)[-1]).rsplit(".", 1)[0]
    words = [word for word in re.findall(r"[a-z]{3,}", stem.lower()) if word not in {"jpeg", "png", "webp", "image"}]
    rng = random.Random(ids.digest(link))
    subject = " ".join(words[:5]) or rng.choice(_FIGURES)
    ratio = rng.choice(_RATIOS[:7])
    colours = (rng.choice(_HUES), rng.choice(_HUES))
    return Look(subject, colours, rng.random() > 0.5, (ratio[0] * 80, ratio[1] * 80))


def suggestions(look: Look) -> list[str]:
    """Four prompts, each ending in the aspect ratio (useapi-v3.md §6.5)."""
    rng = random.Random(ids.digest(look.subject, *look.colours, look.size))
    lights = rng.sample(_BRIGHT if look.bright else _DARK, 4)
    width, height = nearest_ratio(look.size)
    a, b = look.colours
    return [
        f"{opening.format(subject=look.subject, a=a, b=b, light=light)} --ar {width}:{height}"
        for opening, light in zip(_OPENINGS, lights, strict=True)
    ]


def nearest_ratio(size: tuple[int, int]) -> tuple[int, int]:
    """The usual aspect ratio that is closest to a size."""
    wanted = math.log(max(size[0], 1) / max(size[1], 1))
    return min(_RATIOS, key=lambda ratio: abs(math.log(ratio[0] / ratio[1]) - wanted))


def settings_text(settings: dict[str, Any]) -> str:
    """The text of the settings panel."""
    modes = [name for name in ("raw", "personalization", "public", "remix", "variability") if settings.get(name)]
    speed = next((name for name in ("turbo", "relax", "fast") if settings.get(name)), "fast")
    suffix = f"\n**Suffix**: {settings['suffix']}" if settings.get("suffix") else ""
    shown = ", ".join([*modes, speed])
    return f"**Version**: {settings.get('version')}\n**Stylize**: {settings.get('stylize')}\n**Modes**: {shown}{suffix}"


def _colour_name(colour: np.ndarray[Any, Any]) -> str:
    hue, lightness, saturation = colorsys.rgb_to_hls(*(float(part) for part in colour))
    if saturation < 0.12:
        return "charcoal" if lightness < 0.3 else "silver" if lightness < 0.7 else "ivory"
    return _HUES[min(len(_HUES) - 1, int(hue * len(_HUES)))]
