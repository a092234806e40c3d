"""Webhook, poll and person, in every order: the same upstream truth gives the same final row, which never reopens."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generations import decisions, hooks
from generations.engine import outcomes
from generations.models import FINAL, Job, JobStatus
from midjourney import services
from tests.factories import make_account, make_channel, make_job, make_user

S = JobStatus
# How a job may end upstream: what the service says, and the row that has to come of it, whoever hears of it first.
ENDS = {
    "completed": (
        {"status": "completed", "code": 200, "response": {"buttons": ["U1", "V1"]}}, (S.SAVING, "", ["U1", "V1"]),
    ),
    "moderated": ({"status": "moderated", "code": 422, "error": "Banned prompt"}, (S.REFUSED, "moderated", [])),
    "failed": ({"status": "failed", "code": 504, "error": "Job timed out"}, (S.FAILED, "timed_out", [])),
    "stopped": ({"status": "failed", "error": "Job cancelled by user"}, (S.CANCELLED, "cancelled_upstream", [])),
    "cancelled": ({"status": "cancelled"}, (S.CANCELLED, "cancelled_upstream", [])),
}  # fmt: skip
EVENTS = ["hook created", "hook 10", "hook 60", "hook end", "poll 20", "poll 80", "poll end", "cancel"]


@pytest.fixture
def world(db):
    account = make_account()
    return account, make_channel(account), make_user("Mia")


def said(job: Job, status: dict | str, progress: int | None = None) -> dict:
    body = dict(status) if isinstance(status, dict) else {"status": status}
    if progress is not None:
        body["response"] = {"progress_percent": progress}
    return {"jobid": job.remote_id, "verb": "imagine", "jobType": "image", **body}


def happen(job: Job, event: str, end: dict) -> None:
    who, _, what = event.partition(" ")
    fresh = Job.objects.select_related("account", "owner").get(pk=job.pk)
    if who == "cancel":
        decisions.cancel(fresh, fresh.owner)
        return
    progress = int(what) if what.isdecimal() else None
    body = said(job, end) if what == "end" else said(job, "progress" if progress else "created", progress)
    if who == "hook":
        hooks.take_in(fresh.account, body)
    else:
        reply = services.read_event("useapi", body)
        assert reply is not None
        if fresh.status == S.RUNNING:  # the engine reads running jobs only
            outcomes.take_in(fresh, reply)


def row(job: Job) -> tuple:
    return Job.objects.values_list("status", "error_code", "buttons").get(pk=job.pk)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=st.lists(st.sampled_from(EVENTS), max_size=6), end=st.sampled_from(sorted(ENDS)))
def test_every_order_of_events_ends_in_the_row_that_the_upstream_truth_asks_for(world, events, end):
    account, channel, owner = world
    job = make_job(owner=owner, account=account, channel=channel, status=S.RUNNING)
    truth, wanted = ENDS[end]
    ended_at = None
    for event in events:
        before = row(job)
        happen(job, event, truth)
        if ended_at is not None:
            assert row(job) == before, f"{event} changed a job that had ended"
        elif event == "poll end":
            ended_at = row(job)
    happen(job, "poll end", truth)
    assert row(job) == wanted
    for event in EVENTS:
        happen(job, event, truth)
    assert row(job) == wanted


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=st.lists(st.sampled_from([each for each in EVENTS if each.startswith("hook")]), min_size=1, max_size=6))
def test_webhooks_alone_end_nothing_and_move_progress_forwards_only(world, events):
    account, channel, owner = world
    job = make_job(owner=owner, account=account, channel=channel, status=S.RUNNING)
    highest = 0
    for event in events:
        happen(job, event, ENDS["completed"][0])
        what = event.partition(" ")[2]
        highest = max(highest, int(what) if what.isdecimal() else 0)
        assert Job.objects.filter(pk=job.pk, status=S.RUNNING).exists()
        assert (Job.objects.get(pk=job.pk).progress or 0) == highest
    assert bool(Job.objects.get(pk=job.pk).hinted_at) == ("hook end" in events)


@pytest.mark.parametrize("status", FINAL)
def test_no_event_reopens_a_job_that_has_ended(world, status):
    account, channel, owner = world
    job = make_job(owner=owner, account=account, channel=channel, status=status)
    before = row(job)
    for end, _ in ENDS.values():
        for event in EVENTS:
            happen(job, event, end)
    assert row(job) == before
