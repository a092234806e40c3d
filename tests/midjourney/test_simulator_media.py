"""Result files: signed links, the CDN, the proxy, real pictures and videos (useapi-v3.md §11)."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import av
import numpy as np
import pytest
import requests
from PIL import Image

from midjourney.simulator.cache import RenderCache
from midjourney.simulator.pictures import draw
from midjourney.simulator.pictures.drawing import scene_for
from midjourney.simulator.recipes import Recipe, from_record, picture_size, video_size
from midjourney.simulator.server import Simulator
from tests.midjourney.test_simulator_basics import Client

BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64)"}


@pytest.fixture(name="simulator")
def _simulator() -> Iterator[Simulator]:
    with Simulator(speed=0) as simulator:
        yield simulator


@pytest.fixture(name="client")
def _client(simulator: Simulator) -> Client:
    return Client(simulator)


def proxied(client: Client, url: str) -> requests.Response:
    origin = client.simulator.origin
    return client.session.get(f"{origin}/v1/proxy/cdn-midjourney/", params={"cdnUrl": url}, timeout=30)


def opened(content: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(content))
    picture.load()
    return picture


def test_a_grid_is_a_png_of_the_four_singles(client: Client) -> None:
    job = client.done()
    file = job["response"]["attachments"][0]
    reply = requests.get(file["url"], timeout=30)
    grid = opened(reply.content)
    assert (reply.headers["Content-Type"], grid.format) == ("image/png", "PNG")
    assert grid.size == (file["width"], file["height"]) == (292, 164)
    single = opened(proxied(client, job["response"]["imageUx"][3]["url"]).content)
    corner = grid.crop((single.width, single.height, grid.width, grid.height)).convert("RGB")
    assert single.format == "JPEG"
    assert np.abs(np.asarray(corner, float) - np.asarray(single.convert("RGB"), float)).mean() < 6


def test_links_expire_after_24_simulated_hours(simulator: Simulator, client: Client) -> None:
    url = client.done()["response"]["attachments"][0]["url"]
    query = {name: int(values[0], 16) for name, values in parse_qs(urlsplit(url).query).items() if name != "hm"}
    assert query["ex"] - query["is"] == 86_400
    simulator.advance(23.9 * 3600)
    assert requests.get(url, timeout=30).status_code == 200
    simulator.advance(0.2 * 3600)
    assert requests.get(url, timeout=30).status_code == 403


@pytest.mark.parametrize(
    "change", [("hm=", "hm=0"), ("ex=", "ex=1"), ("?", "?x="), ("/attachments/", "/attachments/9")]
)
def test_a_link_with_another_signature_is_refused(client: Client, change: tuple[str, str]) -> None:
    url = client.done()["response"]["attachments"][0]["url"]
    assert requests.get(url.replace(*change, 1), timeout=30).status_code in {403, 404}


def test_the_proxy_url_of_an_attachment_can_be_resized(client: Client) -> None:
    file = client.done()["response"]["attachments"][0]
    reply = requests.get(f"{file['proxy_url']}width=50&height=30", timeout=30)
    assert opened(reply.content).size == (50, 30)


def test_the_proxy_wants_a_token_and_serves_one_host_only(simulator: Simulator, client: Client) -> None:
    url = client.done()["response"]["imageUx"][0]["url"]
    assert url.startswith("https://cdn.midjourney.com/")
    assert proxied(client, url).headers["Content-Type"] == "image/jpeg"
    bare = requests.get(f"{simulator.origin}/v1/proxy/cdn-midjourney/", params={"cdnUrl": url}, timeout=30)
    assert bare.status_code == 401
    for other in (
        "",
        "https://evil.example/x.jpeg",
        "http://cdn.midjourney.com/x.jpeg",
        "https://cdn.midjourney.com.evil/x",
    ):
        assert proxied(client, other).status_code == 400
    assert proxied(client, "https://cdn.midjourney.com/none/0_0.jpeg").status_code == 404


def test_the_cdn_refuses_whoever_is_no_browser() -> None:
    with Simulator(speed=0, cdn="own") as simulator:
        client = Client(simulator)
        url = client.done()["response"]["imageUx"][0]["url"]
        assert url.startswith(f"{simulator.origin}/cdn-midjourney/")
        assert requests.get(url, timeout=30).status_code == 403
        assert requests.get(url, timeout=30, headers=BROWSER).headers["Content-Type"] == "image/jpeg"
        assert proxied(client, url).status_code == 200


def test_nothing_can_be_fetched_before_the_job_has_ended(simulator: Simulator, client: Client) -> None:
    jobid = client.imagine()
    guid = simulator.app.world.jobs[jobid].guid
    assert proxied(client, f"https://cdn.midjourney.com/{guid}/0_0.jpeg").status_code == 404


def test_links_lead_back_to_the_host_that_was_asked(simulator: Simulator, client: Client) -> None:
    jobid = client.done()["jobid"]
    reply = client.get(f"jobs/{jobid}", headers={"Host": "studio.example:8090"})
    assert reply.json()["response"]["attachments"][0]["url"].startswith("http://studio.example:8090/attachments/")


def test_a_video_is_five_seconds_of_h264_in_the_aspect_of_its_start(client: Client) -> None:
    job = client.done("https://img.example.org/boat.webp a boat --video --motion high")
    content = proxied(client, job["response"]["videoUx"][1]["url"]).content
    with av.open(io.BytesIO(content)) as container:
        stream = container.streams.video[0]
        frames = [frame.to_ndarray(format="rgb24").astype(float) for frame in container.decode(video=0)]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
    assert len(frames) == 120
    assert np.abs(frames[0] - frames[-1]).mean() > 1
    preview = opened(requests.get(job["response"]["attachments"][0]["url"], timeout=30).content)
    assert (preview.format, getattr(preview, "n_frames", 1) > 4) == ("WEBP", True)


def test_an_extended_video_is_four_seconds_longer(client: Client) -> None:
    first = client.pressed(client.done("https://a.example/x.webp a boat --video")["jobid"], "U1")
    longer = client.pressed(client.pressed(first["jobid"], "Extend (Low motion)")["jobid"], "U2")
    content = proxied(client, longer["response"]["videoUx"][0]["url"]).content
    with av.open(io.BytesIO(content)) as container:
        assert sum(1 for _ in container.decode(video=0)) == 9 * 24


def test_a_looped_video_ends_where_it_began(client: Client) -> None:
    job = client.done("https://a.example/x.webp a boat --video --loop")
    content = proxied(client, job["response"]["videoUx"][0]["url"]).content
    with av.open(io.BytesIO(content)) as container:
        frames = [frame.to_ndarray(format="rgb24").astype(float) for frame in container.decode(video=0)]
    assert np.abs(frames[0] - frames[-1]).mean() < np.abs(frames[0] - frames[60]).mean()


@pytest.mark.parametrize(
    ("aspect", "size"),
    [((1, 1), (1024, 1024)), ((16, 9), (1456, 816)), ((2, 3), (896, 1344)), ((32, 18), (1456, 816))],
)
def test_pictures_have_midjourney_s_sizes(aspect: tuple[int, int], size: tuple[int, int]) -> None:
    assert picture_size(aspect) == size


def test_odd_aspects_keep_their_ratio() -> None:
    for aspect in ((5, 3), (3, 1), (9, 21)):
        width, height = picture_size(aspect)
        assert width / height == pytest.approx(aspect[0] / aspect[1], rel=0.05)
        assert (width % 16, height % 16) == (0, 0)
    assert video_size(16 / 9) == (832, 464)


def pixels(recipe: Recipe, size: tuple[int, int] = (96, 54)) -> Any:
    return np.asarray(draw(recipe, size), dtype=float)


def far(first: Any, second: Any) -> float:
    return float(np.abs(first - second).mean())


@pytest.mark.parametrize(
    ("prompt", "scene"),
    [
        ("a lighthouse at dusk", "coast"),
        ("misty forest", "land"),
        ("tokyo city at night", "city"),
        ("portrait of a queen", "figure"),
        ("a vase of flowers", "still"),
        ("stars over a lake", "night"),
        ("abstract silk", "abstract"),
    ],
)
def test_words_choose_the_scene_and_every_scene_draws(prompt: str, scene: str) -> None:
    assert scene_for(prompt) == scene
    recipe = Recipe(prompt, 5, 1456, 816)
    first = pixels(recipe.single(1))
    assert first.shape == (54, 96, 3)
    assert first.std() > 8
    assert far(first, pixels(recipe.single(1))) == 0


def test_words_choose_the_colours() -> None:
    red = pixels(Recipe("a red desert", 5, 1024, 1024).single(1)).mean(axis=(0, 1))
    blue = pixels(Recipe("a blue sea", 5, 1024, 1024).single(1)).mean(axis=(0, 1))
    assert red[0] - red[2] > 20
    assert blue[2] - blue[0] > 5


def test_the_four_pictures_of_a_job_differ() -> None:
    recipe = Recipe("misty hills", 5, 1456, 816)
    drawn = [pixels(recipe.single(number)) for number in (1, 2, 3, 4)]
    assert min(far(drawn[i], drawn[j]) for i in range(4) for j in range(i)) > 4


def test_variations_are_nearer_to_their_parent_than_its_sisters(client: Client) -> None:
    grid = client.done("misty hills at dawn")["jobid"]
    subtle = client.pressed(client.pressed(grid, "U1")["jobid"], "Vary (Subtle)")["jobid"]
    jobs = client.simulator.app.world.jobs
    parent, child = from_record(jobs[grid].recipe), from_record(jobs[subtle].recipe)
    first = pixels(parent.single(1))
    assert far(first, pixels(child.single(1))) < far(first, pixels(parent.single(3)))
    assert far(first, pixels(child.single(1))) > 0.5


def test_an_upscale_is_the_same_picture_at_twice_the_size(client: Client) -> None:
    grid = client.done("a city at dusk")["jobid"]
    single = client.pressed(grid, "U3")
    larger = client.pressed(single["jobid"], "Upscale (Subtle)")
    small, large = single["response"]["attachments"][0], larger["response"]["attachments"][0]
    assert (large["width"], large["height"]) == (2 * small["width"], 2 * small["height"])
    pictures = [
        opened(requests.get(file["url"], timeout=30).content).convert("RGB").resize((50, 50)) for file in (small, large)
    ]
    assert far(*(np.asarray(picture, dtype=float) for picture in pictures)) < 8


def test_zooming_out_keeps_the_middle(client: Client) -> None:
    grid = client.done("a lighthouse at dusk --ar 16:9")["jobid"]
    single = client.pressed(grid, "U1")["jobid"]
    zoomed = client.pressed(single, "Zoom Out 2x")["jobid"]
    jobs = client.simulator.app.world.jobs
    inside = draw(from_record(jobs[single].recipe), (96, 54)).convert("L")
    around = draw(from_record(jobs[zoomed].recipe).single(1), (192, 108)).convert("L").crop((48, 27, 144, 81))
    a, b = np.asarray(inside, dtype=float).ravel(), np.asarray(around, dtype=float).ravel()
    assert np.corrcoef(a, b)[0, 1] > 0.8


def test_panning_widens_the_picture(client: Client) -> None:
    single = client.pressed(client.done("a lighthouse --ar 16:9")["jobid"], "U1")
    panned = client.pressed(single["jobid"], "➡️")["response"]["attachments"][0]
    assert panned["width"] / panned["height"] == pytest.approx(16 / 9 * 1.5, rel=0.05)


def test_region_repaints_the_white_part_only(client: Client) -> None:
    single = client.pressed(client.done("misty hills")["jobid"], "U1")["jobid"]
    mask = Image.new("L", (100, 100), 0)
    mask.paste(255, (50, 0, 100, 100))
    target = io.BytesIO()
    mask.save(target, "WEBP", lossless=True)
    text = base64.b64encode(target.getvalue()).decode()
    child = client.pressed(single, "Vary (Region)", mask=text)["jobid"]
    jobs = client.simulator.app.world.jobs
    before = pixels(from_record(jobs[single].recipe), (80, 80))
    after = pixels(from_record(jobs[child].recipe).single(1), (80, 80))
    assert far(before[:, :30], after[:, :30]) == 0
    assert far(before[:, 50:], after[:, 50:]) > 1


def test_the_cache_is_bounded_and_renders_once(tmp_path: Path) -> None:
    cache = RenderCache(tmp_path, 250)
    made: list[str] = []

    def render(name: str) -> bytes:
        made.append(name)
        return bytes(100)

    for name in ("a", "b", "a", "c", "a", "b"):
        cache.get(name, lambda name=name: render(name))
    assert made == ["a", "b", "c", "b"]
    assert sum(file.stat().st_size for file in cache.directory.iterdir()) <= 250
