"""What taking a picture in costs beside the decoding and encoding that nobody can leave out."""

import json
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from PIL import Image as Pillow

from benchmarks.figures import Figure, growth
from benchmarks.photographs import photograph

ROOT = Path(__file__).resolve().parent.parent
# What the service makes: a grid, one of its pictures, an upscale; and what comes in other formats.
SAMPLES = {
    "grid": ("PNG", 2048, 2048),
    "single": ("PNG", 1456, 816),
    "upscale": ("PNG", 2912, 1632),
    "jpeg": ("JPEG", 2048, 2048),
    "square": ("PNG", 1024, 1024),
    "wide": ("PNG", 1344, 896),
    "alpha": ("PNG", 2048, 1152),
    "webp": ("WEBP", 2048, 2048),
}

QUALITY = {"JPEG": {"quality": 95}, "WEBP": {"quality": 90, "method": 1}}
MOST = {"PNG": 2.5, "JPEG": 2.5}  # libwebp itself takes three times the room of the picture, which is seldom one


def measure(*, tick: float, samples: list[str], rounds: int) -> tuple[list[Figure], dict[str, Any]]:
    """Take each sample in `rounds` times in a process of its own, in turns with one decode and the same encodes."""
    folder = settings.DATA_DIR / "samples"
    folder.mkdir(parents=True)
    figures: list[Figure] = []
    notes: dict[str, Any] = {}
    for number, name in enumerate(samples):
        form, width, height = SAMPLES[name]
        path = _sample(folder / name, form, (width, height), number, see_through=name == "alpha")
        found = _in_a_child(path, rounds)
        figures += _figures(found, f"{name}: {form} {width} × {height}", width * height * 4, MOST.get(form))
        notes[name] = found
    return figures, notes


def _sample(path: Path, form: str, size: tuple[int, int], seed: int, *, see_through: bool) -> Path:
    picture: Pillow.Image = photograph(*size, seed)
    if see_through:
        picture.putalpha(200)
    picture.save(path, form, **QUALITY.get(form, {}))
    return path


def _in_a_child(path: Path, rounds: int) -> dict[str, Any]:
    """What `benchmarks.ingesting` tells of this file."""
    done = subprocess.run(  # noqa: S603  # our own interpreter and our own module
        [sys.executable, "-m", "benchmarks.ingesting", str(path), str(rounds)],
        cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _figures(found: dict[str, Any], about: str, pixels: int, most: float | None) -> Iterator[Figure]:
    pairs = zip(found["bare"], found["ingest"], strict=True)
    ratio = statistics.median(growth(bare, ingest) for bare, ingest in pairs)
    yield Figure("ingest_cpu_ratio", ratio, most=1.15, about=about)
    yield Figure("ingest_memory_ratio", found["growth"] / pixels, most=most, about=about)
    yield Figure("ingest_cpu_seconds", statistics.median(found["ingest"]), about=about)
