"""Coordinates, seeded choices and noise: what every scene is made of.

A scene is a plane without end. One unit is the height of the first picture of a job, x is 0 in its middle and y runs
from 0 at its top to 1 at its bottom. A picture is a window on it, so zooming out and panning show more of the same.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from midjourney.simulator import ids
from midjourney.simulator.recipes import View

Array = npt.NDArray[np.floating[Any]]
Colour = tuple[float, float, float]
Path = tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """A window of `width` × `height` pixels on the scene."""

    width: int
    height: int
    view: View

    @property
    def unit(self) -> float:
        """Pixels per unit."""
        return self.height / self.view.height

    @property
    def aspect(self) -> float:
        """Width to height of the picture for which the scene was composed."""
        return self.view.aspect or self.width / self.height

    @property
    def left(self) -> float:
        return self.view.x - self.width / self.height * self.view.height / 2

    @property
    def right(self) -> float:
        return self.view.x + self.width / self.height * self.view.height / 2

    @property
    def top(self) -> float:
        return self.view.y - self.view.height / 2

    @property
    def bottom(self) -> float:
        return self.view.y + self.view.height / 2

    def x(self) -> Array:
        """The x of every column, as a row."""
        step = (self.right - self.left) / self.width
        return (self.left + (np.arange(self.width, dtype=np.float32) + 0.5) * step)[None, :].astype(np.float32)

    def y(self) -> Array:
        """The y of every row, as a column."""
        step = self.view.height / self.height
        return (self.top + (np.arange(self.height, dtype=np.float32) + 0.5) * step)[:, None].astype(np.float32)

    def reduced(self, factor: int) -> Frame:
        """The same window with fewer pixels, for what is soft anyway."""
        return Frame(max(8, self.width // factor), max(8, self.height // factor), self.view)

    def cut(self, rows: slice, columns: slice) -> Frame:
        """The part of the window that those pixels show."""
        x = self.left + (columns.start + columns.stop) / 2 / self.unit
        y = self.top + (rows.start + rows.stop) / 2 / self.unit
        tall = rows.stop - rows.start
        return Frame(columns.stop - columns.start, tall, View(x, y, tall / self.unit, self.aspect))

    def pixel(self, x: float, y: float) -> tuple[float, float]:
        """Where a point of the scene is in the picture."""
        return (x - self.left) * self.unit, (y - self.top) * self.unit


class Dice:
    """Choices that follow from a path: its first seed decides, each further one bends the outcome a little."""

    def __init__(self, path: Path) -> None:
        self._path: Path = path or ((0, 1.0),)

    def uniform(self, name: str, low: float, high: float) -> float:
        """A number from that range."""
        value = 0.0
        for index, (seed, strength) in enumerate(self._path):
            drawn = ids.digest(name, seed) / 2**64
            value = drawn if index == 0 else value + (drawn - value) * strength
        return low + (high - low) * value

    def whole(self, name: str, low: int, high: int) -> int:
        """A whole number, both ends included; only a strong bend changes it."""
        seed = next((seed for seed, strength in reversed(self._path) if strength > 0.5), self._path[0][0])
        return low + ids.digest(name, seed) % (high - low + 1)

    def chance(self, name: str, probability: float) -> bool:
        return self.whole(name, 0, 999) < probability * 1000

    def rng(self, name: str) -> random.Random:
        """A generator for details that need many numbers."""
        return random.Random(self.whole(name, 0, 2**31))

    def seeds(self, name: str) -> list[tuple[int, float]]:
        """The noise seeds of the path with their strengths."""
        return [(ids.digest(name, seed) & 0xFFFFFFFF, strength) for seed, strength in self._path]


def noise(frame: Frame, dice: Dice, name: str, across: float, down: float | None = None) -> Array:
    """Smooth noise of about -1 to 1, with that many bumps per unit."""
    down = across if down is None else down
    total: Array | None = None
    for seed, strength in dice.seeds(name):
        if total is None:
            total = _value_noise(frame, seed, across, down)
        elif strength > 0.04:
            fresh = _value_noise(frame, seed, across, down)
            scale = 1.0 / float(np.hypot(1 - strength, strength))
            total = (total * (1 - strength) + fresh * strength) * np.float32(scale)
    if total is None:
        raise ValueError("a path has at least one seed")
    return total


def clouds(frame: Frame, dice: Dice, name: str, across: float, down: float | None = None, octaves: int = 4) -> Array:
    """Several octaves of noise, about -1 to 1."""
    down = across if down is None else down
    total = np.zeros((frame.height, frame.width), dtype=np.float32)
    weight, whole = 1.0, 0.0
    for octave in range(octaves):
        factor = 2.0**octave
        if across * factor > frame.unit / 1.5:
            break
        total += np.float32(weight) * noise(frame, dice, f"{name}{octave}", across * factor, down * factor)
        whole += weight * weight
        weight *= 0.5
    return total / np.float32(max(whole, 0.01) ** 0.5)


def line(frame: Frame, dice: Dice, name: str, across: float, octaves: int = 5, roughness: float = 0.5) -> Array:
    """Noise along x only: the outline of a ridge, about -1 to 1."""
    strip = Frame(frame.width, 1, View(frame.view.x, 0.0, frame.view.height / frame.height))
    total = np.zeros(frame.width, dtype=np.float32)
    weight = 1.0
    for octave in range(octaves):
        factor = 2.0**octave
        if across * factor > frame.unit / 2:
            break
        total += np.float32(weight) * noise(strip, dice, f"{name}{octave}", across * factor, 1e-6)[0]
        weight *= roughness
    return total


def enlarge(field: Array, frame: Frame) -> Array:
    """A field, or a picture of fields, at the frame's own size."""
    size = (frame.width, frame.height)
    if field.ndim == 3:
        return np.stack([enlarge(np.ascontiguousarray(field[..., part]), frame) for part in range(3)], axis=-1)
    return np.asarray(Image.fromarray(field).resize(size, Image.Resampling.BICUBIC), dtype=np.float32)


def hashed(ix: npt.NDArray[np.int64], iy: npt.NDArray[np.int64], seed: int) -> Array:
    """A number of -1 to 1 for every cell of an endless lattice."""
    value = (ix * 0x9E3779B1 + iy * 0x85EBCA77 + (seed * 0xC2B2AE3D & 0xFFFFFFFF)).astype(np.uint32)
    value ^= value >> np.uint32(15)
    value *= np.uint32(0x2C1B3CE5)
    value ^= value >> np.uint32(12)
    value *= np.uint32(0x297A2D39)
    value ^= value >> np.uint32(15)
    return (value.astype(np.float32) / np.float32(2**31) - np.float32(1.0)).astype(np.float32)


def _value_noise(frame: Frame, seed: int, across: float, down: float) -> Array:
    left, right = frame.left * across, frame.right * across
    top, bottom = frame.top * down, frame.bottom * down
    ix = np.arange(int(np.floor(left)) - 3, int(np.ceil(right)) + 4, dtype=np.int64)
    iy = np.arange(int(np.floor(top)) - 3, int(np.ceil(bottom)) + 4, dtype=np.int64)
    lattice = Image.fromarray(hashed(ix[None, :], iy[:, None], seed))
    box = (left - ix[0] + 0.5, top - iy[0] + 0.5, right - ix[0] + 0.5, bottom - iy[0] + 0.5)
    drawn = lattice.resize((frame.width, frame.height), Image.Resampling.BICUBIC, box=box)
    return np.asarray(drawn, dtype=np.float32)
