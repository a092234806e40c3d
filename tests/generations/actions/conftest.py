"""Finished jobs whose pictures can be acted on."""

import pytest

from generations.models import Job, JobStatus
from tests import factories

GRID = ["U1", "U2", "U3", "U4", "🔄", "V1", "V2", "V3", "V4"]
SINGLE = [
    "Upscale (Subtle)", "Upscale (Creative)", "Vary (Subtle)", "Vary (Strong)", "Vary (Region)", "Zoom Out 2x",
    "Custom Zoom", "⬅️", "➡️", "Animate (High motion)", "Animate (Low motion)",
]  # fmt: skip


@pytest.fixture
def account(db):
    account = factories.make_account(name="Studio")
    factories.make_channel(account)
    return account


@pytest.fixture
def make_done(account, member):
    """A finished job of the member with these buttons and so many pictures."""

    def make(buttons=GRID, pictures: int = 4, **fields) -> Job:
        fields = {"owner": member, "account": account, "status": JobStatus.DONE} | fields
        job = factories.make_job(buttons=list(buttons), **fields)
        for position in range(1, pictures + 1):
            factories.make_image(job=job, position=position)
        return job

    return make


@pytest.fixture
def grid(make_done):
    return make_done()


@pytest.fixture
def single(make_done):
    return make_done(SINGLE, 1)
