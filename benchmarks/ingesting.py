"""`python -m benchmarks.ingesting PICTURE ROUNDS`: take a picture in, again and again, and tell what that used.

Prints {"ingest": [CPU seconds], "bare": [CPU seconds], "growth": bytes}. In a process of its own, so that what it has
in memory at most is the picture's doing.
"""

import json
import os
import resource
import sys
from collections.abc import Callable
from pathlib import Path

import django

from benchmarks import processes


def main(name: str, rounds: str) -> int:
    """Warm up with a small picture, watch the memory once, then measure in turns."""
    django.setup()
    path = Path(name)
    _ingest(_small(path))
    before = processes.forget_peak(os.getpid())
    _ingest(path)
    growth = processes.high_water(os.getpid()) - before
    bare = _bare(path)
    pairs = [(_cpu(bare), _cpu(lambda: _ingest(path))) for _ in range(int(rounds))]
    print(json.dumps({"bare": [pair[0] for pair in pairs], "ingest": [pair[1] for pair in pairs], "growth": growth}))
    return 0


def _ingest(path: Path) -> None:
    """What the studio does with every result, but for the network and the row."""
    from generations.media import library

    library.discard(library.publish(library.copy(path, "single")))


def _bare(path: Path) -> Callable[[], None]:
    """One decode, and the encodes of thumbnails that are ready."""
    from PIL import Image as Pillow

    from generations.media import library, pictures

    with Pillow.open(path) as picture:
        upright = picture.convert("RGB")
    made = library.publish(library.copy(path, "single"))
    ready = [upright.resize((width, height)) for width, height, _ in made["thumbnails"]]
    library.discard(made)
    target = path.with_suffix(".webp")

    def run() -> None:
        with Pillow.open(path) as picture:
            picture.load()
        for thumbnail in ready:
            effort = pictures.EFFORT if thumbnail.width < upright.width else pictures.LESS_EFFORT
            thumbnail.save(target, "WEBP", quality=pictures.QUALITY, method=effort)

    return run


def _small(path: Path) -> Path:
    """The same in small, which loads what is loaded once."""
    from PIL import Image as Pillow

    small = path.with_suffix(".small")
    with Pillow.open(path) as picture:
        form = picture.format
        Pillow.new(picture.mode, (64, 64)).save(small, form)
    return small


def _cpu(code: Callable[[], None]) -> float:
    before = resource.getrusage(resource.RUSAGE_SELF)
    code()
    after = resource.getrusage(resource.RUSAGE_SELF)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
