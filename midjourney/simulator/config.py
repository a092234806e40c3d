"""What a simulator can be told when it starts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

DEFAULT_TOKEN = "user:1234-simulator"  # noqa: S105 - every well-formed token is accepted, this one is no secret

_SPEC = re.compile(r"^(?P<id>\d{17,20})(?:=(?P<total>\d+)(?:/(?P<image>\d+))?(?:/(?P<video>\d+))?)?$")


@dataclass(frozen=True, slots=True)
class ChannelSpec:
    """A channel that every account starts with; `channel` is "" where it is derived from the token."""

    channel: str
    max_jobs: int
    max_image_jobs: int
    max_video_jobs: int


@dataclass(frozen=True, slots=True)
class Options:
    """Every switch of the simulator, with the defaults of the command line.

    `speed` divides all durations; 0 stops the clock, so that only `advance` moves it.
    `tokens`, when given, are the only ones that are accepted.
    """

    host: str = "127.0.0.1"
    port: int = 8090
    speed: float = 20.0
    seed: int = 1
    state_dir: Path | None = None
    tokens: tuple[str, ...] = ()
    channels: tuple[ChannelSpec, ...] = ()
    channel_count: int = 1
    max_jobs: int = 3
    max_image_jobs: int | None = None
    max_video_jobs: int | None = None
    enforce_limits: bool = True
    cdn: Literal["real", "own"] = "real"
    picture_scale: float = 1.0
    duration_mean: float | None = None
    duration_sigma: float = 0.35
    cancel_finished: int = 400
    cache_bytes: int = 512 * 1024 * 1024
    verbose: bool = False

    def channel_specs(self) -> tuple[ChannelSpec, ...]:
        """The channels that a new account gets."""
        if self.channels:
            return self.channels
        return (self.limits(""),) * self.channel_count

    def limits(self, channel: str) -> ChannelSpec:
        """The default limits of one channel: image and video follow the total up to 12 (useapi-v3.md §3)."""
        capped = min(self.max_jobs, 12)
        return ChannelSpec(channel, self.max_jobs, self.max_image_jobs or capped, self.max_video_jobs or capped)


def parse_channels(text: str, defaults: Options) -> tuple[int, tuple[ChannelSpec, ...]]:
    """Read `--channels`: a number, or comma-separated `CHANNEL[=maxJobs[/maxImageJobs[/maxVideoJobs]]]`.

    Raises ValueError with a readable text.
    """
    if re.fullmatch(r"\d{1,3}", text):
        return int(text), ()
    specs = []
    for part in text.split(","):
        found = _SPEC.match(part.strip())
        if not found:
            raise ValueError(f"--channels: {part!r} is neither a number nor CHANNEL[=maxJobs[/maxImage[/maxVideo]]]")
        total = int(found["total"] or defaults.max_jobs)
        image = int(found["image"] or min(total, 12))
        specs.append(ChannelSpec(found["id"], total, image, int(found["video"] or image)))
    return len(specs), tuple(specs)
