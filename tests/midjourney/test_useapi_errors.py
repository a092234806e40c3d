"""Which error each answer is, by status, by method and by what the body says (useapi-v3.md §5.2, §10)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import responses

from midjourney.upstream import (
    BadToken,
    Busy,
    ChannelBlocked,
    Gone,
    NoService,
    OutcomeUnknown,
    Refused,
    Unreachable,
    UpstreamError,
)
from midjourney.useapi.answers import Answer
from midjourney.useapi.errors import Kind, error_for, reads_as_moderation
from tests.midjourney.test_useapi_helpers import (
    BASE,
    CHANNEL,
    CHILD,
    JOB,
    SUBMISSIONS,
    created,
    job,
    make_client,
)

PAGE = b"<!doctype html><title>Gone</title>"
KINDS: tuple[Kind, ...] = ("new_job", "child_job", "job", "cancel", "list", "accounts", "account")

EVERYWHERE: dict[int, tuple[type[UpstreamError], str]] = {
    301: (NoService, "no_service"),
    302: (NoService, "no_service"),
    307: (NoService, "no_service"),
    401: (BadToken, "bad_token"),
    402: (NoService, "no_subscription"),
    403: (Refused, "refused"),
    405: (NoService, "no_service"),
    412: (Refused, "refused"),
    418: (Refused, "refused"),
    429: (Busy, "busy"),
    596: (ChannelBlocked, "channel_blocked"),
}
BROKEN = (408, 499, 500, 501, 502, 503, 504, 505, 520, 522, 524, 530, 599, 600, 999)

TABLE: dict[str, dict[int, tuple[type[UpstreamError], str]]] = {
    "POST imagine": {
        **EVERYWHERE,
        **dict.fromkeys(BROKEN, (OutcomeUnknown, "lost_answer")),
        400: (Refused, "refused"),
        404: (NoService, "no_service"),
        409: (Refused, "refused"),
        410: (NoService, "no_service"),
        422: (Refused, "refused"),
        504: (OutcomeUnknown, "upstream_queued"),
    },
    "POST seed": {
        **EVERYWHERE,
        **dict.fromkeys(BROKEN, (OutcomeUnknown, "lost_answer")),
        400: (Refused, "refused"),
        404: (Gone, "job_not_found"),
        410: (Gone, "job_expired"),
        422: (Refused, "refused"),
        504: (OutcomeUnknown, "upstream_queued"),
    },
    "GET job": {
        **EVERYWHERE,
        **dict.fromkeys(BROKEN, (Unreachable, "server_error")),
        400: (Refused, "refused"),
        404: (Gone, "job_not_found"),
        409: (Refused, "refused"),
        410: (Gone, "job_expired"),
        422: (Refused, "refused"),
    },
    "GET jobs": {
        **EVERYWHERE,
        **dict.fromkeys(BROKEN, (Unreachable, "server_error")),
        400: (Refused, "refused"),
        404: (NoService, "no_service"),
        410: (NoService, "no_service"),
    },
    "DELETE job": {
        **EVERYWHERE,
        **dict.fromkeys(BROKEN, (Unreachable, "server_error")),
        400: (Refused, "already_ended"),
        404: (Gone, "job_not_found"),
        409: (Refused, "already_ended"),
        410: (Gone, "job_expired"),
        422: (Refused, "already_ended"),
    },
}
CALLS: dict[str, tuple[str, Callable[[Any], object]]] = {
    "POST imagine": ("jobs/imagine", lambda client: client.submit(SUBMISSIONS["imagine"])),
    "POST seed": ("jobs/seed", lambda client: client.submit(SUBMISSIONS["seed"])),
    "GET job": (f"jobs/{JOB}", lambda client: client.job(JOB)),
    "GET jobs": ("jobs", lambda client: client.running()),
    "DELETE job": (f"jobs/{JOB}", lambda client: client.cancel(JOB)),
}


def failure(call: Callable[[], object]) -> UpstreamError:
    with pytest.raises(UpstreamError) as caught:
        call()
    return caught.value


@pytest.mark.parametrize("name", TABLE)
def test_every_status_has_its_error(name: str) -> None:
    path, call = CALLS[name]
    found = {}
    for status in TABLE[name]:
        with responses.RequestsMock() as mock:
            mock.add(name.split()[0], f"{BASE}/{path}", json={"error": "the words"}, status=status)
            error = failure(lambda: call(make_client()))
        found[status] = (type(error), error.code)
        assert "the words" in error.message
        assert error.status == status
    assert found == TABLE[name]


def answer(status: int, body: bytes = b"", **headers: str) -> Answer:
    return Answer(status, headers, body)


BODIES = (b"", PAGE, b'{"error": "x"}', b'{"detail": "Not Found"}', b"404 page not found", b'{"err', b"[]", b"null")


@pytest.mark.parametrize("kind", KINDS)
def test_no_answer_breaks_the_rules_that_money_and_jobs_hang_on(kind: Kind) -> None:
    for status in range(100, 1000):
        for body in BODIES:
            error = error_for(kind, answer(status, body))
            if error is None:
                continue
            paid = kind in {"new_job", "child_job"}
            after_sending = status >= 500 and status != 596
            if paid and after_sending:
                assert isinstance(error, OutcomeUnknown), (status, body)
            if not paid:
                assert not error.may_have_cost, (status, body)
            if isinstance(error, Gone):
                assert status in {404, 410}
                assert body in {b"", b'{"error": "x"}'}
            if isinstance(error, OutcomeUnknown):
                assert error.absence_is_proof == (status != 504)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("status", [200, 201, 403, 404, 410, 301])
def test_a_web_page_is_no_service(kind: Kind, status: int) -> None:
    for body, headers in ((PAGE, {}), (b"Sorry", {"Content-Type": "text/html; charset=utf-8"})):
        error = error_for(kind, answer(status, body, **headers))
        assert isinstance(error, NoService)
        assert error.code == "no_service"


def test_json_that_claims_to_be_html_is_still_json() -> None:
    assert error_for("job", Answer(200, {"Content-Type": "text/html"}, b'{"jobid": "x"}')) is None


@pytest.mark.parametrize("status", [400, 401, 403, 500, 502, 503])
@pytest.mark.parametrize("kind", KINDS)
def test_a_596_that_a_proxy_rewrote_is_known_by_its_body(kind: Kind, status: int) -> None:
    error = error_for(kind, answer(status, b'{"code": 596, "error": "Pending mod message", "channel": "77"}'))
    assert isinstance(error, ChannelBlocked)
    assert (error.channel, error.message, error.status) == ("77", "Pending mod message", 596)


def test_a_504_inside_another_status_is_no_proof_of_absence_either() -> None:
    error = error_for("new_job", answer(502, b'{"code": 504, "error": "job queued"}'))
    assert isinstance(error, OutcomeUnknown)
    assert not error.absence_is_proof


@pytest.mark.parametrize(
    "words",
    [
        "Banned prompt detected",
        "Your prompt was blocked by our moderators",
        "This content violates our community guidelines",
        "Moderated: inappropriate",
        "Image is blocked",
    ],
)
def test_words_about_content_are_moderation(words: str) -> None:
    error = error_for("new_job", answer(422, f'{{"error": "Invalid request", "errorDetails": "{words}"}}'.encode()))
    assert isinstance(error, Refused)
    assert (error.code, error.details) == ("moderated", words)


@pytest.mark.parametrize("words", ["Invalid parameter", "`--foo` is not valid", "No start frame provided", ""])
def test_plain_mistakes_are_not_called_moderation(words: str) -> None:
    assert not reads_as_moderation(words)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("7", 7.0),
        ("0.5", 0.5),
        ("Thu, 20 Nov 2025 10:00:30 GMT", 30.0),
        ("Thu, 20 Nov 2025 09:00:00 GMT", 0.0),
        ("", None),
        ("soon", None),
        ("-3", None),
        ("nan", None),
        ("9" * 400, None),
    ],
)
def test_the_wait_that_is_asked_for_is_read_from_seconds_or_a_date(said: str, seconds: float | None) -> None:
    now = datetime(2025, 11, 20, 10, tzinfo=UTC)
    assert Answer(429, {"retry-after": said}).retry_after(now) == seconds


def test_busy_says_how_long() -> None:
    error = error_for("new_job", Answer(429, {"Retry-After": "12"}))
    assert isinstance(error, Busy)
    assert error.retry_after == 12


@responses.activate
def test_no_channels_is_an_empty_404_and_a_web_page_is_no_service() -> None:
    url = f"{BASE}/accounts"
    responses.get(url, status=404)
    assert make_client().channels() == ()
    for body in (PAGE, b'{"error": "Not found"}', b"nothing here"):
        responses.upsert("GET", url, status=404, body=body)
        assert isinstance(failure(make_client().channels), NoService)


@responses.activate
def test_one_channel_that_is_not_known_is_gone() -> None:
    responses.get(f"{BASE}/accounts/77", status=404)
    responses.delete(f"{BASE}/accounts/77", status=404)
    assert failure(lambda: make_client().account("77")).code == "channel_not_found"
    assert failure(lambda: make_client().delete_account("77")).code == "channel_not_found"


@responses.activate
def test_a_moderated_job_is_read_whatever_status_carries_it() -> None:
    responses.get(f"{BASE}/jobs/{JOB}", status=422, json=created(status="moderated", code=422, error="Invalid request"))
    assert make_client().job(JOB).status == "moderated"


@pytest.mark.parametrize("body", [b"", b"{}", b'{"jobid": "j1', b'{"jobid": ""}', b"[]", b"data: {}\n\n"])
@pytest.mark.parametrize("verb", SUBMISSIONS)
def test_a_success_without_a_job_id_is_an_unknown_outcome(verb: str, body: bytes) -> None:
    with responses.RequestsMock() as mock:
        mock.post(f"{BASE}/jobs/{verb}", status=201, body=body)
        error = failure(lambda: make_client().submit(SUBMISSIONS[verb]))
    assert isinstance(error, OutcomeUnknown)
    assert error.absence_is_proof


@responses.activate
@pytest.mark.parametrize("status", [200, 201])
def test_both_success_codes_and_a_finished_job_are_accepted(status: int) -> None:
    responses.post(f"{BASE}/jobs/button", status=status, json=job(jobid=CHILD, verb="button"))
    reply = make_client().button(JOB, "U1")
    assert (reply.job_id, reply.status) == (CHILD, "completed")


@responses.activate
@pytest.mark.parametrize("body", [{"jobid": CHILD}, {"error": f"Job {CHILD} exists"}, {"jobs": [{"jobId": CHILD}]}])
def test_a_conflict_that_names_the_job_brings_that_job(body: dict[str, Any]) -> None:
    responses.post(f"{BASE}/jobs/button", status=409, json={"code": 409, **body})
    responses.get(f"{BASE}/jobs/{CHILD}", json=job(jobid=CHILD))
    assert make_client().button(JOB, "U1").job_id == CHILD
    assert [call.request.method for call in responses.calls] == ["POST", "GET"]


@responses.activate
@pytest.mark.parametrize("verb", ["button", "seed"])
def test_a_conflict_without_a_name_is_looked_up_in_the_parent(verb: str) -> None:
    label = {"button": "U1", "seed": "seed"}[verb]
    responses.post(f"{BASE}/jobs/{verb}", status=409, json={"error": "already executed", "jobid": JOB})
    responses.get(f"{BASE}/jobs/{JOB}", json=job(response={"executeOnce": {label: CHILD}}))
    responses.get(f"{BASE}/jobs/{CHILD}", json=job(jobid=CHILD))
    assert make_client().submit(SUBMISSIONS[verb]).job_id == CHILD
    assert [call.request.method for call in responses.calls] == ["POST", "GET", "GET"]


@responses.activate
def test_a_conflict_that_leads_nowhere_is_refused_and_never_pressed_again() -> None:
    responses.post(f"{BASE}/jobs/button", status=409, json={"error": "already executed"})
    responses.get(f"{BASE}/jobs/{JOB}", json=job())
    error = failure(lambda: make_client().button(JOB, "U1"))
    assert isinstance(error, Refused)
    assert (error.code, error.message) == ("already_executed", "already executed")
    assert [call.request.method for call in responses.calls] == ["POST", "GET"]


@responses.activate
def test_a_web_page_as_a_conflict_is_no_service() -> None:
    responses.post(f"{BASE}/jobs/button", status=409, body=PAGE)
    assert isinstance(failure(lambda: make_client().button(JOB, "U1")), NoService)


@responses.activate
@pytest.mark.parametrize("status", [404, 405])
def test_reset_takes_the_other_path_only_where_the_first_is_not_served(status: int) -> None:
    responses.post(f"{BASE}/accounts/reset/{CHANNEL}", status=status)
    responses.post(f"{BASE}/accounts/{CHANNEL}/reset", status=204)
    make_client().reset_channel(CHANNEL)
    assert len(responses.calls) == 2


@responses.activate
@pytest.mark.parametrize(("status", "expected"), [(401, BadToken), (500, Unreachable), (400, Refused)])
def test_reset_does_not_insist_otherwise(status: int, expected: type[UpstreamError]) -> None:
    responses.post(f"{BASE}/accounts/reset/{CHANNEL}", status=status)
    assert isinstance(failure(lambda: make_client().reset_channel(CHANNEL)), expected)
    assert len(responses.calls) == 1


@responses.activate
@pytest.mark.parametrize("status", [200, 202, 204])
def test_a_cancelled_job_needs_no_words(status: int) -> None:
    responses.delete(f"{BASE}/jobs/{JOB}", status=status)
    make_client().cancel(JOB)


@responses.activate
@pytest.mark.parametrize("body", [{}, {"total": 3}, {"channels": {CHANNEL: {"jobs": [{}]}}}, [], "x"])
def test_half_a_list_is_never_an_empty_list(body: Any) -> None:
    responses.get(f"{BASE}/jobs", json=body)
    error = failure(make_client().running)
    assert isinstance(error, Unreachable)
    assert error.code == "server_error"
