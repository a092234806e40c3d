"""Many pictures as one ZIP: whole, the same each time, from any byte on, and in little memory."""

import io
import json
import random
import tracemalloc
import uuid
import zipfile
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from django.urls import reverse
from PIL import Image as Pillow

from generations.home import orders, packing
from generations.media import library
from generations.models import Collection, CollectionEntry, Image
from tests.generations.home.conftest import TEXT, body, content_of, order, picture, put, unzip

CHOOSE = "generations:download-choose"


@pytest.fixture
def pictures(mia) -> list[Image]:
    return [put(mia, ending) for ending in ("png", "jpg", "webp", "mp4")]


def named(images) -> dict:
    return {"images": " ".join(str(image.ref) for image in images)}


def test_what_comes_out_of_the_archive_is_what_is_on_the_disk(client, pictures):
    response = client.get(order(client, **named(pictures)))
    assert response["Content-Type"] == "application/zip"
    assert response["Content-Disposition"] == 'attachment; filename="pictures.zip"'
    data = body(response)
    assert int(response["Content-Length"]) == len(data)
    files = unzip(data)
    assert list(files.values()) == [content_of(image) for image in pictures]
    assert next(iter(files)) == "001 a Lighthouse at dusk, über & the sea.png"
    assert [name.rpartition(".")[2] for name in files] == ["png", "jpg", "webp", "mp4"]


def test_the_same_order_gives_the_same_bytes_dated_by_the_pictures(client, pictures):
    Image.objects.update(created_at=datetime(2026, 3, 4, 5, 6, 8, tzinfo=UTC))
    address = order(client, **named(pictures), told="json")
    first = client.get(address)
    data = body(first)
    assert body(client.get(address)) == data
    again = client.get(order(client, **named(pictures), told="json"))
    assert (body(again), again["ETag"]) == (data, first["ETag"])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert {info.date_time for info in archive.infolist()} == {(2026, 3, 4, 5, 6, 8)}


@pytest.mark.parametrize("told", ["none", "json", "xmp"])
def test_a_download_goes_on_from_any_byte(client, pictures, told):
    address = order(client, **named(pictures), told=told)
    whole = client.get(address)
    data, etag = body(whole), whole["ETag"]
    for begin in [*range(0, len(data), 97), len(data) - 1]:
        part = client.get(address, headers={"Range": f"bytes={begin}-", "If-Range": etag})
        assert part.status_code == 206
        assert part["Content-Range"] == f"bytes {begin}-{len(data) - 1}/{len(data)}"
        assert body(part) == data[begin:]
    cuts = [0, 10, 30, 500, len(data) - 22, len(data)]
    pieces = [body(client.get(address, headers={"Range": f"bytes={a}-{b - 1}"})) for a, b in pairwise(cuts)]
    assert b"".join(pieces) == data


def test_a_range_of_another_archive_or_beyond_the_end_is_not_served(client, pictures):
    address = order(client, **named(pictures))
    size = int(client.get(address)["Content-Length"])
    assert client.get(address, headers={"Range": "bytes=5-", "If-Range": '"other"'}).status_code == 200
    beyond = client.get(address, headers={"Range": f"bytes={size}-"})
    assert (beyond.status_code, beyond["Content-Range"]) == (416, f"bytes */{size}")


def test_what_is_skipped_is_not_read_before_the_first_byte_is_sent(mia):
    read = []

    def entry(name):
        def blocks():
            read.append(name)
            yield b"x" * 100_000

        return packing.Entry(name, datetime(2026, 1, 1, tzinfo=UTC), 100_000, blocks)

    whole = b"".join(packing.stream(entry(name) for name in "abc"))
    read.clear()
    begin = 250_000
    stream = packing.stream((entry(name) for name in "abc"), begin)
    first = next(stream)
    assert read == ["c"]
    assert first + b"".join(stream) == whole[begin:]
    assert read == ["c", "a", "b"]


def test_files_beyond_four_gigabytes_are_announced_and_read_by_other_programs(tmp_path):
    """Sizes and places that need 64 bits; the content is made up and not kept."""
    block = b"\x00" * (1 << 20)
    sizes = [("first.mp4", (1 << 32) + 5), ("second.png", 10), ("third.png", 7)]

    def entry(name, size):
        def blocks():
            left = size
            while left:
                yield block[:left] if left < len(block) else block
                left -= min(left, len(block))

        return packing.Entry(name, datetime(2026, 1, 1, tzinfo=UTC), size, blocks)

    total = packing.size_of(sizes)
    path = tmp_path / "big.zip"
    with open(path, "wb") as file:
        for part in packing.stream(entry(*each) for each in sizes):
            if part is block:
                file.seek(len(block), io.SEEK_CUR)
            else:
                file.write(part)
    assert path.stat().st_size == total
    with zipfile.ZipFile(path) as archive:
        assert [(info.filename, info.file_size) for info in archive.infolist()] == sizes
        assert archive.read("third.png") == b"\x00" * 7
    path.unlink()


