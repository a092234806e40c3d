"""The simulator's contract: tokens, accounts, jobs by the clock, lists, cancelling (useapi-v3.md §1-§6, §9)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from midjourney.simulator.server import Simulator

JOB_ID = re.compile(r"^j(\d{13})(\d{6})([iv]?)-u(\d+)-c(\d+)-bot:midjourney$")
COMPLETED_FIELDS = {
    "id",
    "channel_id",
    "channel_type",
    "type",
    "flags",
    "timestamp",
    "edited_timestamp",
    "pinned",
    "tts",
    "mention_everyone",
    "mention_roles",
    "embeds",
    "content",
    "author",
    "mentions",
    "attachments",
    "components",
    "buttons",
    "imageUx",
    "replyRef",
}
PROMPT = "a lighthouse at dusk --ar 16:9 --v 7"


class Client:
    """The few calls that these tests make, as any client would make them."""

    def __init__(self, simulator: Simulator, token: str = "") -> None:
        self.simulator = simulator
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["Authorization"] = f"Bearer {token or simulator.token}"

    def get(self, path: str, **kw: Any) -> requests.Response:
        return self.session.get(f"{self.simulator.url}/{path}", timeout=20, **kw)

    def delete(self, path: str) -> requests.Response:
        return self.session.delete(f"{self.simulator.url}/{path}", timeout=20)

    def post(self, path: str, **body: Any) -> requests.Response:
        return self.session.post(f"{self.simulator.url}/{path}", json={"stream": False, **body}, timeout=20)

    def upload(self, path: str, files: dict[str, Any], **body: str) -> requests.Response:
        fields = {"stream": "false", **body}
        return self.session.post(f"{self.simulator.url}/{path}", data=fields, files=files, timeout=20)

    def imagine(self, prompt: str = PROMPT, **body: Any) -> str:
        reply = self.post("jobs/imagine", prompt=prompt, **body)
        assert reply.status_code == 201, reply.text
        return str(reply.json()["jobid"])

    def press(self, jobid: str, button: str, **body: Any) -> str:
        reply = self.post("jobs/button", jobId=jobid, button=button, **body)
        assert reply.status_code in {200, 201}, reply.text
        return str(reply.json()["jobid"])

    def job(self, jobid: str) -> dict[str, Any]:
        reply = self.get(f"jobs/{jobid}")
        assert reply.status_code == 200, reply.text
        return dict(reply.json())

    def done(self, prompt: str = PROMPT, **body: Any) -> dict[str, Any]:
        """A job that has run to its end."""
        jobid = self.imagine(prompt, **body)
        self.simulator.finish(jobid)
        return self.job(jobid)

    def pressed(self, jobid: str, button: str, **body: Any) -> dict[str, Any]:
        child = self.press(jobid, button, **body)
        self.simulator.finish(child)
        return self.job(child)


@pytest.fixture(name="simulator")
def _simulator() -> Iterator[Simulator]:
    with Simulator(speed=0) as simulator:
        yield simulator


@pytest.fixture(name="client")
def _client(simulator: Simulator) -> Client:
    return Client(simulator)


@pytest.mark.parametrize("header", ["", "Bearer ", "Bearer nonsense", "Basic user:1-abc", "Bearer user:x-abc"])
def test_no_token_or_a_malformed_one_is_unauthorized(simulator: Simulator, header: str) -> None:
    reply = requests.get(f"{simulator.url}/jobs", headers={"Authorization": header}, timeout=20)
    assert (reply.status_code, reply.json()) == (401, {"error": "Unauthorized"})


def test_only_listed_tokens_are_accepted_when_tokens_are_listed() -> None:
    with Simulator(tokens=("user:5-mine",), token="user:5-mine") as simulator:
        assert Client(simulator).get("jobs").status_code == 200
        assert Client(simulator, "user:6-theirs").get("jobs").status_code == 401


def test_every_token_is_an_account_of_its_own(simulator: Simulator, client: Client) -> None:
    jobid = client.imagine()
    stranger = Client(simulator, "user:99-other")
    assert stranger.get("jobs").json()["total"] == 0
    assert stranger.get(f"jobs/{jobid}").status_code == 404
    assert set(simulator.channels).isdisjoint(simulator.channels_of("user:99-other"))


def test_channels_are_the_same_in_every_run() -> None:
    with Simulator() as first, Simulator(seed=7) as second:
        assert first.channels == second.channels


def test_an_account_lists_its_channels_by_id(simulator: Simulator, client: Client) -> None:
    channel = simulator.channel
    listed = client.get("accounts").json()
    assert list(listed) == [channel]
    assert listed[channel] == client.get(f"accounts/{channel}").json()
    assert re.fullmatch(r"...\.\.\....", listed[channel]["discord"])
    assert (listed[channel]["maxJobs"], listed[channel]["maxImageJobs"], listed[channel]["maxVideoJobs"]) == (3, 3, 3)


def test_an_account_without_channels_and_an_unknown_channel_are_empty_404s(
    simulator: Simulator, client: Client
) -> None:
    for reply in (Client(simulator, "user:1-empty").get("accounts"), client.get("accounts/1234567890123456789")):
        assert (reply.status_code, reply.content) == (404, b"")


def test_adding_the_same_discord_account_twice_updates_its_channel(client: Client) -> None:
    secret = "MTIzNDU2Nzg5.secret-of-discord.xyz"
    first = client.post("accounts", discord=secret, maxJobs=12, maxImageJobs=12, maxVideoJobs=3)
    again = client.post("accounts", discord=secret, maxJobs=5)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["channel"] == again.json()["channel"]
    assert first.json()["discord"] == "MTI...xyz"
    assert again.json()["maxJobs"] == 5
    assert client.delete(f"accounts/{first.json()['channel']}").status_code == 204
    assert client.get(f"accounts/{first.json()['channel']}").status_code == 404


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({}, "discord is required"),
        ({"discord": "short"}, "discord is not a valid"),
        ({"discord": "MTIzNDU2Nzg5MDEy", "maxJobs": 16}, "maxJobs must be a whole number from 1 to 15"),
        ({"discord": "MTIzNDU2Nzg5MDEy", "maxJobs": 2, "maxImageJobs": 3}, "must not exceed maxJobs"),
        ({"discord": "MTIzNDU2Nzg5MDEy", "replyUrl": "http://x/" + "y" * 2048}, "at most 2048"),
    ],
)
def test_a_wrong_channel_is_refused_with_the_field_named(client: Client, body: dict[str, Any], text: str) -> None:
    reply = client.post("accounts", **body)
    assert reply.status_code == 400
    assert text in reply.json()["error"]


def test_a_new_job_is_created_and_echoes_only_what_was_sent(simulator: Simulator, client: Client) -> None:
    reply = client.post("jobs/imagine", prompt=PROMPT, replyRef="gen-17")
    job = reply.json()
    assert reply.status_code == 201
    assert (job["status"], job["verb"], job["jobType"]) == ("created", "imagine", "image")
    assert job["request"] == {"prompt": PROMPT, "stream": False, "replyRef": "gen-17"}
    assert not {"response", "updated", "code", "error"} & set(job)


def test_a_job_id_holds_its_time_its_lane_the_user_and_the_channel(simulator: Simulator, client: Client) -> None:
    job = client.job(client.imagine())
    found = JOB_ID.match(job["jobid"])
    assert found is not None
    assert (found[3], found[4], found[5]) == ("i", "1234", simulator.channel)
    created = datetime.fromisoformat(job["created"])
    stamp = datetime.strptime(f"{created.year}{found[1]}", "%Y%m%d%H%M%S%f").replace(tzinfo=UTC)
    assert 33 <= (created - stamp).total_seconds() * 1000 <= 172


def test_a_job_goes_from_created_over_started_and_progress_to_completed(simulator: Simulator, client: Client) -> None:
    jobid = client.imagine()
    seen = []
    for _ in range(36):
        job = client.job(jobid)
        seen.append((job["status"], job.get("response", {}).get("progress_percent")))
        simulator.advance(1)
    statuses = list(dict.fromkeys(status for status, _ in seen))
    percents = [percent for _, percent in seen if percent is not None]
    assert statuses == ["created", "started", "progress", "completed"]
    assert percents == sorted(percents)
    assert percents[-1] == 93


def test_an_image_takes_30_to_35_simulated_seconds(simulator: Simulator, client: Client) -> None:
    jobid = client.imagine()
    simulator.advance(29.9)
    assert client.job(jobid)["status"] == "progress"
    simulator.advance(5.2)
    assert client.job(jobid)["status"] == "completed"


def test_progress_shows_a_preview_that_can_be_fetched(simulator: Simulator, client: Client) -> None:
    jobid = client.imagine(replyRef="r1")
    simulator.advance(20)
    response = client.job(jobid)["response"]
    assert response["replyRef"] == "r1"
    (preview,) = response["attachments"]
    reply = requests.get(preview["url"], timeout=20)
    assert (reply.status_code, reply.headers["Content-Type"]) == (200, "image/webp")


def test_a_completed_image_has_the_field_set_of_real_payloads(simulator: Simulator, client: Client) -> None:
    job = client.done(replyRef="r2")
    response = job["response"]
    assert (job["status"], job["code"]) == ("completed", 200)
    assert set(response) == COMPLETED_FIELDS
    assert response["buttons"] == ["U1", "U2", "U3", "U4", "🔄", "V1", "V2", "V3", "V4"]
    assert response["content"].startswith("**a lighthouse at dusk --ar 16:9 --v 7.0** - <@")
    assert response["author"]["id"] == "936929561302675456"
    assert set(response["mentions"][0]) >= {"id", "username", "global_name", "avatar"}
    assert response["mentions"][0]["username"] in response["attachments"][0]["filename"]
    labels = [
        part.get("label") or part["emoji"]["name"] for row in response["components"] for part in row["components"]
    ]
    assert labels == [*response["buttons"], "\u200b"]


def test_the_account_suffix_shows_in_the_content_only(simulator: Simulator, client: Client) -> None:
    simulator.app.world.authenticate(simulator.token).channels[simulator.channel].settings["suffix"] = "--ar 3:2 --s 50"
    job = client.done("a quiet street --ar 16:9")
    assert job["response"]["content"].startswith("**a quiet street --ar 16:9 --s 50 --v 7.0** ")
    assert job["request"]["prompt"] == "a quiet street --ar 16:9"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({}, "Parameter prompt is required"),
        ({"prompt": "   "}, "Parameter prompt is required"),
        ({"prompt": "x" * 5001}, "Parameter prompt must be at most 5000 characters"),
        ({"prompt": 5}, "Parameter prompt must be a string"),
        ({"prompt": "x", "stream": "maybe"}, "Parameter stream must be true or false"),
        ({"prompt": "x", "replyUrl": "ftp://x"}, "Parameter replyUrl must be an http or https URL"),
        ({"prompt": "x", "replyUrl": "http://x/" + "y" * 1024}, "Parameter replyUrl must be at most 1024"),
        ({"prompt": "x", "replyRef": "y" * 1025}, "Parameter replyRef must be at most 1024"),
        ({"prompt": "x", "channel": "123"}, "Unable to find configuration for channel 123"),
    ],
)
def test_a_bad_field_is_a_400_that_names_it_and_starts_nothing(
    simulator: Simulator, client: Client, body: dict[str, Any], text: str
) -> None:
    reply = client.post("jobs/imagine", **body)
    assert reply.status_code == 400
    assert text in reply.json()["error"]
    assert simulator.stats()["jobs"] == 0


def test_a_body_that_is_no_json_object_is_a_400(simulator: Simulator, client: Client) -> None:
    for body in (b"{", b"[]", b"7"):
        reply = client.session.post(f"{simulator.url}/jobs/imagine", data=body, timeout=20)
        assert reply.status_code == 400


def test_multipart_is_accepted_everywhere(client: Client) -> None:
    reply = client.upload("jobs/imagine", {"unused": ("a.txt", b"\r\n--\r\n")}, prompt="a boat\r\nat sea", replyRef="m")
    assert reply.status_code == 201
    assert reply.json()["request"] == {"prompt": "a boat\r\nat sea", "stream": False, "replyRef": "m"}


@pytest.mark.parametrize(
    ("prompt", "details"),
    [
        ("a boat --ar 16x9", "--ar"),
        ("a boat --s 2000", "--s"),
        ("a boat --unheard of", "--unheard"),
        ("a boat --tile, and more", "--tile"),
        ("a boat --raw then text", "--raw"),
        ("a boat --v 7 --niji 6", "cannot be used together"),
        ("a boat --sw 100", "needs `--sref`"),
        ("a boat --ar 1:1 --ar 2:1", "more than once"),
    ],
)
def test_a_bad_parameter_is_moderated_not_refused(
    simulator: Simulator, client: Client, prompt: str, details: str
) -> None:
    job = client.done(prompt)
    assert (job["status"], job["code"], job["error"]) == ("moderated", 422, "Invalid parameter")
    assert details in job["errorDetails"]
    assert simulator.stats()["paid"] == 0


@pytest.mark.parametrize(
    "prompt",
    [
        "a boat --no red, green --c 100 --w 3000 --q .5 --seed 4294967295 --tile --exp 5",
        "https://a.example/x.png a boat --iw 1.5 --sref https://a.example/s.png 123 random --sw 20 --sv 4",
        "a boat —ar 16:9 --style raw --stylize 50 --version 6.1",
        "a boat --p abc1234 --draft --turbo --stop 80",
        "a boat --oref https://a.example/o.png --ow 300",
        "{red, blue} boat --repeat 4",
    ],
)
def test_what_midjourney_understands_completes(client: Client, prompt: str) -> None:
    assert client.done(prompt)["status"] == "completed"


def test_a_moderated_job_has_the_ephemeral_message(simulator: Simulator, client: Client) -> None:
    jobid = client.imagine("a boat drifting --video")
    simulator.advance(6)
    job = client.job(jobid)
    assert (job["error"], job["errorDetails"]) == ("Invalid request", "No start frame provided")
    assert (job["jobType"], job["verb"]) == ("video", "imagine")
    response = job["response"]
    assert (response["type"], response["flags"], response["content"], response["mentions"]) == (20, 64, "", [])
    assert response["nonce"] == jobid[1:20]
    assert {"interaction", "interaction_metadata", "webhook_id", "application_id", "position"} <= set(response)
    assert "buttons" not in response
    assert response["embeds"][0]["title"] == "Invalid request"


def test_a_video_needs_a_leading_link_and_ends_with_four_videos(simulator: Simulator, client: Client) -> None:
    jobid = client.imagine("https://img.example.org/boat.webp a boat drifting --motion low --video")
    assert JOB_ID.match(jobid)[3] == "v"  # type: ignore[index]
    simulator.advance(89)
    assert client.job(jobid)["status"] == "progress"
    simulator.advance(32)
    response = client.job(jobid)["response"]
    assert response["buttons"] == ["U1", "U2", "U3", "U4", "🔄"]
    assert [entry["url"].rsplit("/", 1)[1] for entry in response["videoUx"]] == ["0.mp4", "1.mp4", "2.mp4", "3.mp4"]
    assert response["attachments"][0]["content_type"] == "image/webp"
    assert "--video 1**" in response["content"]
    assert "https://s.mj.run/" in response["content"]


def test_a_smaller_batch_gives_fewer_videos(client: Client) -> None:
    response = client.done("https://img.example.org/boat.webp a boat --video --bs 2")["response"]
    assert (len(response["videoUx"]), response["buttons"]) == (2, ["U1", "U2", "🔄"])


def test_job_ids_work_with_a_raw_and_an_encoded_colon(client: Client) -> None:
    jobid = client.imagine()
    assert client.get(f"jobs/{jobid}").json() == client.get(f"jobs/{jobid.replace(':', '%3A')}").json()


def test_running_jobs_are_listed_per_channel_until_they_end(simulator: Simulator, client: Client) -> None:
    first, second = client.imagine(), client.imagine("https://a.example/a.png go --video")
    listed = client.get("jobs").json()
    entry = listed["channels"][simulator.channel]
    assert (listed["total"], listed["images"], listed["videos"]) == (2, 1, 1)
    assert (entry["total"], entry["maxJobs"], entry["maxImageJobs"], entry["maxVideoJobs"]) == (2, 3, 3, 3)
    assert [item["jobId"] for item in entry["jobs"]] == [first, second]
    assert set(entry["jobs"][0]) == {"jobId", "channel", "jobType", "created", "elapsed"}
    simulator.advance(40)
    assert [item["jobId"] for item in client.get("jobs").json()["channels"][simulator.channel]["jobs"]] == [second]


def test_cancelling_frees_the_slot_and_fails_the_job(simulator: Simulator, client: Client) -> None:
    jobid = client.imagine()
    simulator.advance(20)
    reply = client.delete(f"jobs/{jobid}")
    assert (reply.status_code, reply.content) == (204, b"")
    job = client.job(jobid)
    assert (job["status"], job["error"]) == ("failed", "Job cancelled by user")
    assert "code" not in job
    assert client.get("jobs").json()["total"] == 0
    assert simulator.stats()["paid"] == 1


def test_a_finished_job_cannot_be_cancelled(client: Client) -> None:
    job = client.done()
    assert client.delete(f"jobs/{job['jobid']}").status_code == 400
    assert client.job(job["jobid"])["status"] == "completed"


def test_an_unknown_job_is_not_found(client: Client) -> None:
    jobid = "j1120101530123456789i-u1234-c1234567890123456789-bot:midjourney"
    for reply in (client.get(f"jobs/{jobid}"), client.delete(f"jobs/{jobid}"), client.post("jobs/seed", jobId=jobid)):
        assert (reply.status_code, reply.json()) == (404, {"error": "Job not found"})


def test_a_job_expires_after_62_days(simulator: Simulator, client: Client) -> None:
    jobid = client.done()["jobid"]
    simulator.advance(61.9 * 86_400)
    assert client.get(f"jobs/{jobid}").status_code == 200
    simulator.advance(0.2 * 86_400)
    for reply in (client.get(f"jobs/{jobid}"), client.post("jobs/button", jobId=jobid, button="U1")):
        assert (reply.status_code, reply.json()) == (410, {"error": f"Job {jobid} has expired"})


def test_the_same_seed_draws_the_same_jobs() -> None:
    drawn = []
    for _ in range(2):
        with Simulator(speed=0, seed=42) as simulator:
            job = Client(simulator).done()
            url = job["response"]["imageUx"][0]["url"]
            drawn.append((job["jobid"][14:20], url, simulator.stats()["simulated_seconds"]))
    assert drawn[0] == drawn[1]


def test_durations_follow_a_log_normal_where_asked() -> None:
    with Simulator(speed=0, max_jobs=15, duration_mean=5.0, duration_sigma=0.0) as simulator:
        client = Client(simulator)
        jobid = client.imagine()
        simulator.advance(4.9)
        assert client.job(jobid)["status"] == "progress"
        simulator.advance(0.2)
        assert client.job(jobid)["status"] == "completed"


def test_other_paths_and_methods_are_json_errors(client: Client) -> None:
    assert client.get("nothing").status_code == 404
    assert client.delete("jobs").status_code == 405
