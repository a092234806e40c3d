"""The API token: what it looks like, and how it travels without ever being shown."""

from __future__ import annotations

import re

from requests import PreparedRequest
from requests.auth import AuthBase

_FORMAT = re.compile(r"user:[0-9]+-[A-Za-z0-9_.~+/=-]+")


def token_format_error(token: str) -> str | None:
    """What is wrong with how `token` is written, or None; the words never repeat it (useapi-v3.md §1)."""
    if not token.strip():
        return "The token is empty."
    if token != token.strip():
        return "The token has spaces or line breaks around it."
    if re.search(r"\s", token):
        return "The token has spaces or line breaks in it."
    if token.lower().startswith("bearer"):
        return "The token is sent without the word Bearer: it starts with user:."
    if not token.startswith("user:"):
        return "A UseAPI token starts with user: and a number, like user:1234-abcdef."
    if not re.match(r"user:[0-9]+-", token):
        return "After user: a UseAPI token has a number and a hyphen, like user:1234-abcdef."
    if not _FORMAT.fullmatch(token):
        return "The part after the hyphen is empty or has characters that no UseAPI token has."
    return None


def can_be_sent(token: str) -> bool:
    """Whether an HTTP header can carry `token` at all; libraries quote in their error what cannot be sent."""
    return bool(re.fullmatch(r"[\x21-\x7e]+", token))


class Bearer(AuthBase):
    """Puts the token on one request. Given per request, so that no session carries it to another host."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request

    def __repr__(self) -> str:
        return "Bearer([hidden])"


class Anonymous(AuthBase):
    """Sends no credentials. Without it requests would look for some in the machine's netrc file."""

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        return request
