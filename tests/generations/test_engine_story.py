"""The way of a prompt, from the box to the disk."""

import hashlib

import pytest
from PIL import Image as Pillow

from accounts import syncing
from generations.enqueue import enqueue
from generations.media import library
from generations.models import Image, Job, JobStatus
from midjourney.simulator.server import Simulator
from tests import factories
from tests.engine import drive

pytestmark = pytest.mark.usefixtures("engine")


def finished(*jobs: Job) -> bool:
    return not Job.objects.filter(pk__in=[job.pk for job in jobs]).unfinished().exists()


def test_a_prompt_becomes_a_grid_and_four_pictures_on_our_disk(sandbox, member):
    job = enqueue(member, "a lighthouse at dusk --ar 16:9", account=sandbox).jobs.get()
    drive(lambda: finished(job))
    job.refresh_from_db()
    assert job.status == JobStatus.DONE
    images = list(job.images.order_by("kind", "position"))
    assert [(image.kind, image.position) for image in images] == [
        ("grid", 0), ("single", 1), ("single", 2), ("single", 3), ("single", 4)
    ]  # fmt: skip
    for image in images:
        path = library.full_path(image.path)
        assert hashlib.sha256(path.read_bytes()).hexdigest() == image.sha256
        assert Pillow.open(path).size == (image.width, image.height)
        assert [entry[0] for entry in image.thumbnails] == sorted(entry[0] for entry in image.thumbnails)
        assert image.source_url  # the upstream may be given it back; no page shows it


def test_every_step_leaves_an_event(sandbox, member):
    job = enqueue(member, "a red boat", account=sandbox).jobs.get()
    drive(lambda: finished(job))
    assert list(job.events.values_list("status", flat=True)) == ["queued", "submitting", "running", "saving", "done"]


def test_a_video_prompt_becomes_playable_videos(sandbox, member):
    job = enqueue(member, "https://img.example.org/boat.webp a boat drifting --video", account=sandbox).jobs.get()
    drive(lambda: finished(job))
    job.refresh_from_db()
    assert job.status == JobStatus.DONE
    assert job.lane == "video"
    assert {image.content_type for image in job.images.all()} == {"video/mp4"}
    assert all(image.seconds and image.seconds > 0 for image in job.images.all())


def test_a_moderated_prompt_is_refused_with_the_upstreams_words_and_free_to_retry(sandbox, member):
    job = enqueue(member, "a forbidden thing sim:moderated", account=sandbox).jobs.get()
    drive(lambda: finished(job))
    job.refresh_from_db()
    assert job.status == JobStatus.REFUSED
    assert job.error_text
    assert job.retry_is_free


@pytest.fixture
def still():
    """A service whose clock stands: nothing ends by itself."""
    with Simulator(speed=0, seed=7, picture_scale=0.1) as server:
        yield server


@pytest.fixture
def account(db, still):
    account = factories.make_account(base_url=still.url, token=still.token)
    syncing.sync_account(account)
    account.refresh_from_db()
    return account


def test_more_jobs_than_slots_all_finish_and_never_exceed_the_limit(account, still, member, other_member):
    simulator = still
    jobs = [
        job
        for owner in (member, other_member)
        for prompt in [enqueue(owner, "{a, b, c, d, e} boat", account=account)]
        for job in prompt.jobs.all()
    ]

    def end_them_once_every_slot_is_used() -> bool:
        left = Job.objects.filter(pk__in=[job.pk for job in jobs]).exclude(
            status__in=[JobStatus.SAVING, JobStatus.DONE]
        )
        if len(simulator.running()) == min(3, left.count()):
            simulator.finish()
        return finished(*jobs)

    drive(end_them_once_every_slot_is_used)
    assert {job.status for job in Job.objects.all()} == {JobStatus.DONE}
    assert Image.objects.saved().count() == 50
    stats = simulator.stats()
    assert stats["paid"] == 10
    assert max(stats["paid_by_ref"].values()) == 1
    assert stats["peak"][simulator.channel]["total"] == 3
    assert simulator.count("POST jobs/imagine") == 10  # not one was refused for want of a slot


def test_the_whole_story_leaves_no_token_prompt_address_or_link_in_the_log(sandbox, member, caplog):
    caplog.set_level("DEBUG")
    jobs = [
        enqueue(member, text, account=sandbox).jobs.get()
        for text in ("a very particular lighthouse", "a very particular thing sim:moderated")
    ]
    drive(lambda: finished(*jobs))
    log = "\n".join(
        f"{record.getMessage()} {record.exc_text or ''}"
        for record in caplog.records
        if record.name != "urllib3.connectionpool"
    )
    assert "job moved" in log
    for secret in (sandbox.token, "particular", member.email, "cdn.midjourney.com", "/attachments/"):
        assert secret not in log
