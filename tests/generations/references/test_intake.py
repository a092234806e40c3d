"""Taking pictures into the library: checked by content, kept without what a camera wrote, stored once."""

import errno
import io
import struct
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image as Pillow

from generations.media import library
from generations.media.pictures import THUMBNAILS
from generations.models import Reference
from generations.references import intake, shelf
from tests.factories import make_image, make_job
from tests.files import put_picture
from tests.generations.references.pictures import picture, telling_png, turned_jpeg


def upload(content: bytes, name: str = "picture.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="image/png")


def refused(member, content: bytes, name: str = "picture.png") -> str:
    with pytest.raises(intake.NotTaken) as caught:
        intake.take(member, upload(content, name))
    assert not Reference.objects.exists()
    kept = [path for path in library.full_path("").rglob("*") if path.is_file()]
    assert kept == []
    return str(caught.value)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_the_three_kinds_are_taken_whatever_they_are_called(member, kind):
    reference = intake.take(member, upload(picture(kind=kind), "whatever.txt"))
    assert (reference.width, reference.height) == (640, 480)
    assert reference.name == "whatever"
    with Pillow.open(library.full_path(reference.path)) as kept:
        kept.load()


def test_what_a_program_or_a_camera_wrote_into_the_file_is_gone_and_the_picture_stands_upright(member):
    for content in (telling_png(), turned_jpeg()):
        reference = intake.take(member, upload(content))
        kept = library.full_path(reference.path).read_bytes()
        assert b"somebody" not in kept
        assert b"camera" not in kept
        with Pillow.open(io.BytesIO(kept)) as opened:
            assert not opened.getexif()
    assert (reference.width, reference.height) == (480, 640)


def test_transparency_is_kept(member):
    target = io.BytesIO()
    Pillow.new("RGBA", (100, 100), (255, 0, 0, 0)).save(target, "PNG")
    assert intake.take(member, upload(target.getvalue())).content_type == "image/png"


def test_a_file_that_is_no_picture_is_refused_whatever_it_is_called(member):
    assert "is no PNG, JPEG or WebP" in refused(member, b"<html><script>alert(1)</script></html>", "photo.jpg")
    assert "is no PNG" in refused(member, picture(kind="GIF"))


def test_a_picture_that_ends_early_is_refused(member):
    whole = picture(kind="JPEG", size=(800, 800))
    assert "damaged" in refused(member, whole[: len(whole) // 2])


def test_a_bomb_is_refused_before_it_is_unpacked(member):
    head = b"IHDR" + struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))
    assert "50 million" in refused(member, bomb + b"\x00\x00\x00\x00IDAT" + struct.pack(">I", zlib.crc32(b"IDAT")))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize(("behind", "words"), [(b"PK\x03\x04rest", "ZIP"), (b"<script>x()</script>", "a script")])
def test_a_file_that_is_two_things_at_once_is_refused_with_the_reason(member, kind, behind, words):
    assert words in refused(member, picture(kind=kind) + behind)


def test_what_a_phone_puts_behind_a_jpeg_is_dropped(member):
    reference = intake.take(member, upload(picture(kind="JPEG") + b"MotionPhoto_Data" + b"\x01" * 400))
    assert b"Motion" not in library.full_path(reference.path).read_bytes()


def test_ten_megabytes_are_taken_and_a_byte_more_is_not(member):
    content = picture(kind="JPEG")
    room = intake.MOST_BYTES - len(content)
    assert intake.take(member, upload(content + b"\x00" * room))
    with pytest.raises(intake.NotTaken, match="more than 10 MB"):
        intake.take(member, upload(content + b"\x00" * (room + 1)))


def test_a_very_small_picture_and_an_animation_are_refused(member):
    assert "only 8 × 8" in refused(member, picture((8, 8)))
    target = io.BytesIO()
    frames = [Pillow.new("RGB", (64, 64), color) for color in ("red", "blue")]
    frames[0].save(target, "WEBP", save_all=True, append_images=frames[1:])
    assert "animation" in refused(member, target.getvalue())


def test_a_large_picture_is_scaled_to_what_a_model_looks_at(member):
    reference = intake.take(member, upload(picture((6000, 3000), kind="JPEG")))
    assert (reference.width, reference.height) == (4096, 2048)


def test_the_same_picture_is_stored_once_for_a_member_and_apart_for_another(member, other_member):
    first = intake.take(member, upload(picture(), "a.png"))
    assert intake.take(member, upload(picture(), "b.png")) == first
    assert intake.take(member, upload(telling_png(), "c.png")) == first  # other bytes, the same pixels
    assert intake.take(other_member, upload(picture())) != first
    files = [path for path in library.full_path("").rglob("*") if path.is_file()]
    assert len(files) == 2 * (1 + len(THUMBNAILS))  # the picture and its thumbnails, for each of the two


def test_a_picture_that_was_taken_out_comes_back_when_it_is_uploaded_again(member):
    first = intake.take(member, upload(picture()))
    shelf.take_out(first)
    assert not Reference.objects.visible_to(member).in_library().exists()
    assert intake.take(member, upload(picture())) == first
    assert Reference.objects.visible_to(member).in_library().exists()


def test_a_picture_of_the_gallery_becomes_a_reference_once(member):
    image = make_image(job=make_job(owner=member, status="done"))
    put_picture(image)
    reference = intake.take_image(member, image)
    assert reference.source == image
    assert reference.name.startswith("a lighthouse")
    assert intake.take_image(member, image) == reference


def test_a_full_disk_is_said_and_leaves_nothing_half_made(member, monkeypatch):
    def full(*_args, **_kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(library.os, "replace", full)
    assert "disk is full" in refused(member, picture())


def test_pictures_that_no_job_uses_are_deleted_a_day_after_they_were_taken_out(member):
    reference = intake.take(member, upload(picture()))
    shelf.take_out(reference)
    assert shelf.forget_unused() == 0
    Reference.objects.update(removed_at=reference.created_at - shelf.UNUSED_FOR * 2)
    assert shelf.forget_unused() == 1
    assert not library.full_path(reference.path).exists()
