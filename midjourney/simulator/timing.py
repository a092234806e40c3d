"""How long jobs take, in simulated seconds, drawn from a seeded generator (useapi-v3.md §13)."""

from __future__ import annotations

import math
import random
from typing import Literal

from midjourney.simulator.config import Options
from midjourney.simulator.prompts import Prompt

Kind = Literal["image", "video", "describe", "settings", "seed", "upscale"]

_RANGES: dict[Kind, tuple[float, float]] = {
    "image": (30.0, 35.0),
    "video": (90.0, 120.0),
    "describe": (10.0, 15.0),
    "settings": (2.0, 4.0),
    "seed": (3.0, 6.0),
    "upscale": (5.0, 8.0),
}
_USUAL_IMAGE = 32.5


def duration(kind: Kind, rng: random.Random, options: Options) -> float:
    """Seconds until the job ends; log-normal where `--duration-mean` is set, every kind in proportion."""
    low, high = _RANGES[kind]
    usual = rng.uniform(low, high)
    if options.duration_mean is None:
        return usual
    sigma = options.duration_sigma
    middle = options.duration_mean * ((low + high) / 2 / _USUAL_IMAGE)
    return float(max(0.2, rng.lognormvariate(math.log(middle) - sigma * sigma / 2, sigma)))


def speed_factor(prompt: Prompt, settings: dict[str, object]) -> float:
    """What the speed mode and draft do to a duration."""
    modes = [mode for mode in ("turbo", "relax", "fast") if mode in prompt.parameters]
    modes = modes or [mode for mode in ("turbo", "relax", "fast") if settings.get(mode)]
    factor = {"turbo": 0.5, "relax": 2.0}.get(modes[0] if modes else "fast", 1.0)
    return factor * (0.25 if "draft" in prompt.parameters else 1.0)


def speed_word(prompt: Prompt, settings: dict[str, object]) -> str:
    """The word in brackets at the end of `content`."""
    for mode, word in (("turbo", "turbo"), ("relax", "relaxed"), ("fast", "fast")):
        if mode in prompt.parameters:
            return word
    return "turbo" if settings.get("turbo") else "relaxed" if settings.get("relax") else "fast"


def start_after(rng: random.Random, lasts: float) -> float:
    """When Midjourney begins: about two seconds in."""
    return min(rng.uniform(1.6, 2.4), lasts * 0.25)


def moderated_after(rng: random.Random) -> float:
    """When a refusal arrives: 1.7 to 5.3 s in the real payloads."""
    return rng.uniform(2.0, 5.0)
