"""Fixtures for all tests."""

import os

import hypothesis
import pytest

from tests import factories
from tests.browsing import chromium, open_page  # noqa: F401
from tests.s3 import bucket, s3_client, s3_service  # noqa: F401

# No test asserts a time, so none has to be quick on a busy machine.
hypothesis.settings.register_profile("studio", deadline=None)
hypothesis.settings.load_profile("studio")
# Playwright's synchronous API runs an event loop in the thread of the tests that use it.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


@pytest.fixture(autouse=True)
def _own_media(settings, tmp_path):
    """Each test keeps its files apart."""
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture(autouse=True)
def _forget_rate_limits():
    """Sign-in limits of one test must not reach the next."""
    from django.core.cache import cache

    cache.clear()


@pytest.fixture(autouse=True)
def _forget_forecasts():
    """Durations are kept for half a minute, which may begin in one test and end in the next."""
    from generations import forecast

    forecast.forget()


@pytest.fixture
def member(db):
    return factories.make_user("Mia")


@pytest.fixture
def other_member(db):
    return factories.make_user("Otto")


@pytest.fixture
def admin_user(db):
    return factories.make_admin("Ada")


@pytest.fixture
def simulator():
    """A UseAPI server of its own for one test, with a fast clock and small pictures."""
    from midjourney.simulator.server import Simulator

    with Simulator(speed=60, seed=7, picture_scale=0.1) as server:
        yield server


@pytest.fixture
def sandbox(db, simulator):
    """A ready account on the simulator, channels synced."""
    from accounts import syncing

    account = factories.make_account(name="Sandbox", base_url=simulator.url, token=simulator.token)
    syncing.sync_account(account)
    account.refresh_from_db()
    return account


@pytest.fixture
def engine(transactional_db):
    """Says that a test drives the engine, whose threads see committed rows only, so it needs real transactions."""
    from generations.engine import threads

    yield
    threads.retire(wait=True)


def pytest_collection_modifyitems(config, items):
    """In the browser the longest first, so that none is waited for at the end; on PostgreSQL what touches it only."""
    from django.db import connection

    items.sort(key=lambda item: not {"browser", "slow"} <= {mark.name for mark in item.iter_markers()})
    if connection.vendor != "postgresql":
        return
    needs = {"db", "transactional_db", "django_db_setup"}
    touches = [item for item in items if needs & set(item.fixturenames) or item.get_closest_marker("django_db")]
    kept = set(touches)
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = touches
