"""What this machine offers the tests."""

import os
import shutil

import psycopg
import redis

DATABASE_URL = "postgres://postgres@127.0.0.1:5432/postgres"
REDIS_URL = "redis://127.0.0.1:6379/9"
# The tests may run as root, and the browser must not look for hosts outside this machine.
CHROMIUM_ARGUMENTS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


def postgresql_url() -> str | None:
    """Where a PostgreSQL answers in which databases may be made, or None."""
    url = os.environ.get("TEST_DATABASE_URL", DATABASE_URL)
    try:
        with psycopg.connect(url, connect_timeout=3) as connection:
            connection.execute("SELECT 1")
    except psycopg.Error:
        return None
    return url


def redis_url() -> str | None:
    """Where a Redis answers of which one database may be flushed, or None."""
    url = os.environ.get("TEST_REDIS_URL", REDIS_URL)
    try:
        redis.Redis.from_url(url, socket_connect_timeout=3).ping()
    except redis.RedisError:
        return None
    return url


def chromium() -> str | None:
    """The path of the system's Chromium, or None."""
    named = os.environ.get("CHROMIUM")
    names = [named] if named else ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
    return next((path for name in names if (path := shutil.which(name))), None)
