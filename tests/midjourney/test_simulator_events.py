"""Event streams and webhooks (useapi-v3.md §7)."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests

from midjourney.simulator.server import Simulator
from tests.midjourney.test_simulator_basics import Client


class Receiver:
    """Somebody's webhook endpoint."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.paths: list[str] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                receiver.events.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                receiver.paths.append(self.path)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?ind=3"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def statuses(self) -> list[str]:
        return [event["status"] for event in self.events]


@pytest.fixture(name="receiver")
def _receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.server.shutdown()
    receiver.server.server_close()


@pytest.fixture(name="simulator")
def _simulator() -> Iterator[Simulator]:
    with Simulator(speed=0) as simulator:
        yield simulator


@pytest.fixture(name="client")
def _client(simulator: Simulator) -> Client:
    return Client(simulator)


ALL = ["created", "started", *["progress"] * 7, "completed"]


def test_every_event_is_posted_in_order_with_the_job_itself_as_body(
    simulator: Simulator, client: Client, receiver: Receiver
) -> None:
    jobid = client.imagine(replyUrl=receiver.url, replyRef="r")
    simulator.finish(jobid)
    assert receiver.statuses() == ALL
    assert set(receiver.paths) == {"/hook?ind=3"}
    last = receiver.events[-1]
    assert last == client.job(jobid)
    assert last["response"]["replyRef"] == last["request"]["replyRef"] == "r"
    assert simulator.stats()["webhooks"]["sent"] == len(ALL)


def test_the_job_s_address_wins_over_the_channel_s(simulator: Simulator, client: Client, receiver: Receiver) -> None:
    channel = simulator.app.world.authenticate(simulator.token).channels[simulator.channel]
    channel.reply_url = receiver.url
    client.imagine()
    client.imagine(replyUrl=receiver.url.replace("ind=3", "mine"))
    simulator.finish()
    assert receiver.paths.count("/hook?ind=3") == receiver.paths.count("/hook?mine") == len(ALL)


def test_a_refused_request_sends_no_webhook(simulator: Simulator, client: Client, receiver: Receiver) -> None:
    simulator.block()
    client.post("jobs/imagine", prompt="a", replyUrl=receiver.url)
    simulator.advance(100)
    assert receiver.events == []


def test_a_receiver_that_is_not_there_changes_nothing(simulator: Simulator, client: Client) -> None:
    jobid = client.imagine(replyUrl="http://127.0.0.1:9/hook")
    simulator.finish()
    assert client.job(jobid)["status"] == "completed"
    assert simulator.stats()["webhooks"]["failed"] == len(ALL)


def test_cancelling_is_told_and_nothing_after_it(simulator: Simulator, client: Client, receiver: Receiver) -> None:
    jobid = client.imagine(replyUrl=receiver.url)
    simulator.advance(3)
    client.delete(f"jobs/{jobid}")
    simulator.advance(100)
    assert receiver.statuses() == ["created", "started", "failed"]
    assert receiver.events[-1]["error"] == "Job cancelled by user"


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("lost-webhook", []),
        ("lost-final-webhook", ALL[:-1]),
        ("duplicate-webhook", [status for status in ALL for _ in range(2)]),
        ("shuffled-webhook", ALL[::-1]),
    ],
)
def test_webhooks_can_be_lost_doubled_or_shuffled(
    simulator: Simulator, client: Client, receiver: Receiver, fault: str, expected: list[str]
) -> None:
    simulator.fault("webhook", fault)
    client.imagine(replyUrl=receiver.url)
    simulator.finish()
    assert receiver.statuses() == expected
    receiver.events.clear()
    client.imagine(replyUrl=receiver.url)
    simulator.finish()
    assert receiver.statuses() == ALL


def listen(client: Client, **body: Any) -> requests.Response:
    return client.session.post(
        f"{client.simulator.url}/jobs/imagine", json={"prompt": "a boat", **body}, stream=True, timeout=20
    )


def told(reply: requests.Response) -> list[dict[str, Any]]:
    return [json.loads(line[6:]) for line in reply.iter_lines() if line.startswith(b"data: ")]


def wait_until_stuck(simulator: Simulator, jobid: str) -> None:
    """The server notices a broken stream on its own thread."""
    for _ in range(500):
        if simulator.app.world.jobs[jobid].frozen is not None:
            return
        threading.Event().wait(0.01)
    pytest.fail("the job is not stuck")


def test_a_stream_is_the_default_and_tells_every_event() -> None:
    with Simulator(speed=2000) as simulator:
        reply = listen(Client(simulator), replyRef="s")
        assert reply.headers["Content-Type"] == "text/event-stream"
        events = told(reply)
    names = [event["event"] for event in events]
    assert names == ["initialized", *[f"midjourney_{status}" for status in ALL]]
    assert [event["seq"] for event in events] == list(range(len(ALL) + 1))
    assert events[0]["jobId"] == events[-1]["job"]["jobid"]
    assert events[-1]["job"]["response"]["replyRef"] == "s"


def test_a_moderated_stream_ends_with_that_event() -> None:
    with Simulator(speed=2000) as simulator:
        events = told(listen(Client(simulator), prompt="a boat --video"))
    assert [event["event"] for event in events] == ["initialized", "midjourney_created", "midjourney_moderated"]


def test_validation_errors_come_before_the_stream_opens(client: Client) -> None:
    reply = listen(client, prompt="")
    assert (reply.status_code, reply.headers["Content-Type"]) == (400, "application/json")


def test_a_broken_stream_leaves_the_job_stuck_until_14_minutes(simulator: Simulator, client: Client) -> None:
    simulator.fault("jobs/imagine", "drop-sse")
    with listen(client) as reply:
        lines = reply.iter_lines()
        jobid = json.loads(next(lines)[6:])["jobId"]
        simulator.advance(10)
        with pytest.raises(requests.RequestException):
            list(lines)
    wait_until_stuck(simulator, jobid)
    simulator.advance(13.5 * 60)
    assert client.job(jobid)["status"] == "progress"
    assert client.get("jobs").json()["total"] == 1
    simulator.advance(60)
    job = client.job(jobid)
    assert (job["status"], job["code"], job["error"]) == ("failed", 504, "Job timed out")


def test_a_listener_that_leaves_gets_the_job_stuck(simulator: Simulator, client: Client) -> None:
    reply = listen(client)
    jobid = json.loads(next(reply.iter_lines())[6:])["jobId"]
    reply.close()
    client.session.close()
    wait_until_stuck(simulator, jobid)
    simulator.advance(60)
    assert client.job(jobid)["status"] == "created"
    assert client.delete(f"jobs/{jobid}").status_code == 204
    assert client.get("jobs").json()["total"] == 0
