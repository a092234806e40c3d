"""Secrets at rest: MultiFernet under TOKEN_KEYS, newest first. The first key encrypts, all decrypt.

https://cryptography.io/en/latest/fernet/#cryptography.fernet.MultiFernet
"""

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class Unreadable(Exception):
    """No key of TOKEN_KEYS decrypts this value: a key was lost or the list is another installation's."""


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.TOKEN_KEYS])


def encrypt(text: str) -> str:
    return _fernet().encrypt(text.encode()).decode()


def decrypt(value: str) -> str:
    """The text behind `value`. Raises Unreadable."""
    try:
        return _fernet().decrypt(value.encode()).decode()
    except InvalidToken:
        raise Unreadable from None


def rotate(value: str) -> str:
    """The same secret under the first key. Raises Unreadable."""
    try:
        return _fernet().rotate(value.encode()).decode()
    except InvalidToken:
        raise Unreadable from None


def keys_error(keys: list[str]) -> str | None:
    """What is wrong with a list of keys, or None."""
    if not keys:
        return "TOKEN_KEYS is empty. It needs at least one Fernet key."
    for number, key in enumerate(keys, start=1):
        try:
            Fernet(key)
        except ValueError:
            return f"Key {number} of TOKEN_KEYS is not a Fernet key (32 url-safe base64-encoded bytes)."
    return None
