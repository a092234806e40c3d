"""Drawing one picture: which scene, which colours, which window."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from PIL import Image, ImageFilter

from midjourney.simulator import ids
from midjourney.simulator.pictures.abstract import abstract
from midjourney.simulator.pictures.city import city
from midjourney.simulator.pictures.coast import coast
from midjourney.simulator.pictures.field import Array, Dice, Frame
from midjourney.simulator.pictures.figure import figure
from midjourney.simulator.pictures.finish import finish
from midjourney.simulator.pictures.land import land
from midjourney.simulator.pictures.night import night
from midjourney.simulator.pictures.palettes import Palette, palette_for
from midjourney.simulator.pictures.still import still
from midjourney.simulator.recipes import Recipe, from_record

SKETCH_PIXELS = 2500
Scene = Callable[[Frame, Dice, Palette, frozenset[str]], Array]

_SCENES: dict[str, tuple[Scene, str]] = {
    "figure": (
        figure,
        "portrait woman man girl boy face person people king queen model character child actor dancer self head hero",
    ),
    "city": (
        city,
        "city skyline street tokyo york london paris skyscraper buildings downtown architecture cyberpunk urban",
    ),
    "coast": (
        coast,
        "sea ocean lighthouse harbour harbor coast beach boat ship sail sailing island waves wave seaside",
    ),
    "still": (
        still,
        "still vase flower flowers bouquet fruit bowl cup tea coffee table bottle peony tulip apple pear lemon product "
        "kitchen ceramic plant wine food",
    ),
    "night": (
        night,
        "stars starry galaxy milky moon space planet cosmos aurora nebula astronaut universe cosmic saturn",
    ),
    "land": (
        land,
        "mountain mountains hill hills forest valley landscape desert dune dunes lake river tree trees meadow field "
        "fjord canyon snow volcano alps village cabin castle road path horizon dawn sunrise fog mist",
    ),
    "abstract": (
        abstract,
        "abstract pattern texture swirl silk fluid marble liquid flow paint ink smoke fabric waves geometric logo "
        "background wallpaper gradient colours colors",
    ),
}
_HASHED = ("land", "coast", "abstract", "night", "still", "land", "city", "abstract")


def draw(recipe: Recipe, size: tuple[int, int]) -> Image.Image:
    """The one picture of a solo recipe at that size. The same recipe looks the same at every size."""
    picture = _paint(recipe, size)
    if not recipe.mask or recipe.under is None:
        return picture
    # White is repainted, black kept (useapi-v3.md §8.3).
    with Image.open(io.BytesIO(base64.b64decode(recipe.mask))) as given:
        mask = given.convert("L").resize(size, Image.Resampling.BILINEAR)
    soft = mask.filter(ImageFilter.GaussianBlur(size[1] / 90))
    return Image.composite(picture, draw(from_record(recipe.under), size), soft)


def scene_for(text: str) -> str:
    """The kind of scene that the words ask for: the first that names one decides, else the text's hash."""
    owners = {word: name for name, (_, words) in reversed(_SCENES.items()) for word in words.split()}
    for word in _words(text):
        if word in owners:
            return owners[word]
    return _HASHED[ids.digest("scene", text) % len(_HASHED)]


def _sketch(palette: Palette, dice: Dice, size: tuple[int, int]) -> Image.Image:
    """Where a picture is a thumb-nail for a benchmark, a gradient will do."""
    stops = palette.stops()
    pixels = np.array(
        [[stops[(row + dice.whole(f"{row}{column}", 0, 2)) % 7] for column in range(3)] for row in range(4)]
    )
    small = Image.fromarray((pixels * 255).astype(np.uint8))
    return small.resize(size, Image.Resampling.BICUBIC)


def _paint(recipe: Recipe, size: tuple[int, int]) -> Image.Image:
    plain = replace(recipe, mask="", under=None)
    dice = Dice(plain.path)
    frame = Frame(*size, plain.view)
    palette = palette_for(plain.text, dice)
    if size[0] * size[1] < SKETCH_PIXELS:
        return _sketch(palette, dice, size)
    scene = _SCENES[scene_for(plain.text)][0]
    canvas = scene(frame, dice, palette, frozenset(_words(plain.text)))
    return finish(canvas, frame, dice.whole("grain", 0, 9999))


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z]+", text.lower())
