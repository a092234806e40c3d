"""Still lifes: vessels and fruit on a table by a window, after Morandi; with flowers where the words ask for them."""

from __future__ import annotations

import math
import random

import numpy as np

from midjourney.simulator.pictures.field import Array, Colour, Dice, Frame, clouds, enlarge
from midjourney.simulator.pictures.paint import (
    around,
    curve,
    disc,
    fill,
    glow,
    lay,
    ramp,
    region,
    rgb,
    shape,
    shine,
    smooth,
)
from midjourney.simulator.pictures.palettes import Palette, mix

_FLOWERS = frozenset(
    {
        "flower",
        "flowers",
        "bouquet",
        "vase",
        "peonies",
        "tulips",
        "lilies",
        "daisies",
        "sunflowers",
        "rose",
        "roses",
        "peony",
        "tulip",
        "blossom",
        "botanical",
        "plant",
    }
)

_PROFILES: tuple[tuple[tuple[float, float], ...], ...] = (
    ((0.10, 1.0), (0.085, 0.93), (0.08, 0.72), (0.17, 0.56), (0.2, 0.3), (0.19, 0.06), (0.17, 0.0)),
    ((0.16, 1.0), (0.12, 0.92), (0.14, 0.8), (0.3, 0.5), (0.28, 0.22), (0.17, 0.04), (0.16, 0.0)),
    ((0.06, 1.0), (0.055, 0.7), (0.07, 0.6), (0.15, 0.46), (0.16, 0.1), (0.15, 0.0)),
    ((0.34, 0.5), (0.33, 0.44), (0.28, 0.2), (0.16, 0.05), (0.15, 0.0)),
    ((0.13, 0.8), (0.11, 0.74), (0.2, 0.5), (0.22, 0.28), (0.12, 0.05), (0.14, 0.0)),
)


def still(frame: Frame, dice: Dice, palette: Palette, words: frozenset[str]) -> Array:
    """A table with three to five things on it, lit from one side."""
    side = 1.0 if dice.chance("side", 0.5) else -1.0
    table = dice.uniform("table", 0.66, 0.73)
    canvas = _room(frame, dice, palette, table, side)
    rng = dice.rng("things")
    count = dice.whole("count", 3, 5)
    # Narrow pictures hold fewer and smaller things, closer together.
    room = min(1.0, frame.aspect / 1.35)
    count = min(count, 3) if room < 0.8 else count
    colours = _clay(palette, rng)
    places = sorted(range(count), key=lambda index: (index * 7 + 3) % count)
    for order, index in enumerate(places):
        spread = ((index - (count - 1) / 2) * 0.25 + rng.uniform(-0.03, 0.03)) * room
        foot = table + 0.08 + 0.035 * order + rng.uniform(0, 0.02)
        tall = rng.uniform(0.42, 0.6) * (0.4 + 0.6 * room)
        kind = rng.randrange(len(_PROFILES))
        if words & _FLOWERS and order == 0:
            spread, kind, tall = rng.uniform(-0.3, -0.22) * side * room**2, 1, 0.36
            _shadow(frame, canvas, spread, foot, tall * 0.3, side, palette)
            _stems(frame, canvas, palette, rng, spread, foot - tall * 0.9)
        elif order == len(places) - 1 or rng.random() < 0.22:
            _fruit(frame, canvas, palette, rng, spread, foot + 0.03, side)
            continue
        else:
            _shadow(frame, canvas, spread, foot, tall * 0.26, side, palette)
        _vessel(frame, canvas, dice, kind, (spread, foot, tall), colours[index % len(colours)], palette, side)
    return canvas


def _room(frame: Frame, dice: Dice, palette: Palette, table: float, side: float) -> Array:
    small = frame.reduced(3)
    y, x = small.y(), small.x()
    wall = mix(palette.horizon, palette.middle, 0.35)
    dim = mix(palette.far, palette.top, 0.45)
    plaster = clouds(small, dice, "plaster", 2.2, 1.6, 5)
    lamp = glow(small, side * -0.75, 0.1, 0.75)
    canvas = ramp([(0.0, dim), (1.0, mix(wall, palette.light, 0.25))], np.clip(lamp * 1.15 + 0.05 * plaster, 0, 1))
    slant = x * np.float32(side) * np.float32(0.55) + y
    pane = smooth(0.28, 0.31, slant) * (1 - smooth(0.62, 0.66, slant))
    bar = 1 - np.exp(-(((slant - 0.46) / 0.012) ** 2))
    reach = smooth(-0.75, -0.2, -np.abs(x - np.float32(side * 0.18)) - 0.1) * (1 - smooth(table - 0.1, table, y))
    shine(canvas, palette.light, (pane * bar * reach * np.float32(0.3)).astype(np.float32))
    wood = mix(palette.far, palette.near, 0.45)
    grain = clouds(small, dice, "wood", 1.2, 26, 4)
    near = np.clip((y - np.float32(table)) / np.float32(0.34), 0, 1)
    board = ramp([(0.0, mix(wood, palette.horizon, 0.35)), (1.0, mix(wood, palette.near, 0.55))], near + 0.0 * x)
    board *= (0.94 + 0.05 * grain)[..., None]
    shine(board, palette.light, lamp * np.float32(0.45))
    edge = smooth(-0.003, 0.003, y - np.float32(table) + 0.0 * x)
    lay(canvas, board, edge)
    return enlarge(np.clip(canvas, 0, 1), frame)


