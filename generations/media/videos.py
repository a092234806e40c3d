"""Verifies a video by decoding all of it, and makes its poster from the first frame."""

from pathlib import Path

import av
from av.error import FFmpegError

from generations.media import pictures
from generations.media.errors import NotSaved
from generations.media.facts import Facts

MAGIC = b"ftyp"  # at byte 4 of every MP4 (ISO/IEC 14496-12)


def examine(path: Path, stem: Path) -> Facts:
    """Decode the video at `path` and write its poster beside `stem`. Raises NotSaved, OSError of the disk."""
    with open(path, "rb") as file:
        if file.read(12)[4:8] != MAGIC:
            raise NotSaved("not_a_video")
    try:
        poster, frames, seconds = _decode(path)
    except (FFmpegError, IndexError, ValueError):
        raise NotSaved("broken_file") from None
    if poster is None or not frames:
        raise NotSaved("broken_file")
    width, height = poster.size
    thumbnails, color = pictures.make_thumbnails(poster, stem)
    return Facts("video/mp4", "mp4", width, height, color, thumbnails, seconds)


def _decode(path: Path):
    poster, frames = None, 0
    with av.open(str(path), format="mp4") as container:
        stream = container.streams.video[0]
        for frame in container.decode(stream):
            if poster is None:
                poster = frame.to_image()
            frames += 1
        rate = float(stream.average_rate or 24)
    return poster, frames, round(frames / rate, 2)
