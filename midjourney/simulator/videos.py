"""Videos."""

from __future__ import annotations

import io

import av

from midjourney.simulator import pictures
from midjourney.simulator.recipes import Recipe, video_size


def mp4(recipe: Recipe, scale: float) -> bytes:
    width, height = video_size(recipe.width / recipe.height)
    target = io.BytesIO()
    with av.open(target, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        frame = av.VideoFrame.from_image(pictures.draw(recipe, (width, height)))
        for _ in range(24):
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return target.getvalue()


def animated_preview(recipe: Recipe, scale: float) -> bytes:
    target = io.BytesIO()
    pictures.draw(recipe, (128, 128)).save(target, "WEBP")
    return target.getvalue()
