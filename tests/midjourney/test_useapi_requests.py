"""What goes over the wire: paths, bodies, headers and how often (useapi-v3.md §1 to §4)."""

from __future__ import annotations

import json
import time
from email.message import Message
from email.parser import BytesParser
from typing import Any

import pytest
import responses

from midjourney.upstream import Gone, NoService, OutcomeUnknown, Refused, Submission, Unreachable, Upload, UpstreamError
from midjourney.useapi import Backoff, UseApi
from tests.midjourney.test_useapi_helpers import (
    BASE,
    CHANNEL,
    CHILD,
    JOB,
    SUBMISSIONS,
    TOKEN,
    created,
    header,
    http,
    job,
    make_client,
    serving,
)

PICTURE = Upload(b"\x89PNG\r\n\x1a\n", "image/png", "picture.png")
PAGE = b"<!doctype html><title>Parked</title>"
IMAGINE = SUBMISSIONS["imagine"]
LISTED = {"total": 0, "channels": {}}


def sent_json(submission: Submission) -> tuple[str, dict[str, Any]]:
    with serving(http(201, created())) as server:
        make_client(server.url).submit(submission)
    [request] = server.requests
    assert header(request, "Content-Type") == "application/json"
    return server.paths()[0], json.loads(request.partition(b"\r\n\r\n")[2])


@pytest.mark.parametrize(
    ("submission", "body"),
    [
        (Submission("imagine", prompt="a – b", channel="7"), {"prompt": "a – b", "channel": "7"}),
        (
            Submission("imagine", prompt="a", reply_ref="gen-1", reply_url="https://h.example/x?ind=3"),
            {"prompt": "a", "replyRef": "gen-1", "replyUrl": "https://h.example/x?ind=3"},
        ),
        (Submission("button", parent=JOB, button="⬅️", channel="7"), {"jobId": JOB, "button": "⬅️"}),
        (
            Submission("button", parent=JOB, button="Vary (Region)", mask="UklGRg==", prompt="a hat"),
            {"jobId": JOB, "button": "Vary (Region)", "mask": "UklGRg==", "prompt": "a hat"},
        ),
        (Submission("describe", images=("https://a/1",)), {"imageUrl": "https://a/1"}),
        (
            Submission("blend", images=("https://a/1", "https://a/2"), dimensions="Portrait"),
            {"imageUrl_1": "https://a/1", "imageUrl_2": "https://a/2", "blendDimensions": "Portrait"},
        ),
        (Submission("seed", parent=JOB, channel="7", reply_ref="r"), {"jobId": JOB, "replyRef": "r"}),
        *[
            (Submission(verb, channel="7"), {"channel": "7"})
            for verb in ("settings", "info", "fast", "relax", "turbo", "variability", "remix")
        ],
    ],
    ids=lambda value: value.verb if isinstance(value, Submission) else "",
)
def test_each_command_sends_its_fields_and_no_stream(submission: Submission, body: dict[str, Any]) -> None:
    assert sent_json(submission) == (f"POST /v3/midjourney/jobs/{submission.verb}", {"stream": False, **body})


def parts(request: bytes) -> dict[str, Message]:
    head = f"Content-Type: {header(request, 'Content-Type')}\r\n\r\n".encode()
    message = BytesParser().parsebytes(head + request.partition(b"\r\n\r\n")[2])
    found = {}
    for part in message.get_payload():
        assert isinstance(part, Message)
        found[str(part.get_param("name", header="Content-Disposition"))] = part
    return found


@pytest.mark.parametrize(
    ("submission", "fields", "files"),
    [
        (Submission("describe", images=(PICTURE,), channel="7"), {"stream": "false", "channel": "7"}, ["imageBlob"]),
        (
            Submission("blend", images=("https://a/1", PICTURE, PICTURE), dimensions="Square"),
            {"stream": "false", "imageUrl_1": "https://a/1", "blendDimensions": "Square"},
            ["imageBlob_2", "imageBlob_3"],
        ),
    ],
)
def test_a_file_goes_as_multipart_with_booleans_as_text(
    submission: Submission, fields: dict[str, str], files: list[str]
) -> None:
    with serving(http(201, created())) as server:
        make_client(server.url).submit(submission)
    found = parts(server.requests[0])
    texts = {name: part.get_payload() for name, part in found.items() if not part.get_filename()}
    assert texts == fields
    blobs = [name for name, part in found.items() if part.get_filename()]
    assert blobs == files
    for name in files:
        assert found[name].get_payload(decode=True) == PICTURE.content
        assert (found[name].get_content_type(), found[name].get_filename()) == ("image/png", "picture.png")


@pytest.mark.parametrize(
    "submission",
    [
        Submission("shorten"),
        Submission(""),
        Submission("describe"),
        Submission("describe", images=("https://a/1", "https://a/2")),
        Submission("blend", images=("https://a/1",)),
        Submission("blend", images=("https://a/1",) * 6),
    ],
)
def test_what_cannot_be_right_is_refused_unsent(submission: Submission) -> None:
    with serving(http(201, created())) as server, pytest.raises(Refused):
        make_client(server.url).submit(submission)
    assert server.requests == []


