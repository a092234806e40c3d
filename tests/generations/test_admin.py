"""The admin site: for reading, and for the same decisions as on the pages."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from generations.models import JobStatus
from tests.factories import make_account, make_image, make_job

JOBS = reverse("admin:generations_job_changelist")


@pytest.fixture
def ada(client, admin_user):
    client.force_login(admin_user)
    return admin_user


def run(client, action, *jobs) -> str:
    data = {"action": action, "_selected_action": [job.pk for job in jobs]}
    page = client.post(JOBS, data, follow=True).content.decode()
    for job in jobs:
        job.refresh_from_db()
    return page


@pytest.mark.parametrize("model", ["job", "image", "prompt", "jobevent"])
def test_rows_are_read_and_neither_added_nor_deleted(client, ada, model):
    job = make_job()
    image = make_image(job=job)
    pk = {"job": job.pk, "image": image.pk, "prompt": job.prompt_id}.get(model)
    assert client.get(reverse(f"admin:generations_{model}_changelist")).status_code == 200
    assert client.get(reverse(f"admin:generations_{model}_add")).status_code == 403
    if pk:
        assert client.get(reverse(f"admin:generations_{model}_change", args=[pk])).status_code == 200
        assert client.post(reverse(f"admin:generations_{model}_delete", args=[pk])).status_code == 403
        assert client.post(reverse(f"admin:generations_{model}_change", args=[pk]), {"text": "x"}).status_code == 403


def test_members_are_kept_out(client, member):
    client.force_login(member)
    assert client.get(JOBS).status_code == 302


def test_prompts_are_not_listed_and_not_searched(client, ada):
    make_job(text="a very secret lighthouse")
    assert "secret" not in client.get(JOBS).content.decode()
    assert "0 jobs" in client.get(JOBS, {"q": "secret lighthouse"}).content.decode()


@pytest.mark.parametrize("field", ["ref", "remote_id"])
def test_a_job_is_found_by_our_reference_and_the_services(client, ada, field):
    job = make_job(status=JobStatus.RUNNING)
    make_job()
    assert "1 job" in client.get(JOBS, {"q": f" {getattr(job, field)} "}).content.decode()


def test_the_answer_of_the_service_is_shown_and_escaped(client, ada):
    job = make_job(upstream={"response": {"content": "<script>alert(1)</script>"}})
    page = client.get(reverse("admin:generations_job_change", args=[job.pk])).content.decode()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page


def test_the_address_of_a_picture_at_the_service_is_not_shown(client, ada):
    image = make_image(saved=False)
    for page in (
        client.get(reverse("admin:generations_image_change", args=[image.pk])),
        client.get(reverse("admin:generations_job_change", args=[image.job_id])),
    ):
        assert "cdn.midjourney.com" not in page.content.decode()


def test_cancelling_reports_how_many_really_changed(client, ada):
    waiting, done = make_job(), make_job(status=JobStatus.DONE)
    page = run(client, "cancel", waiting, done)
    assert (waiting.status, done.status) == (JobStatus.CANCELLED, JobStatus.DONE)
    assert "Cancelled or asked to stop 1 job. 1 could not be" in page
    assert waiting.events.get().actor == ada


def test_cancelling_twice_changes_nothing_the_second_time(client, ada):
    job = make_job(status=JobStatus.RUNNING)
    run(client, "cancel", job)
    assert "Cancelled or asked to stop 0 jobs. 1 could not be" in run(client, "cancel", job)


def test_looking_up_wakes_the_account(client, ada):
    job = make_job(status=JobStatus.UNCERTAIN)
    before = job.account.woken_at
    assert "Looking up 1 job." in run(client, "look_up", job)
    job.account.refresh_from_db()
    assert job.account.woken_at > before


def test_only_what_was_certainly_not_sent_is_put_back(client, ada):
    unsent = make_job(status=JobStatus.SUBMITTING)
    sent = make_job(status=JobStatus.SUBMITTING, sent_at=unsent.created_at)
    assert "Put back 1 job. 1 could not be" in run(client, "requeue_unsent", unsent, sent)
    assert (unsent.status, sent.status) == (JobStatus.QUEUED, JobStatus.SUBMITTING)


def test_files_are_saved_again(client, ada):
    job = make_job(status=JobStatus.SAVING)
    assert "Fetching the files of 1 job. 1 could not be" in run(client, "save_again", job, make_job())
    assert job.save_due_at is not None


def test_the_list_does_not_count_everything_and_its_queries_do_not_grow(client, ada, django_assert_num_queries):
    account = make_account()
    make_job(account=account)
    client.get(JOBS)
    with CaptureQueriesContext(connection) as queries:
        client.get(JOBS)
    few = len(queries)
    for _ in range(10):
        make_job(account=account)
    with django_assert_num_queries(few):
        client.get(JOBS)
