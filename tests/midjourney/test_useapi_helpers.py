"""What the tests of the UseAPI client share: a client that never sleeps, and a server that says what it is told."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from midjourney.upstream import Submission
from midjourney.useapi import Backoff, Timeouts, UseApi

BASE = "https://api.useapi.net/v3/midjourney"
TOKEN = "user:12345-Abc7Xyz9SecretPart"
JOB = "j1120101530123456789i-u12345-c1234567890123456789-bot:midjourney"
CHILD = "j1120101630123456789i-u12345-c1234567890123456789-bot:midjourney"
CHANNEL = "1234567890123456789"
GUID = "0f1e2d3c-4b5a-4968-8776-655443322110"

Reply = bytes | None | Callable[[socket.socket], None]

SUBMISSIONS = {
    "imagine": Submission("imagine", prompt="a lighthouse"),
    "button": Submission("button", parent=JOB, button="U1"),
    "describe": Submission("describe", images=("https://img.example.org/cat.jpg",)),
    "blend": Submission("blend", images=("https://img.example.org/1.jpg", "https://img.example.org/2.jpg")),
    "seed": Submission("seed", parent=JOB),
    **{verb: Submission(verb) for verb in ("settings", "info", "fast", "relax", "turbo", "variability", "remix")},
}
"""One of every request that makes a job."""


def make_client(base_url: str = BASE, token: str = TOKEN, **options: Any) -> UseApi:
    """A client that repeats reads at once."""
    options.setdefault("backoff", Backoff(sleep=lambda _seconds: None, jitter=lambda: 1.0))
    options.setdefault("timeouts", Timeouts(connect=30, post=60, read=60))
    return UseApi(base_url, token, **options)


def http(status: int, body: object = b"", **headers: str) -> bytes:
    """A whole HTTP answer; a body that is not bytes goes as JSON, and `Content_Type` sets Content-Type."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = {"Content-Length": str(len(content)), "Connection": "close"}
    if not isinstance(body, bytes):
        lines["Content-Type"] = "application/json"
    lines |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"HTTP/1.1 {status} Whatever\r\n{head}\r\n".encode() + content


class Server:
    """Answers request number n with reply number n, the last one again and again.

    A reply is bytes to send, None to hang up without a word, or a function that gets the socket.
    """

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies)
        self.requests: list[bytes] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.origin = f"http://127.0.0.1:{self.port}"
        self.url = f"{self.origin}/v3/midjourney"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            request = _read_request(connection)
            if not request:
                return
            self.requests.append(request)
            reply = self.replies[min(len(self.requests), len(self.replies)) - 1]
            if callable(reply):
                reply(connection)
            elif reply is not None:
                connection.sendall(reply)

    def paths(self) -> list[str]:
        """Method and path of every request so far."""
        return [request.split(b" HTTP/1.1")[0].decode() for request in self.requests]

    def close(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # closing alone would not end a waiting accept
        self._socket.close()


def _read_request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            return b""
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    while len(body) < length and (piece := connection.recv(65536)):
        body += piece
    return head + b"\r\n\r\n" + body


@contextmanager
def serving(*replies: Reply) -> Iterator[Server]:
    """A `Server` for the length of a with block."""
    server = Server(*replies)
    try:
        yield server
    finally:
        server.close()


def header(request: bytes, name: str) -> str | None:
    """One header of a raw request, or None."""
    for line in request.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]:
        key, _, value = line.decode("latin-1").partition(":")
        if key.lower() == name.lower():
            return value.strip()
    return None


def job(**changes: Any) -> dict[str, Any]:
    """A completed grid as the service sends it (useapi-v3.md §6.5); `response=` replaces fields within."""
    response = {
        "id": "1440000000000000009",
        "channel_id": CHANNEL,
        "type": 0,
        "content": "**a lighthouse at dusk --ar 16:9 --v 7.0** - <@111111111111111111> (fast)",
        "author": {"id": "936929561302675456", "username": "Midjourney Bot"},
        "mentions": [{"id": "111111111111111111", "username": "studio_bot", "global_name": "Studio"}],
        "attachments": [
            {
                "id": "1440000000000000008",
                "filename": f"studio_bot_a_lighthouse_{GUID}.png",
                "content_type": "image/png",
                "size": 6793000,
                "width": 2912,
                "height": 1632,
                "url": f"https://cdn.discordapp.com/attachments/1/2/studio_bot_{GUID}.png?ex=1&is=2&hm=3&",
                "proxy_url": "https://media.discordapp.net/attachments/1/2/x.png",
            }
        ],
        "components": [{"type": 1, "components": [{"custom_id": f"MJ::JOB::upsample::1::{GUID}"}]}],
        "buttons": ["U1", "U2", "U3", "U4", "🔄", "V1", "V2", "V3", "V4"],
        "imageUx": [{"id": n + 1, "url": f"https://cdn.midjourney.com/{GUID}/0_{n}.jpeg"} for n in range(4)],
        "replyRef": "gen-17",
    }
    value = {
        "jobid": JOB,
        "verb": "imagine",
        "jobType": "image",
        "status": "completed",
        "code": 200,
        "created": "2025-11-20T10:15:30.171Z",
        "updated": "2025-11-20T10:16:02.640Z",
        "request": {"prompt": "a lighthouse at dusk --ar 16:9", "stream": False, "replyRef": "gen-17"},
        "response": response,
    }
    inner = changes.pop("response", {})
    value |= changes
    value["response"] = {name: content for name, content in (response | inner).items() if content is not None}
    return value


def created(**changes: Any) -> dict[str, Any]:
    """The answer to a POST: a job that was just accepted."""
    return {"jobid": JOB, "verb": "imagine", "jobType": "image", "status": "created", **changes}


@pytest.mark.parametrize("body", [b"", {"a": 1}])
def test_an_answer_written_here_announces_its_length(body: object) -> None:
    head, _, content = http(200, body).partition(b"\r\n\r\n")
    assert f"Content-Length: {len(content)}".encode() in head
