"""Colours out of words."""

from __future__ import annotations

import colorsys
import re
from dataclasses import dataclass

from midjourney.simulator import ids
from midjourney.simulator.pictures.field import Colour, Dice


@dataclass(frozen=True, slots=True)
class Palette:
    """From the top of the sky to what lies nearest, the light, and one colour that stands out."""

    top: Colour
    middle: Colour
    horizon: Colour
    light: Colour
    far: Colour
    near: Colour
    accent: Colour

    @property
    def is_dark(self) -> bool:
        return sum(self.middle) < 1.0

    def stops(self) -> list[Colour]:
        """Dark to light, for pictures without a sky."""
        return [self.near, self.top, self.far, self.middle, self.accent, self.horizon, self.light]


_HAND_PICKED = {
    "dusk": "1b2a4e 6a4f7d e9946a ffd9a0 76608a 12141f ff9e5e",
    "dawn": "7fa6c9 e3b9b4 ffe3c2 fff3d6 a9a0b8 2c3547 f28f79",
    "day": "3f7fbf 8fbfe0 e6eff0 fffbe8 8fa9bd 1f3c40 e9a23b",
    "forest": "8fb0a0 c4d2b6 f2ecd0 fff4cf 7d9c8a 10231c d0913f",
    "sea": "245674 77abbb ece5cf fff0cf 5c8797 0c2430 e2694a",
    "red": "330b16 93262b f0804c ffd08a 8b2a33 180810 ffb454",
    "night": "060a1a 14224b 3b4d7a e8efff 22305a 04060d 8fb7ff",
    "autumn": "70838f dcb98c f8e2b5 fff0c4 ae7a50 331a12 d9582b",
    "winter": "8ea4ba c8d5df f5f3ee ffffff a6b6c6 33435a c4505a",
    "desert": "4d83a6 dcbb9c ffe4b4 fff0c8 cf9266 54281a e0762f",
    "noir": "1a1a1c 55565a cbc8c2 fbf7ee 6c6d70 0c0c0e b23a34",
    "neon": "0a0620 3d1163 e23a8e 9df6ff 44206e 0a0614 22e3f0",
    "gold": "2a1c10 8a5a22 f2c063 fff0c0 7a5228 180f09 ffd36b",
    "rose": "877db4 e6abc2 ffe0d6 fff2ea b58fb2 33233f ff7aa0",
    "mint": "0d3f49 48958f dcefd9 f8ffe6 4f918d 082024 ffb36b",
    "storm": "2a323a 5f6b73 bcbfb8 eef0e6 69747b 12171b d8b04a",
    "space": "060a1a 14224b 3b4d7a e8efff 22305a 04060d 8fb7ff",
    "violet": "1c1440 5b3f96 d79bd0 ffe6f5 6a4f9c 0f0a22 ffb86b",
}

_WORDS = {
    "dusk": "dusk sunset evening twilight sundown",
    "dawn": "dawn sunrise morning pastel soft spring",
    "day": "day noon summer sky sunny bright holiday",
    "forest": "forest green moss jungle meadow fern tree trees wood woods garden leaf leaves bamboo",
    "sea": "sea ocean blue harbour harbor coast water wave waves azure lake river beach island boat sailing",
    "red": "red crimson scarlet mars lava fire volcano dragon blood ruby",
    "night": "night midnight moonlit",
    "space": "moon stars starry galaxy dark space",
    "autumn": "autumn fall october maple rust amber copper brown",
    "winter": "winter snow ice frozen arctic white glacier snowy polar",
    "desert": "desert sand dune dunes sahara canyon savanna egypt",
    "noir": "noir black monochrome ink charcoal shadow grey gray",
    "neon": "neon cyberpunk synthwave vaporwave tokyo futuristic cyber",
    "gold": "gold golden yellow honey brass baroque royal candle",
    "rose": "rose pink blossom cherry sakura peony romantic peach dream dreamy",
    "mint": "mint teal turquoise aurora emerald jade tropical",
    "storm": "storm rain fog mist misty cloudy thunder silver stone",
    "violet": "violet purple lavender magic mystic wizard nebula amethyst",
}
_BY_WORD = {word: name for name, words in _WORDS.items() for word in words.split()}
_RANKS = {
    **dict.fromkeys(("neon", "noir"), 0),
    **dict.fromkeys(("dusk", "dawn", "night", "storm"), 1),
    **dict.fromkeys(("red", "autumn", "winter", "gold", "rose", "mint", "violet"), 2),
}


def palette_for(text: str, dice: Dice) -> Palette:
    """The palette of a prompt: words about the light win, then those about colours, and the next one tints it."""
    found = [_BY_WORD[word] for word in re.findall(r"[a-z]+", text.lower()) if word in _BY_WORD]
    found.sort(key=lambda name: _RANKS.get(name, 3))
    names = list(_HAND_PICKED)
    first = found[0] if found else names[ids.digest("palette", text) % len(names)]
    chosen = _parse(_HAND_PICKED[first])
    others = [name for name in found if name != first]
    if others:
        chosen = _blend(chosen, _parse(_HAND_PICKED[others[0]]), 0.3)
    hue = dice.uniform("hue", -0.035, 0.035)
    saturation = dice.uniform("saturation", 0.85, 1.15)
    return Palette(*(_shift(colour, hue, saturation) for colour in _colours(chosen)))


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """So much of the second in the first."""
    return (
        first[0] + (second[0] - first[0]) * share,
        first[1] + (second[1] - first[1]) * share,
        first[2] + (second[2] - first[2]) * share,
    )


def _colours(palette: Palette) -> list[Colour]:
    return [
        palette.top,
        palette.middle,
        palette.horizon,
        palette.light,
        palette.far,
        palette.near,
        palette.accent,
    ]


def _parse(text: str) -> Palette:
    return Palette(*(_hex(part) for part in text.split()))


def _hex(text: str) -> Colour:
    return int(text[0:2], 16) / 255, int(text[2:4], 16) / 255, int(text[4:6], 16) / 255


def _blend(first: Palette, second: Palette, share: float) -> Palette:
    pairs = zip(_colours(first), _colours(second), strict=True)
    return Palette(*(mix(one, other, share) for one, other in pairs))


def _shift(colour: Colour, hue: float, saturation: float) -> Colour:
    h, light, s = colorsys.rgb_to_hls(*colour)
    return colorsys.hls_to_rgb((h + hue) % 1.0, light, min(1.0, s * saturation))
