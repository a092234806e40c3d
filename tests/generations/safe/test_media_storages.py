"""Pictures are the same whether they are kept below DATA_DIR or in a bucket of an S3 service."""

import hashlib
import io
import json
import zipfile
from datetime import timedelta

import pytest
from botocore.config import Config
from django.conf import settings as usual_settings
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone
from PIL import Image as Pillow

from generations import trouble
from generations.actions import masks
from generations.engine import saving
from generations.enqueue import enqueue
from generations.gallery import trash
from generations.media import library, orphans, pictures
from generations.media.errors import Unreachable
from generations.media.storages import media
from generations.models import Image, JobStatus
from generations.references import intake
from generations.sharing import copies
from tests import factories
from tests.engine import drive
from tests.generations.home.conftest import body, order, unzip
from tests.generations.references.pictures import picture

pytestmark = pytest.mark.slow
QUICK = Config(retries={"max_attempts": 0}, connect_timeout=1)  # for a service that does not answer
KEPT_A_YEAR = "private, max-age=31536000, immutable"


def options(bucket, **others) -> dict:
    """What mjstudio.media makes of MEDIA_URL_BACKEND=s3 and its settings."""
    return {
        "bucket_name": bucket.name, "location": "media", "endpoint_url": bucket.url, "region_name": "us-east-1",
        "access_key": "test", "secret_key": "test",
    } | others  # fmt: skip


def storages(**own) -> dict:
    return {**usual_settings.STORAGES, "default": {"BACKEND": "generations.media.bucket.MediaBucket", "OPTIONS": own}}


@pytest.fixture
def in_bucket(bucket, settings):
    settings.STORAGES = storages(**options(bucket))
    return bucket


@pytest.fixture(params=["files", "bucket"])
def kept_in(request) -> str:
    if request.param == "bucket":
        request.getfixturevalue("in_bucket")
    return request.param


@pytest.fixture
def unreachable(settings, bucket):
    settings.STORAGES = storages(**options(bucket, endpoint_url="http://127.0.0.1:9", client_config=QUICK))


def ingest(owner, color: str = "#336699", size=(1200, 800), **fields) -> Image:
    facts = library.publish(library.receive(picture(size, color=color)))
    job = factories.make_job(owner=owner, status=JobStatus.DONE, text="a boat")
    return factories.make_image(job=job, **facts, **fields)


def verify(capsys, *arguments: str) -> tuple[dict, int]:
    try:
        call_command("verify_media", "--json", *arguments)
        code = 0
    except SystemExit as end:
        code = int(end.code or 0)
    return json.loads(capsys.readouterr().out), code


def names(image: Image) -> list[str]:
    return [image.path, *(entry[2] for entry in image.thumbnails)]


