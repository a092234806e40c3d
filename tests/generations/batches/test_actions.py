"""A selection of pictures × an action, and the archive of results, run against the simulator."""

import hashlib
import io
import zipfile
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Account
from generations import cards
from generations.batches import actions, archive, confirming, drafting, review
from generations.batches.drafting import CannotDraft, Written
from generations.enqueue import enqueue
from generations.models import BatchSource, Image, Job, JobStatus
from tests import factories
from tests.engine import drive

GRID = ["U1", "U2", "U3", "U4", "🔄", "V1", "V2", "V3", "V4"]
SINGLE = ["Upscale (Subtle)", "Upscale (Creative)", "Vary (Subtle)", "Vary (Region)", "Custom Zoom", "⬅️"]


def draft_of(owner, images, key):
    refs = tuple(str(image.ref) for image in images)
    return drafting.draft(owner, Written(BatchSource.GALLERY, images=refs, action=key))


@pytest.fixture
def pictures(account, member):
    """Two of the four of one job, and a picture on its own."""
    four = factories.make_job(owner=member, account=account, status=JobStatus.DONE, buttons=GRID)
    one = factories.make_job(owner=member, account=account, status=JobStatus.DONE, buttons=SINGLE)
    return [factories.make_image(job=four), factories.make_image(job=four), factories.make_image(job=one)]


def test_what_the_pictures_jobs_offer_is_offered_and_nothing_that_needs_a_mask(pictures):
    found = {action.key: (action.count, action.lane) for action in actions.offered(pictures)}
    assert found["U"] == found["V"] == found["🔄"] == (2, "image")
    assert found["Upscale (Subtle)"] == (1, "image")
    assert not {"U1", "Vary (Region)", "Custom Zoom"} & found.keys()


def test_each_picture_presses_its_own_button_and_those_without_it_say_so(pictures, member):
    batch = draft_of(member, pictures, "V")
    rows = review.lines(batch)
    assert [(row.number, row.button, row.level) for row in rows] == [
        (1, "V1", "ok"), (2, "V2", "ok"), (3, "V", "impossible"),
    ]  # fmt: skip
    assert "Vary" in rows[2].problem
    confirming.confirm(batch, member)
    jobs = list(batch.jobs.order_by("turn_at"))
    parent = pictures[0].job
    assert [(job.parent, job.button, job.bound_to, job.verb) for job in jobs] == [
        (parent, "V1", parent.channel_id, "button"), (parent, "V2", parent.channel_id, "button"),
    ]  # fmt: skip


def test_a_button_twice_on_one_job_and_a_pick_that_was_made_are_duplicates(pictures, member, account):
    rows = review.lines(draft_of(member, pictures[:2], "🔄"))
    assert [row.level for row in rows] == ["ok", "duplicate"]
    factories.make_job(owner=member, account=account, parent=pictures[0].job, button="U1", status=JobStatus.DONE)
    rows = review.lines(draft_of(member, pictures[:2], "U"))
    assert [row.level for row in rows] == ["duplicate", "ok"]
    assert "done before" in rows[0].problem


def test_a_picture_out_of_reach_is_impossible_with_its_reason(pictures, member, other_member):
    four, one = pictures[0].job, pictures[2].job
    batch = draft_of(other_member, pictures[:1], "U")
    assert "not in your gallery" in review.lines(batch)[0].problem
    Job.objects.filter(pk=one.pk).update(remote_created_at=timezone.now() - timedelta(days=63))
    assert "62 days" in review.lines(draft_of(member, pictures[2:], "Upscale (Subtle)"))[0].problem
    four.channel.removed_at = timezone.now()
    four.channel.save()
    assert "channel" in review.lines(draft_of(member, pictures[:1], "U"))[0].problem
    factories.make_account(name="Left")
    Account.objects.filter(pk=four.account_id).update(for_everyone=False)
    assert "account" in review.lines(draft_of(member, pictures[:1], "U"))[0].problem


def test_no_picture_or_no_action_is_no_draft(pictures, member):
    with pytest.raises(CannotDraft, match="No picture"):
        draft_of(member, [], "U")
    with pytest.raises(CannotDraft, match="No action"):
        draft_of(member, pictures, "")


@pytest.mark.usefixtures("engine")
def test_buttons_run_to_saved_pictures_with_cards_that_say_what_they_are_and_a_zip_of_all(sandbox, member):
    enqueue(member, "a lighthouse at dusk --ar 16:9", account=sandbox)
    drive(lambda: Job.objects.filter(status=JobStatus.DONE).exists())
    images = list(Image.objects.in_gallery().select_related("job").order_by("position"))
    batch = draft_of(member, images[:2], "U")
    confirming.confirm(batch, member)
    [card, _] = cards.make_cards(batch.jobs.for_cards().order_by("pk"))
    assert len(card.tiles) == 1
    assert card.summary.startswith("Upscale 1 · 16:9")
    drive(lambda: batch.jobs.filter(status=JobStatus.DONE).count() == 2)
    picked = list(Image.objects.in_gallery().filter(job__batch=batch).select_related("job"))
    assert len(picked) == 2

    up = draft_of(member, picked, "Upscale (Subtle)")
    confirming.confirm(up, member)
    drive(lambda: up.jobs.filter(status=JobStatus.DONE).count() == 2)

    content = zipfile.ZipFile(io.BytesIO(b"".join(archive.archive(up))))
    assert content.testzip() is None
    listing = content.read("batch.csv").decode("utf-8-sig")
    names = sorted(set(content.namelist()) - {"batch.csv"})
    assert [name.rpartition(".")[0] for name in names] == [
        f"{number:03d}-a-lighthouse-at-dusk-upscale-subtle-1" for number in (1, 2)
    ]
    saved = {image.sha256 for image in Image.objects.in_gallery().filter(job__batch=up)}
    assert {hashlib.sha256(content.read(name)).hexdigest() for name in names} == saved
    assert all(name in listing for name in names)


def test_a_zip_tells_lines_apart_and_lists_what_is_missing(started, member):
    batch = started("a {red, blue} boat\n=dangerous words\n" + "中文 " * 60)
    for job in batch.jobs.order_by("pk"):
        Job.objects.filter(pk=job.pk).update(status=JobStatus.DONE, channel=job.account.channels.first())
        factories.make_image(job=job)
    content = zipfile.ZipFile(io.BytesIO(b"".join(archive.archive(batch))))
    assert content.namelist() == ["batch.csv"]
    lines = content.read("batch.csv").decode("utf-8-sig").splitlines()
    assert len(lines) == 5
    assert lines[3].startswith("2,'=dangerous words")
    assert ",1," in lines[1]
    assert archive.archive_name(batch) == "a-red-boat.zip"
