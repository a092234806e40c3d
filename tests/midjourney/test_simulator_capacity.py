"""Quotas, load balancing, blocked channels, foreign jobs and the counters (useapi-v3.md §9, §10)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from email.message import Message

import pytest
import requests

from midjourney.simulator.incoming import make_request
from midjourney.simulator.server import Simulator
from midjourney.simulator.stats import peak
from tests.midjourney.test_simulator_basics import Client

VIDEO = "https://a.example/x.png a boat --video"


@pytest.fixture(name="simulator")
def _simulator() -> Iterator[Simulator]:
    with Simulator(speed=0) as simulator:
        yield simulator


@pytest.fixture(name="client")
def _client(simulator: Simulator) -> Client:
    return Client(simulator)


def test_a_full_channel_answers_429_at_once_and_names_what_runs(simulator: Simulator, client: Client) -> None:
    running = [client.imagine() for _ in range(3)]
    reply = client.post("jobs/imagine", prompt="one more")
    assert (reply.status_code, reply.json()["code"]) == (429, 429)
    assert reply.json()["executingJobs"] == running
    assert "Retry-After" not in reply.headers
    simulator.advance(36)
    assert client.post("jobs/imagine", prompt="one more").status_code == 201


def test_images_and_videos_have_limits_of_their_own() -> None:
    with Simulator(speed=0, channels="1111111111111111111=5/2/1") as simulator:
        client = Client(simulator)
        assert simulator.channel == "1111111111111111111"
        assert [client.post("jobs/imagine", prompt="a").status_code for _ in range(3)] == [201, 201, 429]
        assert [client.post("jobs/imagine", prompt=VIDEO).status_code for _ in range(2)] == [201, 429]
        assert [client.post("jobs/settings").status_code for _ in range(3)] == [201, 201, 429]


def test_a_job_without_a_channel_goes_where_there_is_room() -> None:
    with Simulator(speed=0, channels=3, max_jobs=2) as simulator:
        client = Client(simulator)
        for _ in range(6):
            client.imagine()
        listed = client.get("jobs").json()
        assert [channel["total"] for channel in listed["channels"].values()] == [2, 2, 2]
        assert client.post("jobs/imagine", prompt="a").status_code == 429


def test_a_named_channel_is_used_and_refuses_when_full() -> None:
    with Simulator(speed=0, channels=2, max_jobs=1) as simulator:
        client = Client(simulator)
        second = simulator.channels[1]
        assert f"-c{second}-" in client.imagine(channel=second)
        assert client.post("jobs/imagine", prompt="a", channel=second).status_code == 429


@pytest.mark.parametrize("verb", ["settings", "info", "fast", "relax", "turbo", "variability", "remix"])
def test_settings_calls_need_a_channel_when_there_are_several(verb: str) -> None:
    with Simulator(speed=0, channels=3) as simulator:
        client = Client(simulator)
        reply = client.post(f"jobs/{verb}")
        text = "channel parameter is required when multiple channels (3) are configured"
        assert (reply.status_code, reply.json()["error"]) == (400, text)
        assert client.post(f"jobs/{verb}", channel=simulator.channel).status_code == 201


def test_a_blocked_channel_answers_596_until_it_is_reset(simulator: Simulator, client: Client) -> None:
    grid = client.done()["jobid"]
    simulator.block(text="Pending mod message")
    channel = simulator.channel
    for reply in (
        client.post("jobs/imagine", prompt="a"),
        client.post("jobs/imagine", prompt="a", channel=channel),
        client.post("jobs/button", jobId=grid, button="V1"),
        client.post("jobs/settings"),
    ):
        assert (reply.status_code, reply.json()["error"]) == (596, "Pending mod message")
    assert client.get("accounts").json()[channel]["error"] == "Pending mod message"
    reset = client.post(f"accounts/reset/{channel}")
    assert (reset.status_code, reset.content) == (204, b"")
    assert "error" not in client.get(f"accounts/{channel}").json()
    assert client.post("jobs/imagine", prompt="a").status_code == 201


def test_blocked_channels_are_skipped_while_another_is_open() -> None:
    with Simulator(speed=0, channels=2) as simulator:
        client = Client(simulator)
        simulator.block(simulator.channels[0])
        assert all(f"-c{simulator.channels[1]}-" in client.imagine() for _ in range(3))
        assert client.post("jobs/imagine", prompt="a").status_code == 429
        simulator.block(simulator.channels[1])
        assert client.post("jobs/imagine", prompt="a").status_code == 596


def test_the_other_reset_path_does_not_exist(simulator: Simulator, client: Client) -> None:
    assert client.post(f"accounts/{simulator.channel}/reset").status_code == 404
    assert client.post("accounts/reset/1234567890123456789").status_code == 404


def test_foreign_jobs_hold_slots_but_are_nobody_s(simulator: Simulator, client: Client) -> None:
    foreign = simulator.start_foreign(seconds=100)
    simulator.start_foreign(kind="video")
    listed = client.get("jobs").json()
    assert (listed["total"], listed["images"], listed["videos"]) == (2, 1, 1)
    client.imagine(replyRef="mine")
    assert client.post("jobs/imagine", prompt="a").status_code == 429
    stats = simulator.stats()
    assert (stats["jobs"], stats["foreign"], stats["paid"], stats["started_by_ref"]) == (1, 2, 1, {"mine": 1})
    simulator.advance(99)
    assert client.job(foreign)["status"] == "progress"
    simulator.advance(2)
    assert client.job(foreign)["status"] == "completed"


def test_a_foreign_job_can_be_forced_beyond_the_limit(simulator: Simulator, client: Client) -> None:
    for _ in range(3):
        client.imagine()
    simulator.start_foreign(force=True)
    assert simulator.stats()["peak"][simulator.channel]["total"] == 4


def test_peaks_count_overlaps_exactly() -> None:
    assert peak([(0, 10), (5, 15), (10, 20)]) == 2
    assert peak([(0, 10), (0, 10), (9.999, 11)]) == 3
    assert peak([]) == 0


def test_without_limits_the_counters_show_how_far_a_client_went() -> None:
    with Simulator(speed=0, enforce_limits=False) as simulator:
        client = Client(simulator)
        for _ in range(5):
            client.imagine()
        found = simulator.stats()["peak"][simulator.channel]
        assert (found["total"], found["image"], found["video"]) == (5, 5, 0)
        assert found["limits"] == {"total": 3, "image": 3, "video": 3}


def test_concurrent_requests_never_exceed_a_quota() -> None:
    with Simulator(speed=0, max_jobs=7) as simulator:
        codes: list[int] = []

        def send() -> None:
            client = Client(simulator)
            codes.extend(client.post("jobs/imagine", prompt="a").status_code for _ in range(5))

        threads = [threading.Thread(target=send) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (codes.count(201), codes.count(429)) == (7, 33)
        assert simulator.stats()["peak"][simulator.channel]["total"] == 7


def test_counters_know_starts_and_payments_per_reference(simulator: Simulator, client: Client) -> None:
    client.imagine(replyRef="one")
    client.imagine("a --ar nonsense", replyRef="bad")
    client.post("jobs/settings", replyRef="free")
    stats = simulator.stats()
    assert stats["started_by_ref"] == {"one": 1, "bad": 1, "free": 1}
    assert stats["paid_by_ref"] == {"one": 1}
    assert simulator.count("POST jobs/imagine") == 2
    assert stats["answers"]["POST jobs/imagine 201"] == 2


def test_token_words_give_an_account_its_shape(simulator: Simulator) -> None:
    token = simulator.token_for(8, "team-ch3-max12")
    listed = Client(simulator, token).get("accounts").json()
    assert [channel["maxJobs"] for channel in listed.values()] == [12, 12, 12]


def test_reset_forgets_jobs_and_counters_and_lifts_blocks(simulator: Simulator, client: Client) -> None:
    client.imagine()
    simulator.block()
    reply = requests.post(f"{simulator.origin}/_simulator/reset", timeout=20)
    assert reply.json() == {"status": "ok"}
    assert simulator.stats()["jobs"] == 0
    assert client.post("jobs/imagine", prompt="a").status_code == 201


def test_the_own_api_answers_this_machine_only(simulator: Simulator) -> None:
    path = "/_simulator/stats"
    for peer, expected in (("127.0.0.1", 200), ("::1", 200), ("10.0.0.7", 403), ("2001:db8::1", 403)):
        request = make_request("GET", path, Message(), b"", peer, "localhost")
        assert simulator.app.answer(request, lambda: False).status == expected


def test_the_own_api_speaks_json_over_http(simulator: Simulator, client: Client) -> None:
    base = f"{simulator.origin}/_simulator"
    assert requests.get(f"{base}/health", timeout=20).json()["status"] == "ok"
    requests.post(f"{base}/foreign", json={"token": simulator.token, "kind": "video"}, timeout=20).raise_for_status()
    requests.post(f"{base}/clock", json={"advance": 30, "hours": 1}, timeout=20).raise_for_status()
    requests.post(f"{base}/block", json={"channel": simulator.channel, "text": "No"}, timeout=20).raise_for_status()
    stats = requests.get(f"{base}/stats", timeout=20).json()
    assert (stats["foreign"], stats["running"], stats["simulated_seconds"]) == (1, 0, 3630.0)
    assert client.post("jobs/imagine", prompt="a").json()["error"] == "No"
    assert requests.post(f"{base}/faults", json={"fault": "none such"}, timeout=20).status_code == 400
    assert requests.post(f"{base}/clock", json={"advance": -1}, timeout=20).status_code == 400
    assert requests.get(f"{base}/nothing", timeout=20).status_code == 404
