"""Threads that use the database: kept while a pump runs, with connections that are checked in between."""

import logging
import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from django.db import close_old_connections

logger = logging.getLogger(__name__)

_pools: dict[tuple[int, str], ThreadPoolExecutor] = {}


def _pool(name: str, size: int) -> ThreadPoolExecutor:
    key = (os.getpid(), name)
    if key not in _pools:
        _pools[key] = ThreadPoolExecutor(max_workers=size, thread_name_prefix=name)
    return _pools[key]


def start_cycle(function: Callable, *args: Any) -> Future:
    """Run one account's cycle. Cycles wait for requests, so those run in a pool of their own."""
    return _pool("cycle", 8).submit(_checked, function, *args)


def start_request(function: Callable, *args: Any) -> Future:
    """Run one exchange with an upstream and the update that it leads to."""
    return _pool("request", 16).submit(_checked, function, *args)


def _checked(function: Callable, *args: Any) -> Any:
    close_old_connections()
    try:
        return function(*args)
    except Exception:
        logger.exception("engine fault in %s", getattr(function, "__qualname__", function))
        raise
    finally:
        close_old_connections()


def retire(*, wait: bool = False) -> None:
    """End this process's pools, and with their threads the connections, once what runs in them is over."""
    for key in list(_pools):
        _pools.pop(key).shutdown(wait=wait)
