"""Videos: a slow move through a picture, as H.264 in MP4 and as an animated WebP preview."""

from __future__ import annotations

import io
import math
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
from PIL import Image

from midjourney.simulator import ids, pictures
from midjourney.simulator.recipes import Recipe, preview_size, video_size

RATE = 24
SECONDS = 5
EXTENSION_SECONDS = 4
PREVIEW_FRAMES = 12
_OVERSIZE = 1.25

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Move:
    """How the camera goes: by how much it closes in, and in which direction it drifts."""

    zoom: float
    drift_x: float
    drift_y: float
    loop: bool

    def at(self, share: float) -> tuple[float, float, float]:
        """Zoom and offset at that share of the whole; a loop comes back to where it began."""
        eased = 0.5 - 0.5 * math.cos(2 * math.pi * share) if self.loop else share * share * (3 - 2 * share)
        return 1 + self.zoom * eased, self.drift_x * (eased - 0.5), self.drift_y * (eased - 0.5)


def mp4(recipe: Recipe, scale: float) -> bytes:
    """A playable video: 480p class, 24 frames a second, 5 s and 4 s more for each extension (useapi-v3.md §12)."""
    size = _scaled(video_size(recipe.width / recipe.height), scale)
    seconds = SECONDS + EXTENSION_SECONDS * recipe.extended
    with tempfile.TemporaryDirectory(prefix="mj-simulator-") as directory:
        target = Path(directory) / "video.mp4"
        _encode(recipe, size, seconds * RATE, target)
        return target.read_bytes()


def _encode(recipe: Recipe, size: tuple[int, int], count: int, target: Path) -> None:
    # The index goes in front, so that a browser can start before all is there; that needs a real file.
    with av.open(str(target), "w", format="mp4", options={"movflags": "faststart"}) as container:
        stream = container.add_stream("libx264", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.options = {"preset": "ultrafast", "crf": "26", "threads": "1"}
        for pixels in _frames(recipe, size, count):
            for packet in stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)


def animated_preview(recipe: Recipe, scale: float) -> bytes:
    """The small animation that Discord shows for a video."""
    frames = [Image.fromarray(pixels) for pixels in _frames(recipe, preview_size(recipe, scale), PREVIEW_FRAMES)]
    target = io.BytesIO()
    frames[0].save(
        target,
        "WEBP",
        save_all=True,
        append_images=frames[1:],
        duration=SECONDS * 1000 // PREVIEW_FRAMES,
        loop=0,
        quality=70,
        method=0,
    )
    return target.getvalue()


def _frames(recipe: Recipe, size: tuple[int, int], count: int) -> Iterator[Pixels]:
    """The picture seen through a window that moves and closes in."""
    wide = (round(size[0] * _OVERSIZE / 2) * 2, round(size[1] * _OVERSIZE / 2) * 2)
    picture = pictures.draw(recipe, wide)
    move = _move(recipe)
    margin_x, margin_y = wide[0] - size[0], wide[1] - size[1]
    for index in range(count):
        zoom, drift_x, drift_y = move.at(index / max(1, count - 1 + move.loop))
        width, height = size[0] * _OVERSIZE / 1.12 / zoom, size[1] * _OVERSIZE / 1.12 / zoom
        x = wide[0] / 2 + drift_x * margin_x * 0.5 / zoom
        y = wide[1] / 2 + drift_y * margin_y * 0.5 / zoom
        box = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
        seen = picture.resize(size, Image.Resampling.BILINEAR, box=box)
        yield np.asarray(seen, dtype=np.uint8)


def _move(recipe: Recipe) -> Move:
    drawn = ids.digest("move", *recipe.path[-1:])
    strength = 1.0 if recipe.motion == "high" else 0.45
    way = 1.0 if drawn % 2 else -1.0
    return Move(
        zoom=(0.12 + 0.10 * (drawn // 2 % 100) / 100) * (0.6 + strength * 0.6),
        drift_x=way * strength * (0.7 + 0.3 * (drawn // 7 % 100) / 100),
        drift_y=((drawn // 11 % 100) / 50 - 1) * 0.5 * strength,
        loop=recipe.loop,
    )


def _scaled(size: tuple[int, int], scale: float) -> tuple[int, int]:
    return max(16, round(size[0] * scale / 2) * 2), max(16, round(size[1] * scale / 2) * 2)
