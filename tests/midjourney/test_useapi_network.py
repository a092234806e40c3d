"""Connections that fail, at every point where one can: before, in the middle and after a request."""

from __future__ import annotations

import os
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests
import responses

from midjourney.upstream import OutcomeUnknown, Refused, Submission, Unreachable, Upload, UpstreamError
from midjourney.useapi import Timeouts, wire
from tests.midjourney.test_useapi_helpers import (
    BASE,
    JOB,
    SUBMISSIONS,
    TOKEN,
    created,
    http,
    make_client,
    serving,
)

IMAGINE = SUBMISSIONS["imagine"]


def reset(connection: socket.socket) -> None:
    """Close with RST instead of FIN."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def silence(connection: socket.socket) -> None:
    """Say nothing until the other side gives up."""
    connection.settimeout(10)
    connection.recv(1)


def trickle(connection: socket.socket) -> None:
    """A body that never ends, a byte at a time."""
    connection.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 1000\r\nContent-Type: application/json\r\n\r\n")
    for _ in range(1000):
        connection.sendall(b" ")
        time.sleep(0.02)


def too_much(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n\r\n")
    for _ in range(1000):
        connection.sendall(b" " * 1_000_000)


SHORT = Timeouts(connect=30, post=0.3, read=0.3)

BROKEN = {
    "hung up": None,
    "reset": reset,
    "silence": silence,
    "half a status line": b"HTTP/1.1 2",
    "not HTTP": b"SSH-2.0-OpenSSH_9.2\r\n",
    "half the headers": b"HTTP/1.1 201 Created\r\nContent-Le",
    "half the body": http(201, created())[:-10],
    "a broken chunk": b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "bad compression": http(201, b"not gzip", Content_Encoding="gzip"),
    "a trickle": trickle,
    "an endless body": too_much,
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_paid_request_that_lost_its_answer_is_an_unknown_outcome_and_was_sent_once(how: str) -> None:
    with serving(BROKEN[how]) as server, pytest.raises(OutcomeUnknown) as caught:
        make_client(server.url, timeouts=SHORT).submit(IMAGINE)
    assert len(server.requests) == 1
    assert caught.value.absence_is_proof
    assert caught.value.may_have_cost
    assert not caught.value.may_resend


@pytest.mark.parametrize("how", BROKEN)
def test_a_read_that_lost_its_answer_is_unreachable(how: str) -> None:
    with serving(BROKEN[how]) as server, pytest.raises(Unreachable) as caught:
        make_client(server.url, timeouts=SHORT).running()
    assert len(server.requests) == 3
    assert caught.value.code in {"unreachable", "server_error"}


@pytest.mark.parametrize("how", BROKEN)
def test_free_requests_that_lost_their_answer_may_be_sent_again(how: str) -> None:
    with serving(BROKEN[how]) as server:
        client = make_client(server.url, timeouts=SHORT)
        if how in {"hung up", "reset", "silence", "half a status line", "not HTTP"}:
            with pytest.raises(Unreachable):
                client.reset_channel("7")
        with pytest.raises(Unreachable):
            client.add_account("discord-secret")


def test_a_refusal_whose_words_broke_off_is_still_a_refusal() -> None:
    with serving(http(400, {"error": "Parameter prompt is required"})[:-5]) as server, pytest.raises(Refused):
        make_client(server.url).submit(IMAGINE)


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def full_listener() -> tuple[socket.socket, list[socket.socket]]:
    """A port that neither takes nor refuses connections: its queue is full."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    waiting = []
    for _ in range(3):
        client = socket.socket()
        client.setblocking(False)
        client.connect_ex(listener.getsockname())
        waiting.append(client)
    return listener, waiting


@pytest.fixture
def unconnectable(request: pytest.FixtureRequest) -> Iterator[str]:
    kind = request.param
    if kind == "refused":
        yield f"http://127.0.0.1:{closed_port()}/v3"
    elif kind == "no such name":
        yield "http://no-such-host.invalid/v3"
    elif kind == "bad name":
        yield "http://a..b/v3"
    elif kind == "no TLS there":
        with serving(b"HTTP/1.1 200 OK\r\n\r\n") as server:
            yield f"https://127.0.0.1:{server.port}/v3"
    elif kind == "hung up in the handshake":
        yield from _listening(lambda connection: connection.close())
    elif kind == "reset in the handshake":
        yield from _listening(reset)
    else:
        listener, waiting = full_listener()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v3"
        for one in (listener, *waiting):
            one.close()


