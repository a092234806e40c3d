"""The page of one job, and what can be done with a job."""

import html
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from generations.models import Job, JobEvent, JobStatus
from tests.factories import make_account, make_channel, make_image, make_job

HTMX = {"HX-Request": "true"}
ACTIONS = ["job-cancel", "job-retry", "job-ran", "job-did-not-run", "job-look-up", "job-save-again"]


@pytest.fixture
def mia(client, member):
    make_channel(make_account(name="Sandbox"))
    client.force_login(member)
    return member


def act(client, name, job, **data):
    response = client.post(reverse(f"generations:{name}", args=[job.ref]), data)
    job.refresh_from_db()
    return response


def show(client, job) -> str:
    return html.unescape(client.get(job.get_absolute_url()).content.decode())


def test_the_page_says_exactly_what_was_sent_and_with_which_parameters(client, mia):
    parameters = {"ar": "16:9", "version": "niji 6", "stylize": "250", "tile": True, "sref": "1234"}
    job = make_job(owner=mia, text="a boat --ar 16:9 --niji 6 --s 250 --tile --sref 1234", parameters=parameters)
    page = show(client, job)
    assert (
        '<p class="exact-text breakable" id="job-text">a boat --ar 16:9 --niji 6 --s 250 --tile --sref 1234</p>' in page
    )
    for label, value in [("Aspect ratio", "16:9"), ("Model", "Niji 6"), ("Tile", "on"), ("Style reference", "1234")]:
        assert f'<dt>{label}</dt><dd class="breakable">{value}</dd>' in page


def test_the_page_tells_the_history_in_words_with_times(client, mia, admin_user):
    job = make_job(owner=mia)
    at = timezone.now()
    JobEvent.objects.create(job=job, status=JobStatus.QUEUED, code="queued", at=at)
    later = {"at": at + timedelta(seconds=5), "actor": admin_user}
    JobEvent.objects.create(job=job, status=JobStatus.QUEUED, code="busy", note="no slot", **later)
    page = show(client, job)
    assert "The service had no free slot." in page
    assert "5 s until the next" in page
    assert "no slot" in page
    assert "Ada" in page


def test_the_page_shows_what_the_service_made_of_the_prompt(client, mia):
    job = make_job(
        owner=mia, status=JobStatus.DONE, text="a boat", upstream={"response": {"content": "**a boat --v 7.0** - fast"}}
    )
    assert "The service made of it: a boat --v 7.0" in show(client, job)


def test_originals_are_offered_for_download(client, mia):
    image = make_image(job=make_job(owner=mia, status=JobStatus.DONE))
    assert f'href="{image.original_url()}?download=1"' in show(client, image.job)


def test_a_waiting_job_is_cancelled_at_once(client, mia):
    job = make_job(owner=mia)
    response = act(client, "job-cancel", job)
    assert job.status == JobStatus.CANCELLED
    assert response["Location"] == f"/#job-{job.ref}"


def test_before_a_running_job_is_stopped_the_page_says_that_it_may_be_charged(client, mia):
    job = make_job(owner=mia, status=JobStatus.RUNNING)
    confirm = reverse("generations:job-cancel-confirm", args=[job.ref])
    assert confirm in show(client, job)
    for headers in ({}, HTMX):
        assert "may be charged" in client.get(confirm, headers=headers).content.decode()
    job.refresh_from_db()
    assert job.cancel_requested_at is None


def test_a_job_that_was_sent_while_its_page_showed_it_waiting_is_not_stopped_without_a_warning(client, mia):
    job = make_job(owner=mia, status=JobStatus.RUNNING)
    assert "may be charged" in act(client, "job-cancel", job).content.decode()
    assert job.cancel_requested_at is None
    response = client.post(reverse("generations:job-cancel", args=[job.ref]), headers=HTMX)
    assert response["HX-Retarget"] == "#dialogs"


def test_stopping_a_running_job_asks_the_service(client, mia):
    job = make_job(owner=mia, status=JobStatus.RUNNING)
    act(client, "job-cancel", job, confirmed="yes")
    assert job.status == JobStatus.RUNNING
    assert job.cancel_requested_at is not None
    assert "Stopping" in show(client, job)


def test_too_late_to_cancel_says_so(client, mia):
    job = make_job(owner=mia, status=JobStatus.DONE)
    act(client, "job-cancel", job, page="job")
    assert "Too late" in show(client, job)


