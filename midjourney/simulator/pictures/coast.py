"""The sea: waves with the sun on them, a headland with a lighthouse, a sail."""

from __future__ import annotations

import numpy as np

from midjourney.simulator.pictures.field import Array, Dice, Frame, clouds, enlarge, line
from midjourney.simulator.pictures.land import ridge_layer
from midjourney.simulator.pictures.paint import around, fill, glow, lay, ramp, region, rgb, shape, shine, smooth
from midjourney.simulator.pictures.palettes import Palette, mix
from midjourney.simulator.pictures.sky import place_sun, sky, stars

_TOWERS = frozenset({"lighthouse", "tower", "coast", "cliff", "harbour", "harbor", "island"})
_BOATS = frozenset({"boat", "sail", "sailing", "ship", "yacht", "regatta", "fisherman"})


def coast(frame: Frame, dice: Dice, palette: Palette, words: frozenset[str]) -> Array:
    """A sea under a sky, and something on it that the words ask for."""
    aspect = frame.aspect
    horizon = dice.uniform("horizon", 0.5, 0.63)
    sun = place_sun(dice, horizon, min(aspect, 1.9))
    canvas = sky(frame, dice, palette, horizon, sun, dice.uniform("cover", 0.35, 0.75))
    if palette.is_dark:
        fade = np.clip((np.float32(horizon - 0.08) - frame.y()) * 4, 0, 1)
        stars(frame, canvas, dice, 0.1, np.broadcast_to(fade, (frame.height, frame.width)))
    side = 1.0 if sun.x < 0 else -1.0
    for index in range(2):
        far = horizon - (0.012 + 0.02 * index) * (1 + line(frame, dice, f"isles{index}", 1.3 + index, 4))
        tone = mix(palette.far, palette.horizon, 0.62 - 0.3 * index)
        ridge_layer(frame, canvas, far.astype(np.float32), tone, mix(tone, palette.horizon, 0.4), 0.06)
    _sea(frame, canvas, dice, palette, horizon, sun.x)
    boat = bool(words & _BOATS)
    if boat or dice.chance("sail", 0.35):
        _sail(frame, canvas, dice, palette, horizon, -side if words & _TOWERS else side * 0.4)
    if words & _TOWERS or (not boat and dice.chance("headland", 0.7)):
        _headland(frame, canvas, dice, palette, horizon, side, aspect)
    return canvas


def _sea(frame: Frame, canvas: Array, dice: Dice, palette: Palette, horizon: float, sun_x: float) -> None:
    start = max(0, round((horizon - frame.top) * frame.unit))
    if start >= frame.height:
        return
    small = frame.reduced(2)
    y, x = small.y(), small.x()
    near = np.clip((y - np.float32(horizon)) / np.float32(0.5), 0.0, 1.5)
    swell = _waves(small, dice, horizon)
    tint = ramp(
        [
            (0.0, mix(palette.horizon, palette.middle, 0.4)),
            (0.25, mix(palette.middle, palette.far, 0.65)),
            (1.0, mix(palette.top, palette.near, 0.55)),
        ],
        near[:, 0],
    )[:, None, :]
    shade = np.clip(swell, -1.4, 1.4)[..., None]
    water = tint * (1 + 0.26 * shade)
    crest = smooth(0.75, 1.7, swell + 0.12 * clouds(small, dice, "foam", 9, 30, 3))
    lay(water, rgb(mix(palette.horizon, palette.light, 0.4)), crest * np.clip(near * 1.5 + 0.1, 0, 0.5))
    width = 0.045 + 0.24 * near
    path = np.exp(-(((x - np.float32(sun_x)) / width) ** 2))
    glitter = smooth(0.15, 1.25, swell + 0.35 * path)
    shine(water, palette.light, (path * (0.16 + 0.85 * glitter) * (1.05 - 0.45 * near)).astype(np.float32))
    shine(water, palette.horizon, (np.exp(-near * 22) * np.float32(0.4) * np.ones_like(path)).astype(np.float32))
    canvas[start:] = enlarge(np.clip(water, 0, 1), frame)[start:]


def _waves(frame: Frame, dice: Dice, horizon: float) -> Array:
    """Heights of a sea seen at a slant: crests crowd together towards the horizon."""
    depth = 1 / (np.clip(frame.y() - np.float32(horizon), 0.002, None) + np.float32(0.035))
    bent = clouds(frame, dice, "bent", 1.6, 7, 3)
    total = np.zeros((frame.height, frame.width), dtype=np.float32)
    for index, (pitch, weight) in enumerate(((1.15, 0.5), (2.1, 0.45), (3.7, 0.38), (6.3, 0.28), (9.7, 0.2))):
        angle = dice.uniform(f"wave{index}", -0.35, 0.35)
        phase = dice.uniform(f"phase{index}", 0, 6.28)
        along = frame.x() * depth * np.float32(angle * pitch) + depth * np.float32(pitch)
        stir = bent * np.float32(2.2 + 0.9 * index)
        total += np.float32(weight) * np.sin(along * np.float32(2.1) + stir + np.float32(phase))
    return np.asarray(total, dtype=np.float32)


