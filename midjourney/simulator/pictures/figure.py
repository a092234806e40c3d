"""Portraits: a figure in profile before a great light, with a landscape inside it."""

from __future__ import annotations

import numpy as np

from midjourney.simulator.pictures.field import Array, Dice, Frame, clouds, enlarge, line
from midjourney.simulator.pictures.paint import blurred, curve, disc, fill, glow, lay, ramp, rgb, shape, shine, smooth
from midjourney.simulator.pictures.palettes import Palette, mix

# A face in profile looking right, from the crown over the brow, nose, lips and chin down to the chest and back up.
_PROFILE = (
    (-0.02, -0.335),
    (0.075, -0.315),
    (0.142, -0.25),
    (0.163, -0.18),
    (0.158, -0.142),
    (0.17, -0.115),
    (0.196, -0.062),
    (0.2, -0.046),
    (0.181, -0.034),
    (0.172, -0.026),
    (0.184, -0.008),
    (0.182, 0.003),
    (0.17, 0.009),
    (0.178, 0.022),
    (0.171, 0.036),
    (0.16, 0.045),
    (0.164, 0.07),
    (0.148, 0.095),
    (0.105, 0.105),
    (0.066, 0.125),
    (0.062, 0.19),
    (0.085, 0.255),
    (0.2, 0.315),
    (0.3, 0.42),
    (0.33, 0.8),
)
_BACK = (
    (-0.47, 0.8),
    (-0.43, 0.45),
    (-0.33, 0.335),
    (-0.175, 0.27),
    (-0.13, 0.2),
    (-0.135, 0.11),
    (-0.175, 0.02),
    (-0.2, -0.09),
    (-0.19, -0.19),
    (-0.14, -0.275),
    (-0.075, -0.323),
    (-0.02, -0.335),
)


def figure(frame: Frame, dice: Dice, palette: Palette, words: frozenset[str]) -> Array:
    """A double exposure: the outline of a head and shoulders, filled with hills and light."""
    way = 1.0 if dice.chance("way", 0.5) else -1.0
    size = dice.uniform("size", 1.0, 1.16)
    x, y = dice.uniform("x", -0.05, 0.05), 0.46
    canvas = _backdrop(frame, dice, palette, x, way)
    outline = [(x + way * px * size, y + py * size) for px, py in curve([*_PROFILE, *_BACK], 6)]
    mask = shape(frame, outline)
    hair = _hair(frame, dice, x, y, way, size)
    whole = np.maximum(mask, hair)
    inside = _inside(frame, dice, palette, x, y, way)
    lay(canvas, inside, whole)
    _rim(frame, canvas, whole, palette, way)
    _particles(frame, canvas, dice, palette, x, y, way)
    return canvas


def _backdrop(frame: Frame, dice: Dice, palette: Palette, x: float, way: float) -> Array:
    small = frame.reduced(4)
    paper = clouds(small, dice, "paper", 1.2, 1.0, 4)
    light = glow(small, x + way * 0.18, 0.36, 0.62)
    edge = mix(palette.top, palette.middle, 0.55)
    canvas = ramp(
        [
            (0.0, edge),
            (0.5, mix(palette.middle, palette.horizon, 0.5)),
            (1.0, mix(palette.horizon, palette.light, 0.6)),
        ],
        np.clip(light * 1.1 + 0.07 * paper, 0, 1),
    )
    full = enlarge(np.clip(canvas, 0, 1), frame)
    halo_x, halo_y = x - way * 0.03, dice.uniform("halo-y", 0.32, 0.4)
    radius = dice.uniform("halo", 0.33, 0.4)
    tone = ramp(
        [(0.0, mix(palette.accent, palette.light, 0.35)), (1.0, mix(palette.accent, palette.middle, 0.3))],
        frame.y()[:, 0] * 1.3,
    )
    lay(full, tone[:, None, :], disc(frame, halo_x, halo_y, radius, 2) * np.float32(0.85))
    return full


