"""What others must not learn: hidden prompts, accounts, addresses, people, and where the service keeps files."""

import contextlib
import io
import struct
import zlib

import pytest
from PIL import Image as Pillow
from PIL import PngImagePlugin

from generations.media import library, pictures
from generations.models import Image
from generations.sharing import copies, prompts
from tests.factories import make_account, make_image, make_job, make_user
from tests.generations.sharing.making import body, collection, give, link, picture, url

TELLING = (
    b"secret",
    b"heron",
    b"Olga",
    b"olga",
    b"Sandbox",
    b"cdn.midjourney.com",
    b"guid",
    b"Diary",
    b"description of",
)


@pytest.fixture
def olga(db):
    return make_user("Olga", email="olga@studio.test")


@pytest.fixture
def telling(olga) -> Image:
    """A picture whose file says what it was made from, as the service writes it."""
    job = make_job(owner=olga, account=make_account(name="Sandbox"), status="done", text="a secret heron --ar 16:9")
    image = make_image(job=job, source_url="https://cdn.midjourney.com/secret-guid/0_0.png", note="Diary")
    path = library.full_path(image.path)
    path.parent.mkdir(parents=True, exist_ok=True)
    told = PngImagePlugin.PngInfo()
    told.add_text("Description", "a secret heron Job ID: guid")
    told.add_itxt("XML:com.adobe.xmp", "<x>a secret heron</x>")
    Pillow.new("RGB", (1200, 700), "#446688").save(path, pnginfo=told)
    made, _ = pictures.make_thumbnails(Pillow.open(path), path.with_suffix(""))
    thumbnails = [[width, height, f"{path.parent.name}/{name}"] for width, height, name in made]
    Image.objects.filter(pk=image.pk).update(thumbnails=thumbnails)
    image.refresh_from_db()
    assert b"secret" in path.read_bytes()
    return image


def everything(client, made, image) -> bytes:
    """All that a visitor can get: pages, headers, files."""
    addresses = [url("public", made.key)]
    addresses += [url(name, made.key, image.ref) for name in ("public-picture", "public-original")]
    addresses += [f"{url('public-original', made.key, image.ref)}?download=1"]
    addresses += [url("public-thumbnail", made.key, image.ref, width) for width in pictures.THUMBNAILS]
    answers = [client.get(address) for address in addresses]
    assert {answer.status_code for answer in answers} == {200}
    return b"".join(str(dict(answer.items())).encode() + body(answer) for answer in answers)


@pytest.mark.parametrize("smart", [False, True])
def test_a_link_that_hides_prompts_tells_nothing(client, olga, telling, smart):
    shared = collection(olga, *([] if smart else [telling]), name="Diary", query="heron" if smart else "")
    type(shared).objects.update(description="description of mine")
    made = link(shared, title="For you", allows_download=True, takes_picks=True)
    found = everything(client, made, telling)
    assert [word for word in TELLING if word in found] == []


def test_a_link_that_shows_prompts_shows_them_and_nothing_more(client, olga, telling):
    made = link(collection(olga, telling, name="Diary"), allows_download=True, shows_prompts=True)
    found = everything(client, made, telling)
    assert b"a secret heron" in found
    assert b"secret-heron-1.png" in found
    assert [word for word in TELLING[2:] if word in found] == []


def test_of_a_shown_prompt_addresses_and_references_are_left_out(olga):
    image = picture(
        olga,
        "https://cdn.discordapp.com/a/b.png ref:9f3a61c2 a boat --sref https://x.y/z.png --ar 16:9 --cref ref:9f3a61c2",
    )
    assert prompts.shown(image) == "a boat --ar 16:9"


def test_what_a_colleague_added_keeps_its_prompt_however_the_collection_is_shared(client, olga, telling, member):
    shared = collection(member, telling, name="Of Mia")
    made = link(shared, shows_prompts=True, allows_download=True)
    assert b"heron" not in everything(client, made, telling)
    reader = make_user("Rita")
    give(shared, reader, "comment", shows_prompts=True)
    client.force_login(reader)
    assert "heron" not in client.get(url("shared-image", telling.ref)).content.decode()