def _clay(palette: Palette, rng: random.Random) -> list[Colour]:
    colours = [
        mix(palette.horizon, (0.95, 0.93, 0.9), 0.4),
        mix(palette.accent, palette.far, 0.35),
        mix(palette.middle, palette.near, 0.25),
        mix(palette.top, palette.horizon, 0.3),
        mix(palette.accent, palette.near, 0.45),
    ]
    rng.shuffle(colours)
    return colours


def _vessel(
    frame: Frame,
    canvas: Array,
    dice: Dice,
    kind: int,
    place: tuple[float, float, float],
    colour: Colour,
    palette: Palette,
    side: float,
) -> None:
    """A thing turned on a lathe: its outline gives a radius per height, and that its shading."""
    x, foot, tall = place
    profile = curve([(radius, high) for radius, high in _PROFILES[kind]], 8)
    radii, heights = [r * tall for r, _ in profile], [foot - h * tall for _, h in profile]
    left = [(x - r, h) for r, h in zip(radii, heights, strict=True)]
    right = [(x + r, h) for r, h in zip(radii, heights, strict=True)]
    base = radii[-1]
    round_foot = [(x + base * math.cos(a), foot + base * 0.16 * math.sin(a)) for a in np.linspace(math.pi, 0, 12)]
    outline = left + round_foot + right[::-1]
    frame, canvas = around(frame, canvas, outline, 0.06)
    mask = shape(frame, outline)
    radius = np.interp(frame.y()[:, 0], heights, radii)[:, None].astype(np.float32)
    u = np.clip((frame.x() - np.float32(x)) / np.maximum(radius, 1e-4), -1, 1) * np.float32(-side)
    z = np.sqrt(1 - u * u)
    lit = np.clip(0.62 * u + 0.62 * z, 0, 1)
    glaze = clouds(frame, dice, f"glaze{kind}", 7, 16, 3)
    body = ramp(
        [
            (0.0, mix(colour, palette.near, 0.68)),
            (0.45, mix(colour, palette.near, 0.2)),
            (0.9, mix(colour, palette.light, 0.4)),
        ],
        np.clip(lit + 0.03 * glaze, 0, 1),
    )
    bounce = smooth(0.72, 1.0, -u) * np.float32(0.16)
    shine(body, palette.horizon, bounce)
    shine(body, palette.light, np.exp(-(((u - 0.52) / 0.09) ** 2)).astype(np.float32) * np.float32(0.28))
    lay(canvas, body, mask)
    mouth = radii[0]
    rim = [(x + mouth * math.cos(a), heights[0] + mouth * 0.2 * math.sin(a)) for a in np.linspace(0, 2 * math.pi, 28)]
    lay(canvas, rgb(mix(colour, palette.near, 0.72)), shape(frame, rim))
    lip = [(px, py + tall * 0.008) for px, py in rim]
    shine(canvas, palette.light, np.clip(shape(frame, lip) - shape(frame, rim), 0, 1) * np.float32(0.35))


def _shadow(frame: Frame, canvas: Array, x: float, foot: float, size: float, side: float, palette: Palette) -> None:
    long = size * 2.6
    points = [(x - size * 0.6, foot), (x + size * 0.6, foot + size * 0.15)]
    points += [(x + side * long + size * 0.6, foot + size * 0.34), (x + side * long - size * 0.5, foot - size * 0.05)]
    frame, canvas = around(frame, canvas, points, 0.06)
    soft = shape(frame, points, 0.018)
    contact = np.clip(glow(frame, x, foot + 0.004, size * 0.8, 0.2) - np.float32(0.08), 0, 1)
    lay(
        canvas,
        rgb(mix(palette.near, palette.far, 0.12)),
        np.clip(soft * 0.5 + contact**2 * 0.5, 0, 0.85).astype(np.float32),
    )


