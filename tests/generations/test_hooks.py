"""Webhooks: who may send them, what they may do, and that nothing depends on them."""

import json
import time
import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts import syncing
from generations import hooks
from generations.enqueue import enqueue
from generations.models import Job, JobStatus
from midjourney.simulator.server import Simulator
from tests.engine import drive
from tests.factories import make_account, make_channel, make_job

S = JobStatus
QUIET_LOOKS = 20


def send(client, account, body, **options):
    content = body if isinstance(body, (bytes, str)) else json.dumps(body)
    return client.post(
        reverse("generations:hook", args=[account.hook_key]), content, content_type="application/json", **options
    )


@pytest.fixture
def running(member):
    account = make_account()
    return make_job(owner=member, account=account, channel=make_channel(account), status=S.RUNNING)


class TestTheAddress:
    def test_an_unknown_key_is_nowhere(self, client, db):
        assert client.post("/hooks/nonsense/", "{}", content_type="application/json").status_code == 404

    def test_it_needs_no_cookie_and_sets_none(self, client, running):
        response = send(client, running.account, {"jobid": running.remote_id, "status": "progress"})
        assert response.status_code == 200
        assert not response.cookies
        assert response.content == b""

    @pytest.mark.parametrize("body", ["", "[", "null", "[1]", '"x"', '{"a": 1}', "[" * 5000, b"\xff\xfe"])
    def test_what_makes_no_sense_is_answered_and_left_alone(self, client, running, body):
        assert send(client, running.account, body).status_code == 200
        assert Job.objects.get(pk=running.pk).hinted_at is None

    def test_too_large_an_event_is_not_read(self, client, running):
        body = {"jobid": running.remote_id, "status": "completed", "x": "y" * 1_100_000}
        assert send(client, running.account, body).status_code == 200
        assert Job.objects.get(pk=running.pk).hinted_at is None

    def test_the_key_of_one_account_moves_no_job_of_another(self, client, running):
        other = make_account()
        send(client, other, {"jobid": running.remote_id, "status": "completed"})
        assert Job.objects.get(pk=running.pk).hinted_at is None

    def test_the_key_is_in_no_log(self, client, running, caplog):
        from mjstudio.redaction import redact

        send(client, running.account, "[")
        client.get(reverse("generations:hook", args=[running.account.hook_key]))
        assert running.account.hook_key not in redact(caplog.text)

    def test_jobs_carry_no_address_where_the_studio_has_none(self, running, settings):
        settings.PUBLIC_URL_IS_SET = False
        assert hooks.reply_url(running.account) == ""
        settings.PUBLIC_URL_IS_SET, settings.PUBLIC_URL = True, "https://studio.example.org"
        url = hooks.reply_url(running.account)
        assert url == f"https://studio.example.org/hooks/{running.account.hook_key}/"
        assert len(url) <= 1024


def test_an_end_is_only_a_hint_and_wakes_the_engine_once(client, running):
    woken = running.account.woken_at
    for _ in range(3):
        send(client, running.account, {"jobid": running.remote_id, "status": "completed"})
    running.refresh_from_db()
    running.account.refresh_from_db()
    assert running.status == S.RUNNING
    assert running.hinted_at
    assert running.account.woken_at > woken
    assert running.account.hooked_at


def test_a_lost_answer_is_found_by_its_reference_before_anybody_asks(client, member):
    account = make_account()
    channel = make_channel(account)
    job = make_job(
        owner=member, account=account, channel=channel, status=S.UNCERTAIN, sent_at=timezone.now(), needs_person=True
    )
    remote = f"j1120101530123456789i-u12345-c{channel.remote_id}-bot:midjourney"
    event = {"jobid": remote, "status": "completed", "request": {"replyRef": str(job.ref)}}
    send(client, account, {**event, "request": {"replyRef": str(uuid.uuid4())}})
    job.refresh_from_db()
    assert job.status == S.UNCERTAIN
    send(client, account, event)
    job.refresh_from_db()
    assert (job.status, job.remote_id, job.needs_person) == (S.RUNNING, remote, False)
    assert job.hinted_at  # how it ended is for the engine to read


def test_a_job_that_was_never_sent_is_not_found_by_a_forged_event(client, member):
    job = make_job(owner=member)
    send(client, job.account, {"jobid": "j1-x", "status": "progress", "request": {"replyRef": str(job.ref)}})
    job.refresh_from_db()
    assert job.status == S.QUEUED


@pytest.mark.usefixtures("engine")
class TestWithTheService:
    @pytest.fixture
    def told(self, sandbox, live_server, settings):
        settings.PUBLIC_URL, settings.PUBLIC_URL_IS_SET = live_server.url, True
        settings.ENGINE_TIMING = {**settings.ENGINE_TIMING, "hooked": 1000.0, "hooks_fresh": 30.0}
        return sandbox

    def done(self, job) -> bool:
        return Job.objects.filter(pk=job.pk, status=S.DONE).exists()

    def test_a_job_ends_by_its_webhook_with_one_read_and_hardly_a_list(self, live_server, member, settings):
        settings.PUBLIC_URL, settings.PUBLIC_URL_IS_SET = live_server.url, True
        settings.ENGINE_TIMING = {**settings.ENGINE_TIMING, "hooked": 1000.0, "hooks_fresh": 30.0}
        with Simulator(speed=0, seed=7, picture_scale=0.1) as simulator:  # its clock stands until the job runs here
            account = make_account(base_url=simulator.url, token=simulator.token)
            syncing.sync_account(account)
            job = enqueue(member, "a boat", account=account).jobs.get()
            seen: list[tuple[int, int]] = []

            def is_watched_in_peace() -> bool:
                """It runs, and what was asked for while its answer was on its way has been answered."""
                seen.append((simulator.count("GET jobs/{jobid}"), simulator.count("GET jobs")))
                runs = Job.objects.filter(pk=job.pk, status=S.RUNNING).exists()
                return runs and len(seen) > QUIET_LOOKS and len(set(seen[-QUIET_LOOKS:])) == 1

            drive(is_watched_in_peace)
            before = simulator.count("GET jobs/{jobid}")
            simulator.finish()
            drive(lambda: self.done(job))
            assert simulator.count("GET jobs/{jobid}") == before + 1
            assert simulator.count("GET jobs") <= 3
            assert simulator.stats()["paid"] == 1

    @pytest.mark.parametrize("fault", ["lost-webhook", "lost-final-webhook", "duplicate-webhook", "shuffled-webhook"])
    def test_whatever_becomes_of_the_events_the_job_ends_right(self, simulator, told, member, settings, fault):
        settings.ENGINE_TIMING = {**settings.ENGINE_TIMING, "hooked": 3.0, "hooks_fresh": 0.5}
        simulator.fault("jobs/imagine", fault)
        job = enqueue(member, "a boat", account=told).jobs.get()
        drive(lambda: self.done(job))
        assert simulator.stats()["paid"] == 1
        assert job.images.count() == 5

    def test_an_event_after_the_end_changes_nothing(self, client, simulator, told, member):
        job = enqueue(member, "a boat", account=told).jobs.get()
        drive(lambda: self.done(job))
        before = Job.objects.values().get(pk=job.pk)
        job.refresh_from_db()
        for status in ("created", "progress", "failed", "completed"):
            send(client, told, {"jobid": job.remote_id, "status": status})
        time.sleep(0.05)
        assert Job.objects.values().get(pk=job.pk) == before
