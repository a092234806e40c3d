"""Brushes: gradients, layers, glows. Canvases are float arrays of height × width × 3, about 0 to 1."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from midjourney.simulator.pictures.field import Array, Colour, Frame


def rgb(colour: Colour) -> Array:
    return np.array(colour, dtype=np.float32)


def smooth(low: float, high: float, value: Array) -> Array:
    """0 below `low`, 1 above `high`, an S between them."""
    t: Array = np.clip((value - np.float32(low)) / np.float32(high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), dtype=np.float32)


def ramp(stops: list[tuple[float, Colour]], value: Array) -> Array:
    """The colours of a gradient at these values; the result has one more axis."""
    first, last = stops[0][0], stops[-1][0]
    share = np.clip((value - np.float32(first)) / np.float32(last - first), 0, 1)
    if len(stops) == 2:
        start, end = rgb(stops[0][1]), rgb(stops[1][1])
        return np.asarray(start + share[..., None] * (end - start), dtype=np.float32)
    # A table is much faster than interpolating every pixel, and grain hides its 1024 steps.
    places = np.linspace(first, last, 1024)
    parts = [
        np.interp(places, [place for place, _ in stops], [colour[part] for _, colour in stops]) for part in range(3)
    ]
    table = np.stack(parts, axis=-1).astype(np.float32)
    return np.asarray(table[(share * 1023).astype(np.int16)])


def lay(canvas: Array, colour: Array, mask: Array, rows: slice = slice(None)) -> None:
    """Paint a colour (or rows of them, or a picture) through a mask, in place."""
    part = canvas[rows]
    part += (colour - part) * mask[..., None]


def shine(canvas: Array, colour: Colour, strength: Array) -> None:
    """Add light in place, as on film: the brighter it is already, the less it gains."""
    light = strength[..., None] * rgb(colour)
    canvas += light * (1 - np.clip(canvas, 0, 1))


def glow(frame: Frame, x: float, y: float, radius: float, squeeze: float = 1.0) -> Array:
    """A soft round light: 1 in the middle, about 0.4 at its radius, with a long tail."""
    across = (frame.x() - np.float32(x)) / np.float32(radius)
    down = (frame.y() - np.float32(y)) / np.float32(radius * squeeze)
    distance = across * across + down * down
    return np.asarray(1 / (1 + 1.6 * distance) ** 1.5, dtype=np.float32)


def disc(frame: Frame, x: float, y: float, radius: float, soft: float = 1.5) -> Array:
    """A disc with an edge of `soft` pixels."""
    distance = np.hypot(frame.x() - np.float32(x), frame.y() - np.float32(y))
    return np.asarray(
        np.clip((np.float32(radius) - distance) * np.float32(frame.unit / soft) + 0.5, 0, 1), dtype=np.float32
    )


def below(frame: Frame, outline: Array, soft: float = 1.2) -> tuple[Array, slice]:
    """What lies under an outline (one y per column), and the rows in which it lies."""
    first = int(np.floor((float(outline.min()) - frame.top) * frame.unit - soft - 1))
    rows = slice(max(0, min(frame.height, first)), frame.height)
    depth = (frame.y()[rows] - outline[None, :]) * np.float32(frame.unit / soft) + np.float32(0.5)
    return np.clip(depth, 0, 1).astype(np.float32), rows


def shape(frame: Frame, points: list[tuple[float, float]], blur: float = 0.0) -> Array:
    """A filled polygon given in scene coordinates, with clean edges."""
    factor = 2
    mask = Image.new("L", (frame.width * factor, frame.height * factor))
    pixels = [frame.pixel(x, y) for x, y in points]
    ImageDraw.Draw(mask).polygon([(x * factor, y * factor) for x, y in pixels], fill=255)
    small = mask.resize((frame.width, frame.height), Image.Resampling.BOX)
    if blur:
        small = small.filter(ImageFilter.GaussianBlur(blur * frame.unit))
    return np.asarray(small, dtype=np.float32) / np.float32(255)


def region(frame: Frame, canvas: Array, left: float, top: float, right: float, bottom: float) -> tuple[Frame, Array]:
    """The part of a canvas around a thing that is smaller than the picture; at least one pixel."""
    x0, y0 = frame.pixel(left, top)
    x1, y1 = frame.pixel(right, bottom)
    first_row = min(max(0, int(y0) - 2), frame.height - 1)
    first_column = min(max(0, int(x0) - 2), frame.width - 1)
    rows = slice(first_row, min(frame.height, max(first_row + 1, int(y1) + 3)))
    columns = slice(first_column, min(frame.width, max(first_column + 1, int(x1) + 3)))
    return frame.cut(rows, columns), canvas[rows, columns]


def around(frame: Frame, canvas: Array, points: list[tuple[float, float]], margin: float = 0.0) -> tuple[Frame, Array]:
    """The part of a canvas around these points."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return region(frame, canvas, min(xs) - margin, min(ys) - margin, max(xs) + margin, max(ys) + margin)


def fill(frame: Frame, canvas: Array, points: list[tuple[float, float]], colour: Colour, share: float = 1.0) -> None:
    """A filled polygon in one colour; only its own pixels are touched."""
    part, pixels = around(frame, canvas, points)
    lay(pixels, rgb(colour), shape(part, points) * np.float32(share))


def blurred(field: Array, radius: float) -> Array:
    """A mask, blurred by that many pixels."""
    picture = Image.fromarray((np.clip(field, 0, 1) * 255).astype(np.uint8))
    return np.asarray(picture.filter(ImageFilter.GaussianBlur(radius)), dtype=np.float32) / np.float32(255)


def curve(points: list[tuple[float, float]], steps: int = 10) -> list[tuple[float, float]]:
    """A smooth line through these points (Catmull-Rom)."""
    padded = [points[0], *points, points[-1]]
    result: list[tuple[float, float]] = []
    for (x0, y0), (x1, y1), (x2, y2), (x3, y3) in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        for step in range(steps):
            t = step / steps
            result.append((_spline(x0, x1, x2, x3, t), _spline(y0, y1, y2, y3, t)))
    result.append(points[-1])
    return result


def _spline(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t**3)
