"""Vary (Region): the mask as it is kept and sent, and what is refused with the painting kept."""

import base64
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pillow
from PIL import ImageDraw

from generations.actions import masks
from generations.enqueue import enqueue
from generations.media import library
from generations.models import Job, JobStatus
from tests.engine import drive
from tests.factories import make_image, make_job
from tests.generations.references.pictures import picture

SIZE = (400, 200)


def painted(box=(10, 10, 50, 50), size=(100, 100), kind="PNG") -> bytes:
    """A mask as the editor sends it: white where something is painted, transparent elsewhere."""
    layer = Pillow.new("RGBA", size, (0, 0, 0, 0))
    ImageDraw.Draw(layer).rectangle(box, fill=(255, 255, 255, 255))
    target = io.BytesIO()
    layer.save(target, kind)
    return target.getvalue()


def opened(relative: str) -> Pillow.Image:
    with Pillow.open(library.full_path(relative)) as found:
        assert found.format == "WEBP"
        return found.convert("L")


def sent(relative: str) -> Pillow.Image:
    return Pillow.open(io.BytesIO(base64.b64decode(masks.for_service(relative), validate=True))).convert("L")


def test_a_painted_mask_becomes_black_and_white_in_the_pictures_own_pixels():
    found = opened(masks.from_upload(painted(), SIZE))
    assert found.size == SIZE
    assert set(found.get_flattened_data() if hasattr(found, "get_flattened_data") else found.getdata()) == {0, 255}
    assert found.getpixel((100, 50)) == 255
    assert found.getpixel((300, 150)) == 0


@pytest.mark.parametrize(("colour", "inside", "outside"), [("white", 255, 0), ("black", 0, 255)])
def test_it_is_sent_the_way_round_that_the_setting_says(settings, colour, inside, outside):
    settings.MASK_REPAINTS = colour
    mask = sent(masks.from_upload(painted(), SIZE))
    assert mask.getpixel((100, 50)) == inside
    assert mask.getpixel((300, 150)) == outside


@given(st.integers(1, 60), st.integers(1, 60), st.integers(20, 300), st.integers(20, 300))
def test_the_share_that_is_painted_stays_about_the_same_at_any_size(width, height, to_width, to_height):
    layer = Pillow.open(io.BytesIO(painted((0, 0, width - 1, height - 1))))
    mask = masks.black_and_white(layer, (to_width, to_height))
    assert abs(masks.share(mask) - width * height / 10_000) < 0.06