def damage(name: str) -> None:
    """Change one byte, as long as it was."""
    content = bytearray(library.read(name))
    content[len(content) // 2] ^= 0xFF
    replaced = library.receive(bytes(content))
    media().keep({name: replaced.path})


def test_a_picture_is_kept_with_thumbnails_and_sent_to_its_owner_only(kept_in, client, member, other_member):
    image = ingest(member)
    content = picture((1200, 800))
    client.force_login(member)
    original = client.get(image.original_url())
    assert body(original) == content
    assert (original["Content-Type"], original["Content-Length"]) == ("image/png", str(len(content)))
    assert (original["ETag"], original["Cache-Control"]) == (f'"{image.sha256}"', KEPT_A_YEAR)
    for width, _, path in image.thumbnails:
        thumbnail = client.get(image.thumbnail_url(pictures.nominal(path)))
        assert (thumbnail["Content-Type"], thumbnail["Cache-Control"]) == ("image/webp", KEPT_A_YEAR)
        assert Pillow.open(io.BytesIO(body(thumbnail))).width == width
    client.force_login(other_member)
    for address in (image.original_url(), image.thumbnail_url(512)):
        assert client.get(address).status_code == 404
    client.logout()
    assert client.get(image.original_url()).status_code == 302


def test_parts_and_what_the_browser_has_are_answered_as_such(kept_in, client, member):
    image = ingest(member)
    content = picture((1200, 800))
    client.force_login(member)
    parts = {"0-99": content[:100], "100-": content[100:], "-10": content[-10:], "7-7": content[7:8]}
    for value, expected in parts.items():
        part = client.get(image.original_url(), headers={"Range": f"bytes={value}"})
        assert (part.status_code, body(part)) == (206, expected)
        assert part["Content-Range"].endswith(f"/{len(content)}")
    assert client.get(image.original_url(), headers={"Range": f"bytes={len(content)}-"}).status_code == 416
    etag = client.get(image.original_url())["ETag"]
    assert client.get(image.original_url(), headers={"If-None-Match": etag}).status_code == 304
    assert client.head(image.original_url())["Content-Length"] == str(len(content))


def test_a_file_that_is_gone_is_told_as_such(kept_in, client, member):
    image = ingest(member)
    client.force_login(member)
    media().delete(image.path)
    response = client.get(image.original_url())
    assert response.status_code == 404
    assert response.context["image"] == image


@pytest.mark.parametrize("told", ["none", "xmp"])
def test_an_archive_holds_the_files_and_goes_on_from_any_byte(kept_in, client, member, told):
    images = [ingest(member, "#102030"), ingest(member, "#405060")]
    client.force_login(member)
    address = order(client, images=" ".join(str(image.ref) for image in images), told=told)
    data = body(client.get(address))
    files = list(unzip(data).values())
    assert len(files) == 2
    if told == "none":
        assert [hashlib.sha256(file).hexdigest() for file in files] == [image.sha256 for image in images]
    begin = len(data) // 2
    assert body(client.get(address, headers={"Range": f"bytes={begin}-"})) == data[begin:]


def test_a_picture_in_another_format_and_a_batch_as_an_archive_come_from_there_as_well(kept_in, client, member):
    image = ingest(member)
    batch = factories.make_batch(owner=member)
    type(image.job).objects.filter(pk=image.job_id).update(batch=batch, batch_line=1)
    client.force_login(member)
    with zipfile.ZipFile(io.BytesIO(body(client.get(reverse("generations:batch-archive", args=[batch.ref]))))) as found:
        picture_name = next(name for name in found.namelist() if name.endswith(".png"))
        assert found.read(picture_name) == picture((1200, 800))
    made = body(client.get(reverse("generations:image-download", args=[image.ref]), {"as": "jpeg"}))
    assert Pillow.open(io.BytesIO(made)).format == "JPEG"


def test_a_check_finds_what_is_missing_or_damaged_and_makes_thumbnails_anew(kept_in, member, capsys):
    whole, hurt, gone = ingest(member), ingest(member, "#111111"), ingest(member, "#222222")
    report, code = verify(capsys)
    assert (report["files"], report["left"], code) == (3, 0, 0)
    damage(hurt.path)
    media().delete(gone.path)
    media().delete(whole.thumbnails[0][2])
    report, code = verify(capsys)
    assert code == 1
    assert (report["missing"], report["damaged"], report["thumbnails_made"]) == (1, 1, 1)
    assert media().size(whole.thumbnails[0][2]) > 0


def test_old_files_of_nobody_are_found_and_deleted_and_no_others(kept_in, member, capsys, monkeypatch):
    image, reference = ingest(member), intake.take_bytes(member, picture(color="#777777"))
    stray = ingest(member, "#333333")
    Image.objects.filter(pk=stray.pk).delete()
    assert verify(capsys)[0]["orphans"] == 0  # they are young
    monkeypatch.setattr(orphans, "AGE", -60.0)
    assert verify(capsys, "--delete-orphans")[0]["orphans_deleted"] == 1 + len(pictures.THUMBNAILS)
    assert not any(media().exists(name) for name in names(stray))
    assert all(media().exists(name) for name in [*names(image), reference.path])


def test_what_is_in_a_folder_that_begins_with_a_dot_is_no_medium_but_can_be_listed_by_its_name(kept_in, member):
    image = ingest(member)
    for name in (".shared/ab/copy.png", ".other"):
        media().keep({name: library.receive(b"copy").path})
    assert sorted(entry.name for entry in media().entries()) == sorted(names(image))
    assert media().folders() == [image.path[:2]]
    assert [entry.name for entry in media().entries(".shared")] == [".shared/ab/copy.png"]


def test_what_leaves_the_trash_leaves_the_storage(kept_in, member):
    image = ingest(member, trashed_at=timezone.now() - timedelta(days=31))
    assert trash.empty_old() == 1
    assert not any(media().exists(name) for name in names(image))


def test_references_and_masks_are_kept_and_sent_from_there(kept_in, member):
    image = ingest(member)
    reference = intake.take_image(member, image)
    assert hashlib.sha256(library.read(reference.path)).hexdigest() == reference.sha256
    mask = masks.from_rectangle((10, 10, 20, 20), (64, 64))
    assert masks.for_service(mask)
    masks.discard(mask)
    assert not media().exists(mask)


def test_a_picture_that_cannot_be_verified_leaves_nothing_behind(kept_in, member):
    with pytest.raises(library.NotSaved):
        library.publish(library.receive(b"no picture"))
    assert list(media().entries()) == []


@pytest.mark.usefixtures("engine")
def test_results_of_jobs_are_saved_to_the_bucket_and_nothing_of_them_stays_here(in_bucket, sandbox, member, settings):
    job = enqueue(member, "a boat", account=sandbox).jobs.get()
    drive(lambda: type(job).objects.get(pk=job.pk).status == JobStatus.DONE)
    images = Image.objects.filter(job=job).saved()
    assert sorted(in_bucket.keys()) == sorted(f"media/{name}" for image in images for name in names(image))
    assert all(hashlib.sha256(in_bucket.get(f"media/{i.path}")).hexdigest() == i.sha256 for i in images)
    assert not [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]


def test_objects_are_private_and_say_how_long_they_may_be_kept(in_bucket, member):
    image = ingest(member)
    for name in names(image):
        kept = in_bucket.client.head_object(Bucket=in_bucket.name, Key=f"media/{name}")
        assert kept["CacheControl"] == KEPT_A_YEAR
        grants = in_bucket.client.get_object_acl(Bucket=in_bucket.name, Key=f"media/{name}")["Grants"]
        assert not [grant for grant in grants if "URI" in grant["Grantee"]]  # of nobody but the bucket's owner
        with pytest.raises(ValueError, match="no address"):
            default_storage.url(name)


def test_while_the_service_does_not_answer_nothing_is_called_missing(unreachable, client, member, capsys):
    image = factories.make_image(owner=member)
    client.force_login(member)
    response = client.get(image.thumbnail_url(320))
    assert (response.status_code, response["Retry-After"], response["Cache-Control"]) == (503, "60", "no-store")
    with pytest.raises(CommandError, match="cannot be looked at"):
        call_command("verify_media")
    with pytest.raises(Unreachable) as refused:
        ingest(member)
    assert library.disk_error_code(refused.value) == "storage_unreachable"


@pytest.mark.usefixtures("engine")
def test_results_wait_while_the_service_does_not_answer_and_admins_are_told(
    unreachable, bucket, sandbox, member, settings, monkeypatch
):
    monkeypatch.setattr(saving, "FIRST_RETRY", 0.3)
    jobs = enqueue(member, "a boat", account=sandbox).jobs
    drive(lambda: jobs.get().error_code == "storage_unreachable")
    assert [each for each in trouble.for_admins() if "storage of the pictures" in each.words]
    settings.STORAGES = storages(**options(bucket))
    drive(lambda: jobs.get().status == JobStatus.DONE)
    assert jobs.get().error_code == ""
    assert trouble.for_admins() == []


@pytest.mark.django_db
def test_a_studio_moves_from_files_to_a_bucket_and_back_by_backup_and_restore(
    model_studio, new_studio, bucket, tmp_path, settings
):
    place = tmp_path / "backups"
    there, here = new_studio(keys=model_studio.keys), new_studio(keys=model_studio.keys)
    files = model_studio.contents()
    model_studio.report("backup", str(place))
    usual = settings.STORAGES
    settings.STORAGES = storages(**options(bucket))
    assert there.report("restore", str(place))["files_written"] == len(files)
    assert {key.removeprefix("media/"): bucket.get(key) for key in bucket.keys("media/")} == files
    assert there.report("verify_media")["left"] == 0
    assert there.report("backup", str(place))["new_files"] == 0
    refused = there.manage("backup", f"s3://{bucket.name}/media/backups")
    assert "inside the folder of the pictures" in refused.stderr
    settings.STORAGES = usual
    assert here.report("restore", str(place))["files_written"] == len(files)
    assert here.contents() == files


def test_copies_for_others_are_made_kept_and_forgotten(member, kept_in):
    image = factories.make_image(owner=member)
    content = io.BytesIO()
    Pillow.new("RGB", (8, 8), "#446688").save(content, "PNG")
    fields = library.publish(library.receive(content.getvalue()))
    Image.objects.filter(pk=image.pk).update(**fields)
    image.refresh_from_db()
    relative = copies.path_of(image)
    with media().open(relative) as file:
        assert Pillow.open(file).size == (8, 8)
    assert ".shared" not in media().folders()
    assert relative not in [entry.name for entry in media().entries()]
    assert copies.forget_old() == 0
    assert copies.forget_old(older_than=-10) == 1
    assert not media().exists(relative)
