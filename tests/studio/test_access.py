"""The access matrix: every URL of the studio as an anonymous visitor, the owner, another member and an admin."""

from array import array
from dataclasses import dataclass

import pytest
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.models import User
from generations.home import orders
from generations.models import (
    Collection,
    CollectionEntry,
    Comment,
    GalleryChange,
    Grant,
    Job,
    JobStatus,
    PromptTemplate,
    PublicLink,
    Style,
)
from generations.references import intake
from tests import factories
from tests.files import put_picture
from tests.generations.references.pictures import picture
from tests.studio.access_matrix import ADMINS, LOGIN, MATRIX, POSTS_TOO, WHO


@dataclass
class World:
    job: Job
    people: dict[str, User | None]
    arguments: dict[str, list]


@pytest.fixture
def world(db) -> World:
    owner = factories.make_user("Olga")
    account = factories.make_account()
    channel = factories.make_channel(account, block_message="Pending mod message")
    job = factories.make_job(owner=owner, account=account, channel=channel, status=JobStatus.DONE)
    image = factories.make_image(job=job)
    put_picture(image)
    collection = Collection.objects.create(owner=owner, name="Mine")
    CollectionEntry.objects.create(collection=collection, image=image, position=1, added_by=owner)
    # Shared with one person who is not in the matrix, so that nobody in it gains by it.
    grant = Grant.objects.create(image=image, user=factories.make_user("Gil"), created_by=owner)
    link = PublicLink.objects.create(collection=collection, created_by=owner, password=make_password("a word"))
    shown = PublicLink.objects.create(collection=collection, created_by=owner)
    comment = Comment.objects.create(image=image, author=owner, text="Nice")
    lone = factories.make_account()  # without jobs, so that it may be deleted
    person = factories.make_user("Paul")
    by_prefix = {
        "generations:job-suggestion-run": [job.ref, 1],
        "generations:job-": [job.ref],
        "generations:batch-": [factories.make_batch(owner=owner, account=account).ref],
        "generations:share-image": [image.ref],
        "generations:share-collection": [collection.ref],
        "generations:share-": ["image", image.ref],
        "generations:shared-image": [image.ref],
        "generations:shared-collection": [collection.ref],
        "generations:grant-": [grant.pk],
        "generations:link-revoke": [shown.pk],
        "generations:image-talk": [image.ref],
        "generations:image-comment": [image.ref],
        "generations:comment-delete": [comment.ref],
        "generations:public-unlock": [link.key],
        "generations:public-name": [shown.key],
        "generations:public-picture": [shown.key, image.ref],
        "generations:public-pick": [shown.key, image.ref],
        "generations:public-original": [shown.key, image.ref],
        "generations:public-thumbnail": [shown.key, image.ref, 320],
        "generations:public": [shown.key],
        "generations:image-original": [image.ref],
        "generations:image-actions": [image.ref],
        "generations:image-note": [image.ref],
        "generations:image-similar": [image.ref],
        "generations:image-download": [image.ref],
        "generations:download-file": [orders.keep(owner, orders.Order(array("Q", [image.pk])))],
        "generations:image-thumbnail": [image.ref, 320],
        "generations:reference-from-image": [image.ref],
        "generations:reference-public": ["no-such-token", "jpg"],
        "generations:reference-": [intake.take_bytes(owner, picture()).ref],
        "generations:prompt-favourite": [job.prompt_id],
        "generations:gallery-stack": [image.ref],
        "generations:gallery-undo": [GalleryChange.objects.create(owner=owner, what="trash").ref],
        "generations:collection-": [collection.ref],
        "generations:template-": [PromptTemplate.objects.create(owner=owner, name="Mine", text="a {{thing}}").ref],
        "generations:style-": [Style.objects.create(owner=owner, name="Mine", parameters="--raw").ref],
        "generations:hook": ["no-such-key"],
        "generations:queue-job": [job.ref],
        "generations:queue-account-": [lone.pk],
        "generations:queue-person-": [person.pk],
        "accounts:account-": [lone.pk],
        "accounts:channel-reset": [account.pk, channel.pk],
        "accounts:channel-remove": [account.pk, channel.pk],
        "accounts:channel-add": [lone.pk],
        "generations:channel-settings-ask": [account.pk, channel.pk, "settings"],
        "generations:channel-settings": [account.pk, channel.pk],
        "generations:image-repair": [image.ref],
        "generations:storage-repair": [image.ref],
        "accounts:person-": [person.pk],
        "generations:budget-person": [person.pk],
    }
    without = (
        "generations:collection-list", "generations:collection-new",
        "generations:reference-list", "generations:reference-list-older", "generations:reference-upload",
        "generations:template-list", "generations:template-new", "generations:style-list", "generations:style-new",
        "generations:reference-pick", "generations:job-list-older", "generations:batch-list", "generations:batch-new",
        "generations:batch-from-pictures", "generations:batch-shared-check",
        "accounts:account-list", "accounts:account-add", "accounts:person-add",
    )  # fmt: skip
    arguments = {
        name: next((values for prefix, values in by_prefix.items() if name.startswith(prefix)), [])
        for name in MATRIX
        if name not in without
    }
    arguments["account_reset_password_from_key"] = ["1", "no-such-key"]
    people = {
        "anonymous": None, "owner": owner, "other": factories.make_user("Otto"), "admin": factories.make_admin(),
    }  # fmt: skip
    return World(job, people, arguments)


