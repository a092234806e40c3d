"""The last steps of every picture: bloom, tone, vignette, grain, and a small mark that says what it is."""

from __future__ import annotations

from functools import cache

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from midjourney.simulator.pictures.field import Array, Frame

MARK = "simulated"
_TILE = 512


def finish(canvas: Array, frame: Frame, grain_seed: int, *, grain: float = 0.013) -> Image.Image:
    """A picture out of a canvas."""
    canvas = np.clip(canvas, 0, 1, out=canvas)
    canvas += _bloom(canvas, frame) * (1 - canvas)
    across = (np.arange(frame.width, dtype=np.float32) / frame.width - 0.5) * 2
    down = (np.arange(frame.height, dtype=np.float32) / frame.height - 0.5) * 2
    dim = 1 - 0.2 * np.clip(across[None, :] ** 2 * 0.8 + down[:, None] ** 2 * 0.8 - 0.25, 0, 1.5)
    # An S-curve that leaves the middle alone and never quite reaches black.
    canvas *= dim[..., None].astype(np.float32)
    canvas += (canvas * (1 - canvas) * (canvas - 0.5)) * np.float32(0.5)
    canvas *= np.float32(0.982)
    canvas += np.float32(0.012)
    canvas += _grain(frame, grain_seed)[..., None] * np.float32(grain)
    np.clip(canvas * 255 + 0.5, 0, 255, out=canvas)
    picture = Image.fromarray(canvas.astype(np.uint8))
    _sign(picture)
    return picture


def _bloom(canvas: Array, frame: Frame) -> Array:
    small = Image.fromarray((canvas[::6, ::6] * 255).astype(np.uint8))
    field = np.asarray(small, dtype=np.float32) / 255
    bright = np.clip(field.max(axis=2, keepdims=True) - 0.68, 0, 1) * 2.2 * field
    soft = Image.fromarray((np.clip(bright, 0, 1) * 255).astype(np.uint8))
    soft = soft.filter(ImageFilter.GaussianBlur(max(1.0, frame.height / 6 * 0.035)))
    wide = soft.resize((frame.width, frame.height), Image.Resampling.BILINEAR)
    return np.asarray(wide, dtype=np.float32) * np.float32(0.42 / 255)


@cache
def _tile() -> Array:
    rng = np.random.default_rng(7)
    fine = rng.standard_normal((_TILE, _TILE)).astype(np.float32)
    soft = (fine + np.roll(fine, 1, 0) + np.roll(fine, 1, 1) + np.roll(fine, (1, 1), (0, 1))) / 2
    return (0.6 * fine + 0.6 * soft).astype(np.float32)


def _grain(frame: Frame, seed: int) -> Array:
    tile = np.roll(_tile(), (seed * 37 % _TILE, seed * 91 % _TILE), (0, 1))
    times = (-(-frame.height // _TILE), -(-frame.width // _TILE))
    return np.tile(tile, times)[: frame.height, : frame.width]


def _sign(picture: Image.Image) -> None:
    size = round(min(picture.size) * 0.017)
    if size < 5:
        return
    font = ImageFont.load_default(size)
    draw = ImageDraw.Draw(picture, "RGBA")
    left, top, right, bottom = draw.textbbox((0, 0), MARK, font=font)
    x = picture.width - (right - left) - size
    y = picture.height - (bottom - top) - size * 1.3
    draw.text((x, y), MARK, font=font, fill=(255, 255, 255, 110))
