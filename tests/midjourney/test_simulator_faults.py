"""Every fault, by the fault API, by a word in the prompt and by a word in the token."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
import requests

from midjourney.simulator.faults import ALIASES, FAULTS, Stage, UnknownFault, canonical, endpoint_matches
from midjourney.simulator.server import Simulator
from tests.midjourney.test_simulator_basics import Client


@pytest.fixture(name="simulator")
def _simulator() -> Iterator[Simulator]:
    with Simulator(speed=0) as simulator:
        yield simulator


@pytest.fixture(name="client")
def _client(simulator: Simulator) -> Client:
    return Client(simulator)


STATUSES = {
    "400": 400,
    "401": 401,
    "402": 402,
    "404": 404,
    "404-empty": 404,
    "409": 409,
    "410": 410,
    "422": 422,
    "429": 429,
    "429-retry-after": 429,
    "500": 500,
    "502": 502,
    "503": 503,
    "504": 504,
    "596": 596,
    "html": 200,
    "html-502": 502,
    "redirect": 302,
}
AFTER = {
    "500-after-accept": 500,
    "502-after-accept": 502,
    "503-after-accept": 503,
    "504-after-accept": 504,
    "504-runs-anyway": 504,
    "html-after-accept": 200,
    "empty-answer": 201,
}


@pytest.mark.parametrize(("fault", "status"), STATUSES.items())
def test_a_refusal_starts_nothing_and_strikes_once(
    simulator: Simulator, client: Client, fault: str, status: int
) -> None:
    simulator.fault("jobs/imagine", fault)
    reply = client.session.post(
        f"{simulator.url}/jobs/imagine", json={"prompt": "a", "stream": False}, timeout=20, allow_redirects=False
    )
    assert reply.status_code == status
    assert simulator.stats()["jobs"] == 0
    if fault == "596":
        client.post(f"accounts/reset/{simulator.channel}")
    assert client.post("jobs/imagine", prompt="a").status_code == 201
    assert simulator.count("POST jobs/imagine") == 2


@pytest.mark.parametrize(("fault", "status"), AFTER.items())
def test_a_spoilt_answer_hides_a_job_that_runs_and_is_paid(
    simulator: Simulator, client: Client, fault: str, status: int
) -> None:
    simulator.fault("POST jobs/imagine", fault)
    reply = client.post("jobs/imagine", prompt="a", replyRef="x")
    assert reply.status_code == status
    assert "jobid" not in reply.text
    assert simulator.stats()["paid_by_ref"] == {"x": 1}


def test_a_bodies_own_words_and_headers(simulator: Simulator, client: Client) -> None:
    simulator.fault("jobs/imagine", "429-retry-after", seconds=7)
    simulator.fault("jobs/imagine", "html")
    simulator.fault("jobs/imagine", "422", text="Banned words")
    assert client.post("jobs/imagine", prompt="a").headers["Retry-After"] == "7"
    page = client.post("jobs/imagine", prompt="a")
    assert page.headers["Content-Type"].startswith("text/html")
    assert client.post("jobs/imagine", prompt="a").json()["error"] == "Banned words"


def test_a_504_job_runs_but_is_never_listed_or_found(simulator: Simulator, client: Client) -> None:
    simulator.fault("jobs/imagine", "504_runs_anyway")
    client.post("jobs/imagine", prompt="a", replyRef="x")
    (hidden,) = simulator.jobs(reply_ref="x")
    assert client.get("jobs").json()["total"] == 0
    assert client.get(f"jobs/{hidden['jobid']}").status_code == 404
    assert simulator.stats()["unlisted"] == 1
    assert simulator.stats()["peak"][simulator.channel]["total"] == 1


def test_connections_drop_before_or_after_accepting(simulator: Simulator, client: Client) -> None:
    for fault, jobs in (("drop_before", 0), ("drop_after_accept", 1)):
        simulator.fault("jobs/imagine", fault)
        with pytest.raises(requests.ConnectionError):
            client.post("jobs/imagine", prompt="a")
        assert simulator.stats()["jobs"] == jobs
        assert client.get("jobs").json()["total"] == jobs


def test_a_truncated_answer_is_no_json_and_a_cut_one_is_no_answer(simulator: Simulator, client: Client) -> None:
    simulator.fault("jobs/imagine", "truncated-json")
    reply = client.post("jobs/imagine", prompt="a")
    assert reply.status_code == 201
    with pytest.raises(requests.JSONDecodeError):
        reply.json()
    simulator.fault("jobs/imagine", "cut-off")
    with pytest.raises(requests.RequestException):
        client.post("jobs/imagine", prompt="a")
    assert simulator.stats()["jobs"] == 2


@pytest.mark.parametrize("fault", ["slow", "trickle", "delay-before"])
def test_slow_answers_come_late_but_whole(simulator: Simulator, client: Client, fault: str) -> None:
    simulator.fault("jobs/imagine", fault, seconds=0.3)
    began = time.monotonic()
    assert client.post("jobs/imagine", prompt="a").json()["status"] == "created"
    assert time.monotonic() - began >= 0.25


def test_a_slow_answer_is_accepted_before_the_client_gives_up(simulator: Simulator, client: Client) -> None:
    simulator.fault("jobs/imagine", "slow", seconds=5)
    with pytest.raises(requests.Timeout):
        client.session.post(f"{simulator.url}/jobs/imagine", json={"prompt": "a", "stream": False}, timeout=0.3)
    assert simulator.stats()["jobs"] == 1


OUTCOMES = {
    "moderated": ("moderated", 422, 0),
    "invalid": ("moderated", 422, 0),
    "stopped": ("moderated", 422, 1),
    "fail": ("failed", 500, 1),
    "timeout": ("failed", 504, 1),
    "long": ("completed", 200, 1),
    "quick": ("completed", 200, 1),
}


@pytest.mark.parametrize(("fault", "expected"), OUTCOMES.items())
def test_jobs_end_as_their_fault_says(
    simulator: Simulator, client: Client, fault: str, expected: tuple[str, int, int]
) -> None:
    job = client.done(f"a boat sim:{fault} --ar 3:2")
    assert (job["status"], job["code"], simulator.stats()["paid"]) == expected
    assert "sim:" not in job.get("response", {}).get("content", "")


def test_a_stuck_job_holds_its_slot_for_14_minutes(simulator: Simulator, client: Client) -> None:
    jobid = client.imagine("a boat sim:timeout")
    simulator.advance(13.9 * 60)
    assert client.job(jobid)["status"] == "progress"
    assert client.get("jobs").json()["total"] == 1
    simulator.advance(10)
    assert client.job(jobid)["error"] == "Job timed out"


def test_what_a_job_shows_can_be_incomplete(simulator: Simulator, client: Client) -> None:
    assert "imageUx" not in client.done("a sim:no-singles")["response"]
    assert client.done("a sim:no-media")["response"]["attachments"] == []
    plain = client.done("a sim:no-ref", replyRef="r")
    assert "replyRef" not in plain["request"]
    assert "replyRef" not in plain["response"]
    strange = client.imagine("a sim:unknown-status")
    simulator.advance(10)
    assert client.job(strange)["status"] == "queued-upstream"
    simulator.advance(30)
    gone = client.imagine("a sim:vanish")
    assert client.get(f"jobs/{gone}").status_code == 404
    assert client.get("jobs").json()["total"] == 0
    old = client.imagine("a sim:expired")
    simulator.finish(old)
    assert client.get(f"jobs/{old}").status_code == 410
    word = client.imagine("a sim:cancelled-word")
    client.delete(f"jobs/{word}")
    assert client.job(word)["status"] == "cancelled"


def test_a_prompt_s_refusals_strike_so_often_and_then_let_it_pass(client: Client) -> None:
    def codes(prompt: str, count: int) -> list[int]:
        return [client.post("jobs/imagine", prompt=prompt, replyRef=prompt).status_code for _ in range(count)]

    assert codes("a sim:429", 2) == [429, 201]
    assert codes("a sim:500x2 --ar 1:1", 3) == [500, 500, 201]
    assert codes("a sim:503x0", 3) == [503, 503, 503]


def test_words_that_are_no_fault_are_left_alone(client: Client) -> None:
    job = client.done("a sim:city by the sea")
    assert job["response"]["content"].startswith("**a sim:city by the sea") or job["status"] == "completed"


def test_a_prompt_can_block_the_channel(simulator: Simulator, client: Client) -> None:
    assert client.post("jobs/imagine", prompt="a sim:596").status_code == 596
    assert client.get(f"accounts/{simulator.channel}").json()["error"] == "Pending mod message"
    assert client.post("jobs/imagine", prompt="b").status_code == 596


@pytest.mark.parametrize(
    ("words", "status", "body"),
    [
        ("bad", 401, '{"error": "Unauthorized"}'),
        ("nosub", 402, '{"error": "Account has no subscription or subscription expired"}'),
        ("gone", 404, '{"error": "Not found"}'),
        ("down", 503, "unavailable"),
        ("html", 200, "<!doctype html>"),
        ("empty", 404, ""),
    ],
)
def test_a_token_s_word_spoils_every_answer(simulator: Simulator, words: str, status: int, body: str) -> None:
    for _ in range(2):
        reply = Client(simulator, f"user:1-{words}12-team").get("accounts")
        assert reply.status_code == status
        assert body in reply.text


def test_more_token_words(simulator: Simulator) -> None:
    limited = Client(simulator, "user:1-rate")
    assert limited.get("accounts").status_code == 200
    assert limited.post("jobs/imagine", prompt="a").status_code == 429
    assert Client(simulator, "user:1-blocked").post("jobs/imagine", prompt="a").status_code == 596


def test_orders_can_be_narrowed_counted_skipped_and_cleared(simulator: Simulator, client: Client) -> None:
    other = Client(simulator, simulator.token_for(77))
    simulator.fault("jobs/imagine", "500", times=None, token="user:77-x")
    assert client.post("jobs/imagine", prompt="a").status_code == 201
    assert [other.post("jobs/imagine", prompt="a").status_code for _ in range(3)] == [500, 500, 500]
    simulator.clear_faults()
    assert other.post("jobs/imagine", prompt="a").status_code == 201
    simulator.fault("jobs/imagine", "500", channel=simulator.channel, skip=1)
    assert other.post("jobs/imagine", prompt="a").status_code == 201
    assert [client.post("jobs/imagine", prompt="a").status_code for _ in range(2)] == [201, 500]


def test_reads_can_fail_too(simulator: Simulator, client: Client) -> None:
    jobid = client.imagine()
    for endpoint, path, fault in (
        ("GET jobs", "jobs", "500"),
        ("GET jobs/{jobid}", f"jobs/{jobid}", "404"),
        ("accounts", "accounts", "404-empty"),
        ("*", "jobs", "html"),
    ):
        simulator.fault(endpoint, fault)
        first, second = client.get(path), client.get(path)
        assert first.content != second.content
        assert second.status_code == 200


def test_downloads_fail_in_every_way(simulator: Simulator, client: Client) -> None:
    url = client.done()["response"]["attachments"][0]["url"]
    whole = requests.get(url, timeout=20).content

    def fetch(fault: str, **kw: object) -> requests.Response:
        simulator.fault("media", fault, **kw)
        return requests.get(url, timeout=20, allow_redirects=False)

    assert [fetch(f"media-{code}").status_code for code in (403, 404, 500)] == [403, 404, 500]
    assert fetch("media-wrong-type").headers["Content-Type"].startswith("text/html")
    assert fetch("media-redirect", location="http://evil.example/x").headers["Location"] == "http://evil.example/x"
    broken = fetch("broken-image").content
    assert broken[:8] == whole[:8]
    assert broken != whole
    assert fetch("media-slow", seconds=0.05).content == whole
    with pytest.raises(requests.RequestException):
        fetch("media-truncated")
    assert requests.get(url, timeout=20).content == whole


def test_a_prompt_can_spoil_its_own_pictures(simulator: Simulator, client: Client) -> None:
    for prompt in ("a sim:media-404", "b sim:media-404"):
        response = client.done(prompt)["response"]
        urls = [response["attachments"][0]["url"]]
        assert [requests.get(url, timeout=20).status_code for url in urls] == [404]
        params = {"cdnUrl": response["imageUx"][0]["url"]}
        proxied = client.session.get(f"{simulator.origin}/v1/proxy/cdn-midjourney/", params=params, timeout=20)
        assert proxied.status_code == 404
    assert requests.get(client.done("a boat")["response"]["attachments"][0]["url"], timeout=20).status_code == 200


def test_every_fault_has_a_test_or_a_stage_that_is_tested() -> None:
    known = {*STATUSES, *AFTER, *OUTCOMES}
    elsewhere = {
        *("drop-before", "delay-before", "drop-after", "truncated-json", "cut-off", "slow", "trickle"),
        *("no-singles", "no-media", "no-ref", "no-preview", "unknown-status", "vanish", "expired", "cancelled-word"),
        *("drop-sse", "lost-webhook", "lost-final-webhook", "duplicate-webhook", "shuffled-webhook"),
        *(name for name, (stage, _) in FAULTS.items() if stage is Stage.MEDIA),
    }
    assert known | elsewhere == set(FAULTS)


def test_names_are_forgiving_and_unknown_ones_are_refused(simulator: Simulator) -> None:
    assert canonical("DROP_AFTER_ACCEPT") == "drop-after"
    assert set(ALIASES.values()) <= set(FAULTS)
    with pytest.raises(UnknownFault):
        simulator.fault("jobs/imagine", "no-such-thing")


@pytest.mark.parametrize(
    ("pattern", "label", "expected"),
    [
        ("jobs/imagine", "POST jobs/imagine", True),
        ("POST jobs/imagine", "POST jobs/imagine", True),
        ("jobs/*", "POST jobs/button", True),
        ("jobs", "GET jobs", True),
        ("jobs", "POST jobs/imagine", False),
        ("GET jobs/{id}", "GET jobs/{jobid}", True),
        ("GET jobs/:jobid", "GET jobs/{jobid}", True),
        ("jobs/{jobid}", "DELETE jobs/{jobid}", True),
        ("*", "GET proxy", True),
        ("media", "GET proxy", True),
        ("media", "GET jobs", False),
        ("*", "webhook", False),
    ],
)
def test_endpoints_are_named_in_any_usual_way(pattern: str, label: str, expected: bool) -> None:
    assert endpoint_matches(pattern, label) is expected
