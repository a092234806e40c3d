"""Result files: from which addresses, with which credentials, how large and for how long (useapi-v3.md §11)."""

from __future__ import annotations

import gzip
import io
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
import responses
from hypothesis import given
from hypothesis import strategies as st
from urllib3.util import parse_url

from midjourney.upstream import Download, MediaError
from midjourney.useapi import UseApi
from midjourney.useapi.hosts import DEFAULT_MEDIA_HOSTS, MediaHosts, Origin, origin_of
from tests.midjourney.test_useapi_helpers import BASE, GUID, TOKEN, Server, header, http, make_client, serving

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 300
CDN = f"https://cdn.midjourney.com/{GUID}/0_0.jpeg"
PROXY = "https://api.useapi.net/v1/proxy/cdn-midjourney/"
DISCORD = "https://cdn.discordapp.com/attachments/1/2/a.png?ex=1&is=2&hm=3&"
OWN = Origin("https", "api.useapi.net", 443)


def fetch(client: UseApi, url: str, max_bytes: int = 10_000_000, max_seconds: float = 60) -> tuple[Download, bytes]:
    target = io.BytesIO()
    return client.download(url, target, max_bytes=max_bytes, max_seconds=max_seconds), target.getvalue()


def refusal(client: UseApi, url: str, **limits: Any) -> MediaError:
    with pytest.raises(MediaError) as caught:
        fetch(client, url, **limits)
    return caught.value


@pytest.fixture
def cdn() -> Iterator[Server]:
    """A server on the list of media hosts, which is not the API's own."""
    with serving(http(200, PICTURE, Content_Type="image/png; charset=binary")) as server:
        yield server


def client_with(*servers: Server, own: str = BASE) -> UseApi:
    return make_client(own, media_hosts=[f"127.0.0.1:{server.port}" for server in servers])


def test_a_file_is_written_whole_and_described(cdn: Server) -> None:
    download, content = fetch(client_with(cdn), f"{cdn.origin}/a.png?ex=1&is=2&hm=3&")
    assert content == PICTURE
    assert download == Download(size=len(PICTURE), content_type="image/png")
    assert cdn.paths() == ["GET /a.png?ex=1&is=2&hm=3&"]


def test_a_cdn_sees_a_browser_and_no_token(cdn: Server) -> None:
    fetch(client_with(cdn), f"{cdn.origin}/a.png")
    assert header(cdn.requests[0], "Authorization") is None
    assert str(header(cdn.requests[0], "User-Agent")).startswith("Mozilla/5.0")
    assert TOKEN.encode() not in cdn.requests[0]


def test_the_api_s_own_files_are_asked_for_with_the_token(cdn: Server) -> None:
    fetch(client_with(own=cdn.url), f"{cdn.origin}/attachments/a.png")
    assert header(cdn.requests[0], "Authorization") == f"Bearer {TOKEN}"


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/a.png",
        "https://cdn.discordapp.com.evil.example/a.png",
        "https://evil-cdn.discordapp.com/a.png",
        "https://cdn.discordapp.com./a.png",
        "http://cdn.discordapp.com/a.png",
        "https://cdn.discordapp.com:8443/a.png",
        "https://cdn.discordapp.com:80/a.png",
        "https://user@cdn.discordapp.com/a.png",
        "https://cdn.discordapp.com@evil.example/a.png",
        "https://evil.example\\@cdn.discordapp.com/a.png",
        "https://cdn.discordapp.com\\.evil.example/a.png",
        "https://cdn.discordapp.com\t.evil.example/a.png",
        "https://cdn.discordapp.com/a\r\nHost: evil",
        " https://cdn.discordapp.com/a.png",
        "https://127.0.0.1/a.png",
        "https://[::1]/a.png",
        "https://0x7f000001/a.png",
        "https://2130706433/a.png",
        "https://169.254.169.254/latest/meta-data",
        "https://ｃdn.discordapp.com/a.png",
        "http://localhost/a.png",
        "http://api.useapi.net/a.png",
        "https://api.useapi.net:8443/a.png",
        "ftp://cdn.discordapp.com/a.png",
        "file:///etc/passwd",
        "//cdn.discordapp.com/a.png",
        "cdn.discordapp.com/a.png",
        "https:///a.png",
        "https://[::1/a.png",
        "https://cdn.discordapp.com:99999/a.png",
        "https://cdn.discordapp.com:/a.png",
        "",
    ],
)
def test_other_addresses_are_refused_unasked(url: str) -> None:
    with responses.RequestsMock():
        assert refusal(make_client(), url).code == "media_host_refused"


