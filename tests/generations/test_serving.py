"""Files: to their owner only, kept by the browser, in parts where asked."""

import logging
import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from generations.media import library
from generations.media.pictures import THUMBNAILS
from generations.models import Image, JobStatus
from tests.factories import make_image, make_job
from tests.files import put_picture
from tests.generations.references.pictures import picture


@pytest.fixture
def mia(client, member):
    client.force_login(member)
    return member


@pytest.fixture
def image(mia):
    image = make_image(
        job=make_job(owner=mia, status=JobStatus.DONE, text="A Lighthouse at Dusk! --ar 16:9"), position=2
    )
    put_picture(image)
    return image


@pytest.fixture
def video(mia):
    video = make_image(owner=mia, kind="video", content_type="video/mp4", path="ab/video.mp4")
    path = library.full_path(video.path)
    path.parent.mkdir(parents=True)
    path.write_bytes(bytes(range(256)) * 10)
    return video


def body(response) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def part(client, video, value, **headers):
    return client.get(video.original_url(), headers={"Range": value, **headers})


def test_an_original_comes_whole_and_as_what_it_is(client, image):
    response = client.get(image.original_url())
    assert body(response) == library.full_path(image.path).read_bytes()
    assert (response["Content-Type"], response["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert "sandbox" in response["Content-Security-Policy"]
    assert "Content-Disposition" not in response


def test_files_are_kept_by_their_owners_browser_and_nobody_elses(client, image):
    for address in (image.original_url(), image.thumbnail_url(320)):
        assert client.get(address)["Cache-Control"] == "private, max-age=31536000, immutable"


def test_every_thumbnail_that_a_page_names_is_kept_for_good(client, mia):
    saved = library.publish(library.receive(picture((1600, 900))))
    make_image(owner=mia, **saved)
    page = client.get(reverse("generations:gallery")).content.decode()
    [named] = re.findall(r'srcset="([^"]+)"', page)
    addresses = [each.split(" ")[0] for each in named.split(", ")]
    assert len(addresses) == len(THUMBNAILS)
    for address in addresses:
        response = client.get(address)
        assert response.status_code == 200
        assert "immutable" in response["Cache-Control"]


def test_an_unchanged_file_is_not_sent_again(client, image):
    etag = client.get(image.original_url())["ETag"]
    response = client.get(image.original_url(), headers={"If-None-Match": etag})
    assert (response.status_code, response.content) == (304, b"")


def test_a_download_has_a_plain_name(client, image):
    response = client.get(f"{image.original_url()}?download=1")
    assert response["Content-Disposition"] == 'attachment; filename="a-lighthouse-at-dusk-2.png"'


@pytest.mark.parametrize("text", ["--ar 16:9", "海辺の灯台", "../../etc/passwd", 'a "b" \n c'])
def test_no_prompt_makes_a_name_that_is_none(client, mia, text):
    image = make_image(job=make_job(owner=mia, status=JobStatus.DONE, text=text), position=1)
    put_picture(image)
    name = client.get(f"{image.original_url()}?download=1")["Content-Disposition"].split('"')[1]
    assert name.endswith("-1.png")
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-.")


def test_a_thumbnail_is_webp(client, image):
    response = client.get(image.thumbnail_url(960))
    assert response["Content-Type"] == "image/webp"
    assert body(response)[8:12] == b"WEBP"


@pytest.mark.parametrize("width", [1, 321, 99999])
def test_other_widths_do_not_exist(client, image, width):
    assert client.get(image.thumbnail_url(width)).status_code == 404


@pytest.mark.parametrize("name", ["image-original", "image-thumbnail"])
def test_another_member_gets_404(client, image, other_member, name):
    client.force_login(other_member)
    address = reverse(f"generations:{name}", args=[image.ref, *([320] if name == "image-thumbnail" else [])])
    assert client.get(address).status_code == 404
    assert client.head(address).status_code == 404


def test_nobody_gets_a_file_without_signing_in(client, image):
    client.logout()
    assert client.get(image.original_url()).status_code == 302


def test_somebody_whose_access_has_ended_gets_nothing(client, image, mia):
    mia.is_active = False
    mia.save()
    assert client.get(image.original_url()).status_code in {302, 404}


def test_a_file_that_is_not_saved_does_not_exist(client, mia):
    assert client.get(make_image(owner=mia, saved=False).original_url()).status_code == 404


def test_a_missing_file_is_logged_and_says_what_to_do(client, mia, caplog):
    image = make_image(owner=mia)
    with caplog.at_level(logging.ERROR):
        response = client.get(image.original_url())
    assert response.status_code == 404
    assert b"Fetch it again" in response.content
    assert "file missing" in caplog.text
    Image.objects.update(created_at=timezone.now() - timedelta(days=63))
    assert b"Tell an admin" in client.get(image.original_url()).content


@pytest.mark.parametrize(
    ("value", "start", "end"),
    [("bytes=0-0", 0, 0), ("bytes=100-199", 100, 199), ("bytes=2500-", 2500, 2559), ("bytes=-60", 2500, 2559),
     ("bytes=2000-99999", 2000, 2559), ("bytes=-99999", 0, 2559)],
)  # fmt: skip
def test_a_part_of_a_video_is_sent_as_a_part(client, video, value, start, end):
    response = part(client, video, value)
    assert response.status_code == 206
    assert response["Content-Range"] == f"bytes {start}-{end}/2560"
    assert response["Content-Length"] == str(end - start + 1)
    assert body(response) == (bytes(range(256)) * 10)[start : end + 1]


@pytest.mark.parametrize("value", ["bytes=2560-", "bytes=9-5", "bytes=-0"])
def test_a_part_beyond_the_end_is_416(client, video, value):
    response = part(client, video, value)
    assert (response.status_code, response["Content-Range"]) == (416, "bytes */2560")


@pytest.mark.parametrize("value", ["bytes=", "bytes=-", "lines=1-2", "bytes=0-1,5-6", "bytes=a-b"])
def test_a_range_that_makes_no_sense_is_answered_with_all(client, video, value):
    response = part(client, video, value)
    assert response.status_code == 200
    assert len(body(response)) == 2560


def test_a_part_of_another_version_is_answered_with_all(client, video):
    assert part(client, video, "bytes=0-9", **{"If-Range": '"other"'}).status_code == 200
    etag = client.get(video.original_url())["ETag"]
    assert part(client, video, "bytes=0-9", **{"If-Range": etag}).status_code == 206


def test_parts_are_offered(client, video):
    response = client.head(video.original_url())
    assert (response["Accept-Ranges"], response["Content-Length"]) == ("bytes", "2560")


def test_a_proxy_that_can_sends_the_file_itself(client, image, settings):
    settings.SENDFILE = "x-accel-redirect"
    response = client.get(image.original_url())
    assert response["X-Accel-Redirect"] == f"/protected-media/{image.path}"
    assert (response.content, response["Content-Type"]) == (b"", "image/png")
    settings.SENDFILE = "x-sendfile"
    assert client.get(image.original_url())["X-Sendfile"] == str(library.full_path(image.path))


def test_the_proxy_is_asked_only_after_the_check(client, image, settings, other_member):
    settings.SENDFILE = "x-accel-redirect"
    client.force_login(other_member)
    assert "X-Accel-Redirect" not in client.get(image.original_url())
