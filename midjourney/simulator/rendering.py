"""From a recipe to the bytes of a file."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Literal

from PIL import Image

from midjourney.simulator import pictures, videos
from midjourney.simulator.recipes import PICTURES, Recipe, preview_size

Role = Literal["single", "grid", "preview", "video", "video-preview"]


@dataclass(frozen=True, slots=True)
class RenderOrder:
    """What to render: which file of the recipe, as what, how large. `number` is 1 to 4."""

    recipe: Recipe
    role: Role
    number: int
    kind: str
    scale: float
    resize: tuple[int, int] | None = None


def render(order: RenderOrder) -> bytes:
    """The bytes of a file."""
    recipe = order.recipe
    if order.role == "video":
        return videos.mp4(recipe.single(order.number), order.scale)
    if order.role == "video-preview":
        return videos.animated_preview(recipe.single(1), order.scale)
    if order.role == "single":
        picture = pictures.draw(recipe.single(order.number), recipe.pixels(order.scale))
    elif order.role == "grid":
        picture = grid(recipe, recipe.pixels(order.scale))
    else:
        small = preview_size(recipe, order.scale)
        picture = grid(recipe, (small[0] // 2, small[1] // 2)) if not recipe.solo else pictures.draw(recipe, small)
    if order.resize:
        picture = picture.resize(order.resize, Image.Resampling.LANCZOS)
    return encode(picture, order.kind)


def grid(recipe: Recipe, size: tuple[int, int]) -> Image.Image:
    """The four pictures two by two, or the one."""
    if recipe.solo:
        return pictures.draw(recipe, size)
    sheet = Image.new("RGB", (size[0] * 2, size[1] * 2))
    for index in range(PICTURES):
        sheet.paste(pictures.draw(recipe.single(index + 1), size), (index % 2 * size[0], index // 2 * size[1]))
    return sheet


def encode(picture: Image.Image, kind: str) -> bytes:
    """The picture as PNG (fast rather than small), JPEG or WebP."""
    target = io.BytesIO()
    if kind == "image/png":
        picture.save(target, "PNG", compress_level=1)
    elif kind == "image/jpeg":
        picture.save(target, "JPEG", quality=90, subsampling=0)
    else:
        picture.save(target, "WEBP", quality=80, method=1)
    return target.getvalue()
