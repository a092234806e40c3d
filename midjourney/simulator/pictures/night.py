"""Night skies: the Milky Way, an aurora, a moon or a planet, and the dark land below."""

from __future__ import annotations

import numpy as np

from midjourney.simulator.pictures.field import Array, Dice, Frame, clouds, enlarge, line
from midjourney.simulator.pictures.land import conifers, ridge_layer
from midjourney.simulator.pictures.paint import disc, glow, lay, ramp, region, rgb, shine, smooth
from midjourney.simulator.pictures.palettes import Palette, mix
from midjourney.simulator.pictures.sky import stars

_PLANETS = frozenset(
    {"planet", "space", "saturn", "jupiter", "cosmos", "cosmic", "universe", "orbit", "astronaut", "alien"}
)


def night(frame: Frame, dice: Dice, palette: Palette, words: frozenset[str]) -> Array:
    """A sky full of stars over hills, or a planet in space."""
    small = frame.reduced(3)
    y, x = small.y(), small.x()
    deep = mix(palette.top, (0.01, 0.015, 0.05), 0.6)
    glowing = mix(palette.middle, deep, 0.35)
    canvas = ramp([(-0.2, deep), (0.45, mix(deep, glowing, 0.6)), (0.95, mix(palette.horizon, glowing, 0.55))], y[:, 0])
    sky = np.repeat(canvas[:, None, :], small.width, axis=1)
    density = 0.3
    if "aurora" in words or (not words & _PLANETS and dice.chance("aurora", 0.2)):
        _aurora(small, sky, dice, palette)
    else:
        density = _milky_way(small, sky, dice, palette)
    del x
    full = enlarge(sky, frame)
    stars(frame, full, dice, density)
    if words & _PLANETS:
        _planet(frame, full, dice, palette)
        return full
    if "moon" in words or dice.chance("moon", 0.3):
        _moon(frame, full, dice, palette)
    for index in range(3):
        base = 0.78 + 0.075 * index
        outline = base - 0.06 * line(frame, dice, f"hill{index}", 1.2 + 0.4 * index, 6, 0.48)
        if index:
            outline = outline - conifers(frame, dice, index, 0.35 + 0.3 * index)
        tone = mix(mix(palette.middle, palette.near, 0.55 + 0.22 * index), deep, 0.3)
        foot = mix(tone, palette.horizon, 0.18) if index < 2 else mix(palette.near, (0, 0, 0), 0.5)
        ridge_layer(frame, full, outline.astype(np.float32), tone, foot, 0.2)
    return full


def _milky_way(frame: Frame, sky: Array, dice: Dice, palette: Palette) -> float:
    slope = dice.uniform("slope", 0.45, 1.3) * (1 if dice.chance("side", 0.5) else -1)
    offset = dice.uniform("offset", -0.15, 0.25)
    wobble = clouds(frame, dice, "wobble", 1.1, 1.1, 3) * 0.07
    away = (frame.y() - np.float32(0.42 + offset) - np.float32(slope) * frame.x() + wobble) / np.float32(
        np.hypot(1, slope)
    )
    dust = clouds(frame, dice, "dust", 2.6, 2.6, 5)
    haze = clouds(frame, dice, "haze", 1.4, 1.4, 4)
    band = np.exp(-((away / 0.19) ** 2)) * (0.62 + 0.38 * haze)
    core = np.exp(-((away / 0.085) ** 2)) * (0.75 + 0.4 * dust)
    lane = np.exp(-(((away + 0.015 + 0.03 * haze) / 0.035) ** 2)) * smooth(-0.5, 0.7, dust)
    shine(sky, mix(palette.accent, palette.middle, 0.45), np.clip(band, 0, 1).astype(np.float32) * np.float32(0.42))
    warm = mix(palette.light, (1.0, 0.86, 0.72), 0.5)
    shine(sky, warm, np.clip(core * (1 - 0.8 * lane), 0, 1).astype(np.float32) * np.float32(0.42))
    lay(sky, rgb(mix(palette.top, (0, 0, 0), 0.5)), np.clip(lane, 0, 1).astype(np.float32) * np.float32(0.5))
    rose = smooth(0.5, 1.5, dust + haze) * np.exp(-((away / 0.14) ** 2))
    shine(sky, mix(palette.accent, (0.95, 0.35, 0.55), 0.6), (rose * np.float32(0.35)).astype(np.float32))
    shine(sky, palette.horizon, smooth(0.55, 1.05, np.broadcast_to(frame.y(), band.shape)) * np.float32(0.35))
    return 0.38


