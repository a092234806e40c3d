"""How many slots of an account are in use, by channel and lane."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Count

from accounts.models import Account, Channel
from generations.models import Job


@dataclass
class ChannelUse:
    """Slots in use on one channel: ours by lane, and those of other programs that the list showed."""

    channel: Channel
    lanes: Counter = field(default_factory=Counter)
    foreign: Counter = field(default_factory=Counter)

    @property
    def total(self) -> int:
        return self.lanes.total() + self.foreign.total()

    def used(self, lane: str) -> int:
        return self.lanes[lane] + self.foreign[lane]

    def free(self, lane: str) -> int:
        """Slots that a job of this lane could take: within its lane's limit and the limit of all."""
        free = self.channel.max_jobs - self.total
        if lane:
            free = min(free, self.channel.limit(lane) - self.used(lane))
        return max(0, free)


@dataclass
class AccountUse:
    channels: list[ChannelUse]

    def free(self, lane: str) -> int:
        return sum(use.free(lane) for use in self.channels if use.channel.is_open)


def has_room(channels: Iterable[Channel], held: Iterable[Job]) -> bool:
    """Whether a job could start on any of these channels beside the jobs that hold slots, by what was read of both.

    Most of the time the answer is no, and costs nothing; where it is yes, the claim counts again under its lock.
    """
    used = Counter(job.channel_id for job in held)
    return any(
        channel.is_open and used[channel.pk] + len(channel.foreign_jobs) < channel.max_jobs for channel in channels
    )


def account_use(account: Account) -> AccountUse:
    """Count an account's slots: two queries. Inside a claim the account's row is locked, so the count stays true."""
    return _count(account.channels.filter(removed_at=None), Job.objects.filter(account=account))


def channels_use(channels: Iterable[Channel]) -> dict[int, ChannelUse]:
    """The use of any channels by primary key, for pages: one query besides the channels themselves."""
    channels = list(channels)
    use = _count(channels, Job.objects.filter(channel__in=channels))
    return {entry.channel.pk: entry for entry in use.channels}


def _count(channels: Iterable[Channel], jobs) -> AccountUse:
    by_channel = {
        channel.pk: ChannelUse(channel, foreign=Counter(channel.foreign_jobs.values())) for channel in channels
    }
    rows = jobs.holding_slots().order_by().values_list("channel_id", "lane").annotate(count=Count("pk"))
    for channel_id, lane, count in rows:
        if channel_id in by_channel:
            by_channel[channel_id].lanes[lane] += count
    return AccountUse(list(by_channel.values()))
