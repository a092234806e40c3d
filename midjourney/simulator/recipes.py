"""What a picture is made from, so that it can be drawn when somebody first looks at it."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import Any

from midjourney.simulator import ids

_SIZES = {
    (1, 1): (1024, 1024),
    (16, 9): (1456, 816),
    (9, 16): (816, 1456),
    (3, 2): (1344, 896),
    (2, 3): (896, 1344),
    (4, 3): (1232, 928),
    (3, 4): (928, 1232),
    (5, 4): (1152, 928),
    (4, 5): (928, 1152),
    (2, 1): (1536, 768),
    (1, 2): (768, 1536),
    (21, 9): (1680, 720),
    (7, 4): (1408, 800),
}
_AREA = 1_188_096
PICTURES = 4


@dataclass(frozen=True, slots=True)
class View:
    """The window on a scene. One unit is the height of the first picture; y grows downwards from its top.

    `aspect` is that of the first picture, for which the scene was composed; 0 where this is the first.
    """

    x: float = 0.0
    y: float = 0.5
    height: float = 1.0
    aspect: float = 0.0


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides how the four pictures of a job (or its one) look.

    `path` holds (seed, strength) pairs: the first decides the picture, each further one bends it that much. A picture
    made from another therefore keeps its path and adds to it. `mask` is base64 WebP; where it is black, `under` shows.
    """

    text: str
    seed: int
    width: int
    height: int
    strength: float = 1.0
    path: tuple[tuple[int, float], ...] = ()
    solo: bool = False
    scale: int = 1
    view: View = View()
    mask: str = ""
    under: dict[str, Any] | None = None
    motion: str = "low"
    loop: bool = False
    extended: int = 0

    def path_of(self, number: int) -> tuple[tuple[int, float], ...]:
        """The path of picture 1 to 4."""
        if self.solo:
            return self.path
        own = ids.digest(self.seed, number) & 0xFFFFFFFF
        return (*self.path, (own, self.strength if self.path else 1.0))

    def single(self, number: int) -> Recipe:
        """The recipe of one of the four on its own: what an upscale of it starts from."""
        return replace(self, path=self.path_of(number), solo=True)

    def varied(self, seed: int, strength: float, text: str = "") -> Recipe:
        """Four pictures that are this much unlike this one."""
        return replace(
            self, seed=seed, strength=strength, solo=False, text=text or self.text, scale=1, mask="", under=None
        )

    def resized(self, aspect: tuple[int, int], view: View) -> Recipe:
        """The same scene through another window."""
        width, height = picture_size(aspect)
        view = replace(view, aspect=self.view.aspect or self.width / self.height)
        return replace(self, width=width, height=height, view=view, scale=1)

    def pixels(self, scale: float = 1.0) -> tuple[int, int]:
        """Width and height of one picture."""
        return (
            max(16, round(self.width * self.scale * scale / 2) * 2),
            max(16, round(self.height * self.scale * scale / 2) * 2),
        )

    def as_record(self) -> dict[str, Any]:
        return asdict(self)


def from_record(record: dict[str, Any]) -> Recipe:
    """A recipe back from the store."""
    values = dict(record)
    values["path"] = tuple((int(seed), float(strength)) for seed, strength in values.get("path", ()))
    values["view"] = View(**values.get("view", {}))
    return Recipe(**values)


def picture_size(aspect: tuple[int, int]) -> tuple[int, int]:
    """Pixels of one picture for an aspect ratio: 16:9 is 1456×816 (useapi-v3.md §6.4)."""
    divisor = math.gcd(*aspect) or 1
    known = _SIZES.get((aspect[0] // divisor, aspect[1] // divisor))
    if known:
        return known
    ratio = max(1 / 14, min(14.0, aspect[0] / aspect[1]))
    width = math.sqrt(_AREA * ratio)
    return max(16, round(width / 16) * 16), max(16, round(width / ratio / 16) * 16)


def preview_size(recipe: Recipe, scale: float) -> tuple[int, int]:
    """Pixels of a preview: 512 on the longer side."""
    longer = max(recipe.width, recipe.height)
    factor = 512 / longer * max(scale, 0.1)
    return max(16, round(recipe.width * factor / 2) * 2), max(16, round(recipe.height * factor / 2) * 2)


def video_size(aspect: float) -> tuple[int, int]:
    """Pixels of a video: 480p class, even numbers, the aspect of the start image (useapi-v3.md §12)."""
    aspect = max(0.4, min(2.5, aspect))
    height = math.sqrt(832 * 464 / aspect)
    return round(height * aspect / 16) * 16, round(height / 16) * 16