def _headland(
    frame: Frame, canvas: Array, dice: Dice, palette: Palette, horizon: float, side: float, aspect: float
) -> None:
    """Cliffs that come in from one side, with a lighthouse on them."""
    x = frame.x()[0] * side
    edge = min(aspect, 1.9) / 2
    tip = dice.uniform("tip", 0.02, 0.16) * edge * 2
    rise = smooth(tip - 0.06, edge * 1.1, x) ** np.float32(0.7)
    rock = line(frame, dice, "cliff", 3.2, 6, 0.55)
    top = horizon + 0.035 - (0.20 + 0.02 * rock) * rise - 0.014 * rock
    fall = np.clip(tip + 0.03 - x, 0, None)
    outline = (top + 1.25 * fall + 0.035 * rock * np.clip(fall * 12, 0, 1)).astype(np.float32)
    spot = tip + (edge - tip) * dice.uniform("spot", 0.3, 0.5)
    ground = float(np.interp(spot * side, frame.x()[0], outline)) + 0.014
    stone = mix(palette.near, palette.far, 0.22)
    _lighthouse(frame, canvas, palette, spot * side, ground, dice.uniform("tall", 0.2, 0.27))
    ridge_layer(frame, canvas, outline, stone, mix(palette.near, (0, 0, 0), 0.15), 0.2)
    low = horizon + 0.11 + 0.3 * (1 - smooth(tip - 0.1, edge, x)) - 0.03 * line(frame, dice, "rocks", 5, 6, 0.6)
    ridge_layer(
        frame, canvas, low.astype(np.float32), mix(palette.near, palette.far, 0.08), mix(palette.near, (0, 0, 0), 0.35)
    )


def _lighthouse(frame: Frame, canvas: Array, palette: Palette, x: float, foot: float, tall: float) -> None:
    half = tall * 0.085
    head = foot - tall
    whole, all_pixels = frame, canvas
    frame, canvas = region(frame, canvas, x - half * 1.2, head - tall * 0.2, x + half * 1.2, foot)
    tower = [(x - half, foot), (x - half * 0.62, head), (x + half * 0.62, head), (x + half, foot)]
    mask = shape(frame, tower)
    across = (frame.x() - np.float32(x)) / np.float32(half)
    white = mix(palette.horizon, (1, 1, 1), 0.35)
    body = ramp(
        [(-1.0, mix(palette.far, white, 0.25)), (0.1, white), (1.0, mix(palette.far, palette.near, 0.3))], across
    )
    band = np.mod((frame.y() - np.float32(head)) / np.float32(tall * 0.32), 1.0) > np.float32(0.5)
    tone = np.where(band[..., None], body * rgb(mix(palette.accent, (0.8, 0.3, 0.25), 0.5)) * 1.1, body)
    lay(canvas, tone, mask)
    dark = rgb(palette.near)
    lay(canvas, dark, shape(frame, _box(x, head - tall * 0.012, half * 0.95, tall * 0.02)))
    lay(canvas, rgb(palette.light), shape(frame, _box(x, head - tall * 0.06, half * 0.42, tall * 0.08)))
    roof = [(x - half * 0.6, head - tall * 0.1), (x, head - tall * 0.17), (x + half * 0.6, head - tall * 0.1)]
    lay(canvas, dark, shape(frame, roof))
    lamp = head - tall * 0.06
    for way in (-1, 1):
        points = [(x, lamp), (x + way * 1.3, lamp - 0.15), (x + way * 1.3, lamp + 0.01)]
        part, pixels = around(whole, all_pixels, points, 0.03)
        fade = 1 / (1 + 9 * np.abs(part.x() - np.float32(x)))
        beam = shape(part, points, 0.008) * fade.astype(np.float32)
        shine(pixels, palette.light, beam * np.float32(0.4 if way < 0 else 0.26))
    part, pixels = region(whole, all_pixels, x - tall, lamp - tall, x + tall, lamp + tall)
    halo = np.clip(glow(part, x, lamp, tall * 0.11) - np.float32(0.02), 0, 1)
    shine(pixels, palette.light, halo * np.float32(0.95))


def _sail(frame: Frame, canvas: Array, dice: Dice, palette: Palette, horizon: float, side: float) -> None:
    x = side * dice.uniform("boat-x", 0.12, 0.42)
    foot = horizon + dice.uniform("boat-y", 0.03, 0.1)
    tall = 0.05 + (foot - horizon) * 1.5
    hull = [(x - tall * 0.3, foot - tall * 0.09), (x + tall * 0.34, foot - tall * 0.1)]
    hull += [(x + tall * 0.22, foot + tall * 0.03), (x - tall * 0.2, foot + tall * 0.03)]
    main = [(x, foot - tall * 1.1), (x + tall * 0.08, foot - tall * 0.55), (x + tall * 0.06, foot - tall * 0.12)]
    main += [(x - tall * 0.34, foot - tall * 0.14), (x - tall * 0.14, foot - tall * 0.6)]
    jib = [
        (x + tall * 0.06, foot - tall * 0.98),
        (x + tall * 0.27, foot - tall * 0.4),
        (x + tall * 0.38, foot - tall * 0.13),
    ]
    jib += [(x + tall * 0.1, foot - tall * 0.15)]
    lit = mix(palette.accent, palette.light, 0.45)
    reflection = [(px, 2 * foot - py + tall * 0.02) for px, py in main]
    part, pixels = around(frame, canvas, reflection, 0.02)
    lay(pixels, rgb(mix(palette.near, palette.accent, 0.35)), shape(part, reflection, 0.006) * np.float32(0.4))
    fill(frame, canvas, main, lit)
    fill(frame, canvas, jib, mix(lit, palette.far, 0.35))
    fill(frame, canvas, hull, palette.near)


def _box(x: float, y: float, half: float, tall: float) -> list[tuple[float, float]]:
    return [(x - half, y - tall / 2), (x + half, y - tall / 2), (x + half, y + tall / 2), (x - half, y + tall / 2)]
