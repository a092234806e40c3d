"""A selection of pictures × an action: the buttons that their jobs offer."""

from collections.abc import Iterable
from dataclasses import dataclass

from generations.models import Image


@dataclass(frozen=True)
class Action:
    """Something that can be done with pictures. `key` goes into `Written.action`, `label` is shown.

    `count` is how many of the pictures that were asked about offer it, `lane` "image" or "video".
    """

    key: str
    label: str
    lane: str
    count: int = 0


def offered(images: Iterable[Image]) -> list[Action]:
    """The actions that at least one of these pictures' jobs offers, in a fixed order."""
    raise NotImplementedError