@pytest.mark.parametrize("shows", [False, True])
def test_members_get_a_copy_that_tells_nothing_and_its_prompt_only_where_it_is_shown(client, olga, telling, shows):
    reader = make_user("Rita")
    give(telling, reader, shows_prompts=shows)
    client.force_login(reader)
    file = client.get(telling.original_url() + "?download=1")
    assert b"heron" not in body(file)
    assert ("secret-heron" in file["Content-Disposition"]) == shows
    for address in (url("shared-image", telling.ref), url("shared"), url("image-talk", telling.ref)):
        page = client.get(address).content.decode()
        assert "cdn.midjourney.com" not in page
        assert "Sandbox" not in page
        assert ("heron" in page) == (shows and address == url("shared-image", telling.ref))


def test_the_owner_gets_the_file_as_it_is(client, olga, telling):
    client.force_login(olga)
    assert body(client.get(telling.original_url())) == library.full_path(telling.path).read_bytes()


# Copies


def same_pixels(left: bytes, right: bytes) -> bool:
    opened = [Pillow.open(io.BytesIO(each)) for each in (left, right)]
    return opened[0].size == opened[1].size and opened[0].convert("RGB").tobytes() == opened[1].convert("RGB").tobytes()


def copied(content: bytes) -> bytes:
    parts = copies.pieces(io.BytesIO(content), len(content))
    return b"".join(part if isinstance(part, bytes) else content[part[0] : part[0] + part[1]] for part in parts)


def file_of(kind: str, **options) -> bytes:
    target = io.BytesIO()
    picture = Pillow.effect_noise((60, 40), 80).convert("RGB")
    picture.save(target, kind, **options)
    return target.getvalue()


def exif(turn: int) -> bytes:
    told = Pillow.Exif()
    told[0x010E], told[0x0112] = "a secret heron", turn
    return told.tobytes()


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "PNG"])
def test_a_copy_has_the_same_pixels_and_no_words(kind):
    told = file_of(kind, exif=exif(1), **({"xmp": b"<x>a secret heron</x>"} if kind != "PNG" else {}))
    assert b"heron" in told
    clean = copied(told)
    assert b"heron" not in clean
    assert same_pixels(told, clean)
    assert same_pixels(clean, copied(clean))


def test_a_copy_ends_where_the_picture_ends_and_drops_comments():
    assert b"heron" not in copied(file_of("PNG") + b"a secret heron")
    jpeg = file_of("JPEG", comment=b"a secret heron")
    assert b"heron" in jpeg
    assert b"heron" not in copied(jpeg)


def test_a_copy_of_a_turned_photograph_is_still_upright():
    clean = copied(file_of("JPEG", exif=exif(6)))
    assert b"heron" not in clean
    assert dict(Pillow.open(io.BytesIO(clean)).getexif()) == {0x0112: 6}


def test_a_copy_of_a_video_keeps_its_length_and_loses_its_words():
    def box(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I4s", len(data) + 8, kind) + data

    told = box(b"udta", box(b"meta", b"a secret heron"))
    video = box(b"ftyp", b"isom") + box(b"moov", box(b"mvhd", b"x") + told) + box(b"mdat", b"frames")
    clean = copied(video)
    assert len(clean) == len(video)
    assert b"heron" not in clean
    assert clean.endswith(box(b"mdat", b"frames"))


@pytest.mark.parametrize(
    "content", [b"GIF89a and more", b"\x89PNG\r\n\x1a\n\x00", b"\xff\xd8\xff\xe1", b"", b"RIFF    WEBP"]
)
def test_what_is_no_picture_is_not_copied_or_copied_empty(content):
    with contextlib.suppress(copies.NotCopied):
        assert len(copied(content)) <= len(content) + 12


def test_copies_that_nobody_asked_for_are_forgotten(client, olga, telling):
    relative = copies.path_of(telling)
    assert zlib.crc32(library.full_path(relative).read_bytes())
    assert copies.forget_old() == 0
    assert copies.forget_old(older_than=-10) == 1
    assert not library.full_path(relative).exists()
    assert copies.path_of(telling) == relative
