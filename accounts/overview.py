"""What pages show of an account: its state in words, its channels and the slots in use."""

from collections.abc import Iterable
from dataclasses import dataclass

from accounts.explanations import BLOCKED, NO_CHANNELS, REMOVED, STATES, Explanation
from accounts.models import Account, AccountState
from accounts.usage import ChannelUse, LaneUse, channel_uses, sum_of_lanes


@dataclass(frozen=True, slots=True)
class ChannelOverview:
    use: ChannelUse
    explanation: Explanation | None  # why it takes no jobs


@dataclass(frozen=True, slots=True)
class AccountOverview:
    account: Account
    explanation: Explanation
    channels: list[ChannelOverview]

    @property
    def needs_attention(self) -> bool:
        return self.account.state != AccountState.READY or not self.channels

    @property
    def open(self) -> list[ChannelUse]:
        return [row.use for row in self.channels if row.use.channel.is_open]

    @property
    def lanes(self) -> list[LaneUse]:
        """The lanes of all open channels together."""
        return [sum_of_lanes(lanes) for lanes in zip(*(use.lanes for use in self.open), strict=True)]

    @property
    def slots(self) -> int:
        return sum(use.total.limit for use in self.open)

    @property
    def free(self) -> int:
        return sum(use.free for use in self.open) if self.account.may_send else 0

    @property
    def blocked(self) -> int:
        return sum(1 for row in self.channels if row.explanation is BLOCKED)


def of_accounts(accounts: Iterable[Account]) -> list[AccountOverview]:
    """An overview of each account; the number of queries does not grow with them where channels are prefetched."""
    accounts = list(accounts)
    uses = channel_uses(channel for account in accounts for channel in account.channels.all())
    return [_of_account(account, uses) for account in accounts]


def _of_account(account: Account, uses: dict[int, ChannelUse]) -> AccountOverview:
    rows = [ChannelOverview(uses[channel.pk], _why_closed(channel)) for channel in account.channels.all()]
    explanation = STATES[account.state]
    if account.state == AccountState.READY and not rows:
        explanation = NO_CHANNELS
    return AccountOverview(account, explanation, rows)


def _why_closed(channel) -> Explanation | None:
    if channel.removed_at is not None:
        return REMOVED
    return BLOCKED if channel.block_message else None