def _listening(greet: Callable[[socket.socket], None]) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                connection.recv(10)
                greet(connection)

        threading.Thread(target=serve, daemon=True).start()
        yield f"https://127.0.0.1:{listener.getsockname()[1]}/v3"


NEVER_CONNECTED = (
    "refused",
    "no such name",
    "bad name",
    "no TLS there",
    "hung up in the handshake",
    "reset in the handshake",
    "no answer to SYN",
)


@pytest.mark.parametrize("unconnectable", NEVER_CONNECTED, indirect=True)
def test_where_no_connection_came_about_nothing_was_sent(unconnectable: str) -> None:
    client = make_client(unconnectable, timeouts=Timeouts(connect=0.3, post=0.3, read=0.3))
    for call in (lambda: client.submit(IMAGINE), client.running, lambda: client.cancel(JOB)):
        with pytest.raises(Unreachable) as caught:
            call()
        assert caught.value.code == "unreachable"


def self_signed(folder: Path) -> ssl.SSLContext:
    """A server context with a certificate that nobody trusts."""
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now - timedelta(1)).not_valid_after(now + timedelta(1))
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    certificate = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


class TlsServer:
    """Takes one TLS connection and then speaks to the bare socket below it."""

    def __init__(self, context: ssl.SSLContext, after: bytes) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://localhost:{self._listener.getsockname()[1]}/v3"
        self.received = b""
        threading.Thread(target=self._serve, args=(context, after), daemon=True).start()

    def _serve(self, context: ssl.SSLContext, after: bytes) -> None:
        connection, _ = self._listener.accept()
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context.wrap_bio(incoming, outgoing, server_side=True)
        try:
            while True:
                try:
                    self.received += tls.read(65536)
                    if b"\r\n\r\n" in self.received:
                        connection.sendall(after)
                        connection.close()
                        return
                except ssl.SSLWantReadError:
                    pass
                if outgoing.pending:
                    connection.sendall(outgoing.read())
                incoming.write(connection.recv(65536))
        except (OSError, ssl.SSLError):
            connection.close()


def test_a_certificate_that_is_not_trusted_means_nothing_was_sent(tmp_path: Path) -> None:
    server = TlsServer(self_signed(tmp_path), b"")
    with pytest.raises(Unreachable):
        make_client(server.url).submit(IMAGINE)
    assert server.received == b""


