"""Tokens stay out of messages, logs and stored answers; so do people's names and traceable ids (useapi-v3.md §11)."""

from __future__ import annotations

import json
import logging
import pickle
import traceback
from collections.abc import Callable
from typing import Any

import pytest
import responses
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from midjourney.services import SERVICES, connect
from midjourney.services import token_format_error as service_token_format_error
from midjourney.upstream import BadToken, UpstreamError
from midjourney.useapi import UseApi, mask_secrets, token_format_error
from midjourney.useapi.answers import Answer
from midjourney.useapi.errors import Kind, error_for, network_error, unusable
from midjourney.useapi.parsing import job_reply
from midjourney.useapi.redaction import scrub
from tests.midjourney.test_useapi_helpers import (
    BASE,
    GUID,
    JOB,
    SUBMISSIONS,
    TOKEN,
    created,
    http,
    job,
    make_client,
    serving,
)

SECRET = TOKEN.partition("-")[2]
DISCORD = "MTIzNDU2Nzg5MDEyMzQ1Njc4.GabcDe.aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789ab"


@pytest.mark.parametrize("token", ["user:1234-abcdef", "user:1-A9z", TOKEN])
def test_a_token_in_the_right_form_has_no_error(token: str) -> None:
    assert token_format_error(token) is None


@pytest.mark.parametrize(
    "token",
    [
        "",
        "   ",
        " user:1234-abcdef",
        "user:1234-abc def",
        "user:1234-abcdef\n",
        "Bearer user:1234-abcdef",
        "bearer:1234-abcdef",
        "1234-abcdef",
        "user:abc-defghi",
        "user:1234",
        "user:1234-",
        "user:1234-ab»cdef",
        "USER:1234-abcdef",
    ],
)
def test_what_is_wrong_with_a_token_is_said_without_repeating_it(token: str) -> None:
    words = token_format_error(token)
    assert words
    assert "abcdef" not in words.replace("user:1234-abcdef", "")
    assert service_token_format_error("useapi", token) == words


@pytest.mark.parametrize("token", ["", "user:1-a\nb", "user:1-a\r\nX: y", "user:1-é", "user:1 a", "a\x00b"])
def test_a_token_that_no_header_can_carry_is_a_bad_token(token: str) -> None:
    with pytest.raises(BadToken) as caught:
        UseApi(BASE, token)
    assert not token or token not in str(caught.value)


def test_the_client_does_not_show_its_token() -> None:
    client = make_client()
    shown = repr(client) + str(client) + repr(vars(client)) + repr(vars(client._transport)["bearer"])
    assert SECRET not in shown


@pytest.mark.parametrize(
    "said",
    [
        f"bad token {TOKEN}",
        f'{{"token":"{TOKEN}"}}',
        "who is user:99-someoneElse?",
        "header Authorization: Bearer abcdefghijkl",
        "user%3A99-someoneElse",
        f"discord {DISCORD}",
        f"only {SECRET} of it",
        TOKEN.partition(":")[2],
    ],
)
def test_tokens_in_the_service_s_own_words_are_hidden(said: str) -> None:
    shown = mask_secrets(said, (TOKEN, SECRET))
    assert "[hidden]" in shown
    for part in (SECRET, "someoneElse", "abcdefghijkl", DISCORD):
        assert part not in shown


def everything_about(error: BaseException) -> str:
    """All that a log, a page or an error report could show of an exception: not its frames."""
    parts = []
    current: BaseException | None = error
    while current is not None:
        parts += [str(current), repr(current), repr(vars(current)), repr(current.args)]
        current = current.__cause__ or current.__context__
    parts += traceback.format_exception(error)
    return "\n".join(parts)


def error_of(call: Callable[[], object]) -> UpstreamError | None:
    try:
        call()
    except UpstreamError as error:
        return error
    return None


