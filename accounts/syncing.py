"""Verifies a token and mirrors an account's channels. Talks to the network; holds no lock meanwhile."""

import logging

from django.db import transaction
from django.utils import timezone

from accounts import telling
from accounts.encryption import Unreadable
from accounts.models import Account, AccountState, Channel
from midjourney.upstream import BadToken, ChannelInfo, NoService, Upstream, UpstreamError

logger = logging.getLogger(__name__)

# The states that an answer from the service may end; a person's pause is not among them.
ENDED_BY_ANSWER = {AccountState.READY, AccountState.UNREACHABLE, AccountState.BAD_TOKEN, AccountState.NO_SUBSCRIPTION}
UNREADABLE = "The stored token cannot be decrypted with TOKEN_KEYS. Paste it again."


def sync_account(account: Account) -> tuple[ChannelInfo, ...]:
    """Fetch the account's channels and limits and record how the account is doing.

    Raises UpstreamError with the service's own words where that failed; the account's state then says so too.
    """
    try:
        upstream = account.connect()
    except Unreadable:
        account.set_state(AccountState.BAD_TOKEN, UNREADABLE)
        raise BadToken(UNREADABLE) from None
    try:
        channels = fetch_channels(upstream)
    except UpstreamError as error:
        record_trouble(account, error)
        raise
    finally:
        upstream.close()
    store_channels(account, channels)
    record_answer(account)
    return channels


def fetch_channels(upstream: Upstream) -> tuple[ChannelInfo, ...]:
    """The channels behind a token: the one request that verifies it and costs nothing."""
    return upstream.channels()


@transaction.atomic
def store_channels(account: Account, channels: tuple[ChannelInfo, ...]) -> None:
    """Mirror what the service said. Channels that it no longer lists are kept, marked as removed."""
    # In the order of a claim: account, then channels.
    Account.objects.select_for_update(no_key=True).filter(pk=account.pk).first()
    now = timezone.now()
    known = {channel.remote_id: channel for channel in account.channels.select_for_update()}
    for info in channels:
        channel = known.pop(info.channel, None) or Channel(account=account, remote_id=info.channel)
        channel.max_jobs = max(1, info.max_jobs)
        channel.max_image_jobs = info.max_image_jobs
        channel.max_video_jobs = info.max_video_jobs
        if info.block_message and not channel.block_message:
            channel.blocked_at = now
            telling.later(account.pk)
        elif not info.block_message:
            channel.blocked_at = None
        channel.block_message = info.block_message[:500]
        channel.removed_at = None
        channel.synced_at = now
        if channel.pk:
            # The engine's own columns are not this function's to write.
            channel.save(
                update_fields=[
                    "max_jobs", "max_image_jobs", "max_video_jobs",
                    "block_message", "blocked_at", "removed_at", "synced_at",
                ]
            )  # fmt: skip
        else:
            channel.save()
    gone = [channel.pk for channel in known.values() if channel.removed_at is None]
    Channel.objects.filter(pk__in=gone).update(removed_at=now)
    Account.objects.filter(pk=account.pk).update(synced_at=now)


def record_answer(account: Account, *, shows_subscription: bool = True) -> None:
    """The service answered: end what an answer can end. The list of jobs may answer without a subscription."""
    Account.objects.filter(pk=account.pk).exclude(failures=0, retry_at=None).update(failures=0, retry_at=None)
    ended = ENDED_BY_ANSWER if shows_subscription else ENDED_BY_ANSWER - {AccountState.NO_SUBSCRIPTION}
    account.set_state(AccountState.READY, only_from=ended)


def record_trouble(account: Account, error: UpstreamError) -> None:
    """Record what a failed request says about the account as a whole; other errors say nothing about it."""
    if isinstance(error, BadToken):
        state = AccountState.BAD_TOKEN
    elif isinstance(error, NoService) and error.code == "no_subscription":
        state = AccountState.NO_SUBSCRIPTION
    elif isinstance(error, NoService) or error.code in {"unreachable", "server_error"}:
        state = AccountState.UNREACHABLE
    else:
        return
    before = account.state
    if account.set_state(state, error.message, only_from=ENDED_BY_ANSWER):
        if state in telling.TOLD and before != state:
            telling.later(account.pk)
        logger.warning("account trouble account=%s state=%s status=%s", account.pk, state, error.status)