def _hair(frame: Frame, dice: Dice, x: float, y: float, way: float, size: float) -> Array:
    """A bun, long hair or none, as one soft shape."""
    style = dice.whole("hair", 0, 2)
    if style == 0:
        return disc(frame, x - way * 0.19 * size, y - 0.27 * size, 0.085 * size, 2)
    if style == 1:
        wave = dice.uniform("curl", 0.6, 1.4)
        back = [(-0.02, -0.345), (-0.13, -0.32), (-0.215, -0.2), (-0.235, -0.03), (-0.21 - 0.05 * wave, 0.12)]
        back += [(-0.27, 0.27), (-0.235 - 0.04 * wave, 0.42), (-0.13, 0.47), (-0.06, 0.3), (-0.05, 0.0), (0.05, -0.28)]
        return shape(frame, [(x + way * px * size, y + py * size) for px, py in curve(back, 8)])
    return np.zeros((frame.height, frame.width), dtype=np.float32)


def _inside(frame: Frame, dice: Dice, palette: Palette, x: float, y: float, way: float) -> Array:
    """Hills and mist, from dark shoulders to a bright brow."""
    small = frame.reduced(2)
    mist = clouds(small, dice, "mist", 1.6, 2.6, 5)
    height = small.y() + 0.05 * mist
    dark = mix(palette.near, palette.top, 0.25)
    canvas = ramp(
        [
            (0.12, mix(palette.top, palette.near, 0.4)),
            (0.4, mix(palette.far, palette.middle, 0.4)),
            (0.62, palette.far),
            (1.0, dark),
        ],
        height,
    )
    for index in range(5):
        depth = index / 4
        ridge = 0.40 + 0.115 * index - 0.05 * line(small, dice, f"inner{index}", 2.2 + 0.4 * index, 6, 0.5)
        under = small.y() - ridge[None, :].astype(np.float32)
        tone = mix(mix(palette.far, palette.horizon, 0.35), dark, 0.15 + 0.85 * depth)
        crest = np.clip(under * np.float32(small.unit) + 0.5, 0, 1) * np.exp(
            -np.clip(under, 0, None) / np.float32(0.09 + 0.2 * depth)
        )
        lay(canvas, rgb(tone), crest.astype(np.float32) * np.float32(0.9))
    shine(canvas, palette.light, glow(small, x + way * 0.12, y - 0.14, 0.16) * np.float32(0.55))
    bottom = smooth(0.62, 1.0, np.broadcast_to(small.y(), (small.height, small.width)))
    lay(canvas, rgb(dark), bottom * np.float32(0.85))
    return enlarge(np.clip(canvas, 0, 1), frame)


def _rim(frame: Frame, canvas: Array, mask: Array, palette: Palette, way: float) -> None:
    """Light that catches the edge on the side of the face, and a shadow within on the other."""
    soft = blurred(mask, 0.012 * frame.unit)
    shift = max(1, round(0.012 * frame.unit))
    edge = np.clip(mask - np.roll(soft, -round(way) * shift, axis=1), 0, 1)
    shine(canvas, palette.light, (edge * mask * np.float32(0.85)).astype(np.float32))
    back = np.clip(mask - np.roll(soft, round(way) * shift, axis=1), 0, 1) * mask
    lay(canvas, rgb(mix(palette.near, (0, 0, 0), 0.2)), back * np.float32(0.4))


def _particles(frame: Frame, canvas: Array, dice: Dice, palette: Palette, x: float, y: float, way: float) -> None:
    """Birds or dust that leave the back of the head."""
    rng = dice.rng("particles")
    for _ in range(46):
        away = rng.random() ** 0.7
        px = x - way * (0.13 + 0.55 * away) + rng.uniform(-0.06, 0.06)
        py = y - 0.22 - 0.18 * away * rng.random() + rng.uniform(-0.14, 0.16)
        size = rng.uniform(0.003, 0.0105) * (1.1 - away * 0.6)
        tilt = rng.uniform(-0.5, 0.5)
        bird = [
            (px - size * 1.6, py - size * (0.6 - tilt)),
            (px, py + size * 0.35),
            (px + size * 1.6, py - size * (0.6 + tilt)),
        ]
        bird += [(px + size * 0.1, py - size * 0.1)]
        fill(frame, canvas, bird, mix(palette.near, palette.far, 0.25 + 0.4 * away))
