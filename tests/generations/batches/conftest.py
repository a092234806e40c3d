"""Batches for tests."""

import pytest

from generations.batches import confirming, drafting
from generations.batches.drafting import Written
from generations.models import BatchSource
from tests import factories


@pytest.fixture
def account(db):
    account = factories.make_account(name="Studio")
    factories.make_channel(account)
    return account


@pytest.fixture
def draft_of(account, member):
    """Drafts the given lines for the member."""

    def make(text: str, **options):
        return drafting.draft(options.pop("owner", member), Written(BatchSource.LINES, text=text), **options)

    return make


@pytest.fixture
def started(draft_of, member):
    """Drafts and confirms the given lines."""

    def make(text: str, **options):
        batch = draft_of(text, **options)
        assert confirming.confirm(batch, member)
        return batch

    return make