@pytest.mark.parametrize(
    "url",
    [
        DISCORD,
        "https://CDN.discordapp.com/a.png",
        "https://media.discordapp.net:443/a.png",
        CDN,
        "https://api.useapi.net/files/a.png",
    ],
)
def test_the_three_hosts_and_the_api_itself_are_allowed(url: str) -> None:
    assert MediaHosts(OWN, DEFAULT_MEDIA_HOSTS).check(url).scheme == "https"


def test_an_entry_with_a_port_allows_that_port_only() -> None:
    hosts = MediaHosts(OWN, ["Media.Example:8443", "127.0.0.1:9000", "[::1]:9000", "localhost"])
    for url in ("https://media.example:8443/", "http://127.0.0.1:9000/", "http://[::1]:9000/", "http://localhost/"):
        hosts.check(url)
    for url in ("https://media.example/", "http://media.example:8443/", "http://127.0.0.1:9001/", "http://127.0.0.1/"):
        with pytest.raises(MediaError):
            hosts.check(url)


@given(st.text(max_size=40), st.sampled_from(["https://", "http://", "HTTPS:/", ""]))
def test_the_host_that_is_checked_is_the_host_that_is_asked(rest: str, scheme: str) -> None:
    """requests connects to what urllib3 reads in an address, so both must read the same."""
    url = scheme + rest
    if (origin := origin_of(url)) is not None:
        parsed = parse_url(url)
        assert (parsed.scheme, parsed.host) == (origin.scheme, origin.host)
        assert (parsed.port or {"https": 443, "http": 80}[origin.scheme]) == origin.port


@responses.activate
def test_midjourney_s_cdn_is_asked_through_the_proxy_with_the_token() -> None:
    responses.get(PROXY, body=PICTURE, content_type="image/jpeg")
    assert fetch(make_client(), CDN)[1] == PICTURE
    [call] = responses.calls
    assert call.request.url == f"{PROXY}?cdnUrl=https%3A%2F%2Fcdn.midjourney.com%2F{GUID}%2F0_0.jpeg"
    assert call.request.headers["Authorization"] == f"Bearer {TOKEN}"


@responses.activate
@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 429, 500, 502, 503])
def test_where_the_proxy_does_not_help_the_cdn_is_asked_as_a_browser(status: int) -> None:
    responses.get(PROXY, status=status)
    responses.get(CDN, body=PICTURE, content_type="image/jpeg")
    assert fetch(make_client(), CDN)[1] == PICTURE
    request = responses.calls[1].request
    assert "Authorization" not in request.headers
    assert request.headers["User-Agent"].startswith("Mozilla/5.0")


@responses.activate
@pytest.mark.parametrize("body", [ConnectionError(), b"<html>"])
def test_a_proxy_that_is_broken_or_a_web_page_does_not_help_either(body: Any) -> None:
    responses.get(PROXY, body=body, content_type="text/html")
    responses.get(CDN, body=PICTURE, content_type="image/jpeg")
    assert fetch(make_client(), CDN)[1] == PICTURE


@responses.activate
@pytest.mark.parametrize(
    ("proxy", "direct", "code"),
    [
        (404, 404, "media_gone"),
        (410, 403, "media_gone"),
        (500, 403, "media_unreachable"),
        (401, 403, "media_unreachable"),
        (404, 500, "media_unreachable"),
        (500, 500, "media_unreachable"),
    ],
)
def test_a_file_is_gone_when_proxy_and_cdn_both_say_so(proxy: int, direct: int, code: str) -> None:
    responses.get(PROXY, status=proxy)
    responses.get(CDN, status=direct)
    assert refusal(make_client(), CDN).code == code


