"""The client against the simulator: every endpoint, as JSON and as multipart, and what faults make of them."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator

import pytest
from PIL import Image

from midjourney.services import connect
from midjourney.simulator.server import Simulator
from midjourney.upstream import (
    Gone,
    JobReply,
    MediaError,
    Refused,
    Submission,
    Upload,
)
from midjourney.useapi import UseApi
from tests.midjourney.test_useapi_helpers import make_client

VIDEO = "https://img.example.org/boat.webp a boat drifting --motion low --video"


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """Its clock stands still until a test moves it."""
    with Simulator(speed=0, seed=7, picture_scale=0.05) as server:
        yield server


@pytest.fixture
def client(simulator: Simulator) -> Iterator[UseApi]:
    made = make_client(simulator.url, simulator.token)
    yield made
    made.close()


def picture(kind: str = "PNG") -> Upload:
    content = io.BytesIO()
    Image.new("RGB", (64, 48), (200, 80, 40)).save(content, kind)
    return Upload(content.getvalue(), f"image/{kind.lower()}", f"picture.{kind.lower()}")


def finished(client: UseApi, simulator: Simulator, reply: JobReply) -> JobReply:
    simulator.finish(reply.job_id)
    done = client.job(reply.job_id)
    assert done.status == "completed", done.error
    return done


def made(client: UseApi, simulator: Simulator, submission: Submission) -> JobReply:
    return finished(client, simulator, client.submit(submission))


def grid(client: UseApi, simulator: Simulator) -> JobReply:
    return made(client, simulator, Submission("imagine", prompt="a lighthouse at dusk --ar 3:2"))


def places(reply: JobReply) -> list[tuple[str, int]]:
    return [(media.kind, media.position) for media in reply.media]


SINGLES = [("single", position) for position in (1, 2, 3, 4)]


def test_a_prompt_becomes_a_grid_and_four_singles(client: UseApi, simulator: Simulator) -> None:
    started = client.submit(Submission("imagine", prompt="a lighthouse --ar 3:2", reply_ref="gen-1"))
    assert (started.status, started.lane, started.channel) == ("created", "image", simulator.channel)
    done = finished(client, simulator, started)
    assert (done.prompt, done.reply_ref) == ("a lighthouse --ar 3:2", "gen-1")
    assert done.effective_prompt.startswith("a lighthouse --ar 3:2")
    assert done.buttons[:5] == ("U1", "U2", "U3", "U4", "🔄")
    assert places(done) == [("grid", 0), *SINGLES]
    assert done.progress == 100


def test_a_running_job_shows_progress_and_a_preview(client: UseApi, simulator: Simulator) -> None:
    started = client.submit(Submission("imagine", prompt="a lighthouse"))
    simulator.advance(15)
    now = client.job(started.job_id)
    assert now.status == "progress"
    assert now.progress is not None
    assert 0 < now.progress < 100
    assert places(now) == [("preview", 0)]


def test_running_jobs_are_listed_until_they_end(client: UseApi, simulator: Simulator) -> None:
    own = client.submit(Submission("imagine", prompt="a lighthouse"))
    foreign = simulator.start_foreign(kind="video")
    listed = {job.job_id: job for job in client.running()}
    assert set(listed) == {own.job_id, foreign}
    assert (listed[own.job_id].lane, listed[foreign].lane) == ("image", "video")
    assert {job.channel for job in listed.values()} == {simulator.channel}
    assert listed[own.job_id].created == own.created
    simulator.finish()
    assert client.running() == ()


def test_a_video_has_clips_and_a_preview(client: UseApi, simulator: Simulator) -> None:
    done = made(client, simulator, Submission("imagine", prompt=VIDEO))
    assert done.lane == "video"
    assert places(done) == [("preview", 0), *[("video", position) for position in (1, 2, 3, 4)]]


def test_an_upscale_is_one_picture_and_pressing_again_brings_the_same_job(client: UseApi, simulator: Simulator) -> None:
    parent = grid(client, simulator)
    first = client.submit(Submission("button", parent=parent.job_id, button="U2"))
    done = finished(client, simulator, first)
    assert places(done) == [("single", 1)]
    assert client.submit(Submission("button", parent=parent.job_id, button="U2")).job_id == first.job_id
    children = client.job(parent.job_id).children
    assert [(child.job_id, child.button) for child in children] == [(first.job_id, "U2")]


@pytest.mark.parametrize("button", ["V1", "🔄"])
def test_a_variation_is_a_grid(button: str, client: UseApi, simulator: Simulator) -> None:
    parent = grid(client, simulator)
    assert places(made(client, simulator, Submission("button", parent=parent.job_id, button=button)))[0] == ("grid", 0)


def test_buttons_that_want_a_mask_or_a_prompt_or_make_videos(client: UseApi, simulator: Simulator) -> None:
    single = made(client, simulator, Submission("button", parent=grid(client, simulator).job_id, button="U1"))
    mask = base64.b64encode(picture("WEBP").content).decode()
    for submission in (
        Submission("button", parent=single.job_id, button="Vary (Region)", mask=mask),
        Submission("button", parent=single.job_id, button="Custom Zoom", prompt="a lighthouse --zoom 1.8"),
        Submission("button", parent=single.job_id, button="⬅️"),
        Submission("button", parent=single.job_id, button="Upscale (Subtle)"),
    ):
        assert submission.button in single.buttons
        assert made(client, simulator, submission).lane == "image"
    animated = made(client, simulator, Submission("button", parent=single.job_id, button="Animate (Low motion)"))
    assert animated.lane == "video"
    chosen = made(client, simulator, Submission("button", parent=animated.job_id, button="U1"))
    assert [place for place in places(chosen) if place[0] == "video"] == [("video", 1)]


@pytest.mark.parametrize("image", ["https://img.example.org/cat.jpg", picture()], ids=["JSON", "multipart"])
def test_describe_suggests_four_prompts(image: str | Upload, client: UseApi, simulator: Simulator) -> None:
    done = made(client, simulator, Submission("describe", images=(image,), channel=simulator.channel))
    assert len(done.suggestions) == 4
    assert all("--ar" in suggestion for suggestion in done.suggestions)
    assert done.media == ()


@pytest.mark.parametrize(
    "images",
    [
        ("https://img.example.org/1.jpg", "https://img.example.org/2.jpg"),
        (picture(), picture("JPEG")),
        ("https://img.example.org/1.jpg", picture(), picture("WEBP"), picture(), "https://img.example.org/5.jpg"),
    ],
    ids=["JSON", "multipart", "mixed"],
)
def test_blend_makes_a_grid(images: tuple[str | Upload, ...], client: UseApi, simulator: Simulator) -> None:
    done = made(client, simulator, Submission("blend", images=images, dimensions="Landscape", reply_ref="b-1"))
    assert places(done) == [("grid", 0), *SINGLES]
    assert done.reply_ref == "b-1"


def test_the_seed_comes_with_four_singles_and_once(client: UseApi, simulator: Simulator) -> None:
    parent = grid(client, simulator)
    done = made(client, simulator, Submission("seed", parent=parent.job_id))
    assert done.seed is not None
    assert places(done) == SINGLES
    assert done.lane == ""
    assert client.seed(parent.job_id).job_id == done.job_id
    assert [(child.job_id, child.button) for child in client.job(parent.job_id).children] == [(done.job_id, "seed")]


def test_settings_are_read_and_modes_are_set(client: UseApi, simulator: Simulator) -> None:
    panel = made(client, simulator, Submission("settings")).settings
    assert panel["version"] == "7"
    for verb in ("fast", "relax", "turbo"):
        assert made(client, simulator, Submission(verb, channel=simulator.channel)).settings == {verb: True}
    for verb in ("variability", "remix"):
        assert made(client, simulator, Submission(verb)).settings == {verb: not panel[verb]}
    told = made(client, simulator, Submission("info"))
    assert "Fast Time Remaining" in told.raw["response"]["embeds"][0]["description"]


def test_with_several_channels_the_panel_needs_to_know_which() -> None:
    with Simulator(speed=0, channels=3) as simulator:
        client = make_client(simulator.url, simulator.token)
        with pytest.raises(Refused) as caught:
            client.settings()
        assert "multiple channels (3)" in caught.value.message
        assert client.settings(channel=simulator.channels[2]).channel == simulator.channels[2]


def test_channels_are_listed_added_changed_and_removed(client: UseApi, simulator: Simulator) -> None:
    [first] = client.channels()
    assert (first.channel, first.max_jobs, first.block_message) == (simulator.channel, 3, "")
    assert client.account(simulator.channel) == first
    added = client.add_account("MTIzNDU2Nzg5MDEyMzQ1", max_jobs=5, max_image_jobs=4, max_video_jobs=2)
    assert (added.max_jobs, added.max_image_jobs, added.max_video_jobs) == (5, 4, 2)
    assert client.add_account("MTIzNDU2Nzg5MDEyMzQ1", max_jobs=3).max_jobs == 3
    assert len(client.channels()) == 2
    client.delete_account(added.channel)
    assert client.channels() == (first,)
    with pytest.raises(Gone):
        client.account(added.channel)
    client.delete_account(first.channel)
    assert client.channels() == ()


def test_every_file_of_a_job_can_be_fetched(client: UseApi, simulator: Simulator) -> None:
    parent = grid(client, simulator)
    video = made(client, simulator, Submission("imagine", prompt=VIDEO + " --bs 1"))
    for media in (*parent.media, *video.media):
        target = io.BytesIO()
        got = client.download(media.url, target, max_bytes=50_000_000, max_seconds=60)
        assert got.size == len(target.getvalue())
        assert got.content_type == media.content_type
        if media.kind in {"grid", "single"}:
            target.seek(0)
            with Image.open(target) as image:
                assert media.width in {None, image.width}
    assert simulator.count("GET proxy") == 5


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("media-403", "media_gone"),
        ("media-404", "media_gone"),
        ("media-500", "media_unreachable"),
        ("media-truncated", "media_unreachable"),
        ("media-wrong-type", "media_unreachable"),
        ("media-huge", "media_too_large"),
        ("media-redirect", "media_host_refused"),
    ],
)
def test_a_fault_of_a_file_has_its_code(fault: str, code: str, client: UseApi, simulator: Simulator) -> None:
    done = grid(client, simulator)
    simulator.fault("GET attachments", fault)
    with pytest.raises(MediaError) as caught:
        client.download(done.media[0].url, io.BytesIO(), max_bytes=50_000_000, max_seconds=60)
    assert caught.value.code == code


def test_a_link_that_expired_is_gone(client: UseApi, simulator: Simulator) -> None:
    done = grid(client, simulator)
    simulator.advance(86_401)
    with pytest.raises(MediaError) as caught:
        client.download(done.media[0].url, io.BytesIO(), max_bytes=50_000_000, max_seconds=60)
    assert caught.value.code == "media_gone"


def test_nothing_stored_of_any_job_names_anybody(client: UseApi, simulator: Simulator) -> None:
    parent = grid(client, simulator)
    jobs = [
        parent,
        made(client, simulator, Submission("info")),
        made(client, simulator, Submission("imagine", prompt=VIDEO)),
    ]
    jobs.append(made(client, simulator, Submission("seed", parent=parent.job_id)))
    for reply in jobs:
        stored = repr(reply.raw)
        for part in ("studio_", "<@", "http", "cdn.", "MJ::", ".png"):
            assert part not in stored


def test_the_registry_connects_to_it(simulator: Simulator) -> None:
    upstream = connect("useapi", base_url=simulator.url, token=simulator.token, media_hosts=())
    assert [channel.channel for channel in upstream.channels()] == [simulator.channel]
    upstream.close()
