"""The engine's threads see committed rows only, so its tests need real transactions."""

import pytest


@pytest.fixture
def engine(transactional_db, settings):
    """Says that a test drives the engine; tasks it enqueues go nowhere, because the test runs them itself."""
    from generations.engine import threads

    yield
    threads.retire(wait=True)
