"""Thumbnails: small enough to send, large enough to show, and the picture is not kept meanwhile."""

import io

import pytest
from PIL import Image as Pillow

from benchmarks.photographs import photograph
from generations.media import library, pictures
from generations.media.pictures import COLUMN, THUMBNAILS
from tests.generations.references.pictures import turned_jpeg

MOST = 0.3  # bytes for each pixel; a page may have 0.325 for each that is shown


def saved(content: Pillow.Image | bytes) -> dict:
    if isinstance(content, bytes):
        return library.publish(library.receive(content))
    file = io.BytesIO()
    content.save(file, "PNG", compress_level=1)
    return library.publish(library.receive(file.getvalue()))


def by_nominal(facts: dict) -> dict[int, tuple[int, int]]:
    return {pictures.nominal(path): (width, height) for width, height, path in facts["thumbnails"]}


def plain(width: int, height: int, mode: str = "RGB") -> Pillow.Image:
    return Pillow.new(mode, (width, height), 100)


def test_thumbnails_of_a_photograph_keep_to_their_share_of_a_page():
    facts = saved(photograph(1456, 816, seed=3))
    for width, height, path in facts["thumbnails"]:
        assert library.full_path(path).stat().st_size <= MOST * width * height, path


@pytest.mark.parametrize(
    ("size", "column", "in_rows"),
    [
        ((2048, 2048), (1024, 1024), [(768, 768), (512, 512), (384, 384), (256, 256)]),
        ((1456, 816), (1024, 574), [(728, 408), (512, 287), (364, 204), (256, 144)]),
        ((816, 1456), (816, 1456), [(408, 728), (272, 486), (204, 364), (136, 243)]),
    ],
)
def test_one_is_as_wide_as_a_column_and_the_others_about_as_long_as_they_say(size, column, in_rows):
    made = by_nominal(saved(plain(*size)))
    assert set(made) == set(THUMBNAILS)
    assert made.pop(COLUMN) == column
    assert [made[nominal] for nominal in sorted(made, reverse=True)] == in_rows


@pytest.mark.parametrize("size", [(1, 1), (40, 30), (300, 200), (900, 1), (1300, 700)])
def test_none_is_larger_than_the_picture(size):
    for width, height, path in saved(plain(*size))["thumbnails"]:
        assert width <= size[0]
        assert height <= size[1]
        with Pillow.open(library.full_path(path)) as thumbnail:
            assert thumbnail.size == (width, height)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1", "I;16"])
def test_pictures_of_every_kind_have_them(mode):
    assert set(by_nominal(saved(plain(600, 400, mode)))) == set(THUMBNAILS)


def test_a_picture_that_a_camera_turned_is_upright_in_them():
    for width, height, _ in saved(turned_jpeg())["thumbnails"]:
        assert width < height


def test_the_picture_is_let_go_once_its_thumbnails_are_drawn(tmp_path):
    picture = plain(2048, 1024)
    pictures.make_thumbnails(picture, tmp_path / "a")
    with pytest.raises(ValueError, match="closed"):
        picture.getpixel((0, 0))