@pytest.mark.parametrize("verb", SUBMISSIONS)
@pytest.mark.parametrize("reply", [http(500, {"error": "x"}), http(429, {"error": "x"}), None, http(200, b"<html>")])
def test_a_request_that_may_cost_is_sent_once_whatever_comes(verb: str, reply: bytes | None) -> None:
    with serving(reply) as server, pytest.raises(UpstreamError):
        make_client(server.url).submit(SUBMISSIONS[verb])
    assert [path for path in server.paths() if not path.startswith("GET")] == [f"POST /v3/midjourney/jobs/{verb}"]


@pytest.mark.parametrize(
    ("read", "expected"),
    [
        (http(200, PAGE), NoService),
        (http(404, PAGE), NoService),
        (http(200, LISTED), OutcomeUnknown),
        (http(402, {"error": "x"}), OutcomeUnknown),
        (http(502, PAGE), OutcomeUnknown),
        (None, OutcomeUnknown),
    ],
)
def test_a_web_page_for_a_paid_request_is_believed_if_a_read_gets_one_too(
    read: bytes | None, expected: type[UpstreamError]
) -> None:
    """A gateway's page may hide that the service behind it took the request."""
    with serving(http(200, PAGE), read) as server, pytest.raises(expected):
        make_client(server.url).submit(IMAGINE)
    assert server.paths() == ["POST /v3/midjourney/jobs/imagine", "GET /v3/midjourney/jobs"]


@pytest.mark.parametrize("status", [302, 403, 404, 405, 410])
def test_a_web_page_that_says_no_needs_no_second_look(status: int) -> None:
    with serving(http(status, PAGE)) as server, pytest.raises(NoService):
        make_client(server.url).submit(IMAGINE)
    assert len(server.requests) == 1


def test_after_its_deadline_nothing_is_sent() -> None:
    with serving(http(201, created())) as server, pytest.raises(Unreachable) as caught:
        make_client(server.url).submit(SUBMISSIONS["imagine"], deadline=time.monotonic() - 0.001)
    assert caught.value.code == "too_late"
    assert server.requests == []