@responses.activate
def test_without_the_cdn_on_the_list_only_the_proxy_is_asked() -> None:
    responses.get(PROXY, status=500)
    error = refusal(make_client(media_hosts=["cdn.discordapp.com"]), CDN)
    assert error.code == "media_unreachable"
    assert len(responses.calls) == 1


@responses.activate
def test_what_is_too_large_at_the_proxy_is_not_asked_for_again() -> None:
    responses.get(PROXY, body=PICTURE, content_type="image/jpeg")
    assert refusal(make_client(), CDN, max_bytes=10).code == "media_too_large"
    assert len(responses.calls) == 1


def test_the_proxy_is_at_the_origin_of_the_base_url(cdn: Server) -> None:
    fetch(client_with(own=cdn.url), CDN)
    assert cdn.paths()[0].startswith("GET /v1/proxy/cdn-midjourney/?cdnUrl=https%3A%2F%2Fcdn.midjourney.com%2F")


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (403, "media_gone"),
        (404, "media_gone"),
        (410, "media_gone"),
        (204, "media_unreachable"),
        (206, "media_unreachable"),
        (400, "media_unreachable"),
        (401, "media_unreachable"),
        (429, "media_unreachable"),
        (500, "media_unreachable"),
        (503, "media_unreachable"),
    ],
)
def test_each_status_has_its_code(status: int, code: str) -> None:
    with serving(http(status, b"x" if status != 204 else b"")) as server:
        error = refusal(client_with(server), f"{server.origin}/a.png")
    assert (error.code, error.status) == (code, status)
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_within_the_list_is_followed_without_the_token(status: int, cdn: Server) -> None:
    with serving(http(status, Location=f"{cdn.origin}/b.png")) as own:
        assert fetch(client_with(cdn, own=own.url), f"{own.origin}/a.png")[1] == PICTURE
    assert header(own.requests[0], "Authorization") == f"Bearer {TOKEN}"
    assert header(cdn.requests[0], "Authorization") is None


def test_a_token_that_was_dropped_does_not_come_back(cdn: Server) -> None:
    """Another host must not be able to make this client ask the API for something in the account's name."""
    with serving(None) as own:
        cdn.replies = [http(302, Location=f"{own.origin}/v3/midjourney/jobs")]
        own.replies = [http(302, Location=f"{cdn.origin}/b.png"), http(200, PICTURE)]
        fetch(client_with(cdn, own=own.url), f"{own.origin}/a.png")
        fetch(client_with(cdn, own=own.url), f"{cdn.origin}/a.png")
    tokens = [header(request, "Authorization") for request in own.requests]
    assert tokens == [f"Bearer {TOKEN}", None, None]


@pytest.mark.parametrize(
    "location",
    [
        "https://evil.example/a.png",
        "http://169.254.169.254/latest/meta-data",
        "http://127.0.0.1:1/",
        "//evil.example/a.png",
        "file:///etc/passwd",
        "http://[::1/",
        "https://cdn.midjourney.com@evil.example/",
    ],
)
def test_a_redirect_elsewhere_is_refused(location: str, cdn: Server) -> None:
    cdn.replies = [http(302, Location=location)]
    assert refusal(client_with(cdn), f"{cdn.origin}/a.png").code == "media_host_refused"


def test_a_relative_redirect_stays_on_its_host(cdn: Server) -> None:
    cdn.replies = [http(302, Location="/b.png"), http(200, PICTURE)]
    fetch(client_with(cdn), f"{cdn.origin}/a.png")
    assert cdn.paths() == ["GET /a.png", "GET /b.png"]


def test_redirects_end_after_three(cdn: Server) -> None:
    cdn.replies = [http(302, Location="/again.png")]
    assert refusal(client_with(cdn), f"{cdn.origin}/a.png").code == "media_unreachable"
    assert len(cdn.requests) == 4