def test_what_cost_nothing_runs_again_once(client, mia):
    job = make_job(owner=mia, status=JobStatus.REFUSED, error_code="moderated")
    for _ in range(2):
        act(client, "job-retry", job)
    again = Job.objects.exclude(pk=job.pk).get()
    assert (again.text, again.retry_of, again.account) == (job.text, job, job.account)


def test_what_was_refused_is_offered_to_be_edited_and_not_to_run_again_unchanged(client, mia):
    job = make_job(owner=mia, status=JobStatus.REFUSED, error_code="moderated")
    page = show(client, job)
    assert "Edit prompt" in page
    assert reverse("generations:job-retry", args=[job.ref]) not in page


def test_what_never_ran_is_offered_to_run_again(client, mia):
    job = make_job(owner=mia, status=JobStatus.CANCELLED, channel=None, remote_id="")
    page = show(client, job)
    assert reverse("generations:job-retry", args=[job.ref]) in page
    assert "Reuse prompt" in page


def test_what_may_have_cost_is_not_offered_to_run_again(client, mia):
    job = make_job(owner=mia, status=JobStatus.FAILED, error_code="failed_upstream")
    assert reverse("generations:job-retry", args=[job.ref]) not in show(client, job)
    act(client, "job-retry", job)
    assert Job.objects.count() == 1


@pytest.mark.parametrize(("name", "becomes"), [("job-ran", JobStatus.FAILED), ("job-did-not-run", JobStatus.QUEUED)])
def test_a_person_settles_what_nothing_else_can(client, mia, name, becomes):
    job = make_job(owner=mia, status=JobStatus.UNCERTAIN, needs_person=True, error_code="lost_answer")
    page = show(client, job)
    assert "Needs you" in page
    assert "may be charged a second time" in page
    act(client, name, job)
    assert job.status == becomes


def test_a_job_that_is_still_looked_up_cannot_be_decided(client, mia):
    job = make_job(owner=mia, status=JobStatus.UNCERTAIN, error_code="lost_answer")
    assert reverse("generations:job-ran", args=[job.ref]) not in show(client, job)
    act(client, "job-did-not-run", job)
    assert job.status == JobStatus.UNCERTAIN


def test_files_that_could_not_be_fetched_are_fetched_again_on_demand(client, mia):
    job = make_job(owner=mia, status=JobStatus.SAVING, error_code="media_unreachable")
    make_image(job=job, saved=False)
    assert reverse("generations:job-save-again", args=[job.ref]) in show(client, job)
    act(client, "job-save-again", job)
    assert job.save_due_at is not None


@pytest.mark.parametrize("name", [*ACTIONS, "job-cancel-confirm", "job-detail"])
def test_another_member_gets_404_for_everything_of_a_job(client, other_member, member, name):
    job = make_job(owner=member)
    client.force_login(other_member)
    address = reverse(f"generations:{name}", args=[job.ref])
    response = client.post(address) if name in ACTIONS else client.get(address)
    assert response.status_code == 404
    job.refresh_from_db()
    assert job.status == JobStatus.QUEUED


@pytest.mark.parametrize("name", ACTIONS)
def test_actions_answer_only_to_post(client, mia, name):
    assert client.get(reverse(f"generations:{name}", args=[make_job(owner=mia).ref])).status_code == 405


def test_the_address_of_a_picture_at_the_service_is_on_no_page(client, mia):
    job = make_job(owner=mia, status=JobStatus.SAVING)
    make_image(job=job, saved=False, source_url="https://cdn.midjourney.com/secret/0_0.png")
    make_image(job=job, source_url="https://cdn.discordapp.com/attachments/1/2/name_of_a_person.png")
    for address in (reverse("generations:create"), reverse("generations:gallery"), job.get_absolute_url()):
        page = client.get(address).content.decode()
        assert "cdn." not in page
        assert "name_of_a_person" not in page


def test_the_job_pages_queries_do_not_grow_with_its_history(client, mia, django_assert_max_num_queries):
    job = make_job(owner=mia, status=JobStatus.DONE)
    for position in range(1, 5):
        make_image(job=job, position=position)
    JobEvent.objects.bulk_create(JobEvent(job=job, status=JobStatus.RUNNING, actor=mia) for _ in range(30))
    client.get(job.get_absolute_url())
    with django_assert_max_num_queries(15):
        client.get(job.get_absolute_url())