def test_the_deadline_counts_up_to_the_first_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process may be stopped while it connects, and continue much later."""
    from midjourney.useapi import wire

    deadline = time.monotonic() + 60
    connect = wire._PlainConnection.connect

    def connect_and_sleep(connection: Any) -> None:
        connect(connection)
        monkeypatch.setattr(wire.time, "monotonic", lambda: deadline + 1)

    monkeypatch.setattr(wire._PlainConnection, "connect", connect_and_sleep)
    with serving(http(201, created())) as server:
        with pytest.raises(Unreachable) as caught:
            make_client(server.url).submit(SUBMISSIONS["imagine"], deadline=deadline)
        monkeypatch.undo()
    assert caught.value.code == "too_late"
    assert server.requests == []


def test_before_its_deadline_it_is_sent() -> None:
    with serving(http(201, created())) as server:
        make_client(server.url).submit(SUBMISSIONS["imagine"], deadline=time.monotonic() + 60)
    assert len(server.requests) == 1


def test_accounts_are_added_changed_and_removed() -> None:
    with serving(http(201, {"channel": CHANNEL, "maxJobs": 5}), http(204)) as server:
        client = make_client(server.url)
        added = client.add_account("discord-token", max_jobs=5, reply_url="https://h.example")
        client.delete_account(CHANNEL)
    assert (added.channel, added.max_jobs) == (CHANNEL, 5)
    assert server.paths() == ["POST /v3/midjourney/accounts", f"DELETE /v3/midjourney/accounts/{CHANNEL}"]
    assert json.loads(server.requests[0].partition(b"\r\n\r\n")[2]) == {
        "discord": "discord-token",
        "maxJobs": 5,
        "maxImageJobs": 3,
        "maxVideoJobs": 3,
        "replyUrl": "https://h.example",
    }


@pytest.mark.parametrize(
    ("job_id", "path"),
    [(JOB, JOB), ("a/b?c#d", "a%2Fb%3Fc%23d"), ("../accounts", "..%2Faccounts"), ("é %2F", "%C3%A9%20%252F")],
)
def test_a_job_id_stays_inside_its_path_segment(job_id: str, path: str) -> None:
    with serving(http(200, {"status": "progress"}), http(204)) as server:
        client = make_client(server.url)
        client.job(job_id)
        client.cancel(job_id)
    assert server.paths() == [f"GET /v3/midjourney/jobs/{path}", f"DELETE /v3/midjourney/jobs/{path}"]


@pytest.mark.parametrize("job_id", ["", ".", ".."])
def test_an_id_that_would_be_another_path_is_never_asked_for(job_id: str) -> None:
    with serving(http(200)) as server:
        client = make_client(server.url)
        for call in (client.job, client.cancel, client.account, client.delete_account, client.reset_channel):
            with pytest.raises(Gone):
                call(job_id)
    assert server.requests == []


def test_every_call_carries_the_token_and_no_cookie() -> None:
    replies = (http(200, LISTED, Set_Cookie="a=b; Path=/"), http(201, created()), http(200, LISTED))
    with serving(*replies) as server:
        client = make_client(server.url)
        client.running()
        client.submit(SUBMISSIONS["imagine"])
        client.running()
    assert [header(request, "Authorization") for request in server.requests] == [f"Bearer {TOKEN}"] * 3
    assert [header(request, "Cookie") for request in server.requests] == [None] * 3


def test_credentials_of_the_machine_do_not_replace_the_token(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    netrc = tmp_path_factory.mktemp("home") / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with serving(http(200, LISTED)) as server:
        make_client(server.url).running()
    assert header(server.requests[0], "Authorization") == f"Bearer {TOKEN}"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_the_api_is_never_followed_elsewhere(status: int, method: str) -> None:
    with serving(http(200, LISTED)) as other, serving(http(status, Location=other.url)) as server:
        client = make_client(server.url)
        calls = {"GET": client.running, "DELETE": lambda: client.cancel(JOB)}
        with pytest.raises(NoService):
            calls.get(method, lambda: client.submit(SUBMISSIONS["imagine"]))()
    assert other.requests == []
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "url", ["", "api.example", "ftp://a/b", "https://", "https://u:p@a/b", "https://a/b?c", "https://a b"]
)
def test_a_base_url_that_is_none_is_no_service(url: str) -> None:
    with pytest.raises(NoService):
        UseApi(url, TOKEN)


def test_a_slash_at_the_end_of_the_base_url_makes_no_difference() -> None:
    with serving(http(200, LISTED)) as server:
        make_client(f" {server.url}/ ").running()
    assert server.paths() == ["GET /v3/midjourney/jobs"]


class Naps(list[float]):
    """Collects what would have been slept."""

    def backoff(self, jitter: float = 1.0) -> Backoff:
        return Backoff(sleep=self.append, jitter=lambda: jitter)


@pytest.mark.parametrize(
    "reply", [None, http(500), http(502, b"<html>"), http(408), http(200, b"{"), http(200, b'{"a')]
)
def test_a_read_is_tried_three_times_and_then_unreachable(reply: bytes | None) -> None:
    naps = Naps()
    with serving(reply) as server, pytest.raises(Unreachable):
        make_client(server.url, backoff=naps.backoff()).running()
    assert len(server.requests) == 3
    assert naps == [2.0, 4.0]


def test_a_read_that_succeeds_at_last_is_a_success() -> None:
    naps = Naps()
    with serving(http(503), None, http(200, job())) as server:
        assert make_client(server.url, backoff=naps.backoff(jitter=0.0)).job(JOB).is_done
    assert naps == [1.0, 2.0]


@pytest.mark.parametrize("status", [400, 401, 402, 404, 410, 596])
def test_a_read_that_was_answered_is_not_repeated(status: int) -> None:
    with serving(http(status, {"error": "x"})) as server, pytest.raises(UpstreamError):
        make_client(server.url).job(JOB)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("asked", "naps", "requests"), [("7", [7.0, 7.0], 3), ("0", [2.0, 4.0], 3), ("60", [60.0, 60.0], 3), ("61", [], 1)]
)
def test_a_busy_service_is_given_the_time_it_asks_for_up_to_a_minute(
    asked: str, naps: list[float], requests: int
) -> None:
    slept = Naps()
    with serving(http(429, Retry_After=asked)) as server, pytest.raises(UpstreamError) as caught:
        make_client(server.url, backoff=slept.backoff()).running()
    assert caught.value.code == "busy"
    assert (slept, len(server.requests)) == (naps, requests)


def test_cancelling_is_tried_twice() -> None:
    with serving(None, http(204)) as server:
        make_client(server.url).cancel(JOB)
    assert len(server.requests) == 2
    with serving(None) as server, pytest.raises(Unreachable):
        make_client(server.url).cancel(JOB)
    assert len(server.requests) == 2


@pytest.mark.parametrize("attempt", [1, 2, 5, 50])
def test_no_wait_is_longer_than_a_minute_or_shorter_than_half(attempt: int) -> None:
    longest = min(60, 2 * 2 ** (attempt - 1))
    assert Backoff(jitter=lambda: 1.0).pause(attempt, None) == longest
    assert Backoff(jitter=lambda: 0.0).pause(attempt, None) == longest / 2


@responses.activate
def test_lists_say_how_busy_each_channel_is() -> None:
    entry = {"total": 1, "images": 1, "videos": 0, "maxJobs": 3, "jobs": [{"jobId": CHILD}]}
    responses.get(f"{BASE}/jobs", json={"total": 1, "channels": {CHANNEL: entry}})
    listed = make_client().list_jobs()
    assert [(load.info.channel, load.total, load.images, load.videos) for load in listed.channels] == [
        (CHANNEL, 1, 1, 0)
    ]
    assert [running.job_id for running in listed.jobs] == [CHILD]
