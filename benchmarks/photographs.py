"""Pictures that are as hard to keep small as photographs: things before things, each shaded, with texture and grain.

Discs of all sizes that hide each other have the statistics of edges in photographs ("dead leaves"), and noise whose
amplitude falls with its frequency has those of surfaces. One of 1456 × 816 pixels takes a second to make.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

Array = NDArray[np.float32]
DISCS, SMALLEST, LARGEST = 400, 0.02, 0.35  # radii as parts of the shorter side
TEXTURE, GRAIN = 14.0, 2.0  # standard deviations in steps of 256


def photograph(width: int, height: int, seed: int) -> Pillow.Image:
    """An RGB picture of that many pixels; the same seed makes the same one."""
    chance = np.random.default_rng(seed)
    side = min(width, height)
    y, x = (np.mgrid[0:height, 0:width] / side).astype(np.float32)
    canvas = np.stack([90 + 80 * y + 20 * x, 110 + 50 * y, 170 - 70 * y], -1)
    for _ in range(DISCS):
        _lay_disc(canvas, x, y, side, chance)
    canvas += TEXTURE * _texture(width, height, chance)[..., None]
    canvas += chance.normal(0, GRAIN, (height, width, 1)).astype(np.float32)
    return Pillow.fromarray(np.clip(canvas, 0, 255).astype(np.uint8))


def _lay_disc(canvas: Array, x: Array, y: Array, side: int, chance: np.random.Generator) -> None:
    radius = min(SMALLEST * float(chance.random()) ** -0.6, LARGEST)
    at = chance.random(2) * np.array([canvas.shape[1], canvas.shape[0]]) / side
    first, last = np.maximum((at - radius) * side, 0).astype(int), ((at + radius) * side + 1).astype(int)
    part = (slice(first[1], last[1]), slice(first[0], last[0]))
    across, down = x[part] - at[0], y[part] - at[1]
    inside = across**2 + down**2 < radius**2
    colour = chance.normal(125, 38) + chance.normal(0, 16, 3)
    slope = chance.normal(0, 25, 2) / radius
    canvas[part][inside] = (colour + (slope[0] * across + slope[1] * down)[..., None])[inside]


def _texture(width: int, height: int, chance: np.random.Generator) -> Array:
    """Noise with a mean of 0 and a deviation of 1 whose amplitude is one part of its frequency."""
    frequency = np.hypot(np.fft.fftfreq(height)[:, None] * height, np.fft.rfftfreq(width)[None, :] * height)
    frequency[0, 0] = 1
    phase = chance.uniform(0, 2 * np.pi, frequency.shape)
    waves = np.fft.irfft2(np.exp(1j * phase) / frequency, s=(height, width))
    return (waves / waves.std()).astype(np.float32)
