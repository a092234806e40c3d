"""What examining a file brings."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Facts:
    """Pixels, seconds, the colour to show before it is loaded, and (width, height, file name) of each thumbnail."""

    content_type: str
    extension: str
    width: int
    height: int
    color: str
    thumbnails: list[tuple[int, int, str]] = field(default_factory=list)
    seconds: float | None = None
