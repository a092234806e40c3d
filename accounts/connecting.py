"""Adds an account or gives it another token, once the service has accepted the token; before that nothing is stored."""

import logging
from collections.abc import Iterable

from django.db import transaction

from accounts import syncing
from accounts.explanations import VERIFYING
from accounts.models import Account, AccountState, User
from midjourney.upstream import ChannelInfo, Gone, Refused, UpstreamError

logger = logging.getLogger(__name__)


def add_account(account: Account, token: str, *, members: Iterable[User] = ()) -> int:
    """Verify the token upstream, then store the account with its channels; return how many there are.

    Raises UpstreamError, and then nothing is stored.
    """
    account.set_token(token)
    channels = _channels_of(account)
    with transaction.atomic():
        account.save()
        account.members.set(members)
        syncing.store_channels(account, channels)
    logger.info("account added account=%s channels=%s", account.pk, len(channels))
    return len(channels)


def replace_token(account: Account, token: str) -> int:
    """Verify the token upstream, then store it in place of the old one; return how many channels it opens.

    Raises UpstreamError, and then the account keeps its token.
    """
    account.set_token(token)
    channels = _channels_of(account)
    known = set(account.channels.filter(removed_at=None).values_list("remote_id", flat=True))
    if known and not known & {info.channel for info in channels}:
        # Jobs that run on the old channels would be lost, or taken for never sent.
        raise Refused("This token opens other channels. Add it as an account of its own.", code="other_account")
    with transaction.atomic():
        account.save(update_fields=["token_encrypted", "token_hint"])
        syncing.store_channels(account, channels)
        syncing.record_answer(account)
    account.wake()
    logger.info("account token replaced account=%s channels=%s", account.pk, len(channels))
    return len(channels)


def reset_channel(account: Account, remote_id: str) -> None:
    """Tell the service that a person has done what it asked for. Raises UpstreamError or encryption.Unreadable."""
    upstream = account.connect()
    try:
        upstream.reset_channel(remote_id)
    finally:
        upstream.close()
    logger.info("channel reset account=%s", account.pk)
    syncing.sync_account(account)


def add_channel(account: Account, discord: str, limits: dict[str, int]) -> ChannelInfo:
    """Add a Discord account at the service, or change its limits; the token goes there and nowhere else.

    `limits` are max_jobs, max_image_jobs and max_video_jobs. Raises UpstreamError or encryption.Unreadable.
    """
    upstream = account.connect()
    try:
        info = upstream.add_channel(discord, **limits)
    finally:
        upstream.close()
    logger.info("channel added account=%s", account.pk)
    syncing.sync_account(account)
    account.wake()
    return info


def remove_channel(account: Account, remote_id: str) -> None:
    """Take a channel out of the account at the service. Raises UpstreamError or encryption.Unreadable."""
    upstream = account.connect()
    try:
        upstream.remove_channel(remote_id)
    except Gone:
        pass  # somebody has removed it there already
    finally:
        upstream.close()
    logger.info("channel removed account=%s", account.pk)
    syncing.sync_account(account)


def pause(account: Account, reason: str) -> None:
    account.set_state(AccountState.PAUSED, reason)


def resume(account: Account) -> bool:
    """End a pause; return whether there was one."""
    resumed = account.set_state(AccountState.READY, only_from={AccountState.PAUSED})
    account.wake()
    return resumed


def in_words(error: UpstreamError) -> str:
    """What went wrong, and what the service itself said about it."""
    ours = VERIFYING.get(error.code, "")
    if ours and error.message:
        return f"{ours} It says: {error.message.rstrip('.')}."
    return ours or error.message or "The service refused without saying why."


def _channels_of(account: Account) -> tuple[ChannelInfo, ...]:
    upstream = account.connect()
    try:
        return syncing.fetch_channels(upstream)
    finally:
        upstream.close()
