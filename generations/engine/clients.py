"""One upstream client per account and process, so that connections are pooled across ticks."""

import os
import threading

from accounts.models import Account
from midjourney.upstream import Upstream

_clients: dict[int, tuple[tuple[int, str, str], Upstream]] = {}
_lock = threading.Lock()


def client_for(account: Account) -> Upstream:
    """The client for this account as it is now. Raises accounts.encryption.Unreadable."""
    version = (os.getpid(), account.base_url, account.token_encrypted)
    with _lock:
        known = _clients.get(account.pk)
        if known and known[0] == version:
            return known[1]
    # One try: the next tick is the next one, and a tick that waits for retries fills no slots.
    client = account.connect(tries=1)
    with _lock:
        _clients[account.pk] = (version, client)
    return client