def test_more_entries_than_16_bits_count(tmp_path):
    names = [f"{number}.txt" for number in range(66_000)]
    at = datetime(2026, 1, 1, tzinfo=UTC)
    data = b"".join(packing.stream(packing.Entry(name, at, 1, lambda: [b"x"]) for name in names))
    assert len(data) == packing.size_of((name, 1) for name in names)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.namelist() == names


@pytest.mark.slow
def test_memory_does_not_grow_with_the_archive(client, mia):
    def peak(count: int) -> int:
        data = picture("png") + b"\x00" * 5_000_000
        images = [put(mia, data=data) for _ in range(count)]
        address = order(client, **named(images))
        tracemalloc.start()
        sent = sum(len(block) for block in client.get(address).streaming_content)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert sent > count * 5_000_000
        return most

    few, many = peak(3), peak(36)
    assert many < 12_000_000
    assert many < few + 3_000_000


def test_pictures_can_come_in_another_format_and_videos_stay_as_they_are(client, pictures):
    response = client.get(order(client, **named(pictures), form="webp"))
    assert "Content-Length" not in response
    assert "Accept-Ranges" not in response
    files = list(unzip(body(response)).items())
    assert [name.rpartition(".")[2] for name, _ in files] == ["webp", "webp", "webp", "mp4"]
    assert [Pillow.open(io.BytesIO(data)).format for _, data in files[:3]] == ["WEBP"] * 3
    assert files[2][1] == content_of(pictures[2])
    assert files[3][1] == content_of(pictures[3])


def test_so_many_that_looking_at_them_takes_long_begin_at_once(client, pictures, monkeypatch):
    monkeypatch.setattr(orders, "MOST_ANNOUNCED", 3)
    response = client.get(order(client, **named(pictures)), headers={"Range": "bytes=5-"})
    assert (response.status_code, "Content-Length" in response) == (200, False)
    assert len(unzip(body(response))) == 4


@pytest.mark.parametrize("told", ["none", "json", "xmp"])
def test_queries_do_not_grow_with_the_pictures(client, mia, django_assert_max_num_queries, told):
    images = [put(mia, parent=put(mia).job) for _ in range(12)]
    address = order(client, **named(images), told=told)
    with django_assert_max_num_queries(8):
        assert unzip(body(client.get(address)))


def test_a_json_file_beside_each_tells_where_it_came_from(client, mia):
    parent = put(mia)
    child = put(mia, "mp4", parent=parent.job)
    files = unzip(body(client.get(order(client, **named([child]), told="json"))))
    names = list(files)
    assert names[1] == names[0].replace(".mp4", ".json")
    told = json.loads(files[names[1]])
    assert (told["prompt"], told["seed"], told["job"]) == (TEXT, 42, str(child.job.ref))
    assert told["parents"] == [{"job": str(parent.job.ref), "position": 2}]
    assert (told["file"], told["model"]) == (names[0], child.model or None)
    assert told["parameters"] == child.job.parameters


def test_a_missing_file_is_listed_and_the_rest_comes(client, pictures):
    library.full_path(pictures[1].path).unlink()
    response = client.get(order(client, **named(pictures), told="json"))
    data = body(response)
    assert int(response["Content-Length"]) == len(data)
    files = unzip(data)
    assert len(files) == 7
    assert "002 a Lighthouse at dusk, über & the sea.jpg: its file is not" in files["MISSING.txt"].decode()


def test_a_damaged_file_breaks_no_archive_of_converted_ones(client, pictures):
    library.full_path(pictures[0].path).write_bytes(b"nothing")
    files = unzip(body(client.get(order(client, **named(pictures), form="jpeg"))))
    assert len(files) == 4
    assert "damaged" in files["MISSING.txt"].decode()


def test_an_archive_breaks_off_where_a_file_changes_meanwhile(client, pictures):
    stream = client.get(order(client, **named(pictures))).streaming_content
    next(stream)
    library.full_path(pictures[3].path).write_bytes(b"shorter")
    with pytest.raises(packing.Changed):
        list(stream)


