"""A missing or wrong setting stops the start with one readable line."""

import os
import subprocess
import sys

import pytest
from cryptography.fernet import Fernet
from django.conf import settings

GOOD = {"SECRET_KEY": "x" * 60, "TOKEN_KEYS": Fernet.generate_key().decode()}


def start(tmp_path, *command: str, **environment: str) -> subprocess.CompletedProcess:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, *(command or ("manage.py", "check"))],
        cwd=settings.BASE_DIR,
        env={**kept, "DATA_DIR": str(tmp_path / "data"), "STUDIO_IGNORE_DOTENV": "1", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_two_keys_are_all_it_needs(tmp_path):
    assert start(tmp_path, **GOOD).returncode == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", ""),
        ("TOKEN_KEYS", ""),
        ("PUBLIC_URL", "studio"),
        ("PUBLIC_URL", "https://studio.example.org/path"),
        ("DATABASE_URL", "nonsense://"),
        ("PORT", "eighty"),
        ("LOG_LEVEL", "LOUD"),
        ("USEAPI_BASE_URL", "ftp://example.org"),
        ("MEDIA_URL_BACKEND", "tape"),
        ("MEDIA_URL_BACKEND", "s3"),  # without MEDIA_S3_BUCKET
        ("WORKERS", "1"),
        ("MASK_REPAINTS", "grey"),
        ("TRASH_DAYS", "0"),
    ],
)
def test_a_wrong_value_stops_the_start_with_one_line_that_names_the_setting(tmp_path, name, value):
    result = start(tmp_path, **{**GOOD, name: value})
    assert result.returncode != 0
    lines = [line for line in result.stderr.splitlines() if line]
    assert len(lines) == 1
    assert name in lines[0]


def test_an_unusable_token_key_is_named_by_the_system_checks(tmp_path):
    result = start(tmp_path, **{**GOOD, "TOKEN_KEYS": "short"})
    assert result.returncode != 0
    assert "TOKEN_KEYS" in result.stderr
    assert "short" not in result.stderr


def test_a_secret_may_come_from_a_file(tmp_path):
    file = tmp_path / "key"
    file.write_text(GOOD["SECRET_KEY"])
    assert start(tmp_path, TOKEN_KEYS=GOOD["TOKEN_KEYS"], SECRET_KEY_FILE=str(file)).returncode == 0


def test_generated_keys_are_private_and_never_replaced(tmp_path):
    assert start(tmp_path, "-m", "mjstudio.keys").returncode == 0
    folder = tmp_path / "data"
    assert folder.stat().st_mode & 0o777 == 0o700
    first = {name: (folder / name).read_text() for name in ("secret_key", "token_keys")}
    assert all((folder / name).stat().st_mode & 0o777 == 0o600 for name in first)
    again = start(tmp_path, "-m", "mjstudio.keys")
    assert again.returncode == 0
    assert {name: (folder / name).read_text() for name in first} == first
    assert not any(value.strip() in again.stdout for value in first.values())


def test_a_port_in_use_is_named_before_anything_starts(tmp_path):
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        result = start(tmp_path, "-m", "mjstudio.ports", PORT=port)
    assert result.returncode != 0
    assert f"port {port} is in use" in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("public", ["http://127.0.0.1:8000", "https://studio.example.org"])
def test_cookies_are_secure_exactly_where_the_site_is_reached_over_https(tmp_path, public):
    code = "from django.conf import settings as s; print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE)"
    result = start(tmp_path, "-c", code, **GOOD, PUBLIC_URL=public, DJANGO_SETTINGS_MODULE="mjstudio.settings")
    secure = str(public.startswith("https"))
    assert result.stdout.split() == [secure, secure]
