"""The Midjourney services that an account can be of, by the key that is stored with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from . import useapi
from .upstream import JobReply, Upstream


@dataclass(frozen=True, slots=True)
class Service:
    """A service: its name for people, where it is by default, what its token looks like and how to speak to it."""

    key: str
    name: str
    base_url: str
    media_hosts: tuple[str, ...]
    open: Callable[[str, str, Iterable[str], int], Upstream]
    token_format_error: Callable[[str], str | None]
    read_event: Callable[[Any], JobReply | None]


def _open_useapi(base_url: str, token: str, media_hosts: Iterable[str], tries: int) -> Upstream:
    return useapi.UseApi(base_url, token, media_hosts=media_hosts, backoff=useapi.Backoff(tries=tries))


SERVICES: dict[str, Service] = {
    "useapi": Service(
        key="useapi",
        name="UseAPI v3",
        base_url=useapi.DEFAULT_BASE_URL,
        media_hosts=useapi.DEFAULT_MEDIA_HOSTS,
        open=_open_useapi,
        token_format_error=useapi.token_format_error,
        read_event=useapi.job_reply,
    ),
}


def connect(service: str, *, base_url: str, token: str, media_hosts: Iterable[str], tries: int = 3) -> Upstream:
    """A client for one account; nothing is sent yet. `tries` is how often a read is tried before it fails.

    Raises KeyError for a service that is not in `SERVICES`, NoService for a base URL that is none, and BadToken for a
    token that cannot be sent.
    """
    return SERVICES[service].open(base_url, token, media_hosts, tries)


def read_event(service: str, data: Any) -> JobReply | None:
    """The job that a webhook of `service` tells of, out of its decoded body; None where it tells of none. Never raises.

    Whoever knows the address can send anything: what it says is a hint, never the truth (useapi-v3.md §7.2).
    """
    return SERVICES[service].read_event(data)


def token_format_error(service: str, token: str) -> str | None:
    """What is wrong with how a token of `service` is written, in words that do not repeat it; None if nothing is."""
    return SERVICES[service].token_format_error(token)
