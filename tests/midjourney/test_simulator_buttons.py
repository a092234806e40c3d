"""Buttons, seeds, describe, blend and the settings family (useapi-v3.md §4.3-§4.7, §8)."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from PIL import Image

from midjourney.simulator.server import Simulator
from tests.midjourney.test_simulator_basics import PROMPT, Client

START = "https://img.example.org/boat.webp a boat --video"


@pytest.fixture(name="simulator")
def _simulator() -> Iterator[Simulator]:
    with Simulator(speed=0) as simulator:
        yield simulator


@pytest.fixture(name="client")
def _client(simulator: Simulator) -> Client:
    return Client(simulator)


def picture(kind: str = "WEBP", size: tuple[int, int] = (64, 36), colour: str = "white") -> bytes:
    target = io.BytesIO()
    Image.new("RGB", size, colour).save(target, kind)
    return target.getvalue()


def test_an_upscale_is_one_picture_with_its_own_buttons(client: Client) -> None:
    grid = client.done()["jobid"]
    single = client.pressed(grid, "U2")
    response = single["response"]
    assert (single["verb"], single["jobType"]) == ("button", "image")
    assert {"Upscale (Subtle)", "Vary (Region)", "Custom Zoom", "➡️", "Animate (Low motion)"} <= set(response["buttons"])
    assert "Make Square" in response["buttons"]
    assert len(response["imageUx"]) == 1
    assert "Image #2" in response["content"]
    assert single["request"] == {"jobId": grid, "button": "U2", "stream": False}


def test_every_offered_button_of_an_image_makes_a_finished_job(client: Client) -> None:
    grid = client.done()["jobid"]
    single = client.pressed(grid, "U1")
    mask = base64.b64encode(picture()).decode()
    more = {"Vary (Region)": {"mask": mask}, "Custom Zoom": {"prompt": "a lighthouse --zoom 1.8 --ar 3:2"}}
    for label in [*client.job(grid)["response"]["buttons"][1:]]:
        assert client.pressed(grid, label)["status"] == "completed", label
    for label in single["response"]["buttons"]:
        child = client.pressed(single["jobid"], label, **more.get(label, {}))
        assert child["status"] == "completed", label
        assert child["jobid"][20] == ("v" if label.startswith("Animate") else "i")


def test_execute_once_buttons_return_the_same_child(simulator: Simulator, client: Client) -> None:
    grid = client.done()["jobid"]
    first = client.post("jobs/button", jobId=grid, button="U1", replyRef="a")
    again = client.post("jobs/button", jobId=grid, button="U1", replyRef="b")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["jobid"] == again.json()["jobid"]
    simulator.finish()
    later = client.post("jobs/button", jobId=grid, button="U1").json()
    assert (later["status"], later["request"]["replyRef"]) == ("completed", "a")
    assert simulator.stats()["started_by_ref"] == {"": 1, "a": 1}


def test_other_buttons_make_a_new_job_on_each_press(client: Client) -> None:
    grid = client.done()["jobid"]
    assert client.press(grid, "V1") != client.press(grid, "V1")


def test_a_parent_shows_its_children(client: Client) -> None:
    grid = client.done()["jobid"]
    upscale, variation = client.press(grid, "U1"), client.press(grid, "V1")
    response = client.job(grid)["response"]
    assert {jobid: child["button"] for jobid, child in response["children"].items()} == {upscale: "U1", variation: "V1"}
    assert response["executeOnce"] == {"U1": upscale}


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({}, "Parameter button is required"),
        ({"button": "U5"}, "Button U5 is not available, available buttons: U1, U2"),
        ({"button": "Vary (Region)"}, "is not available"),
    ],
)
def test_a_button_that_is_not_offered_is_refused(client: Client, body: dict[str, Any], text: str) -> None:
    reply = client.post("jobs/button", jobId=client.done()["jobid"], **body)
    assert reply.status_code == 400
    assert text in reply.json()["error"]


def test_a_running_parent_has_no_buttons_yet(client: Client) -> None:
    reply = client.post("jobs/button", jobId=client.imagine(), button="U1")
    assert reply.status_code == 400
    assert "must be completed" in reply.json()["error"]


@pytest.mark.parametrize("mask", ["", "not base64!", base64.b64encode(b"no picture").decode()])
def test_region_needs_a_mask_that_decodes(client: Client, mask: str) -> None:
    single = client.pressed(client.done()["jobid"], "U1")["jobid"]
    reply = client.post("jobs/button", jobId=single, button="Vary (Region)", mask=mask)
    assert reply.status_code == 400
    assert "mask" in reply.json()["error"]


def test_region_refuses_a_png_mask(client: Client) -> None:
    single = client.pressed(client.done()["jobid"], "U1")["jobid"]
    mask = base64.b64encode(picture("PNG")).decode()
    assert client.post("jobs/button", jobId=single, button="Vary (Region)", mask=mask).status_code == 400


def test_custom_zoom_needs_a_prompt(client: Client) -> None:
    single = client.pressed(client.done()["jobid"], "U1")["jobid"]
    reply = client.post("jobs/button", jobId=single, button="Custom Zoom")
    assert (reply.status_code, reply.json()["error"]) == (400, "Parameter prompt is required")


def test_a_prompt_on_a_button_counts_only_with_remix_on(simulator: Simulator, client: Client) -> None:
    grid = client.done()["jobid"]
    off = client.pressed(grid, "V1", prompt="a red boat")
    client.post("jobs/remix")
    simulator.finish()
    on = client.pressed(grid, "V1", prompt="a red boat")
    assert off["response"]["content"].startswith("**a lighthouse at dusk")
    assert on["response"]["content"].startswith("**a red boat")


def test_a_video_is_picked_and_extended_four_times_at_most(client: Client) -> None:
    jobid = client.done(START)["jobid"]
    for _ in range(4):
        single = client.pressed(jobid, "U1")
        assert single["response"]["buttons"] == ["Extend (High motion)", "Extend (Low motion)"]
        jobid = client.pressed(single["jobid"], "Extend (Low motion)")["jobid"]
    last = client.pressed(jobid, "U1")["response"]
    assert "buttons" not in last
    assert len(last["videoUx"]) == 1


def test_seed_gives_the_seed_and_four_pictures_once(simulator: Simulator, client: Client) -> None:
    grid = client.done("a boat --seed 777")["jobid"]
    first = client.post("jobs/seed", jobId=grid)
    again = client.post("jobs/seed", jobId=grid)
    assert first.json()["jobid"] == again.json()["jobid"]
    assert first.json()["jobid"][20] == "-"
    simulator.finish()
    response = client.job(first.json()["jobid"])["response"]
    assert response["seed"]["value"] == 777
    assert "**seed** 777" in response["content"]
    assert len(response["attachments"]) == 4
    assert requests.get(response["attachments"][3]["url"], timeout=20).headers["Content-Type"] == "image/png"


def test_seed_refuses_videos(client: Client) -> None:
    assert client.post("jobs/seed", jobId=client.done(START)["jobid"]).status_code == 400


def test_describe_gives_four_prompts_with_keycap_numbers(simulator: Simulator, client: Client) -> None:
    reply = client.upload("jobs/describe", {"imageBlob": ("x.png", picture("PNG", (640, 360), "navy"), "image/png")})
    assert reply.status_code == 201, reply.text
    jobid = reply.json()["jobid"]
    simulator.advance(9.9)
    assert client.job(jobid)["status"] == "progress"
    simulator.advance(5.2)
    response = client.job(jobid)["response"]
    texts = [part.strip() for part in re.split("[1-4]\ufe0f\u20e3", response["embeds"][0]["description"])][1:]
    assert len(texts) == 4
    assert all(text.endswith("--ar 16:9") for text in texts)
    assert response["buttons"] == ["1️⃣", "2️⃣", "3️⃣", "4️⃣", "🔄", "Imagine all"]


def test_describe_never_fetches_a_link(client: Client) -> None:
    reply = client.post("jobs/describe", imageUrl="https://nowhere.invalid/grey-cat-sofa.jpg")
    client.simulator.finish()
    assert "grey cat sofa" in client.job(reply.json()["jobid"])["response"]["embeds"][0]["description"]


def test_describe_wants_exactly_one_readable_image(client: Client) -> None:
    neither = client.post("jobs/describe")
    assert (neither.status_code, neither.json()["error"]) == (400, "Either imageUrl or imageBlob is required")
    files = {"imageBlob": ("x.png", b"no picture", "image/png")}
    assert client.upload("jobs/describe", files).status_code == 400
    both = {"imageBlob": ("x.png", picture("PNG"), "image/png")}
    assert client.upload("jobs/describe", both, imageUrl="https://a.example/x.png").status_code == 400
    large = {"imageBlob": ("x.png", bytes(10 * 1024 * 1024 + 1), "image/png")}
    assert "10 MB" in client.upload("jobs/describe", large).json()["error"]


def test_blend_mixes_links_and_files_into_a_grid(simulator: Simulator, client: Client) -> None:
    reply = client.upload(
        "jobs/blend",
        {"imageBlob_2": ("b.png", picture("PNG"), "image/png")},
        imageUrl_1="https://a.example/one.png",
        blendDimensions="Landscape",
    )
    assert reply.status_code == 201, reply.text
    simulator.finish()
    response = client.job(reply.json()["jobid"])["response"]
    file = response["attachments"][0]
    assert len(response["imageUx"]) == 4
    assert file["width"] / file["height"] == pytest.approx(1.5, abs=0.02)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"imageUrl_1": "https://a.example/1.png"},
        {"imageUrl_1": "https://a.example/1.png", "imageUrl_3": "https://a.example/3.png"},
        {"imageUrl_1": "https://a.example/1.png", "imageUrl_2": "https://a.example/2.png", "blendDimensions": "Wide"},
    ],
)
def test_blend_needs_images_one_and_two_and_known_dimensions(client: Client, body: dict[str, str]) -> None:
    assert client.post("jobs/blend", **body).status_code == 400


def test_settings_and_modes_are_jobs_whose_result_is_in_the_response(simulator: Simulator, client: Client) -> None:
    def settings(verb: str) -> dict[str, Any]:
        jobid = client.post(f"jobs/{verb}").json()["jobid"]
        simulator.finish(jobid)
        return dict(client.job(jobid)["response"]["settings"])

    first = settings("settings")
    assert {"version", "stylize", "raw", "personalization", "public", "remix", "variability", "suffix"} <= set(first)
    assert (first["fast"], first["remix"], first["variability"]) == (True, False, True)
    assert (settings("remix"), settings("remix")) == ({"remix": True}, {"remix": False})
    assert settings("variability") == {"variability": False}
    assert settings("turbo") == {"turbo": True}
    after = settings("settings")
    assert (after["fast"], after["turbo"], after["relax"]) == (False, True, False)


def test_info_returns_the_account_text(simulator: Simulator, client: Client) -> None:
    jobid = client.post("jobs/info").json()["jobid"]
    simulator.finish()
    assert "Fast Time Remaining" in client.job(jobid)["response"]["embeds"][0]["description"]


def test_a_children_free_job_says_nothing_of_children(client: Client) -> None:
    assert not {"children", "executeOnce"} & set(client.done(PROMPT)["response"])
