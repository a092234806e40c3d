"""Skies: gradient, sun or moon, clouds, stars."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from midjourney.simulator.pictures.field import Array, Dice, Frame, clouds, enlarge, hashed
from midjourney.simulator.pictures.paint import disc, glow, lay, ramp, rgb, shine, smooth
from midjourney.simulator.pictures.palettes import Palette, mix


@dataclass(frozen=True, slots=True)
class Sun:
    """Where the light comes from."""

    x: float
    y: float
    radius: float


def place_sun(dice: Dice, horizon: float, aspect: float) -> Sun:
    """A sun near the horizon, seldom in the middle."""
    side = dice.uniform("sun-x", -0.36, 0.36) * aspect
    return Sun(side, horizon - dice.uniform("sun-y", 0.03, 0.26), dice.uniform("sun-r", 0.032, 0.062))


def sky(frame: Frame, dice: Dice, palette: Palette, horizon: float, sun: Sun, cover: float = 0.5) -> Array:
    """A sky at the frame's size; what is soft is painted small and enlarged."""
    small = frame.reduced(4)
    y, x = small.y(), small.x()
    bend = clouds(small, dice, "sky", 0.8, 1.2, 3) * 0.03
    height = (y - np.float32(horizon)) / np.float32(max(horizon, 0.2)) + bend
    canvas = ramp([(-1.15, palette.top), (-0.45, palette.middle), (-0.02, palette.horizon), (0.4, palette.far)], height)
    warm = glow(small, sun.x, sun.y, 0.55, 0.6)
    shine(canvas, mix(palette.light, palette.horizon, 0.4), warm * np.float32(0.62))
    _paint_clouds(small, canvas, dice, palette, horizon, sun, cover)
    shine(canvas, palette.light, glow(small, sun.x, sun.y, sun.radius * 2.3) * np.float32(0.75))
    del x
    full = enlarge(canvas, frame)
    lay(
        full,
        rgb(mix(palette.light, (1.0, 1.0, 1.0), 0.35)),
        disc(frame, sun.x, sun.y, sun.radius, 2.5) * np.float32(0.94),
    )
    return full


def stars(frame: Frame, canvas: Array, dice: Dice, density: float, fade: Array | None = None) -> None:
    """Points of light of very different brightness; the few great ones have a halo."""
    seed = dice.seeds("stars")[0][0]
    cells = 34.0
    ix = np.arange(int(np.floor(frame.left * cells)), int(np.ceil(frame.right * cells)) + 1, dtype=np.int64)
    iy = np.arange(int(np.floor(frame.top * cells)), int(np.ceil(frame.bottom * cells)) + 1, dtype=np.int64)
    there = hashed(ix[None, :], iy[:, None], seed)
    rows, columns = np.nonzero(there > 1 - 2 * density)
    jitter = [hashed(ix[columns], iy[rows], seed + step) for step in (1, 2, 3, 4)]
    xs = ((ix[columns] + 0.5 + jitter[0] * 0.5) / cells - frame.left) * frame.unit
    ys = ((iy[rows] + 0.5 + jitter[1] * 0.5) / cells - frame.top) * frame.unit
    power = ((jitter[2] + 1) / 2) ** 5
    if fade is not None:
        at_row = np.clip(ys.astype(np.int64), 0, frame.height - 1)
        power = power * fade[at_row, np.clip(xs.astype(np.int64), 0, frame.width - 1)]
    scale = frame.height / 816 / frame.view.height
    great = (power > 0.06) & (scale > 0.2)
    _faint(canvas, xs[~great], ys[~great], power[~great], scale)
    for x, y, strength, warmth in zip(xs[great], ys[great], power[great], jitter[3][great], strict=True):
        _star(canvas, float(x), float(y), float(strength), float(warmth), scale)


def _faint(canvas: Array, xs: Array, ys: Array, power: Array, scale: float) -> None:
    """The many small ones, each spread over the four pixels around it."""
    light = (0.16 + 0.9 * power) * (power > 0.001) * min(1.0, 0.35 + scale)
    left, top = np.floor(xs - 0.5).astype(np.int64), np.floor(ys - 0.5).astype(np.int64)
    across, down = xs - 0.5 - left, ys - 0.5 - top
    for step_x, share_x in ((0, 1 - across), (1, across)):
        for step_y, share_y in ((0, 1 - down), (1, down)):
            rows, columns = top + step_y, left + step_x
            seen = (rows >= 0) & (columns >= 0) & (rows < canvas.shape[0]) & (columns < canvas.shape[1])
            amount = (light * share_x * share_y)[seen, None].astype(np.float32)
            np.add.at(canvas, (rows[seen], columns[seen]), np.broadcast_to(amount, (amount.shape[0], 3)))


def _star(canvas: Array, x: float, y: float, strength: float, warmth: float, scale: float) -> None:
    reach = max(1, round((1.5 + strength * 9) * scale))
    row, column = int(y), int(x)
    top, left = max(0, row - reach), max(0, column - reach)
    part = canvas[top : row + reach + 1, left : column + reach + 1]
    if not part.size:
        return
    ys = np.arange(top, top + part.shape[0], dtype=np.float32)[:, None] - np.float32(y)
    xs = np.arange(left, left + part.shape[1], dtype=np.float32)[None, :] - np.float32(x)
    size = (0.45 + strength * 1.1) * max(scale, 0.35)
    distance = (xs * xs + ys * ys) / np.float32(size * size)
    light = (0.25 + 0.75 * strength) * np.exp(-distance) + 0.22 * strength / (1 + distance * 0.35) ** 1.6
    tint = np.array([1.0 + 0.12 * warmth, 1.0, 1.0 - 0.14 * warmth], dtype=np.float32)
    part += light[..., None] * tint * (1 - np.clip(part, 0, 1))


def _paint_clouds(
    frame: Frame, canvas: Array, dice: Dice, palette: Palette, horizon: float, sun: Sun, cover: float
) -> None:
    """Long clouds, lit from where the sun is: bright edges near it, the colour of the distance elsewhere."""
    if cover <= 0:
        return
    field = clouds(frame, dice, "clouds", 1.1, 4.2, 5)
    height = np.clip((np.float32(horizon) - frame.y()) / np.float32(max(horizon, 0.2)), 0, 1.4)
    amount = smooth(0.55 - cover, 1.5 - cover * 0.9, field + height * np.float32(0.15))
    amount *= smooth(-0.02, 0.25, height) * np.float32(0.85)
    near = glow(frame, sun.x, sun.y, 0.5, 0.75)
    dark = mix(palette.middle, palette.far, 0.5)
    lit = mix(palette.light, palette.accent, 0.35)
    shade = ramp([(0.0, mix(dark, palette.top, 0.25)), (0.35, mix(dark, lit, 0.35)), (1.0, lit)], near)
    edge = np.clip(field * 0.25 + 0.55, 0, 1)
    shade = shade * (np.float32(0.82) + np.float32(0.3) * edge[..., None])
    lay(canvas, shade, amount)
