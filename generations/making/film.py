"""The prompt of a video: its first frame, words, and the parameters that a video has; nothing else is sent.

First-party text names motion, raw, loop, end and batch size (useapi-v3.md §12); speed and visibility say how it is run.
"""

from dataclasses import dataclass

from midjourney import prompt as language

BATCH_SIZES = ("4", "2", "1")


@dataclass(frozen=True)
class Film:
    """A video as it would be sent. `left_out` are parameters in the words that no video has."""

    text: str
    left_out: tuple[str, ...] = ()


def compose(
    start: str, words: str, *, motion: str = "low", loop: bool = False, end: str = "", raw: bool = False, bs: str = "4"
) -> Film:
    """Put a video's prompt together. `start` and `end` are addresses or references, `end` may be ""."""
    parsed = language.parse(words)
    left_out = [str(each) for each in parsed.parameters if not (each.spec and each.spec.with_video)]
    kept = [each for each in parsed.parameters if each.spec and each.spec.with_video]
    own = {"video", "motion", "loop", "end", "raw", "bs"}  # the controls of the page say these
    text = " ".join(part for part in (start, *parsed.image_urls[:0], parsed.words) if part)
    text = language.update(
        text, video=True, motion="" if motion == "low" else motion, raw=raw, loop=loop, end=end, bs=bs
    )
    for each in kept:
        if each.name not in own:
            text = f"{text} {each}"
    return Film(text, tuple(left_out))
