"""Every endpoint of the reference's table (useapi-v3.md §2), with JSON and with multipart bodies as documented."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest

from midjourney.simulator.server import Simulator
from midjourney.upstream import Submission, Upload
from tests.midjourney.test_simulator_basics import Client
from tests.midjourney.test_simulator_buttons import picture
from tests.midjourney.test_useapi_helpers import make_client

TABLE = {
    "POST accounts", "GET accounts", "GET accounts/{channel}", "DELETE accounts/{channel}",
    "POST accounts/reset/{channel}",
    "POST jobs/imagine", "POST jobs/button", "POST jobs/describe", "POST jobs/blend", "POST jobs/seed",
    "POST jobs/settings", "POST jobs/info", "POST jobs/fast", "POST jobs/relax", "POST jobs/turbo",
    "POST jobs/variability", "POST jobs/remix",
    "GET jobs", "GET jobs/{jobid}", "DELETE jobs/{jobid}",
}  # fmt: skip
COMMON = {"replyRef": "gen-17", "replyUrl": "http://127.0.0.1:9/hook"}
LINK = "https://img.example.org/{}.jpg"
SETTINGS = ("settings", "info", "fast", "relax", "turbo", "variability", "remix")
DISCORD = "MTIzNDU2Nzg5MDEyMzQ1"

# The documented fields of each, without what is common to all jobs (§4.2 to §4.7). "{grid}" is a finished grid,
# "{single}" a picture of it, "{channel}" the channel.
BODIES: list[tuple[str, dict[str, str]]] = [
    ("imagine", {"prompt": "a lighthouse at dusk --ar 16:9", "channel": "{channel}"}),
    ("imagine", {"prompt": f"{LINK.format('boat')} a boat --video --motion low"}),
    ("button", {"jobId": "{grid}", "button": "U2"}),
    ("button", {"jobId": "{grid}", "button": "🔄", "prompt": "a lighthouse at dawn"}),
    ("button", {"jobId": "{single}", "button": "Custom Zoom", "prompt": "a lighthouse --zoom 1.8"}),
    ("button", {"jobId": "{single}", "button": "Vary (Region)", "mask": base64.b64encode(picture()).decode()}),
    ("describe", {"imageUrl": LINK.format("cat"), "channel": "{channel}"}),
    ("blend", {"imageUrl_1": LINK.format(1), "imageUrl_2": LINK.format(2), "blendDimensions": "Portrait"}),
    ("blend", {f"imageUrl_{number}": LINK.format(number) for number in (1, 2, 3, 4, 5)}),
    ("seed", {"jobId": "{grid}"}),
    *[(verb, {"channel": "{channel}"}) for verb in SETTINGS],
]
FILES: list[tuple[str, dict[str, bytes], dict[str, str]]] = [
    ("describe", {"imageBlob": picture("PNG")}, {}),
    ("blend", {"imageBlob_1": picture("PNG"), "imageBlob_2": picture("JPEG")}, {"blendDimensions": "Landscape"}),
    ("blend", {"imageBlob_2": picture("WEBP")}, {"imageUrl_1": LINK.format(1), "imageUrl_3": LINK.format(3)}),
]


@pytest.fixture(name="simulator")
def _simulator() -> Iterator[Simulator]:
    with Simulator(speed=0, picture_scale=0.05) as simulator:
        yield simulator


@pytest.fixture(name="client")
def _client(simulator: Simulator) -> Client:
    return Client(simulator)


def filled(client: Client, body: dict[str, str]) -> dict[str, str]:
    """The body with the ids of this run."""
    names: dict[str, Any] = {"channel": client.simulator.channel}
    if any("{" in value for value in body.values()):
        names["grid"] = client.done()["jobid"]
        names["single"] = client.pressed(names["grid"], "U1")["jobid"]
    return {name: value.format(**names) if value.startswith("{") else value for name, value in body.items()}


def test_the_simulator_serves_the_table_and_nothing_else(simulator: Simulator) -> None:
    assert set(simulator.app._handlers) == TABLE


def test_every_kind_of_job_in_the_table_is_sent_below() -> None:
    assert {f"POST jobs/{verb}" for verb, _ in BODIES} == {row for row in TABLE if row.startswith("POST jobs/")}


@pytest.mark.parametrize("how", ["JSON", "multipart"])
@pytest.mark.parametrize(("verb", "body"), BODIES, ids=lambda value: value if isinstance(value, str) else "")
def test_a_job_is_taken_with_its_documented_body_and_repeats_it(
    client: Client, verb: str, body: dict[str, str], how: str
) -> None:
    sent = {**filled(client, body), **COMMON}
    path = f"jobs/{verb}"
    # A file that no field asks for makes the body multipart.
    reply = client.post(path, **sent) if how == "JSON" else client.upload(path, {"unused": ("a", b"")}, **sent)
    assert reply.status_code == 201, reply.text
    assert (reply.json()["verb"], reply.json()["status"]) == (verb, "created")
    assert reply.json()["request"] == {**sent, "stream": False}
    client.simulator.finish(reply.json()["jobid"])
    assert client.job(reply.json()["jobid"])["status"] == "completed"


@pytest.mark.parametrize(("verb", "files", "body"), FILES, ids=["describe", "blend", "mixed"])
def test_files_are_taken_as_multipart(client: Client, verb: str, files: dict[str, bytes], body: dict[str, str]) -> None:
    parts = {name: (f"{name}.bin", content) for name, content in files.items()}
    reply = client.upload(f"jobs/{verb}", parts, **body)
    assert reply.status_code == 201, reply.text
    client.simulator.finish(reply.json()["jobid"])
    assert client.job(reply.json()["jobid"])["status"] == "completed"


def test_a_channel_is_added_changed_read_reset_and_removed(client: Client) -> None:
    sent = {"discord": DISCORD, "maxJobs": 5, "maxImageJobs": 4, "maxVideoJobs": 2, "replyUrl": COMMON["replyUrl"]}
    first, again = (
        client.session.post(f"{client.simulator.url}/accounts", json=sent, timeout=20) for _ in range(2)
    )  # fmt: skip
    assert (first.status_code, again.status_code) == (201, 200)
    channel = first.json()["channel"]
    shown = client.get(f"accounts/{channel}").json()
    assert shown == client.get("accounts").json()[channel]
    assert shown["discord"] == f"{DISCORD[:3]}...{DISCORD[-3:]}"
    assert {name: shown[name] for name in sent if name != "discord"} == {
        name: value for name, value in sent.items() if name != "discord"
    }
    client.simulator.block(channel)
    assert client.get(f"accounts/{channel}").json()["error"]
    assert client.post(f"accounts/reset/{channel}").status_code == 204
    assert "error" not in client.get(f"accounts/{channel}").json()
    assert client.delete(f"accounts/{channel}").status_code == 204
    gone = client.get(f"accounts/{channel}")
    assert (gone.status_code, gone.content) == (404, b"")


@pytest.mark.parametrize(
    ("verb", "body"), BODIES[:1] + BODIES[6:], ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_job_is_streamed_where_nothing_else_is_asked_for(client: Client, verb: str, body: dict[str, str]) -> None:
    sent = {**filled(client, body), "stream": True}
    url = f"{client.simulator.url}/jobs/{verb}"
    with client.session.post(url, json=sent, timeout=20, stream=True) as reply:
        assert reply.headers["Content-Type"].startswith("text/event-stream")
        assert next(reply.iter_lines())


def test_a_file_of_the_cdn_comes_through_the_proxy_with_the_token(client: Client) -> None:
    done = client.done()
    url = done["response"]["imageUx"][0]["url"]
    proxy = f"{client.simulator.url.partition('/v3/')[0]}/v1/proxy/cdn-midjourney/"
    reply = client.session.get(proxy, params={"cdnUrl": url}, timeout=20)
    assert (reply.status_code, reply.headers["Content-Type"].partition("/")[0]) == (200, "image")


def test_jobs_are_listed_read_and_cancelled(client: Client) -> None:
    jobid = client.imagine()
    listing = client.get("jobs")
    assert (listing.status_code, listing.json()["total"]) == (200, 1)
    assert client.get(f"jobs/{jobid}").json()["jobid"] == jobid
    assert client.delete(f"jobs/{jobid}").status_code == 204
    assert client.get("jobs").json()["total"] == 0


def test_the_studios_client_uses_every_row_of_the_table(simulator: Simulator) -> None:
    client = make_client(simulator.url, simulator.token)
    upload = Upload(picture("PNG"), "image/png", "picture.png")
    grid = client.submit(Submission("imagine", prompt="a lighthouse"))
    simulator.finish(grid.job_id)
    for submission in (
        Submission("button", parent=grid.job_id, button="U1"),
        Submission("seed", parent=grid.job_id),
        Submission("describe", images=(upload,)),
        Submission("blend", images=(upload, LINK.format(2))),
        *(Submission(verb) for verb in SETTINGS),
    ):
        simulator.finish(client.submit(submission).job_id)
    assert client.job(grid.job_id).is_done
    assert client.running() == ()
    client.cancel(client.submit(Submission("imagine", prompt="a boat")).job_id)
    added = client.add_account(DISCORD, max_jobs=3, max_image_jobs=3, max_video_jobs=3)
    assert len(client.channels()) == 2
    assert client.account(added.channel) == added
    simulator.block(added.channel)
    client.reset_channel(added.channel)
    client.delete_account(added.channel)
    assert {row for row in TABLE if simulator.count(row)} == TABLE
