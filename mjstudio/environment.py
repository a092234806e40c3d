"""Reads the environment for `settings`: types, files of secrets, and one readable line for what is wrong."""

import os
import sys
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

import environ

BASE_DIR = Path(__file__).resolve().parent.parent


class Env(environ.FileAwareEnv):
    """Every variable may also be given as NAME_FILE, the path of a file that holds the value."""

    def get_value(self, var, *args, **kwargs):
        try:
            return super().get_value(var, *args, **kwargs)
        except ValueError:
            stop(f"{var} has a value of the wrong kind. See .env.example for what it takes.")


def stop(message: str) -> NoReturn:
    """End the process with one line that says what is wrong with which setting."""
    print(f"mjstudio: {message}", file=sys.stderr)  # noqa: T201
    raise SystemExit(2)


def data_dir(env: Env) -> Path:
    """DATA_DIR as an absolute path; a relative one counts from the project's folder."""
    path = Path(env.str("DATA_DIR", default="data")).expanduser()
    return path if path.is_absolute() else BASE_DIR / path


def secret(env: Env, name: str, folder: Path) -> str:
    """The secret from NAME, NAME_FILE or the file that `python -m mjstudio.keys` wrote into DATA_DIR."""
    value = str(env.str(name, default="")).strip()
    if value:
        return value
    path = folder / name.lower()
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        stop(f"{name} is not set. Set it (or {name}_FILE), or run `python -m mjstudio.keys` to make it in {folder}.")
    except OSError as error:
        stop(f"{name} could not be read from {path}: {error.strerror}.")


def public_url(env: Env, default: str) -> str:
    """PUBLIC_URL without a trailing slash, checked to be an http(s) origin with nothing behind it."""
    url = str(env.str("PUBLIC_URL", default="") or default).rstrip("/")
    try:
        parts = urlsplit(url)
        port_is_valid = parts.port is None or parts.port > 0
    except ValueError:
        port_is_valid = False
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.hostname or not port_is_valid:
        stop(f"PUBLIC_URL is not a web address: {url!r}. Write it like https://studio.example.org")
    if parts.path or parts.query or parts.fragment:
        stop(f"PUBLIC_URL must be an origin without a path: {parts.scheme}://{parts.netloc}")
    return url


def loopback_hosts() -> list[str]:
    return ["localhost", "127.0.0.1", "[::1]"]


def in_debug(env: Env) -> bool:
    return bool(env.bool("DEBUG", default=False))


def read_dotenv() -> None:
    """Load `.env` beside manage.py, where there is one; the real environment wins."""
    path = BASE_DIR / ".env"
    if path.is_file() and os.environ.get("STUDIO_IGNORE_DOTENV") != "1":
        Env.read_env(str(path), overwrite=False)
