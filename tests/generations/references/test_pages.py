"""The library: upload, from the gallery, rename, remove; and what it costs to show."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from generations.models import Reference
from generations.references import intake
from tests.factories import make_image, make_job
from tests.files import put_picture
from tests.generations.references.pictures import picture

LIST = "/library/references/"
HTMX = {"HX-Request": "true"}


def files(*contents: bytes) -> dict:
    return {"files": [SimpleUploadedFile(f"p{n}.png", content) for n, content in enumerate(contents)]}


def test_of_several_files_the_good_ones_are_kept_and_the_others_say_why(client, member):
    client.force_login(member)
    response = client.post(reverse("generations:reference-upload"), files(picture(), b"nonsense"), headers=HTMX)
    assert response.status_code == 200
    assert "reference:taken" in response["HX-Trigger"]
    assert "“p1” is no PNG, JPEG or WebP" in response.content.decode()
    assert Reference.objects.count() == 1


def test_without_script_the_same_upload_leads_back_to_the_library_with_messages(client, member):
    client.force_login(member)
    response = client.post(reverse("generations:reference-upload"), files(picture(), b"nonsense"), follow=True)
    said = response.content.decode()
    assert "It is in your library." in said
    assert "“p1” is no PNG" in said


def test_an_upload_without_a_file_says_what_to_do(client, member):
    client.force_login(member)
    response = client.post(reverse("generations:reference-upload"), headers=HTMX)
    assert response.status_code == 422
    assert "Choose a picture first" in response.content.decode()


def test_a_picture_of_the_gallery_is_used_as_a_reference(client, member, other_member):
    image = make_image(job=make_job(owner=member, status="done"))
    put_picture(image)
    url = reverse("generations:reference-from-image", args=[image.ref])
    client.force_login(other_member)
    assert client.post(url).status_code == 404
    client.force_login(member)
    assert client.post(url, headers=HTMX).status_code == 200
    assert Reference.objects.get().source == image


def test_a_picture_is_renamed_and_removed_but_not_by_a_link(client, member):
    client.force_login(member)
    reference = intake.take_bytes(member, picture())
    client.post(reverse("generations:reference-rename", args=[reference.ref]), {"name": " A  beach "})
    assert Reference.objects.get().name == "A beach"
    remove = reverse("generations:reference-remove", args=[reference.ref])
    assert "No job used this picture" in client.get(remove).content.decode()
    assert Reference.objects.visible_to(member).in_library().exists()
    client.post(remove)
    assert not Reference.objects.visible_to(member).in_library().exists()
    assert client.get(reference.thumbnail_url()).status_code == 200  # jobs still show it


def test_the_library_costs_the_same_whatever_it_holds(client, member, django_assert_num_queries):
    client.force_login(member)
    intake.take_bytes(member, picture())
    with CaptureQueriesContext(connection) as one:
        client.get(LIST)
    for shade in range(5):
        intake.take_bytes(member, picture(color=(shade, 0, 0)))
    with django_assert_num_queries(len(one)):
        client.get(LIST)


@pytest.mark.parametrize("source", ["library", "gallery"])
def test_the_picker_offers_what_is_there_and_teaches_where_nothing_is(client, member, source):
    client.force_login(member)
    url = f"{reverse('generations:reference-pick')}?source={source}"
    assert "You have no pictures yet." in client.get(url).content.decode() or source == "library"
    intake.take_bytes(member, picture(), name="beach")
    image = make_image(job=make_job(owner=member, status="done"))
    said = client.get(url).content.decode()
    assert ("data-choose" in said) == (source == "library")
    assert (str(image.ref) in said) == (source == "gallery")


def test_a_picture_opens_the_prompt_bar_in_its_role(client, member):
    client.force_login(member)
    reference = intake.take_bytes(member, picture())
    said = client.get(f"/?use={reference.code}&role=omni").content.decode()
    assert f"--oref {reference.token}" in said