def test_a_collection_comes_in_its_own_order(client, mia, pictures):
    collection = Collection.objects.create(owner=mia, name="Campaign: A/B")
    other = Collection.objects.create(owner=mia, name="Other")
    for place, image in enumerate((pictures[2], pictures[0], pictures[3])):
        CollectionEntry.objects.create(collection=collection, image=image, position=place * 10)
        CollectionEntry.objects.create(collection=other, image=image, position=100 - place)
    response = client.get(order(client, collection=str(collection.ref)))
    assert response["Content-Disposition"] == 'attachment; filename="Campaign A B.zip"'
    expected = [content_of(pictures[index]) for index in (2, 0, 3)]
    assert list(unzip(body(response)).values()) == expected


def test_a_smart_collection_and_a_search_bring_what_they_find(client, mia, pictures):
    found = put(mia, text="a red boat --v 7")
    smart = Collection.objects.create(owner=mia, name="Boats", query="boat")
    for sent in ({"collection": str(smart.ref)}, {"q": "boat"}):
        assert list(unzip(body(client.get(order(client, **sent)))).values()) == [content_of(found)]
    assert len(unzip(body(client.get(order(client, q=""))))) == 5


def test_what_of_a_search_is_not_understood_is_said_before_more_comes_than_was_meant(client, pictures):
    page = client.get(reverse(CHOOSE), {"q": "lighthouse ratng:5"}).content.decode()
    assert "Not all of the search was understood" in page
    assert "“ratng” is nothing to search by" in page


def test_converting_holds_one_picture_at_a_time(client, mia):
    out = io.BytesIO()
    Pillow.frombytes("RGB", (500, 500), random.Random(3).randbytes(750_000)).save(out, "PNG")
    images = [put(mia, data=out.getvalue()) for _ in range(20)]
    address = order(client, **named(images), form="jpeg")
    list(client.get(address).streaming_content)
    tracemalloc.start()
    sent = sum(len(block) for block in client.get(address).streaming_content)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sent > 6_000_000
    assert most < 3_000_000


def test_the_size_can_be_asked_for_alone(client, pictures):
    address = order(client, **named(pictures))
    asked = client.head(address)
    assert int(asked["Content-Length"]) == len(body(client.get(address)))


def test_what_comes_later_does_not_change_an_archive(client, mia, pictures):
    address = order(client, q="")
    data = body(client.get(address))
    put(mia)
    assert body(client.get(address)) == data


def test_the_page_says_how_many_and_how_much(client, mia, pictures):
    response = client.get(reverse(CHOOSE), {"image": [str(image.ref) for image in pictures]})
    assert (response.context["count"], response.context["chosen"].bytes) == (4, sum(i.bytes for i in pictures))
    assert "4</span> files" in response.content.decode()
    assert "Nothing to download" in client.get(reverse(CHOOSE)).content.decode()


def test_an_unknown_placeholder_is_said_with_what_there_is(client, pictures):
    sent = {**named(pictures), "pattern": "{prompt} {author}", "form": "", "told": "none"}
    response = client.post(reverse(CHOOSE), sent)
    assert response.status_code == 422
    assert "There is nothing called {author}. There is {date}" in response.content.decode()
    assert str(pictures[0].ref) in response.content.decode()


def test_too_many_at_once_are_told_about_collections(client, mia):
    refs = " ".join(str(uuid.uuid4()) for _ in range(orders.MOST_REFS + 1))
    response = client.post(reverse(CHOOSE), {"images": refs, "pattern": "{prompt}"})
    assert response.status_code == 422
    assert "Too many at once" in response.content.decode()


def test_twenty_thousand_can_be_named(client, mia, pictures):
    refs = " ".join(str(uuid.uuid4()) for _ in range(orders.MOST_REFS - 1))
    files = unzip(body(client.get(order(client, images=f"{refs} {pictures[0].ref}"))))
    assert list(files.values()) == [content_of(pictures[0])]


def test_nothing_of_it_opens_for_others(client, mia, other_member, pictures):
    address = order(client, **named(pictures))
    collection = Collection.objects.create(owner=mia, name="Mine")
    client.force_login(other_member)
    assert client.get(address).status_code == 404
    assert client.get(reverse(CHOOSE), {"image": str(pictures[0].ref)}).status_code == 404
    assert client.get(reverse(CHOOSE), {"collection": str(collection.ref)}).status_code == 404
    assert client.get(reverse(CHOOSE), {"collection": "nonsense"}).status_code == 404
    assert client.get(reverse(CHOOSE), {"q": ""}).context["count"] == 0
    own = put(other_member)
    files = unzip(body(client.get(order(client, **named([*pictures, own])))))
    assert list(files.values()) == [content_of(own)]
