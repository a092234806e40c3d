"""Pictures in prompts: chips, what keeps them from being used, what is sent, and links that end with their job."""

import socket
import threading
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from generations.enqueue import CannotEnqueue, enqueue
from generations.models import Image, JobInput, JobStatus, Reference
from generations.references import chips, intake, links
from midjourney import prompt as language
from tests.engine import drive
from tests.factories import make_account, make_channel, make_image, make_job
from tests.generations.references.pictures import picture

CODES = st.text("0123456789abcdef", min_size=8, max_size=8)


@pytest.fixture
def reference(member):
    return intake.take_bytes(member, picture(), name="beach")


@given(CODES, st.sampled_from(["image_urls", "sref", "cref", "oref", "edit"]))
def test_adding_a_picture_and_taking_it_out_again_leaves_the_text_as_it_was(code, field):
    text = "a boat at dusk --ar 16:9 --s 250"
    with_it = language.update(text, **{field: f"ref:{code}"})
    assert language.codes(with_it) == (code,)
    assert [each.code for each in language.references(with_it)] == [code]
    assert language.update(with_it, **{field: ""}) == text


@given(CODES)
def test_a_reference_is_read_where_an_address_is_and_nothing_is_wrong_with_it(code):
    text = f"ref:{code} a boat --sref ref:{code}::2 random --oref ref:{code} --v 7"
    assert [each.role for each in language.references(text)] == ["image", "style", "omni"]
    assert not [problem for problem in language.review(text).problems if problem.is_error]
    assert f"ref:{code}" not in language.with_addresses(text, lambda found: f"https://x.example/{found}.jpg")


def test_chips_show_pictures_addresses_and_codes_with_their_roles(member, reference):
    text = (
        f"{reference.token} https://a.example/very/long/path/picture.jpg a boat --sref {reference.token} 123 --sw 300"
    )
    found = chips.of_text(member, text)
    assert [(chip.role, chip.control) for chip in found] == [
        ("Image prompt", "image_urls"), ("Image prompt", "image_urls"), ("Style", "sref"), ("Style", "sref"),
    ]  # fmt: skip
    assert found[0].thumbnail == reference.thumbnail_url()
    assert found[1].what.startswith("a.example/…")
    assert found[2].weight == "300"


def test_a_picture_of_somebody_else_is_not_there(member, other_member, reference):
    make_channel(make_account())
    [chip] = chips.of_text(other_member, reference.token)
    assert chip.is_missing
    with pytest.raises(CannotEnqueue, match="no picture ref:"):
        enqueue(other_member, f"{reference.token} a boat")


def test_without_a_public_address_a_service_elsewhere_cannot_have_the_picture_and_the_page_says_so(
    client, member, reference
):
    account = make_account(base_url="https://mj.example.org/v3/midjourney")
    make_channel(account)
    client.force_login(member)
    said = client.post(
        reverse("generations:prompt-check"), {"text": f"{reference.token} a boat"}, headers={"HX-Request": "true"}
    ).content.decode()
    assert "This studio has no public address" in said
    with pytest.raises(CannotEnqueue, match="PUBLIC_URL"):
        enqueue(member, f"{reference.token} a boat", account=account)


def test_a_picture_made_here_is_used_through_its_living_link_at_the_service(member, settings):
    account = make_account(base_url="https://mj.example.org/v3/midjourney")
    job = make_job(owner=member, account=account, status=JobStatus.DONE)
    image = make_image(job=job, source_url="https://cdn.midjourney.com/0f1e/0_0.jpeg")
    reference = intake.take_bytes(member, picture(), source=image)
    assert links.can_be_reached(reference, account)
    assert links.address(reference, job) == image.source_url
    Image.objects.update(created_at=timezone.now() - links.KEPT_FOR - timedelta(days=1))
    reference = Reference.objects.select_related("source").get()
    assert not links.can_be_reached(reference, account)
    soon = int((timezone.now() + timedelta(minutes=1)).timestamp())
    image.source_url = f"https://cdn.discordapp.com/attachments/1/2/a.png?ex={soon:x}&is=1&hm=2&"
    image.created_at = timezone.now()
    image.save()
    assert not links.can_be_reached(Reference.objects.select_related("source").get(), account)


@pytest.mark.usefixtures("engine")
def test_the_service_gets_an_address_and_the_job_keeps_the_reference(simulator, sandbox, member, reference, settings):
    settings.PUBLIC_URL, settings.PUBLIC_URL_IS_SET = "https://studio.example.org", True
    text = f"{reference.token} a boat --sref {reference.token}"
    job = enqueue(member, text).jobs.get()
    assert sorted(job.inputs.values_list("role", "reference")) == [("image", reference.pk), ("style", reference.pk)]
    drive(lambda: job.__class__.objects.get(pk=job.pk).status == JobStatus.DONE)
    job.refresh_from_db()
    assert job.text == text
    sent = simulator.job(job.remote_id)["request"]["prompt"]
    assert "ref:" not in sent
    assert sent.count("https://studio.example.org/r/") == 2
    assert "/r/" not in str(job.upstream)


class TestThePublicLink:
    @pytest.fixture
    def job(self, member, reference):
        job = make_job(owner=member, status=JobStatus.RUNNING, text=f"{reference.token} a boat")
        JobInput.objects.create(job=job, reference=reference, role="image")
        return job

    def path(self, reference, job, settings) -> str:
        return links.signed_link(reference, job).removeprefix(settings.PUBLIC_URL)

    def test_it_opens_without_signing_in_while_the_job_goes_on(self, client, reference, job, settings):
        response = client.get(self.path(reference, job, settings))
        assert response.status_code == 200
        assert response["Content-Type"] == reference.content_type
        assert response["Cache-Control"] == "private, no-store"
        assert "noindex" in response["X-Robots-Tag"]
        assert not response.cookies
        assert b"".join(response.streaming_content)

    @pytest.mark.parametrize("status", [JobStatus.DONE, JobStatus.FAILED, JobStatus.CANCELLED, JobStatus.REFUSED])
    def test_it_ends_with_the_job(self, client, reference, job, settings, status):
        path = self.path(reference, job, settings)
        job.__class__.objects.update(status=status)
        assert client.get(path).status_code == 404

    def test_it_is_good_for_that_job_and_that_picture_only(self, client, member, reference, job, settings):
        other = make_job(owner=member, status=JobStatus.RUNNING)
        assert client.get(self.path(reference, other, settings)).status_code == 404
        path = self.path(reference, job, settings)
        assert client.get(path.replace("/r/", "/r/x")).status_code == 404
        assert client.get(path.rpartition(".")[0] + ".exe").status_code == 404
        assert client.post(path).status_code == 405


@pytest.mark.usefixtures("engine")
def test_no_address_that_a_member_typed_is_ever_fetched_by_the_studio(simulator, sandbox, member):
    asked = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        port = server.getsockname()[1]
        stop = threading.Event()

        def listen():
            while not stop.is_set():
                try:
                    server.accept()[0].close()
                    asked.set()
                except TimeoutError:
                    continue

        listener = threading.Thread(target=listen)
        listener.start()
        url = f"http://127.0.0.1:{port}/a.png"
        job = enqueue(member, f"{url} a boat --sref {url} --oref {url} --v 7").jobs.get()
        chips.of_text(member, job.text)
        drive(lambda: job.__class__.objects.get(pk=job.pk).status == JobStatus.DONE)
        stop.set()
        listener.join()
    assert not asked.is_set()
