"""The client against the simulator: what is refused, blocked, full, gone or broken, and what that may have cost."""

from __future__ import annotations

import pytest

from midjourney.simulator.server import Simulator
from midjourney.upstream import (
    BadToken,
    Busy,
    ChannelBlocked,
    Gone,
    NoService,
    OutcomeUnknown,
    Refused,
    Submission,
    Unreachable,
    Upload,
    UpstreamError,
)
from midjourney.useapi import UseApi
from tests.midjourney.test_useapi_contract import client, grid, simulator
from tests.midjourney.test_useapi_helpers import make_client

__all__ = ["client", "simulator"]  # fixtures


def test_a_blocked_channel_refuses_until_it_is_reset(client: UseApi, simulator: Simulator) -> None:
    simulator.block(simulator.channel)
    assert client.channels()[0].block_message
    with pytest.raises(ChannelBlocked):
        client.submit(Submission("imagine", prompt="a", channel=simulator.channel))
    client.reset_channel(simulator.channel)
    assert client.channels()[0].block_message == ""
    client.submit(Submission("imagine", prompt="a", channel=simulator.channel))


def test_a_full_channel_is_busy(client: UseApi, simulator: Simulator) -> None:
    for _ in range(3):
        client.submit(Submission("imagine", prompt="a"))
    with pytest.raises(Busy):
        client.submit(Submission("imagine", prompt="a"))
    assert simulator.count("POST jobs/imagine") == 4


def test_a_job_is_cancelled_once(client: UseApi, simulator: Simulator) -> None:
    started = client.submit(Submission("imagine", prompt="a"))
    simulator.advance(5)
    client.cancel(started.job_id)
    assert client.job(started.job_id).was_cancelled
    assert client.running() == ()
    with pytest.raises(Refused) as caught:
        client.cancel(started.job_id)
    assert caught.value.code == "already_ended"


@pytest.mark.parametrize("status", [400, 404, 409, 422])
def test_a_job_that_has_ended_cannot_be_cancelled_whatever_the_status(status: int) -> None:
    with Simulator(speed=0, cancel_finished=status) as simulator:
        client = make_client(simulator.url, simulator.token)
        done = grid(client, simulator)
        with pytest.raises(Gone if status == 404 else Refused):
            client.cancel(done.job_id)


def test_a_job_that_nobody_knows_is_gone(client: UseApi, simulator: Simulator) -> None:
    missing = grid(client, simulator).job_id.replace("j1", "j0", 1)
    for call in (
        lambda: client.job(missing),
        lambda: client.cancel(missing),
        lambda: client.seed(missing),
        lambda: client.button(missing, "U1"),
    ):
        with pytest.raises(Gone) as caught:
            call()
        assert caught.value.code == "job_not_found"


def test_an_old_job_has_expired(client: UseApi, simulator: Simulator) -> None:
    done = grid(client, simulator)
    simulator.advance(63 * 86_400)
    with pytest.raises(Gone) as caught:
        client.job(done.job_id)
    assert caught.value.code == "job_expired"


def test_a_prompt_that_midjourney_refuses_says_why(client: UseApi, simulator: Simulator) -> None:
    started = client.submit(Submission("imagine", prompt="a boat --video"))
    simulator.finish(started.job_id)
    refused = client.job(started.job_id)
    assert (refused.status, refused.code) == ("moderated", 422)
    assert (refused.error, refused.error_details) == ("Invalid request", "No start frame provided")
    assert refused.media == ()


def test_what_the_service_refuses_is_refused(client: UseApi, simulator: Simulator) -> None:
    parent = grid(client, simulator).job_id
    for submission in (
        Submission("imagine"),
        Submission("imagine", prompt="a" * 5001),
        Submission("button", parent=parent, button="No such button"),
        Submission("describe", images=(Upload(b"not a picture", "image/png", "a.png"),)),
        Submission("blend", images=("https://a.example/1", "https://a.example/2"), dimensions="Round"),
    ):
        with pytest.raises(Refused) as caught:
            client.submit(submission)
        assert caught.value.message
        assert caught.value.status == 400


@pytest.mark.parametrize(
    ("fault", "expected", "accepted"),
    [
        ("drop-before", OutcomeUnknown, 0),
        ("drop-after", OutcomeUnknown, 1),
        ("500-after-accept", OutcomeUnknown, 1),
        ("502-after-accept", OutcomeUnknown, 1),
        ("502", OutcomeUnknown, 0),
        ("html-502", OutcomeUnknown, 0),
        ("504-runs-anyway", OutcomeUnknown, 1),
        ("truncated-json", OutcomeUnknown, 1),
        ("cut-off", OutcomeUnknown, 1),
        ("empty-answer", OutcomeUnknown, 1),
        ("html-after-accept", OutcomeUnknown, 1),
        ("429", Busy, 0),
        ("429-retry-after", Busy, 0),
        ("400", Refused, 0),
        ("422", Refused, 0),
        ("401", BadToken, 0),
        ("402", NoService, 0),
        ("404", NoService, 0),
        ("redirect", NoService, 0),
        ("596", ChannelBlocked, 0),
    ],
)
def test_a_fault_never_makes_a_request_go_twice(
    fault: str, expected: type[UpstreamError], accepted: int, client: UseApi, simulator: Simulator
) -> None:
    simulator.fault("jobs/imagine", fault)
    with pytest.raises(expected) as caught:
        client.submit(Submission("imagine", prompt="a", reply_ref="gen-1"))
    assert simulator.count("POST jobs/imagine") == 1
    assert len(simulator.jobs(reply_ref="gen-1")) == accepted
    if accepted:
        assert caught.value.may_have_cost
        assert not caught.value.may_resend
    if isinstance(caught.value, OutcomeUnknown):
        assert caught.value.absence_is_proof == (fault != "504-runs-anyway")


@pytest.mark.parametrize("fault", ["drop-before", "500", "502", "503", "html-502", "429", "truncated-json", "cut-off"])
def test_reads_get_over_a_fault(fault: str, client: UseApi, simulator: Simulator) -> None:
    started = client.submit(Submission("imagine", prompt="a"))
    simulator.fault("GET jobs", fault, times=2)
    assert [job.job_id for job in client.running()] == [started.job_id]
    assert simulator.count("GET jobs") == 3


@pytest.mark.parametrize(
    ("words", "expected"),
    [("bad", BadToken), ("nosub", NoService), ("gone", NoService), ("html", NoService), ("down", Unreachable)],
)
def test_a_service_that_is_not_there_is_told_apart(
    words: str, expected: type[UpstreamError], simulator: Simulator
) -> None:
    client = make_client(simulator.url, simulator.token_for(7, words))
    for call in (client.channels, client.running):
        with pytest.raises(expected):
            call()


def test_an_account_without_channels_is_empty(simulator: Simulator) -> None:
    assert make_client(simulator.url, simulator.token_for(7, "empty")).channels() == ()