ECHOES = (
    {"error": f"Unknown token {TOKEN}", "errorDetails": f"{TOKEN} and {SECRET}", "channel": TOKEN},
    {"error": {"message": TOKEN}},
    {"error": [TOKEN], "code": 596},
    {"status": TOKEN, "error": TOKEN},
    TOKEN,
)


@pytest.mark.parametrize("echo", ECHOES, ids=range(len(ECHOES)))
@pytest.mark.parametrize("status", [200, 302, 400, 401, 402, 404, 409, 410, 422, 429, 500, 504, 596])
def test_no_error_and_no_log_line_holds_the_token(status: int, echo: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    headers = {"WWW-Authenticate": TOKEN, "Location": f"https://x.example/{TOKEN}"}
    for method, path in (("POST", "jobs/button"), ("GET", "jobs"), ("DELETE", f"jobs/{JOB}"), ("POST", "accounts")):
        with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
            mock.add(method, f"{BASE}/{path}", json=echo, status=status, headers=headers)
            mock.get(f"{BASE}/jobs/{JOB}", json=job())
            client = make_client()
            calls = {
                "jobs/button": lambda client=client: client.submit(SUBMISSIONS["button"]),
                "jobs": client.running,
                "accounts": lambda client=client: client.add_account(TOKEN),
            }
            error = error_of(calls.get(path, lambda client=client: client.cancel(JOB)))
            assert error is None or SECRET not in everything_about(error)
    assert SECRET not in caplog.text


@pytest.mark.parametrize("reply", [None, b"HTTP/1.1 2", http(200, {"jobid": "x"})[:-4], b"nonsense\r\n\r\n"])
def test_a_broken_connection_does_not_show_the_token(reply: bytes | None, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with serving(reply) as server:
        client = make_client(server.url)
        for call in (lambda: client.submit(SUBMISSIONS["imagine"]), client.running):
            with pytest.raises(UpstreamError) as caught:
                call()
            assert SECRET not in everything_about(caught.value)
            assert getattr(caught.value.__cause__, "request", None) is None
    assert SECRET not in caplog.text


def test_log_lines_name_the_call_and_neither_prompt_nor_address(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "midjourney")
    with serving(http(201, created()), http(500)) as server:
        client = make_client(server.url)
        client.imagine("a very private lighthouse", reply_ref="gen-17")
        with pytest.raises(UpstreamError):
            client.imagine("a very private lighthouse", reply_ref="gen-18")
    lines = [record.getMessage() for record in caplog.records if record.name.startswith("midjourney")]
    assert lines[0].startswith("call name=jobs/imagine about=gen-17 status=201 ms=")
    assert "call failed name=jobs/imagine about=gen-18 attempt=1 of=1 code=lost_answer status=500" in lines
    assert not [line for line in lines if "lighthouse" in line or "127.0.0.1" in line]


@responses.activate
def test_a_discord_token_that_the_service_echoes_is_hidden() -> None:
    secret = "-".join(["my", "odd", "password"])
    responses.post(f"{BASE}/accounts", status=400, json={"error": f"bad discord {secret}"})
    with pytest.raises(UpstreamError) as caught:
        make_client().add_account(secret)
    assert secret not in everything_about(caught.value)


KINDS: list[Kind] = ["new_job", "child_job", "job", "cancel", "list", "accounts", "account"]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(KINDS),
    st.integers(100, 999),
    st.text(max_size=20),
    st.text(max_size=20),
    st.sampled_from(["error", "errorDetails", "channel", "code", "jobid", "other"]),
)
def test_whatever_the_service_says_no_error_holds_the_token(
    kind: Kind, status: int, before: str, after: str, name: str
) -> None:
    body = json.dumps({name: before + TOKEN + after}).encode()
    answer = Answer(status, {"Retry-After": TOKEN, "Content-Type": TOKEN}, body, secrets=(TOKEN,))
    errors = [error_for(kind, answer), unusable(kind, answer), network_error(kind, OSError(TOKEN), "idle")]
    for error in filter(None, errors):
        assert SECRET not in str(error) + repr(error) + repr(vars(error))
    assert SECRET not in repr(answer.error) + repr(answer.details)


def test_a_stored_answer_names_nobody_and_leads_nowhere() -> None:
    data = job(
        request={
            "prompt": f"a cat https://cdn.midjourney.com/{GUID}/0_0.png <@111111111111111111>",
            "replyUrl": "https://hook.example/secret-path",
            "mask": "UklGRhidden",
            "imageUrl": "https://img.example.org/private.jpg",
            "imageBlob": "hiddenblob",
        },
        response={
            "content": f"**a** - <@111111111111111111> [(Open)](<https://midjourney.com/jobs/{GUID}>) {GUID} {TOKEN}",
            "interaction": {"user": {"username": "studio_bot"}},
            "interaction_metadata": {"user": {"username": "studio_bot"}},
            "embeds": [
                {
                    "title": "Info",
                    "description": f"**User ID**: {GUID}",
                    "author": {"name": "studio_bot"},
                    "image": {"url": "https://cdn.discordapp.com/x"},
                    "footer": {"text": "/imagine a", "icon_url": "https://cdn.discordapp.com/y"},
                }
            ],
            "unheard_of": {"username": "studio_bot"},
        },
        discord=DISCORD,
    )
    reply = job_reply(data)
    assert reply is not None
    stored = json.dumps(reply.raw, ensure_ascii=False)
    for secret in (
        "111111111111111111", "studio_bot", "Studio", GUID, TOKEN, DISCORD, "http", "MJ::JOB", "hook.example", "hidden",
        "private", ".png",
    ):  # fmt: skip
        assert secret not in stored.replace("user:[hidden]", ""), secret


def test_a_stored_answer_keeps_what_helps_an_admin() -> None:
    data = job(
        status="moderated",
        code=422,
        error="Invalid request",
        errorDetails="No start frame provided",
        response={"progress_percent": 46, "embeds": [{"title": "T", "description": "D", "footer": {"text": "F"}}]},
    )
    reply = job_reply(data)
    assert reply is not None
    assert reply.raw["jobid"] == JOB
    assert (reply.raw["status"], reply.raw["code"]) == ("moderated", 422)
    assert (reply.raw["error"], reply.raw["errorDetails"]) == ("Invalid request", "No start frame provided")
    assert reply.raw["request"]["prompt"] == "a lighthouse at dusk --ar 16:9"
    response = reply.raw["response"]
    assert response["content"] == "**a lighthouse at dusk --ar 16:9 --v 7.0** -  (fast)"
    assert response["progress_percent"] == 46
    assert response["buttons"][0] == "U1"
    assert response["attachments"] == [{"content_type": "image/png", "size": 6793000, "width": 2912, "height": 1632}]
    assert response["imageUx"] == [{"id": 1}, {"id": 2}, {"id": 3}, {"id": 4}]
    assert response["embeds"] == [{"title": "T", "description": "D", "footer": "F"}]


@given(st.text(max_size=60), st.text(max_size=60))
def test_scrubbing_leaves_no_link_mention_guid_or_token(before: str, after: str) -> None:
    for secret in (TOKEN, GUID, "<@111>", "https://x.example/y"):
        assert secret not in scrub(f"{before} {secret} {after}")


def test_a_reply_survives_pickling() -> None:
    reply = job_reply(job())
    assert pickle.loads(pickle.dumps(reply)) == reply  # noqa: S301


def test_the_registry_makes_clients_and_knows_where_they_go() -> None:
    service = SERVICES["useapi"]
    client = connect("useapi", base_url=service.base_url, token=TOKEN, media_hosts=service.media_hosts)
    assert repr(client) == "UseApi('https://api.useapi.net/v3/midjourney', token=[hidden])"
    with pytest.raises(KeyError):
        connect("other", base_url=BASE, token=TOKEN, media_hosts=())