def _aurora(frame: Frame, sky: Array, dice: Dice, palette: Palette) -> None:
    green = mix((0.25, 1.0, 0.62), palette.accent, 0.15)
    violet = mix((0.55, 0.3, 0.95), palette.accent, 0.2)
    for index in range(3):
        hem = 0.58 - 0.12 * index + 0.13 * line(frame, dice, f"hem{index}", 0.8, 3, 0.45)
        rays = 0.62 + 0.38 * line(frame, dice, f"rays{index}", 14, 4, 0.7)
        up = (hem[None, :] - frame.y()) / np.float32(0.34)
        curtain = np.where(up > 0, np.exp(-up * 2.3), np.exp(up * 26)) * np.clip(rays, 0, 1.3)[None, :]
        strength = curtain * (0.75 - 0.17 * index)
        shine(sky, green, np.clip(strength, 0, 1).astype(np.float32))
        high = np.where(up > 0, np.exp(-(((up - 0.75) / 0.5) ** 2)), 0) * np.clip(rays, 0, 1.2)[None, :]
        shine(sky, violet, (high * np.float32(0.3)).astype(np.float32))


def _moon(frame: Frame, canvas: Array, dice: Dice, palette: Palette) -> None:
    x, y = dice.uniform("moon-x", -0.45, 0.45), dice.uniform("moon-y", 0.16, 0.4)
    radius = dice.uniform("moon-r", 0.04, 0.09)
    shine(canvas, mix(palette.light, (0.8, 0.88, 1), 0.5), glow(frame, x, y, radius * 3) * np.float32(0.5))
    part, pixels = region(frame, canvas, x - radius, y - radius, x + radius, y + radius)
    face = clouds(part, dice, "craters", 13, 13, 4)
    tone = rgb(mix(palette.light, (1, 1, 1), 0.4)) * (0.93 + 0.07 * np.clip(face, -1.5, 1))[..., None]
    lay(pixels, tone, disc(part, x, y, radius, 2))


def _planet(frame: Frame, canvas: Array, dice: Dice, palette: Palette) -> None:
    """A banded sphere with a terminator, air at its edge, and perhaps a ring."""
    x, y = dice.uniform("planet-x", -0.3, 0.3), dice.uniform("planet-y", 0.42, 0.75)
    radius = dice.uniform("planet-r", 0.24, 0.44)
    shine(canvas, mix(palette.accent, palette.horizon, 0.4), glow(frame, x, y, radius * 0.95) * np.float32(0.3))
    wide, tall = radius * 2.2, radius * 1.7
    frame, canvas = region(frame, canvas, x - wide, y - tall, x + wide, y + tall)
    u, v = (frame.x() - np.float32(x)) / np.float32(radius), (frame.y() - np.float32(y)) / np.float32(radius)
    inside = u * u + v * v
    normal_z = np.sqrt(np.clip(1 - inside, 0, 1))
    angle = dice.uniform("light", -2.6, -0.5)
    lit = np.clip(u * np.float32(np.cos(angle)) + v * np.float32(np.sin(angle)) + normal_z * np.float32(0.35), 0, 1)
    tilt = np.float32(dice.uniform("tilt", -0.5, 0.5))
    warp = enlarge(clouds(frame.reduced(2), dice, "storms", 5, 11, 5), frame)
    latitude = (v + tilt * u) * 0.5 + 0.5 + 0.05 * warp
    bands = 0.5 + 0.5 * np.sin(latitude * 21 + 2.2 * np.sin(latitude * 7))
    surface = ramp(
        [(0.0, palette.far), (0.35, palette.middle), (0.7, palette.horizon), (1.0, palette.light)],
        np.clip(bands * 0.8 + 0.12 * warp + 0.1, 0, 1),
    )
    mask = disc(frame, x, y, radius, 1.6)
    ring = dice.chance("ring", 0.55)
    if ring:
        _ring(frame, canvas, palette, (x, y, radius, float(tilt)), back=True)
    lay(canvas, surface * (0.03 + 1.05 * lit**0.85)[..., None], mask)
    air = np.exp(-((1 - np.sqrt(np.clip(inside, 0, 4))) ** 2) / 0.0025) * (0.12 + lit)
    shine(canvas, mix(palette.accent, palette.light, 0.5), np.clip(air, 0, 1).astype(np.float32) * np.float32(0.55))
    if ring:
        _ring(frame, canvas, palette, (x, y, radius, float(tilt)), back=False)


def _ring(
    frame: Frame, canvas: Array, palette: Palette, planet: tuple[float, float, float, float], *, back: bool
) -> None:
    x, y, radius, tilt = planet
    u, v = (frame.x() - np.float32(x)) / np.float32(radius), (frame.y() - np.float32(y)) / np.float32(radius)
    flat = (v + np.float32(tilt) * u) / np.float32(0.24)
    distance = np.hypot(u, flat)
    half = flat < 0 if back else flat >= 0
    grooves = 0.62 + 0.38 * np.sin(distance * 46) * np.sin(distance * 17)
    alpha = smooth(1.3, 1.36, distance) * (1 - smooth(2.0, 2.12, distance)) * grooves * half
    lay(canvas, rgb(mix(palette.horizon, palette.light, 0.3)), (np.clip(alpha, 0, 1) * 0.72).astype(np.float32))