def test_tls_that_breaks_after_the_request_is_an_unknown_outcome(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library raises the same SSLError here as for a certificate: only the connection knows the difference."""
    server = TlsServer(self_signed(tmp_path), b"\x17\x03\x03\x00\x20" + b"rubbish, not an encrypted record")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "cert.pem"))
    with pytest.raises(OutcomeUnknown) as caught:
        make_client(server.url).submit(IMAGINE)
    assert isinstance(caught.value.__cause__, requests.exceptions.SSLError)
    assert server.received


def test_a_proxy_that_does_not_open_the_way_means_nothing_was_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    for reply in (http(403), http(502), None):
        with serving(reply) as proxy:
            monkeypatch.setenv("HTTPS_PROXY", proxy.origin)
            with pytest.raises(Unreachable):
                make_client().submit(IMAGINE)
            assert [path.split(" ")[0] for path in proxy.paths()] == ["CONNECT"]
            assert TOKEN.encode() not in proxy.requests[0]


@responses.activate
@pytest.mark.parametrize(
    ("exc", "expected"),
    [
        (requests.exceptions.ConnectTimeout(), Unreachable),
        (requests.exceptions.ReadTimeout(), OutcomeUnknown),
        (requests.exceptions.SSLError(), OutcomeUnknown),
        (requests.exceptions.ProxyError(), OutcomeUnknown),
        (requests.exceptions.ChunkedEncodingError(), OutcomeUnknown),
        (requests.exceptions.ConnectionError(), OutcomeUnknown),
        (ConnectionResetError(), OutcomeUnknown),
        (ValueError(), OutcomeUnknown),
    ],
)
def test_what_our_connections_did_not_see_is_doubted(exc: Exception, expected: type[UpstreamError]) -> None:
    responses.post(f"{BASE}/jobs/imagine", body=exc)
    with pytest.raises(expected):
        make_client().submit(IMAGINE)


class Keeping:
    """A server that keeps connections open and notes which one each request came on."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, int]] = []
        seen = self.seen

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._answer(200, b'{"total": 0, "channels": {}}')

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self._answer(201, b'{"jobid": "' + JOB.encode() + b'"}')

            def _answer(self, status: int, body: bytes) -> None:
                seen.append((self.command, self.client_address[1]))
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def keeping() -> Iterator[Keeping]:
    server = Keeping()
    yield server
    server.close()


def test_reads_share_a_connection_and_a_paid_request_has_its_own(keeping: Keeping) -> None:
    client = make_client(keeping.url)
    client.running()
    client.running()
    client.submit(IMAGINE)
    client.submit(IMAGINE)
    ports = [port for _, port in keeping.seen]
    assert ports[0] == ports[1]
    assert len({ports[1], ports[2], ports[3]}) == 3


def test_two_exchanges_at_once_do_not_share_a_session(keeping: Keeping) -> None:
    client = make_client(keeping.url)
    client.running()
    with client._transport.sessions.lend():  # another thread is in the middle of something
        client.running()
    assert len({port for _, port in keeping.seen}) == 2


def test_there_are_as_many_sessions_as_exchanges_at_once_however_many_threads_ask(keeping: Keeping) -> None:
    client = make_client(keeping.url)
    for _ in range(5):
        thread = threading.Thread(target=client.running)
        thread.start()
        thread.join()
    assert len({port for _, port in keeping.seen}) == 1


def test_a_forked_child_does_not_speak_on_its_parents_connection(keeping: Keeping) -> None:
    client = make_client(keeping.url)
    client.running()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            client.running()
            client.close()
            code = 0
        finally:
            os._exit(code)
    assert os.waitpid(child, 0)[1] == 0
    client.running()
    ports = [port for _, port in keeping.seen]
    assert ports[0] == ports[2]
    assert ports[0] != ports[1]


def test_a_closed_client_can_still_be_used(keeping: Keeping) -> None:
    client = make_client(keeping.url)
    client.running()
    client.close()
    client.running()
    ports = [port for _, port in keeping.seen]
    assert ports[0] != ports[1]


def test_a_connection_that_the_server_closed_meanwhile_is_no_failure_of_a_paid_request() -> None:
    with serving(
        http(200, {"total": 0, "channels": {}}).replace(b"Connection: close", b"X: y"), http(201, created())
    ) as server:
        client = make_client(server.url)
        client.running()
        assert client.submit(IMAGINE).job_id == JOB


def test_a_large_upload_has_more_time_than_it_takes_to_connect() -> None:
    """The socket's send has the connect time-out by default, and that covers all bytes together."""

    content = b"x" * 12_000_000

    def read_late() -> None:
        connection, _ = listener.accept()
        with connection:
            time.sleep(0.5)
            received = 0
            while received < len(content) and (piece := connection.recv(1 << 20)):
                received += len(piece)
            connection.sendall(http(201, created()))
            connection.recv(1 << 20)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=read_late, daemon=True).start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        client = make_client(url, timeouts=Timeouts(connect=0.2, post=60, read=60))
        upload = Upload(content, "image/png", "large.png")
        assert client.submit(Submission("describe", images=(upload,))).job_id == JOB


def test_the_witness_starts_anew_for_every_request() -> None:
    with serving(http(201, created())) as server:
        make_client(server.url).submit(IMAGINE)
    assert wire.stage() == "sent"
    with pytest.raises(Unreachable):
        make_client(f"http://127.0.0.1:{closed_port()}").submit(IMAGINE)
    assert wire.stage() == "connecting"
