"""One picture as a file: as it is, or in another format, under a name of one's own."""

import io

import pytest
from django.urls import reverse
from PIL import Image as Pillow

from generations.media import library
from tests.generations.home.conftest import body, content_of, picture, put


def get(client, image, **sent):
    return client.get(reverse("generations:image-download", args=[image.ref]), sent)


def test_it_comes_as_it_is_under_its_prompt(client, mia):
    image = put(mia, "jpg", text="a red boat --ar 16:9", position=2)
    response = get(client, image)
    assert body(response) == content_of(image)
    assert response["Content-Disposition"] == 'attachment; filename="a red boat 2.jpg"'


@pytest.mark.parametrize(("form", "ending"), [("jpeg", "jpg"), ("png", "png"), ("webp", "webp")])
@pytest.mark.parametrize("source", ["png", "jpg", "webp"])
def test_it_comes_in_the_format_that_is_asked_for(client, mia, form, ending, source):
    response = get(client, put(mia, source, text="a boat", position=1), **{"as": form})
    assert Pillow.open(io.BytesIO(body(response))).format == form.upper()
    assert response["Content-Type"] == f"image/{form}"
    assert response["Content-Disposition"] == f'attachment; filename="a boat 1.{ending}"'


def test_jpeg_shows_white_where_a_picture_is_transparent(client, mia):
    image = put(mia, data=picture(mode="RGBA", color=(255, 0, 0, 0)))
    flat = Pillow.open(io.BytesIO(body(get(client, image, **{"as": "jpeg"}))))
    assert flat.getpixel((5, 5)) == (255, 255, 255)
    kept = Pillow.open(io.BytesIO(body(get(client, image, **{"as": "webp"}))))
    assert kept.mode == "RGBA"


def test_a_video_comes_as_it_is_whatever_is_asked_for(client, mia):
    video = put(mia, "mp4", kind="video")
    assert body(get(client, video, **{"as": "png"})) == content_of(video)


def test_a_name_can_be_given_as_a_pattern(client, mia):
    response = get(client, put(mia), name="{kind} {seed}")
    assert response["Content-Disposition"] == 'attachment; filename="single 42.png"'
    assert get(client, put(mia), name="{nobody}").status_code == 422


def test_what_cannot_be_made_is_said(client, mia):
    image = put(mia)
    assert get(client, image, **{"as": "gif"}).status_code == 422
    library.full_path(image.path).write_bytes(b"nothing")
    refused = get(client, image, **{"as": "jpeg"})
    assert (refused.status_code, b"damaged" in refused.content) == (422, True)
    library.full_path(image.path).unlink()
    for sent in ({}, {"as": "jpeg"}):
        assert "Fetch it again" in get(client, image, **sent).content.decode()


def test_others_get_nothing(client, mia, other_member):
    image = put(mia)
    client.force_login(other_member)
    assert get(client, image).status_code == 404
