"""HTTP/1.1 on a thread per connection: reads a request, writes the answer or spoils it."""

from __future__ import annotations

import contextlib
import select
import socket
import sys
import time
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from midjourney.simulator.incoming import make_request
from midjourney.simulator.replies import Reply, json_reply

if TYPE_CHECKING:
    from midjourney.simulator.app import App

MAX_BODY = 64 * 1024 * 1024
PIECES = 40


class HttpServer(ThreadingHTTPServer):
    """The listening socket. Threads are daemons: nothing a client does may hold up the end."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 512
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], app: App, *, verbose: bool) -> None:
        self.app = app
        self.verbose = verbose
        self._connections: set[socket.socket] = set()
        if ":" in address[0]:
            self.address_family = socket.AF_INET6
        super().__init__(address, Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def close_connections(self) -> None:
        """Close what clients keep alive, so that a stopped server is gone for them too."""
        for connection in list(self._connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that leaves in the middle is no error; anything else shows its traceback."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server_version = "useapi-simulator"
    sys_version = ""
    disable_nagle_algorithm = True
    timeout = 120
    server: HttpServer

    def _handle(self) -> None:
        body = self._read_body()
        if body is None:
            self._send(json_reply(413, {"error": "Request body is too large"}), close=True)
            return
        host = f"{self.server.server_name}:{self.server.server_port}"
        request = make_request(self.command, self.path, self.headers, body, self.client_address[0], host)
        try:
            reply = self.server.app.answer(request, self._is_gone)
        except Exception:  # noqa: BLE001 - a mistake in here must not look like a lost connection
            traceback.print_exc()
            reply = json_reply(500, {"error": "The simulator itself has failed; its log says why", "code": 500})
        self._send(reply)

    do_GET = do_POST = do_DELETE = do_HEAD = do_PUT = do_PATCH = _handle

    def log_message(self, format: str, *args: Any) -> None:
        """Method, path without query, status; never a header, so never a token."""
        if self.server.verbose and self.command:
            code = args[1] if len(args) > 1 else ""
            path = self.path.split("?")[0]
            print(f"{self.log_date_time_string()} {self.command} {path} {code}", file=sys.stderr)  # noqa: T201

    def _read_body(self) -> bytes | None:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return self._read_chunks()
        length = self.headers.get("Content-Length") or "0"
        if not length.isdigit() or int(length) > MAX_BODY:
            return None
        return self.rfile.read(int(length)) if int(length) else b""

    def _read_chunks(self) -> bytes | None:
        body = bytearray()
        while len(body) <= MAX_BODY:
            size = int(self.rfile.readline(64).split(b";")[0] or b"0", 16)
            body += self.rfile.read(size)
            self.rfile.readline(64)
            if size == 0:
                return bytes(body)
        return None

    def _is_gone(self) -> bool:
        """Whether the client has closed its end."""
        with contextlib.suppress(OSError, ValueError):
            readable, _, _ = select.select([self.connection], [], [], 0)
            return bool(readable) and not self.connection.recv(1, socket.MSG_PEEK)
        return True

    def _send(self, reply: Reply, *, close: bool = False) -> None:
        if reply.delay:
            time.sleep(reply.delay)
        if reply.drop:
            self._hang_up()
        elif reply.stream:
            self._send_stream(reply)
        else:
            self._send_body(reply, close=close)

    def _send_body(self, reply: Reply, *, close: bool) -> None:
        self.log_request(reply.status)
        head = self._head(reply, {"Content-Length": str(len(reply.body))}, close=close)
        body = b"" if self.command == "HEAD" else reply.body
        if reply.trickle and body:
            self.wfile.write(head)
            step = max(1, len(body) // PIECES)
            for start in range(0, len(body), step):
                self.wfile.write(body[start : start + step])
                time.sleep(reply.trickle * step / len(body))
        else:
            self.wfile.write(head + (body if reply.cut is None else body[: reply.cut]))
        if reply.cut is not None and reply.cut < len(body):
            self._hang_up()

    def _send_stream(self, reply: Reply) -> None:
        self.log_request(reply.status)
        self.wfile.write(self._head(reply, {"Transfer-Encoding": "chunked"}, close=True))
        if reply.stream:
            reply.stream(self._write_chunk)
        self.wfile.write(b"0\r\n\r\n")

    def _write_chunk(self, content: bytes) -> None:
        self.wfile.write(f"{len(content):x}\r\n".encode() + content + b"\r\n")

    def _head(self, reply: Reply, more: dict[str, str], *, close: bool) -> bytes:
        phrase = self.responses.get(reply.status, ("",))[0] if reply.status in self.responses else ""
        lines = [
            f"HTTP/1.1 {reply.status} {phrase}",
            f"Date: {self.date_time_string()}",
            f"Server: {self.server_version}",
        ]
        if reply.body or reply.stream:
            lines.append(f"Content-Type: {reply.content_type}")
        if reply.status == 204:
            more = {}
        lines += [f"{name}: {value}" for name, value in {**reply.headers, **more}.items()]
        if close or self.close_connection:
            self.close_connection = True
            lines.append("Connection: close")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")

    def _hang_up(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)
