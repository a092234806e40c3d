"""Landscapes: layered hills, mountains, forests, dunes, with mist between the layers and sometimes a lake."""

from __future__ import annotations

import numpy as np

from midjourney.simulator.pictures.field import Array, Colour, Dice, Frame, clouds, enlarge, line
from midjourney.simulator.pictures.paint import below, glow, lay, ramp, shine, smooth
from midjourney.simulator.pictures.palettes import Palette, mix
from midjourney.simulator.pictures.sky import Sun, place_sun, sky, stars

_TREES = frozenset({"forest", "tree", "trees", "pine", "wood", "woods", "taiga", "jungle", "fir"})
_DUNES = frozenset({"desert", "dune", "dunes", "sand", "sahara", "savanna"})
_PEAKS = frozenset({"mountain", "mountains", "alps", "peak", "peaks", "glacier", "himalaya", "snow", "cliff", "winter"})
_WATER = frozenset({"lake", "river", "reflection", "fjord", "pond", "mirror"})


def land(frame: Frame, dice: Dice, palette: Palette, words: frozenset[str]) -> Array:
    """A landscape of six layers under a sky."""
    aspect = frame.aspect
    horizon = dice.uniform("horizon", 0.48, 0.62)
    sun = place_sun(dice, horizon, min(aspect, 1.9))
    canvas = sky(frame, dice, palette, horizon, sun, dice.uniform("cover", 0.25, 0.7))
    if "night" in words or palette.is_dark:
        stars(frame, canvas, dice, 0.12, _above(frame, horizon))
    if words & _DUNES:
        _dunes(frame, canvas, dice, palette, horizon, sun)
        return canvas
    wooded = bool(words & _TREES) or dice.chance("wooded", 0.3)
    peaks = bool(words & _PEAKS) or (not wooded and dice.chance("peaks", 0.4))
    layers = dice.whole("layers", 5, 7)
    texture = enlarge(clouds(frame.reduced(3), dice, "rock", 5, 9, 4), frame)
    lake = bool(words & _WATER)
    near = glow(frame, sun.x, sun.y, 0.4)
    for index in range(layers):
        depth = index / (layers - 1)
        if lake and depth > 0.55:
            break
        outline = _outline(frame, dice, index, depth, horizon, peaks=peaks, lake=lake)
        trees = conifers(frame, dice, index, depth) if wooded and depth > 0.3 else None
        _layer(frame, canvas, outline, trees, depth, palette, near, texture, peaks=peaks)
    if lake:
        mirror(frame, canvas, dice, palette, horizon + 0.13, sun)
        _shore(frame, canvas, dice, palette)
    return canvas


def mirror(frame: Frame, canvas: Array, dice: Dice, palette: Palette, level: float, sun: Sun) -> None:
    """Still water below `level`: what is above it, upside down, darker and stirred a little."""
    start = round((level - frame.top) * frame.unit)
    if start >= frame.height or start < 2:
        return
    rows = np.arange(start, frame.height)
    distance = (rows - start).astype(np.float32) / np.float32(frame.unit)
    ripple = np.sin(distance * 210 / (0.25 + distance * 2.2) + np.sin(distance * 61) * 2) * (0.15 + distance * 2.4)
    source = np.clip(2 * start - rows - 1 + ripple * frame.unit * 0.006, 0, start - 1).astype(np.int64)
    water = canvas[source]
    depth = np.clip(distance * 1.7, 0, 1)[:, None, None]
    tint = np.array(mix(palette.far, palette.near, 0.45), dtype=np.float32)
    canvas[start:] = water * (0.93 - 0.3 * depth) + tint * (0.05 + 0.2 * depth)
    lower = Frame(frame.width, frame.height, frame.view)
    path = np.exp(-(((lower.x() - np.float32(sun.x)) / 0.09) ** 2)) * np.clip(
        (lower.y() - np.float32(level)) * 30, 0, 1
    )
    strokes = clouds(frame.reduced(2), dice, "glints", 3, 60, 3)
    shine(canvas, palette.light, path * smooth(0.1, 0.9, enlarge(strokes, frame)) * np.float32(0.35))
    edge = np.exp(-(((lower.y() - np.float32(level)) / 0.004) ** 2)) * np.float32(0.25)
    shine(canvas, palette.horizon, np.broadcast_to(edge, (frame.height, frame.width)).astype(np.float32))


def ridge_layer(frame: Frame, canvas: Array, outline: Array, top: Colour, bottom: Colour, reach: float = 0.3) -> None:
    """One silhouette with a gradient from its own edge downwards."""
    mask, rows = below(frame, outline)
    if not mask.size:
        return
    depth = (frame.y()[rows] - np.float32(np.median(outline))) / np.float32(reach)
    lay(canvas, ramp([(0.0, top), (1.0, bottom)], depth), mask, rows)


def _outline(frame: Frame, dice: Dice, index: int, depth: float, horizon: float, *, peaks: bool, lake: bool) -> Array:
    base = horizon - 0.05 + (0.62 if not lake else 0.3) * depth**1.25 * (1.05 - horizon + 0.12)
    height = (0.05 + 0.11 * (1 - abs(depth - 0.35))) * dice.uniform(f"amp{index}", 0.7, 1.3)
    wide = dice.uniform(f"wide{index}", 0.9, 1.7) * (1 + depth * 0.7)
    shape = line(frame, dice, f"ridge{index}", wide, 6, 0.46 if not peaks else 0.5)
    if peaks and depth < 0.6:
        sharp = 1 - np.abs(line(frame, dice, f"peak{index}", wide * 1.1, 6, 0.5)) * 1.5
        shape = 0.35 * shape + 0.95 * sharp
        height *= 1.55 - depth
    return np.asarray(base - height * shape, dtype=np.float32)


