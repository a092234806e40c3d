"""Tells the pages of accounts how many slots the jobs hold; accounts know no jobs."""

from collections.abc import Iterable, Mapping

from accounts.models import Channel
from generations.engine.capacity import channels_use


def held_slots(channels: Iterable[Channel]) -> Mapping[int, Mapping[str, int]]:
    """Slots held by our own jobs, by channel and lane."""
    return {pk: use.lanes for pk, use in channels_use(channels).items()}