def named_urls(patterns, namespace="") -> set[str]:
    names = set()
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            names |= named_urls(pattern.url_patterns, inner)
        elif isinstance(pattern, URLPattern):
            names.add(f"{namespace}{pattern.name or pattern.pattern}")
    return names


def ask(world: World, who: str, name: str, method: str) -> int | str:
    client = Client()
    if world.people[who]:
        client.force_login(world.people[who])
    response = client.generic(method, reverse(name, args=world.arguments.get(name, [])))
    to_login = response.status_code == 302 and response["Location"].startswith(reverse("account_login"))
    return LOGIN if to_login else response.status_code


def ask_each(world: World, name: str, method: str) -> tuple[int | str, ...]:
    """What each of WHO gets; nobody finds changed what another has sent."""
    found = []
    for who in WHO:
        with transaction.atomic():
            found.append(ask(world, who, name, method))
            transaction.set_rollback(True)
    return tuple(found)


def test_the_matrix_names_every_url_there_is():
    found = {name for name in named_urls(get_resolver().url_patterns) if not name.startswith("admin:")}
    assert found == set(MATRIX)


@pytest.mark.parametrize("name", MATRIX)
def test_each_url_gives_each_person_what_the_matrix_says(world, name):
    method, *expected = MATRIX[name]
    assert ask_each(world, name, method) == tuple(expected)


@pytest.mark.parametrize("name", POSTS_TOO)
def test_forms_can_be_sent_by_those_who_may_see_them_only(world, name):
    assert ask_each(world, name, "POST") == POSTS_TOO[name]


ACTIONS = [name for name, (method, *_) in MATRIX.items() if method == "POST" and name != "generations:prompt-create"]


@pytest.mark.parametrize("name", ACTIONS)
def test_actions_do_not_answer_to_a_link(world, name):
    assert ask(world, "owner" if name not in ADMINS else "admin", name, "GET") == 405


ADMIN_SITE = sorted(
    name
    for name in named_urls(get_resolver().url_patterns)
    if name.startswith("admin:") and name.endswith(("_changelist", ":index"))
)


@pytest.mark.parametrize("name", ADMIN_SITE)
def test_the_admin_site_opens_for_admins_only(world, name):
    assert [status == 200 for status in ask_each(world, name, "GET")] == [who == "admin" for who in WHO]


def test_the_admin_site_lists_something():
    assert "admin:generations_job_changelist" in ADMIN_SITE


@pytest.mark.parametrize("who", ["owner", "other"])
def test_somebody_who_was_deactivated_is_out_at_once(client, world, who):
    client.force_login(world.people[who])
    User.objects.update(is_active=False)
    assert client.get(reverse("generations:job-detail", args=[world.job.ref])).status_code == 302


def test_pages_of_signed_in_people_are_kept_by_no_cache(client, world):
    client.force_login(world.people["owner"])
    for name in ("generations:create", "generations:gallery", "accounts:account-list"):
        assert "no-store" in client.get(reverse(name))["Cache-Control"]


def test_every_page_forbids_what_is_not_our_own(client, world):
    policy = client.get(reverse("account_login"))["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


def test_an_action_after_the_session_has_lapsed_leads_back_to_its_page_not_to_itself(client, world):
    url = reverse("generations:job-cancel", args=[world.job.ref])
    response = client.post(url, headers={"referer": f"http://testserver{world.job.get_absolute_url()}"})
    assert response["Location"].endswith(f"next={world.job.get_absolute_url()}")
    elsewhere = client.post(url, headers={"referer": "https://evil.example/page"})
    assert elsewhere["Location"].endswith("next=/")


def test_a_fragment_after_the_session_has_lapsed_reloads_the_page_instead_of_showing_a_sign_in_form(client, world):
    response = client.get(reverse("generations:live"), headers={"HX-Request": "true"})
    assert response["HX-Refresh"] == "true"
    assert not response.content


def test_the_admin_site_knows_our_own_tables_only():
    from django.contrib import admin

    labels = {model._meta.label for model in admin.site._registry}
    assert labels == {
        "accounts.Account", "accounts.Channel", "accounts.User", "generations.Batch", "generations.Image",
        "generations.Job", "generations.JobEvent", "generations.Prompt",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "lookup"),
    [
        ("accounts_user", "password__regex"),
        ("accounts_account", "token_encrypted__startswith"),
        ("generations_image", "source_url__startswith"),
        ("generations_job", "owner__password__startswith"),
    ],
)
def test_the_admin_site_tells_no_hidden_column_through_a_filter(client, world, name, lookup):
    client.force_login(world.people["admin"])
    assert client.get(reverse(f"admin:{name}_changelist"), {lookup: "x"}).status_code == 400
    assert client.get(reverse(f"admin:{name}_changelist")).status_code == 200


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/live/?after=" + "9" * 5000, {}),
        ("/live/?after=0&job=nonsense&newest=" + "9" * 5000, {}),
        ("/gallery/?before=0001-01-01T00:00:00%2B23:00_1", {}),
        ("/gallery/more/?before=9999-12-31T23:59:59-23:00_1", {}),
        ("IMAGE", {"Range": "bytes=" + "9" * 5000 + "-"}),
        ("IMAGE", {"Range": "bytes=٣-٤"}),
    ],
)
def test_odd_input_is_answered_not_stumbled_over(client, world, path, headers):
    client.force_login(world.people["owner"])
    image = world.job.images.get()
    response = client.get(image.original_url() if path == "IMAGE" else path, headers=headers)
    assert response.status_code < 500
    response.close()