def test_a_redirect_s_own_body_is_not_read() -> None:
    with serving(lambda connection: connection.sendall(b"HTTP/1.1 302 F\r\nLocation: /b\r\n\r\n")) as server:
        server.replies.append(http(200, PICTURE))
        assert fetch(client_with(server), f"{server.origin}/a.png")[1] == PICTURE


def drip(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 100000\r\n\r\n")
    for _ in range(1000):
        connection.sendall(b"x")
        time.sleep(0.01)


def endless(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n")
    for _ in range(1000):
        connection.sendall(b"x" * 100_000)


def test_a_file_that_drips_is_cut_off(cdn: Server) -> None:
    cdn.replies = [drip]
    target = io.BytesIO()
    with pytest.raises(MediaError) as caught:
        client_with(cdn).download(f"{cdn.origin}/a.png", target, max_bytes=10**6, max_seconds=0.2)
    assert caught.value.code == "media_unreachable"
    assert len(target.getvalue()) < 500


@pytest.mark.parametrize(
    "reply", [endless, http(200, gzip.compress(bytes(20_000_000)), Content_Type="image/png", Content_Encoding="gzip")]
)
def test_a_file_without_an_end_is_cut_off(reply: Any, cdn: Server) -> None:
    cdn.replies = [reply]
    target = io.BytesIO()
    with pytest.raises(MediaError) as caught:
        client_with(cdn).download(f"{cdn.origin}/a.png", target, max_bytes=1_000_000, max_seconds=60)
    assert caught.value.code == "media_too_large"
    assert len(target.getvalue()) <= 1_000_000


def test_a_file_that_announces_too_much_is_not_begun(cdn: Server) -> None:
    target = io.BytesIO()
    with pytest.raises(MediaError) as caught:
        client_with(cdn).download(f"{cdn.origin}/a.png", target, max_bytes=len(PICTURE) - 1, max_seconds=60)
    assert caught.value.code == "media_too_large"
    assert target.getvalue() == b""


def test_a_file_of_exactly_the_allowed_size_is_allowed(cdn: Server) -> None:
    assert fetch(client_with(cdn), f"{cdn.origin}/a.png", max_bytes=len(PICTURE))[1] == PICTURE


@pytest.mark.parametrize(
    "reply",
    [
        http(200, PICTURE, Content_Type="image/png")[:-1],
        http(200, b"", Content_Type="image/png"),
        http(200, PICTURE, Content_Type="text/html"),
        http(200, {"error": "no"}),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n",
        b"HTTP/1.1 200 OK\r\n",
        None,
    ],
    ids=["truncated", "empty", "page", "json", "chunks without an end", "half the headers", "hung up"],
)
def test_half_a_file_is_no_file(reply: bytes | None, cdn: Server) -> None:
    cdn.replies = [reply]
    assert refusal(client_with(cdn), f"{cdn.origin}/a.png").code == "media_unreachable"


def test_a_file_without_an_announced_size_is_taken_to_its_end(cdn: Server) -> None:
    cdn.replies = [b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n" + PICTURE]
    assert fetch(client_with(cdn), f"{cdn.origin}/a.png")[1] == PICTURE


def test_no_time_left_means_no_request(cdn: Server) -> None:
    assert refusal(client_with(cdn), f"{cdn.origin}/a.png", max_seconds=0).code == "media_unreachable"
    assert cdn.requests == []


@responses.activate
def test_a_file_that_broke_off_at_the_proxy_is_not_mixed_with_another_copy() -> None:
    responses.get(
        PROXY, body=PICTURE[:-1], headers={"Content-Length": str(len(PICTURE))}, auto_calculate_content_length=False
    )
    assert refusal(make_client(), CDN).code == "media_unreachable"
    assert len(responses.calls) == 1


def test_no_message_holds_an_address_or_a_token(cdn: Server) -> None:
    cdn.replies = [http(404), None, http(302, Location="https://evil.example/secret"), http(200, b"")]
    for _ in range(4):
        error = refusal(client_with(cdn, own=cdn.url), f"{cdn.origin}/{GUID}.png?hm=secret")
        assert not [part for part in (GUID, "secret", TOKEN, "://") if part in str(error)]
