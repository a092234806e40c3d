"""XMP inside the files: read back by us and by Pillow, with the pixels and the rest of the file untouched."""

import contextlib
import io
import random

import pytest
from PIL import Image as Pillow
from PIL import PngImagePlugin

from generations.home import embedding, sidecars, xmp
from generations.models import Tag
from tests.generations.home.conftest import TEXT, body, order, picture, put, unzip


def joined(data: bytes, packet: bytes) -> bytes:
    parts = embedding.pieces(io.BytesIO(data), len(data), packet)
    whole = b"".join(part if isinstance(part, bytes) else data[part[0] : part[0] + part[1]] for part in parts)
    assert len(whole) == embedding.total(parts)
    return whole


def read_back(data: bytes) -> dict:
    return xmp.read(embedding.packet_of(io.BytesIO(data), len(data)))


def pixels(data: bytes) -> bytes:
    return Pillow.open(io.BytesIO(data)).convert("RGBA").tobytes()


@pytest.fixture
def told(mia) -> dict:
    image = put(mia, parent=put(mia).job, rating=4)
    image.tags.add(Tag.objects.create(owner=mia, name="Boats & co", key="boats & co"))
    return sidecars.facts(image)


@pytest.mark.parametrize("ending", ["png", "jpg", "webp"])
def test_what_is_written_into_a_file_is_read_back(told, ending):
    data = picture(ending)
    whole = joined(data, xmp.write(told))
    assert pixels(whole) == pixels(data)
    found = read_back(whole)
    assert (found["prompt"], found["seed"], found["tags"], found["rating"]) == (TEXT, "42", ["Boats & co"], "4")
    assert (found["job"], found["created_at"]) == (told["job"], told["created_at"])
    kept = Pillow.open(io.BytesIO(whole)).info
    assert b"mjstudio" in (kept.get("xmp") or kept.get("XML:com.adobe.xmp", "").encode())


@pytest.mark.parametrize("ending", ["png", "jpg", "webp"])
def test_a_second_packet_takes_the_place_of_the_first(told, ending):
    once = joined(picture(ending), xmp.write(told))
    twice = joined(once, xmp.write({**told, "prompt": "another"}))
    assert read_back(twice)["prompt"] == "another"
    assert twice.count(b"<x:xmpmeta") == 1
    assert joined(twice, xmp.write(told)) == once


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("options", [{"lossless": True}, {"quality": 80}, {"quality": 80, "exif": b"Exif\0\0MM\0*"}])
@pytest.mark.parametrize("size", [(64, 36), (33, 35)])
def test_every_kind_of_webp_takes_a_packet(told, mode, options, size):
    out = io.BytesIO()
    noise = random.Random(1).randbytes(size[0] * size[1] * len(mode))
    Pillow.frombytes(mode, size, noise).save(out, "WEBP", **options)
    whole = joined(out.getvalue(), xmp.write(told))
    assert pixels(whole) == pixels(out.getvalue())
    assert Pillow.open(io.BytesIO(whole)).size == size
    assert read_back(whole)["seed"] == "42"


def test_other_text_in_a_png_stays(told):
    info, out = PngImagePlugin.PngInfo(), io.BytesIO()
    info.add_text("Description", "kept")
    Pillow.new("RGB", (8, 8)).save(out, "PNG", pnginfo=info)
    assert Pillow.open(io.BytesIO(joined(out.getvalue(), xmp.write(told)))).info["Description"] == "kept"


@pytest.mark.parametrize("ending", ["png", "jpg", "webp"])
def test_cut_and_garbled_files_are_refused_or_carried_along_but_never_stumbled_over(told, ending):
    data, dice = joined(picture(ending), xmp.write(told)), random.Random(5)
    for _ in range(300):
        garbled = bytearray(data[: dice.randrange(12, len(data))])
        for _ in range(dice.randrange(4)):
            garbled[dice.randrange(len(garbled))] = dice.randrange(256)
        read_back(bytes(garbled))
        with contextlib.suppress(embedding.CannotEmbed):
            joined(bytes(garbled), b"packet")


@pytest.mark.parametrize(
    "packet",
    [
        b"", b"no xml", b"<a/>", b"\xff\xfe<\x00!\x00", b"<?xml version='1.0' encoding='cp9999'?><a/>",
        b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", b"x" * 2_000_000,
    ],
)  # fmt: skip
def test_what_is_no_packet_tells_nothing(packet):
    assert xmp.read(packet) == {}


def test_what_xml_cannot_hold_is_left_out(told):
    assert xmp.read(xmp.write({**told, "prompt": "a\x00b\x0bc \ud800 d"}))["prompt"] == "abc  d"


def test_the_archive_has_it_inside_and_beside_what_takes_none(client, mia):
    images = [put(mia, ending) for ending in ("png", "jpg", "webp", "mp4")]
    response = client.get(order(client, images=" ".join(str(image.ref) for image in images), told="xmp"))
    data = body(response)
    assert int(response["Content-Length"]) == len(data)
    files = unzip(data)
    assert [name.rpartition(".")[2] for name in files] == ["png", "jpg", "webp", "mp4", "xmp"]
    *inside, _, beside = files.values()
    assert [read_back(each)["prompt"] for each in inside] == [TEXT] * 3
    assert xmp.read(beside)["job"] == str(images[3].job.ref)


def test_converted_pictures_have_it_inside_too(client, mia):
    files = unzip(body(client.get(order(client, images=str(put(mia).ref), told="xmp", form="jpeg"))))
    assert [read_back(each)["seed"] for each in files.values()] == ["42"]


def test_a_prompt_too_long_for_jpeg_goes_beside_it(client, mia):
    image = put(mia, "jpg", text="long " * 20_000)
    files = unzip(body(client.get(order(client, images=str(image.ref), told="xmp"))))
    assert [name.rpartition(".")[2] for name in files] == ["jpg", "xmp"]