def _layer(
    frame: Frame,
    canvas: Array,
    ground: Array,
    trees: Array | None,
    depth: float,
    palette: Palette,
    near: Array,
    texture: Array,
    *,
    peaks: bool,
) -> None:
    outline = ground if trees is None else ground - trees
    mask, rows = below(frame, outline)
    if not mask.size:
        return
    haze = mix(palette.horizon, palette.light, 0.15)
    solid = mix(palette.far, palette.near, depth**0.9)
    crest = mix(solid, haze, 0.42 * (1 - depth) ** 1.4)
    foot = mix(solid, haze, 0.78 * (1 - depth) ** 0.8)
    under = frame.y()[rows] - outline[None, :]
    # Mist gathers at the foot of a hill, not under every single tree.
    slope = under if trees is None else frame.y()[rows] - (ground - np.float32(0.5 * float(trees.mean())))[None, :]
    share = np.clip(slope / np.float32(0.05 + 0.17 * (1 - depth * 0.5)), 0, 1)
    colour = ramp([(0.0, crest), (1.0, foot)], share)
    roughness = (0.10 if peaks else 0.05) * (1 - 0.5 * depth)
    colour *= 1 + texture[rows][..., None] * np.float32(roughness)
    if peaks and depth < 0.45:
        snow = smooth(-0.1, 0.55, texture[rows] * 0.75 + 0.45 - under * np.float32(9)) * np.float32(0.5 * (1 - depth))
        lay(colour, np.array(mix(haze, (1, 1, 1), 0.5), dtype=np.float32), snow)
    rim = np.clip(1 - under / np.float32(0.012), 0, 1) * np.float32(0.3 if trees is None else 0.1)
    shine(colour, palette.light, near[rows] * (np.float32(0.5 * (1 - depth) + 0.05) + rim))
    lay(canvas, colour, mask, rows)


def conifers(frame: Frame, dice: Dice, index: int, depth: float) -> Array:
    """How far trees stand above a ridge, per column."""
    rng = dice.rng(f"trees{index}")
    spacing = 0.009 + 0.022 * depth**2
    tall = 0.024 + 0.17 * depth**2.4
    x = frame.x()[0]
    height = np.zeros(frame.width, dtype=np.float32)
    reach = 3.2 + frame.view.height
    place = -reach
    while place < reach:
        place += spacing * rng.uniform(0.35, 1.9)
        size = tall * rng.uniform(0.4, 1.25)
        width = size * rng.uniform(0.15, 0.22)
        if width * frame.unit < 0.7:
            continue
        first, last = np.searchsorted(x, (place - width, place + width))
        if last <= first:
            continue
        away = np.abs(x[first:last] - np.float32(place)) / np.float32(width)
        steps = 5 + round(size * 55)
        boughs = 0.55 * (((1 - away) * steps) % 1.0) * (away > 0.05) / steps
        tree = size * (0.9 * (1 - away) ** 1.55 + 0.1 * (1 - away) - boughs)
        np.maximum(height[first:last], tree.astype(np.float32), out=height[first:last])
    return height


def _dunes(frame: Frame, canvas: Array, dice: Dice, palette: Palette, horizon: float, sun: Sun) -> None:
    """Long smooth crests with a lit and a shaded side."""
    ripples = enlarge(clouds(frame.reduced(2), dice, "ripples", 4, 70, 3), frame)
    haze = palette.horizon
    near = glow(frame, sun.x, sun.y, 0.5)
    for index in range(5):
        depth = index / 4
        base = horizon + 0.02 + 0.5 * depth**1.3
        wave = line(frame, dice, f"dune{index}", 0.75 + 0.25 * index, 3, 0.3)
        crest = 1 - np.sqrt(wave * wave + np.float32(0.01)) * np.float32(1.3)
        outline = (base - (0.03 + 0.10 * depth) * crest).astype(np.float32)
        mask, rows = below(frame, outline)
        if not mask.size:
            continue
        under = frame.y()[rows] - outline[None, :]
        fold = line(frame, dice, f"fold{index}", 1.3, 3, 0.35)
        shade = smooth(-0.3, 0.45, 0.75 * fold[None, :] + under * np.float32(2.6) + 0.12 * ripples[rows])
        lit = mix(mix(palette.far, palette.horizon, 0.5), haze, 0.6 * (1 - depth))
        dark = mix(mix(palette.far, palette.near, 0.45 + 0.4 * depth), haze, 0.55 * (1 - depth))
        colour = ramp([(0.0, lit), (1.0, dark)], shade)
        colour *= 1 + ripples[rows][..., None] * np.float32(0.035 + 0.03 * depth)
        shine(colour, palette.light, near[rows] * np.float32(0.42 * (1 - depth) + 0.06))
        lay(canvas, colour, mask, rows)


def _shore(frame: Frame, canvas: Array, dice: Dice, palette: Palette) -> None:
    """A dark near edge with grass, so that the lake has a bank."""
    base = dice.uniform("shore", 0.93, 0.99)
    slope = dice.uniform("slope", -0.06, 0.06)
    grass = np.abs(line(frame, dice, "grass", 60, 3, 0.7)) * 0.03
    outline = base + slope * frame.x()[0] - 0.02 * line(frame, dice, "bank", 1.5, 4) - grass
    ridge_layer(frame, canvas, outline.astype(np.float32), palette.near, mix(palette.near, (0, 0, 0), 0.4))


def _above(frame: Frame, level: float) -> Array:
    fade = np.clip((np.float32(level - 0.1) - frame.y()) * 4, 0, 1)
    return np.broadcast_to(fade, (frame.height, frame.width))
