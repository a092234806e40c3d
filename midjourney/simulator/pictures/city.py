"""Cities: skylines in the haze, lit windows, wet ground that mirrors them."""

from __future__ import annotations

import numpy as np

from midjourney.simulator.pictures.field import Array, Dice, Frame, clouds, enlarge, hashed
from midjourney.simulator.pictures.land import mirror
from midjourney.simulator.pictures.paint import below, glow, lay, ramp, rgb, shine
from midjourney.simulator.pictures.palettes import Palette, mix
from midjourney.simulator.pictures.sky import place_sun, sky, stars


def city(frame: Frame, dice: Dice, palette: Palette, words: frozenset[str]) -> Array:
    """A skyline of four layers above water or a wet street."""
    aspect = frame.aspect
    ground = dice.uniform("ground", 0.74, 0.82)
    sun = place_sun(dice, ground - 0.12, min(aspect, 1.9))
    canvas = sky(frame, dice, palette, ground, sun, dice.uniform("cover", 0.2, 0.6))
    if palette.is_dark:
        fade = np.clip((np.float32(0.5) - frame.y()) * 3, 0, 1)
        stars(frame, canvas, dice, 0.07, np.broadcast_to(fade, (frame.height, frame.width)))
    lit = palette.is_dark or bool(words & {"dusk", "evening", "night", "neon", "sunset"}) or dice.chance("lit", 0.5)
    smog = enlarge(clouds(frame.reduced(4), dice, "smog", 1.3, 2.6, 4), frame)
    smog = np.clip(1 + 0.5 * smog, 0.2, 1.7)
    for index in range(4):
        depth = index / 3
        _row(frame, canvas, dice, palette, ground, index, depth, lit=lit, sun_x=sun.x, sun_y=sun.y)
        _haze(frame, canvas, palette, smog, ground, depth)
    mirror(frame, canvas, dice, palette, ground, sun)
    return canvas


def _haze(frame: Frame, canvas: Array, palette: Palette, smog: Array, ground: float, depth: float) -> None:
    """Smog along the ground, thinner for each nearer row; only the band where it shows is touched."""
    reach = 0.12 + 0.05 * depth
    part = max(0, round((ground - 0.02 - 2.3 * reach - frame.top) * frame.unit))
    rows = slice(part, max(part, round((ground + 0.01 - frame.top) * frame.unit)))
    height = (frame.y()[rows] - np.float32(ground - 0.02)) / np.float32(reach)
    amount = np.exp(-height * height) * (0.42 * (1 - depth) + 0.06) * smog[rows]
    lay(canvas, rgb(mix(palette.horizon, palette.light, 0.2)), amount, rows)


def _row(
    frame: Frame,
    canvas: Array,
    dice: Dice,
    palette: Palette,
    ground: float,
    index: int,
    depth: float,
    *,
    lit: bool,
    sun_x: float,
    sun_y: float,
) -> None:
    """One layer of houses: outline, shading, windows."""
    x = frame.x()[0]
    pitch = 0.052 + 0.05 * depth
    cell = np.floor(x / np.float32(pitch) + np.float32(dice.uniform(f"shift{index}", 0, 1))).astype(np.int64)
    seed = dice.seeds(f"houses{index}")[0][0]
    zero = np.zeros(1, dtype=np.int64)
    draw = (hashed(cell, zero, seed) + 1) / 2
    cluster = np.exp(-(((x - np.float32(dice.uniform("centre", -0.3, 0.3))) / 0.5) ** 2))
    tall = (0.07 + 0.30 * draw**2.2) * (0.55 + 0.85 * cluster) * (1.25 - 0.5 * depth)
    inside = np.mod(x / np.float32(pitch) + np.float32(dice.uniform(f"shift{index}", 0, 1)), 1.0)
    step = (hashed(cell, zero, seed + 1) > 0.1) & (np.abs(inside - 0.5) > 0.3)
    tall = np.where(step, tall * 0.86, tall)
    mast = (hashed(cell, zero, seed + 2) > 0.72) & (np.abs(inside - 0.5) < 0.018 + 0.01 * depth)
    tall = np.where(mast, tall + 0.055, tall)
    outline = (ground - tall).astype(np.float32)
    mask, rows = below(frame, outline)
    if not mask.size:
        return
    haze = mix(palette.horizon, palette.middle, 0.3)
    solid = mix(mix(palette.far, palette.near, 0.15 + 0.75 * depth), haze, 0.55 * (1 - depth))
    under = np.clip((frame.y()[rows] - np.float32(ground - 0.4)) / np.float32(0.4), 0, 1)
    colour = ramp([(0.0, mix(solid, palette.near, 0.18)), (1.0, mix(solid, haze, 0.35 * (1 - depth)))], under[:, 0])
    face = 1 + 0.10 * np.sign(inside - 0.5 + 0.25 * hashed(cell, zero, seed + 3)) * (1 - 0.4 * depth)
    picture = colour[:, None, :] * face[None, :, None].astype(np.float32)
    shine(picture, palette.light, glow(frame, sun_x, sun_y, 0.4)[rows] * np.float32(0.38 * (1 - depth) + 0.04))
    if lit and depth > 0.2:
        _windows(frame, picture, rows, palette, cell, inside, seed, depth)
    lay(canvas, picture, mask, rows)


def _windows(
    frame: Frame,
    picture: Array,
    rows: slice,
    palette: Palette,
    cell: np.ndarray[tuple[int], np.dtype[np.int64]],
    inside: Array,
    seed: int,
    depth: float,
) -> None:
    """Lit windows: a lattice per house, some dark, some in another colour."""
    across, down = 7.0, 62.0 - 22.0 * depth
    column = np.floor(inside * across)
    row = np.floor(frame.y()[rows] * np.float32(down))
    keys, key_of = np.unique(cell * 16 + column.astype(np.int64), return_inverse=True)
    floors, floor_of = np.unique(row[:, 0].astype(np.int64), return_inverse=True)
    # One value per pane first; only then one per pixel.
    value = hashed(keys[None, :], floors[:, None], seed + 7)
    house = hashed(keys // 16, np.zeros(1, dtype=np.int64), seed + 8)
    on = value > 0.35 - 0.35 * house[None, :]
    strength = np.clip(on * (0.30 + 0.55 * (value - 0.2)) * (0.45 + 0.5 * depth), 0, 0.9)
    warm = rgb(mix(palette.light, (1.0, 0.78, 0.45), 0.45))
    panes = strength[..., None] * warm
    panes[on & (hashed(keys[None, :], floors[:, None], seed + 9) > 0.82)] += rgb(palette.accent) * np.float32(0.35)
    part_x = (np.abs(np.mod(inside * across, 1.0) - 0.5) < 0.27) & (np.abs(inside - 0.5) < 0.43)
    part_y = np.abs(np.mod(frame.y()[rows, 0] * np.float32(down), 1.0) - 0.5) < 0.24
    seen_rows, seen_columns = np.flatnonzero(part_y), np.flatnonzero(part_x)
    spots = np.ix_(seen_rows, seen_columns)
    picture[spots] += panes[np.ix_(floor_of[seen_rows], key_of[seen_columns])] * (1 - np.clip(picture[spots], 0, 1))