def test_a_rectangle_by_numbers_is_a_mask_too():
    found = opened(masks.from_rectangle((25, 50, 50, 25), SIZE))
    assert found.getbbox() == (100, 100, 300, 150)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (painted((0, 0, -1, -1), kind="PNG") if False else picture((50, 50), "black"), "Nothing is painted"),
        (picture((50, 50), "white"), "whole picture"),
        (b"nonsense", "no PNG or WebP"),
        (picture((50, 50), "white", kind="JPEG"), "no PNG or WebP"),
        (b"x" * (masks.MOST_BYTES + 1), "more than 4 MB"),
    ],
)
def test_what_is_no_mask_is_refused_and_leaves_no_file(content, words):
    with pytest.raises(masks.NotAMask, match=words):
        masks.from_upload(content, SIZE)
    assert [path for path in library.full_path("").rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("rectangle", [(50, 0, 60, 10), (-1, 0, 10, 10), (0, 0, 0, 10)])
def test_a_rectangle_that_leaves_the_picture_or_is_empty_is_refused(rectangle):
    with pytest.raises(masks.NotAMask):
        masks.from_rectangle(rectangle, SIZE)


@pytest.fixture
def single(member) -> Job:
    job = make_job(owner=member, status=JobStatus.DONE, buttons=["Vary (Region)"], verb="button", button="U1")
    make_image(job=job)
    return job


class TestThePage:
    def body(self, **more) -> dict:
        return {"button": "Vary (Region)", "position": 1, "key": "k", **more}

    def test_a_painted_region_is_queued_once_and_its_mask_shown_to_its_owner(
        self, client, member, other_member, single
    ):
        client.force_login(member)
        for _ in range(2):
            answer = client.post(
                f"/jobs/{single.ref}/region/", self.body(mask=SimpleUploadedFile("mask.png", painted()))
            )
            assert answer.status_code == 302
        child = Job.objects.get(parent=single)
        assert (child.button, child.parent_position) == ("Vary (Region)", 1)
        assert len([path for path in library.full_path("").rglob("*.webp") if path.is_file()]) == 1
        assert client.get(f"/jobs/{child.ref}/mask.webp").status_code == 200
        assert f"/jobs/{child.ref}/mask.webp" in client.get(child.get_absolute_url()).content.decode()
        client.force_login(other_member)
        assert client.get(f"/jobs/{child.ref}/mask.webp").status_code == 404

    def test_without_script_a_rectangle_does(self, client, member, single):
        client.force_login(member)
        numbers = {"left": "25", "top": "25", "width": "50", "height": "12,5"}
        assert client.post(f"/jobs/{single.ref}/region/", self.body(**numbers)).status_code == 302
        assert opened(Job.objects.get(parent=single).mask).size == (1456, 816)

    def test_nothing_painted_is_told_and_what_was_typed_stays(self, client, member, single):
        client.force_login(member)
        single.channel.settings = {"remix": True}
        single.channel.save()
        answer = client.post(f"/jobs/{single.ref}/region/", self.body(prompt="a green door", left="10"))
        assert answer.status_code == 422
        said = answer.content.decode()
        assert "Write all four numbers" in said
        assert "a green door" in said

    def test_what_the_job_does_not_offer_is_not_sent_and_its_mask_is_not_kept(self, client, member, single):
        client.force_login(member)
        Job.objects.update(buttons=["Upscale (Subtle)"])
        answer = client.post(
            f"/jobs/{single.ref}/region/", self.body(mask=SimpleUploadedFile("mask.png", painted())),
            headers={"HX-Request": "true"},
        )  # fmt: skip
        assert answer.status_code == 422
        assert "does not offer" in answer.content.decode()
        assert not list(library.full_path("").rglob("*.webp"))

    @pytest.mark.parametrize(("remix", "words"), [(None, "not known"), (False, "Remix is off"), (True, "Remix is on")])
    def test_a_prompt_is_asked_for_only_while_remix_is_known_to_be_on(self, client, member, single, remix, words):
        client.force_login(member)
        single.channel.settings = {} if remix is None else {"remix": remix}
        single.channel.save()
        said = client.get(f"/jobs/{single.ref}/region/").content.decode()
        assert words in said
        assert ("region-prompt" in said) == bool(remix)


@pytest.mark.usefixtures("engine")
def test_the_service_gets_the_mask_and_the_result_is_a_child_with_pictures(client, simulator, sandbox, member):
    def done(job):
        return Job.objects.filter(pk=job.pk, status=JobStatus.DONE).exists()

    from generations.actions import pressing

    grid = enqueue(member, "a boat", account=sandbox).jobs.get()
    drive(lambda: done(grid))
    pick = pressing.press(member, Job.objects.get(pk=grid.pk), "U1")
    drive(lambda: done(pick))
    client.force_login(member)
    answer = client.post(
        f"/jobs/{pick.ref}/region/",
        {"button": "Vary (Region)", "position": 1, "mask": SimpleUploadedFile("mask.png", painted())},
    )
    assert answer.status_code == 302
    child = Job.objects.get(parent=pick)
    drive(lambda: done(child))
    assert child.images.filter(kind="single").count() == 4
    assert simulator.job(Job.objects.get(pk=child.pk).remote_id)["request"]["button"] == "Vary (Region)"