def _fruit(
    frame: Frame, canvas: Array, palette: Palette, rng: random.Random, x: float, foot: float, side: float
) -> None:
    radius = rng.uniform(0.065, 0.095)
    y = foot - radius * 0.9
    _shadow(frame, canvas, x, foot - 0.006, radius * 0.95, side, palette)
    frame, canvas = region(frame, canvas, x - radius, y - radius * 1.4, x + radius, y + radius)
    u = (frame.x() - np.float32(x)) / np.float32(radius) * np.float32(-side)
    v = (frame.y() - np.float32(y)) / np.float32(radius)
    z = np.sqrt(np.clip(1 - u * u - v * v, 0, 1))
    lit = np.clip(0.5 * u - 0.42 * v + 0.62 * z, 0, 1)
    skin = mix(palette.accent, rng.choice([(0.86, 0.35, 0.2), (0.9, 0.65, 0.2), (0.5, 0.55, 0.2)]), 0.35)
    body = ramp([(0.0, mix(skin, palette.near, 0.75)), (0.5, skin), (1.0, mix(skin, palette.light, 0.5))], lit)
    shine(body, palette.light, np.exp(-((u - 0.42) ** 2 + (v + 0.42) ** 2) / 0.02).astype(np.float32) * np.float32(0.5))
    lay(canvas, body, disc(frame, x, y, radius))
    stalk = [
        (x - 0.003, y - radius * 0.93),
        (x + 0.008, y - radius * 1.3),
        (x + 0.013, y - radius * 1.28),
        (x + 0.003, y - radius * 0.9),
    ]
    lay(canvas, rgb(palette.near), shape(frame, stalk))


def _stems(frame: Frame, canvas: Array, palette: Palette, rng: random.Random, x: float, mouth: float) -> None:
    """A loose bouquet: bent stems, leaves, and heads of many petals."""
    green = mix(mix(palette.far, (0.32, 0.42, 0.24), 0.6), palette.near, 0.25)
    heads = []
    for index in range(9):
        lean = (index - 4) * 0.05 + rng.uniform(-0.02, 0.02)
        high = rng.uniform(0.14, 0.36) - abs(lean) * 0.5
        tip = (x + lean * 1.5, mouth - high)
        mid = (x + lean * 0.4, mouth - high * 0.55)
        spine = curve([(x + lean * 0.08, mouth + 0.02), mid, tip], 8)
        thin = [(px - 0.0028, py) for px, py in spine] + [(px + 0.0028, py) for px, py in reversed(spine)]
        fill(frame, canvas, thin, mix(green, palette.near, 0.3))
        _leaf(frame, canvas, mix(green, palette.light, rng.uniform(0, 0.25)), mid, lean, rng)
        heads.append((tip, rng.uniform(0.045, 0.078)))
    for (hx, hy), size in sorted(heads, key=lambda head: head[1]):
        tone = mix(palette.accent, palette.light, rng.uniform(0.1, 0.65))
        _blossom(frame, canvas, palette, tone, hx, hy, size, rng.random() * 6.28)


def _leaf(
    frame: Frame, canvas: Array, colour: Colour, at: tuple[float, float], lean: float, rng: random.Random
) -> None:
    way = 1.0 if lean + rng.uniform(-0.05, 0.05) > 0 else -1.0
    long = rng.uniform(0.05, 0.09)
    end = (at[0] + way * long, at[1] - long * 0.5)
    mid = ((at[0] + end[0]) / 2, (at[1] + end[1]) / 2)
    upper = curve([at, (mid[0] - way * 0.006, mid[1] - 0.02), end], 5)
    lower = curve([end, (mid[0] + way * 0.006, mid[1] + 0.014), at], 5)
    fill(frame, canvas, upper + lower, colour)


def _blossom(
    frame: Frame, canvas: Array, palette: Palette, tone: Colour, x: float, y: float, size: float, turn: float
) -> None:
    frame, canvas = region(frame, canvas, x - size, y - size, x + size, y + size)
    dx, dy = (frame.x() - np.float32(x)) / np.float32(size), (frame.y() - np.float32(y)) / np.float32(size * 0.92)
    distance, angle = np.hypot(dx, dy), np.arctan2(dy, dx)
    edge = 0.86 + 0.14 * np.cos(angle * 7 + np.float32(turn))
    mask = np.clip((edge - distance) * np.float32(frame.unit * size / 1.5) + 0.5, 0, 1).astype(np.float32)
    folds = 0.5 + 0.5 * np.sin(distance * 15 + 1.6 * np.cos(angle * 5 + np.float32(turn) + distance * 4))
    light = np.clip(0.5 - 0.28 * dx - 0.34 * dy + 0.25 * folds - 0.3 * np.exp(-((distance / 0.3) ** 2)), 0, 1)
    lay(canvas, ramp([(0.0, mix(tone, palette.near, 0.6)), (0.5, tone), (1.0, mix(tone, (1, 1, 1), 0.5))], light), mask)
