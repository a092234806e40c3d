"""Turning faults into the answers, or the lack of one, that a client sees."""

from __future__ import annotations

from dataclasses import replace

from midjourney.simulator.faults import Active
from midjourney.simulator.replies import NO_SUBSCRIPTION, UNAUTHORIZED, Reply, json_reply

PAGE = """<!doctype html><html><head><title>Service unavailable</title></head>
<body><h1>This page is not what you were looking for</h1><p>simulated</p></body></html>"""
ELSEWHERE = "http://127.0.0.1:9/elsewhere"
WAIT_SECONDS = 5.0
HUGE_BYTES = 200 * 1024 * 1024

_TEXTS = {
    400: "Bad request (simulated)",
    401: UNAUTHORIZED,
    402: NO_SUBSCRIPTION,
    404: "Not found",
    409: "Button already executed (simulated)",
    410: "Job has expired",
    422: "Moderated (simulated)",
    429: "Too many requests (simulated), retry in 10..30 seconds",
    500: "Internal error (simulated)",
    502: "Midjourney bot did not answer (simulated)",
    503: "Service unavailable (simulated)",
    504: "Job queued (simulated)",
}


def instead(fault: Active) -> Reply | None:
    """The answer that a fault gives before anything is accepted; None where the request goes on."""
    if fault.name == "drop-before":
        return Reply(0, drop=True)
    if fault.name == "delay-before":
        return None
    if fault.name == "404-empty":
        return Reply(404)
    if fault.name.startswith("html"):
        return _page(fault.status or (502 if fault.name == "html-502" else 200))
    if fault.name == "redirect":
        return Reply(302, headers={"Location": fault.location or ELSEWHERE})
    if fault.name == "429-retry-after":
        reply = _error(429, fault.text)
        reply.headers["Retry-After"] = f"{fault.seconds if fault.seconds is not None else 10:g}"
        return reply
    return _error(int(fault.name), fault.text)


def spoil(reply: Reply, fault: Active) -> Reply:
    """The answer that comes out after the request was carried out."""
    name = fault.name
    seconds = fault.seconds if fault.seconds is not None else WAIT_SECONDS
    if name == "drop-after":
        return Reply(0, drop=True)
    if name == "html-after-accept":
        return _page(fault.status or 200)
    if name == "empty-answer":
        return replace(reply, body=b"", stream=None)
    if name == "slow":
        return replace(reply, delay=seconds)
    if name == "trickle":
        return replace(reply, trickle=seconds)
    if name == "truncated-json":
        return replace(reply, body=reply.body[: len(reply.body) // 2])
    if name == "cut-off":
        return replace(reply, cut=len(reply.body) // 2)
    if name[:3].isdigit():
        return _error(int(name[:3]), fault.text)
    return reply


def spoil_media(reply: Reply, name: str, *, seconds: float | None = None, location: str = "") -> Reply:
    """What a download fault makes of a file."""
    if name == "media-wrong-type":
        return _page(200)
    if name == "media-redirect":
        return Reply(302, headers={"Location": location or ELSEWHERE})
    if name == "media-truncated":
        return replace(reply, cut=len(reply.body) // 2)
    if name == "media-slow":
        return replace(reply, trickle=seconds if seconds is not None else WAIT_SECONDS)
    if name == "media-huge":
        return replace(reply, body=reply.body + bytes(HUGE_BYTES))
    if name == "broken-image":
        head = reply.body[:48]
        return replace(reply, body=head + bytes((i * 73 + 41) % 251 for i in range(2000)))
    if name.startswith("media-") and name[6:].isdigit():
        return Reply(int(name[6:]), b"This content is no longer available.", "text/plain")
    return reply


def _error(status: int, text: str) -> Reply:
    value: dict[str, object] = {"error": text or _TEXTS.get(status, "Error (simulated)")}
    if status not in {401, 402, 404, 410}:
        value["code"] = status
    return json_reply(status, value)


def _page(status: int) -> Reply:
    return Reply(status, PAGE.encode(), "text/html; charset=utf-8")
