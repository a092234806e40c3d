"""Abstract pictures: folded, silky fields of colour, or inks that flow into each other."""

from __future__ import annotations

import numpy as np

from midjourney.simulator.pictures.field import Array, Dice, Frame, clouds, enlarge
from midjourney.simulator.pictures.paint import ramp, shine, smooth
from midjourney.simulator.pictures.palettes import Palette, mix


def abstract(frame: Frame, dice: Dice, palette: Palette, words: frozenset[str]) -> Array:
    """A field that is warped by itself, coloured along a gradient and lit from one side as if it were cloth."""
    small = frame.reduced(2)
    scale = dice.uniform("scale", 0.75, 1.35)
    first = clouds(small, dice, "first", 0.9 * scale, 0.7 * scale, 3)
    second = clouds(small, dice, "second", 0.8 * scale, 1.0 * scale, 3)
    angle = dice.uniform("angle", 0, 3.1416)
    reach = np.float32(dice.uniform("reach", 0.32, 0.55))
    u = small.x() + reach * first
    v = small.y() + reach * second
    along = u * np.float32(np.cos(angle)) + v * np.float32(np.sin(angle))
    across = v * np.float32(np.cos(angle)) - u * np.float32(np.sin(angle))
    swirl = clouds(small, dice, "swirl", 2.1 * scale, 2.1 * scale, 3)
    height = np.sin(along * np.float32(5.2 * scale) + 1.7 * first) * 0.55 + 0.34 * np.sin(across * 6.1 + 2.4 * second)
    height = height + 0.16 * swirl + 0.05 * np.sin(along * np.float32(46 * scale) + 6 * swirl)
    tone = np.clip(0.5 + 0.42 * height + 0.16 * second, 0, 1)
    stops = _gradient(palette, dice)
    canvas = ramp(stops, tone)
    _light(small, canvas, height, palette, dice)
    return enlarge(np.clip(canvas, 0, 1), frame)


def _gradient(palette: Palette, dice: Dice) -> list[tuple[float, tuple[float, float, float]]]:
    dark = mix(palette.near, palette.top, 0.35)
    stops = [dark, palette.top, palette.far, palette.middle, palette.horizon, palette.light]
    place = dice.whole("accent", 2, 4)
    stops[place] = mix(stops[place], palette.accent, 0.6)
    return [(index / (len(stops) - 1), colour) for index, colour in enumerate(stops)]


def _light(frame: Frame, canvas: Array, height: Array, palette: Palette, dice: Dice) -> None:
    """Shade the folds: a soft lambert term, a sheen on the ridges, shadow in the valleys."""
    step = np.float32(frame.unit * 0.16)
    down, across = np.gradient(height)
    slope_x, slope_y = across * step, down * step
    angle = dice.uniform("lamp", -2.6, -0.6)
    length = np.sqrt(1 + slope_x**2 + slope_y**2)
    lambert = (1.0 - slope_x * np.float32(np.cos(angle)) - slope_y * np.float32(np.sin(angle))) / length
    canvas *= (0.58 + 0.42 * np.clip(lambert, 0, 1.45))[..., None].astype(np.float32)
    sheen = smooth(1.08, 1.42, lambert.astype(np.float32)) * np.float32(0.55)
    shine(canvas, mix(palette.light, (1, 1, 1), 0.3), sheen)
    hollow = smooth(0.4, 1.1, -height.astype(np.float32)) * np.float32(0.35)
    canvas *= 1 - hollow[..., None]
