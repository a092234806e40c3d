"""The sockets: knows for certain whether a byte of a request has left this machine.

An exception's type cannot say it: the same `SSLError` means a refused certificate before anything was sent, or a
broken record in the middle of a paid request. So the connections themselves note how far they came.
"""

from __future__ import annotations

import socket
import threading
import time
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Literal

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.poolmanager import PoolManager

Stage = Literal["idle", "connecting", "sent"]

SLOWEST_UPLOAD = 256 * 1024
"""Bytes per second that a request body is given to leave at, on top of the connection's own time-out."""


class TooLateError(Exception):
    """The deadline of a paid request passed before its first byte left."""


class _Progress(threading.local):
    """How far the request of this thread came. `idle` means that no connection of ours has seen it."""

    stage: Stage = "idle"
    deadline: float | None = None


_progress = _Progress()


def begin(deadline: float | None) -> None:
    """Start to watch a request of this thread; `deadline` is a `time.monotonic()` value for its first byte."""
    _progress.stage = "idle"
    _progress.deadline = deadline


def stage() -> Stage:
    """How far the request of this thread came since `begin`."""
    return _progress.stage


# Bytes that nobody acknowledges are given up after this, so that the kernel does not deliver a request long after
# its sender has counted it as lost. Where the system has no such option, its own limit stands.
UNACKNOWLEDGED_MS = 15_000
_USER_TIMEOUT = getattr(socket, "TCP_USER_TIMEOUT", None)


class _PlainConnection(HTTPConnection):
    default_socket_options = [
        *HTTPConnection.default_socket_options,
        *([(socket.IPPROTO_TCP, _USER_TIMEOUT, UNACKNOWLEDGED_MS)] if _USER_TIMEOUT else []),
    ]
    _handshaking = False

    def connect(self) -> None:
        _progress.stage = "connecting"
        self._handshaking = True
        try:
            super().connect()
        finally:
            self._handshaking = False

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        if not self._handshaking:  # while connecting, only a proxy is spoken to
            self._let_go(data)
        super().send(data)

    def _let_go(self, data: Any) -> None:
        deadline = _progress.deadline
        if _progress.stage != "sent" and deadline is not None and time.monotonic() > deadline:
            raise TooLateError
        _progress.stage = "sent"
        # The socket still has the connect time-out, and a send must be over within it: too short for pictures.
        if isinstance(data, bytes) and len(data) > SLOWEST_UPLOAD and self.sock is not None:
            self.sock.settimeout((self.sock.gettimeout() or 0) + len(data) / SLOWEST_UPLOAD)


class _TlsConnection(_PlainConnection, HTTPSConnection):
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


_POOLS = {"http": _PlainPool, "https": _TlsPool}


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **proxy_kwargs: Any) -> PoolManager:
        manager: PoolManager = super().proxy_manager_for(proxy, **proxy_kwargs)
        manager.pool_classes_by_scheme = _POOLS
        return manager


class Session(requests.Session):
    """A session that retries nothing, follows nothing and remembers no cookies."""

    def __init__(self) -> None:
        super().__init__()
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("http://", "https://"):
            self.mount(scheme, _Adapter(pool_connections=8, pool_maxsize=4, max_retries=0))

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """None always: requests would read a redirect's whole body to prepare a hop that nobody asked for."""
        return None
