"""How many slots of a channel our own jobs use. Jobs belong to an app that may know this one, not the reverse, so that
app says how to count:

    from accounts import usage
    usage.count_with(count)      # in its AppConfig.ready()

`count` takes channels and returns for each channel's primary key how many slots are held in each lane
("image", "video", "" for neither). Jobs of other programs are not its concern: `Channel.foreign_jobs` has them.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from accounts.models import Channel

Count = Callable[[Iterable[Channel]], Mapping[int, Mapping[str, int]]]


def _nothing(channels: Iterable[Channel]) -> Mapping[int, Mapping[str, int]]:
    return {}


used_slots: Count = _nothing


def count_with(count: Count) -> None:
    """Have `count` say how many slots are held."""
    global used_slots
    used_slots = count


@dataclass(frozen=True, slots=True)
class LaneUse:
    """A row of the slot display: jobs of a kind, how many may run at once and how many do."""

    label: str
    limit: int
    ours: int
    foreign: int

    @property
    def used(self) -> int:
        return self.ours + self.foreign

    @property
    def free(self) -> int:
        return max(0, self.limit - self.used)

    @property
    def cells(self) -> list[str]:
        """One word per slot, in the order in which they are drawn."""
        taken = ["ours"] * self.ours + ["foreign"] * self.foreign
        return taken + ["free"] * self.free


def sum_of_lanes(lanes: Iterable[LaneUse]) -> LaneUse:
    """The same lane of several channels, as one."""
    lanes = list(lanes)
    return LaneUse(
        lanes[0].label,
        sum(lane.limit for lane in lanes),
        sum(lane.ours for lane in lanes),
        sum(lane.foreign for lane in lanes),
    )


@dataclass(frozen=True, slots=True)
class ChannelUse:
    channel: Channel
    total: LaneUse
    images: LaneUse
    videos: LaneUse

    @property
    def lanes(self) -> tuple[LaneUse, ...]:
        return (self.total, self.images, self.videos)

    @property
    def free(self) -> int:
        return self.total.free if self.channel.is_open else 0


def channel_uses(channels: Iterable[Channel]) -> dict[int, ChannelUse]:
    """The use of each channel by its primary key; one query for all of them at most."""
    channels = list(channels)
    counts = used_slots(channels) if channels else {}
    return {channel.pk: _channel_use(channel, Counter(counts.get(channel.pk, {}))) for channel in channels}


def _channel_use(channel: Channel, ours: Counter) -> ChannelUse:
    foreign = Counter(channel.foreign_jobs.values())
    return ChannelUse(
        channel=channel,
        total=LaneUse("At once", channel.max_jobs, ours.total(), foreign.total()),
        images=LaneUse("Images", channel.max_image_jobs, ours["image"], foreign["image"]),
        videos=LaneUse("Videos", channel.max_video_jobs, ours["video"], foreign["video"]),
    )
