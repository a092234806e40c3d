"""Drawing one picture."""

from __future__ import annotations

import numpy as np
from PIL import Image

from midjourney.simulator import ids
from midjourney.simulator.recipes import Recipe


def draw(recipe: Recipe, size: tuple[int, int]) -> Image.Image:
    rng = np.random.default_rng(ids.digest(recipe.text, recipe.path))
    small = rng.integers(0, 255, (4, 4, 3), dtype=np.uint8)
    return Image.fromarray(small).resize(size, Image.Resampling.BICUBIC)
