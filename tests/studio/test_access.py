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

LOGIN = "sign in"  # a redirect to the sign-in page
WHO = ("anonymous", "owner", "other", "admin")

# name: method, then what each of WHO gets. "job", "image", "channel", "account", "person" are made by `world`.
ANYONE = {
    "generations:hook": ("POST", 404, 404, 404, 404),
    # Whoever has the key; what a link does not allow is there for nobody.
    "generations:public": ("GET", 200, 200, 200, 200),
    "generations:public-picture": ("GET", 200, 200, 200, 200),
    "generations:public-thumbnail": ("GET", 200, 200, 200, 200),
    "generations:public-original": ("GET", 404, 404, 404, 404),
    "generations:public-unlock": ("POST", 422, 422, 422, 422),
    "generations:public-name": ("POST", 403, 403, 403, 403),
    "generations:public-pick": ("POST", 403, 403, 403, 403),
    "generations:reference-public": ("GET", 404, 404, 404, 404),
    "health": ("GET", 200, 200, 200, 200),
    "accounts:app-manifest": ("GET", 200, 200, 200, 200),
    "account_login": ("GET", 200, 302, 302, 302),
    "account_logout": ("GET", LOGIN, 200, 200, 200),
    "account_inactive": ("GET", 200, 200, 200, 200),
    "account_signup": ("GET", 200, 302, 302, 302),
    "account_reset_password": ("GET", 200, 200, 200, 200),
    "account_reset_password_done": ("GET", 200, 200, 200, 200),
    "account_reset_password_from_key": ("GET", 200, 200, 200, 200),
    "account_reset_password_from_key_done": ("GET", 200, 200, 200, 200),
}
MEMBERS = {
    "generations:create": ("GET", LOGIN, 200, 200, 200),
    "generations:prompt-create": ("POST", LOGIN, 422, 422, 422),
    "generations:prompt-check": ("POST", LOGIN, 200, 200, 200),
    "generations:live": ("GET", LOGIN, 204, 204, 204),
    "generations:job-list-older": ("GET", LOGIN, 200, 200, 200),
    "generations:batch-list": ("GET", LOGIN, 200, 200, 200),
    "generations:batch-new": ("GET", LOGIN, 200, 200, 200),
    "generations:batch-from-pictures": ("GET", LOGIN, 302, 302, 302),
    "generations:batch-shared-check": ("POST", LOGIN, 200, 200, 200),
    "generations:queue": ("GET", LOGIN, 200, 200, 200),
    "generations:queue-changes": ("GET", LOGIN, 200, 200, 200),
    "generations:prompt-history": ("GET", LOGIN, 200, 200, 200),
    "generations:prompt-recent": ("GET", LOGIN, 200, 200, 200),
    "generations:template-list": ("GET", LOGIN, 200, 200, 200),
    "generations:template-new": ("GET", LOGIN, 200, 200, 200),
    "generations:style-list": ("GET", LOGIN, 200, 200, 200),
    "generations:style-new": ("GET", LOGIN, 200, 200, 200),
    "generations:blend-new": ("GET", LOGIN, 200, 200, 200),
    "generations:describe-new": ("GET", LOGIN, 200, 200, 200),
    "generations:video-new": ("GET", LOGIN, 200, 200, 200),
    "generations:library": ("GET", LOGIN, 302, 302, 302),
    "generations:reference-list": ("GET", LOGIN, 200, 200, 200),
    "generations:reference-list-older": ("GET", LOGIN, 200, 200, 200),
    "generations:reference-upload": ("POST", LOGIN, 302, 302, 302),
    "generations:reference-pick": ("GET", LOGIN, 200, 200, 200),
    "generations:gallery": ("GET", LOGIN, 200, 200, 200),
    "generations:gallery-more": ("GET", LOGIN, 200, 200, 200),
    "generations:gallery-count": ("GET", LOGIN, 200, 200, 200),
    "generations:gallery-suggest": ("GET", LOGIN, 200, 200, 200),
    "generations:gallery-view": ("POST", LOGIN, 302, 302, 302),
    "generations:gallery-change": ("POST", LOGIN, 302, 302, 302),
    "generations:gallery-trash": ("GET", LOGIN, 200, 200, 200),
    "generations:gallery-animate": ("GET", LOGIN, 302, 302, 302),
    "generations:gallery-compare": ("GET", LOGIN, 302, 302, 302),
    "generations:gallery-empty-trash": ("GET", LOGIN, 200, 200, 200),
    "generations:shared": ("GET", LOGIN, 200, 200, 200),
    "generations:collection-list": ("GET", LOGIN, 200, 200, 200),
    "generations:collection-new": ("GET", LOGIN, 200, 200, 200),
    "generations:download-choose": ("GET", LOGIN, 200, 200, 200),
    "accounts:account-list": ("GET", LOGIN, 200, 200, 200),
    "accounts:account-detail": ("GET", LOGIN, 200, 200, 200),
    "accounts:preferences": ("GET", LOGIN, 200, 200, 200),
    "accounts:preferences-theme": ("POST", LOGIN, 302, 302, 302),
    "account_reauthenticate": ("GET", LOGIN, 200, 200, 200),
    "account_change_password": ("GET", LOGIN, 200, 200, 200),
    "account_set_password": ("GET", LOGIN, 302, 302, 302),
}
OWNERS = {
    "generations:share-image": ("GET", LOGIN, 200, 404, 404),
    "generations:share-collection": ("GET", LOGIN, 200, 404, 404),
    "generations:share-give": ("POST", LOGIN, 422, 404, 404),
    "generations:share-team": ("POST", LOGIN, 422, 404, 404),
    "generations:share-link": ("POST", LOGIN, 302, 404, 404),
    "generations:grant-change": ("POST", LOGIN, 302, 404, 404),
    "generations:grant-remove": ("POST", LOGIN, 302, 404, 404),
    "generations:link-revoke": ("POST", LOGIN, 302, 404, 404),
    "generations:shared-image": ("GET", LOGIN, 200, 404, 404),
    "generations:shared-collection": ("GET", LOGIN, 200, 404, 404),
    "generations:image-talk": ("GET", LOGIN, 200, 404, 404),
    "generations:image-comment": ("POST", LOGIN, 422, 404, 404),
    "generations:comment-delete": ("POST", LOGIN, 302, 404, 404),
    "generations:collection-contribute": ("GET", LOGIN, 200, 404, 404),
    "generations:collection-take-out": ("POST", LOGIN, 302, 404, 404),
    "generations:gallery-stack": ("GET", LOGIN, 200, 404, 404),
    "generations:gallery-undo": ("POST", LOGIN, 302, 404, 404),
    "generations:image-similar": ("GET", LOGIN, 200, 404, 404),
    "generations:image-note": ("POST", LOGIN, 302, 404, 404),
    "generations:collection-detail": ("GET", LOGIN, 200, 404, 404),
    "generations:collection-edit": ("GET", LOGIN, 200, 404, 404),
    "generations:collection-delete": ("GET", LOGIN, 200, 404, 404),
    "generations:collection-move": ("POST", LOGIN, 302, 404, 404),
    "generations:reference-rename": ("POST", LOGIN, 302, 404, 404),
    "generations:reference-remove": ("GET", LOGIN, 200, 404, 404),
    "generations:reference-original": ("GET", LOGIN, 200, 404, 404),
    "generations:reference-thumbnail": ("GET", LOGIN, 200, 404, 404),
    "generations:reference-from-image": ("POST", LOGIN, 302, 404, 404),
    "generations:job-suggestions-run": ("POST", LOGIN, 404, 404, 404),
    "generations:job-suggestion-run": ("POST", LOGIN, 404, 404, 404),
    "generations:job-region": ("GET", LOGIN, 200, 404, 404),
    "generations:job-mask": ("GET", LOGIN, 404, 404, 404),
    "generations:prompt-favourite": ("POST", LOGIN, 302, 404, 404),
    "generations:template-fill": ("GET", LOGIN, 200, 404, 404),
    "generations:template-edit": ("GET", LOGIN, 200, 404, 404),
    "generations:template-delete": ("GET", LOGIN, 200, 404, 404),
    "generations:style-edit": ("GET", LOGIN, 200, 404, 404),
    "generations:style-delete": ("GET", LOGIN, 200, 404, 404),
    "generations:job-look-for-more": ("POST", LOGIN, 302, 404, 404),
    "generations:job-detail": ("GET", LOGIN, 200, 404, 404),
    "generations:job-cancel": ("POST", LOGIN, 302, 404, 404),
    "generations:job-cancel-confirm": ("GET", LOGIN, 302, 404, 404),
    "generations:job-retry": ("POST", LOGIN, 302, 404, 404),
    "generations:job-ran": ("POST", LOGIN, 302, 404, 404),
    "generations:job-did-not-run": ("POST", LOGIN, 302, 404, 404),
    "generations:job-look-up": ("POST", LOGIN, 302, 404, 404),
    "generations:job-save-again": ("POST", LOGIN, 302, 404, 404),
    "generations:job-press": ("POST", LOGIN, 302, 404, 404),
    "generations:job-press-ask": ("GET", LOGIN, 302, 404, 404),
    "generations:job-press-check": ("POST", LOGIN, 200, 404, 404),
    "generations:job-remix": ("GET", LOGIN, 302, 404, 404),
    "generations:job-animate": ("GET", LOGIN, 302, 404, 404),
    "generations:job-seed": ("POST", LOGIN, 302, 404, 404),
    "generations:image-actions": ("GET", LOGIN, 200, 404, 404),
    "generations:batch-detail": ("GET", LOGIN, 200, 404, 404),
    "generations:batch-edit": ("GET", LOGIN, 302, 404, 404),
    "generations:batch-lines": ("GET", LOGIN, 200, 404, 404),
    "generations:batch-choose": ("POST", LOGIN, 302, 404, 404),
    "generations:batch-discard": ("GET", LOGIN, 302, 404, 404),
    "generations:batch-confirm": ("POST", LOGIN, 302, 404, 404),
    "generations:batch-live": ("GET", LOGIN, 204, 404, 404),
    "generations:batch-pictures": ("GET", LOGIN, 200, 404, 404),
    "generations:batch-failed": ("GET", LOGIN, 200, 404, 404),
    "generations:batch-archive": ("GET", LOGIN, 200, 404, 404),
    "generations:batch-pause": ("POST", LOGIN, 302, 404, 404),
    "generations:batch-resume": ("POST", LOGIN, 302, 404, 404),
    "generations:batch-stop": ("GET", LOGIN, 200, 404, 404),
    "generations:batch-retry": ("POST", LOGIN, 302, 404, 404),
    "generations:batch-priority": ("POST", LOGIN, 302, 404, 404),
    "generations:batch-move": ("POST", LOGIN, 404, 404, 404),
    "generations:batch-rename": ("POST", LOGIN, 302, 404, 404),
    "generations:batch-again": ("POST", LOGIN, 302, 404, 404),
    # An admin steers everybody's jobs in the queue, as leads do.
    "generations:queue-job": ("GET", LOGIN, 302, 404, 302),
    "generations:queue-job-move": ("POST", LOGIN, 302, 404, 302),
    "generations:queue-job-priority": ("POST", LOGIN, 302, 404, 302),
    "generations:queue-job-cancel": ("POST", LOGIN, 302, 404, 302),
    "generations:image-original": ("GET", LOGIN, 200, 404, 404),
    "generations:image-download": ("GET", LOGIN, 200, 404, 404),
    "generations:download-file": ("GET", LOGIN, 200, 404, 404),
    "generations:image-repair": ("POST", LOGIN, 302, 404, 404),
    "generations:image-thumbnail": ("GET", LOGIN, 200, 404, 404),
}
ADMINS = {
    "generations:budget-team": ("GET", LOGIN, 404, 404, 200),
    "generations:budget-person": ("GET", LOGIN, 404, 404, 200),
    "generations:budgets": ("GET", LOGIN, 404, 404, 200),
    "generations:storage": ("GET", LOGIN, 404, 404, 200),
    "generations:storage-check": ("POST", LOGIN, 404, 404, 302),
    "generations:storage-repair": ("POST", LOGIN, 404, 404, 302),
    "generations:queue-account-pause": ("GET", LOGIN, 404, 404, 200),
    "generations:queue-account-resume": ("POST", LOGIN, 404, 404, 302),
    "generations:queue-person-pause": ("GET", LOGIN, 404, 404, 200),
    "generations:queue-person-resume": ("POST", LOGIN, 404, 404, 302),
    "accounts:account-add": ("GET", LOGIN, 404, 404, 200),
    "accounts:account-test": ("POST", LOGIN, 404, 404, 302),
    "accounts:account-sync": ("POST", LOGIN, 404, 404, 302),
    "accounts:account-pause": ("GET", LOGIN, 404, 404, 200),
    "accounts:account-resume": ("POST", LOGIN, 404, 404, 302),
    "accounts:account-access": ("GET", LOGIN, 404, 404, 200),
    "accounts:account-token": ("GET", LOGIN, 404, 404, 200),
    "accounts:account-delete": ("GET", LOGIN, 404, 404, 200),
    "accounts:channel-reset": ("GET", LOGIN, 404, 404, 200),
    "accounts:channel-add": ("GET", LOGIN, 404, 404, 200),
    "accounts:channel-remove": ("GET", LOGIN, 404, 404, 200),
    "accounts:account-new-hook": ("POST", LOGIN, 404, 404, 302),
    "generations:channel-settings": ("GET", LOGIN, 404, 404, 200),
    "generations:channel-settings-live": ("GET", LOGIN, 404, 404, 200),
    "generations:channel-settings-ask": ("GET", LOGIN, 404, 404, 200),
    "accounts:people": ("GET", LOGIN, 404, 404, 200),
    "accounts:person-add": ("GET", LOGIN, 404, 404, 200),
    "accounts:person-detail": ("GET", LOGIN, 404, 404, 200),
    "accounts:person-link": ("POST", LOGIN, 404, 404, 302),
    "accounts:person-deactivate": ("POST", LOGIN, 404, 404, 302),
    "accounts:person-reactivate": ("POST", LOGIN, 404, 404, 302),
}
MATRIX = {**ANYONE, **MEMBERS, **OWNERS, **ADMINS}
POSTS_TOO = {
    "generations:job-animate": (LOGIN, 422, 404, 404),
    "generations:budget-team": (LOGIN, 404, 404, 302),
    "generations:budget-person": (LOGIN, 404, 404, 422),
    "generations:batch-new": (LOGIN, 422, 422, 422),
    "generations:download-choose": (LOGIN, 200, 200, 200),
    "generations:job-region": (LOGIN, 422, 404, 404),
    "generations:template-new": (LOGIN, 422, 422, 422),
    "generations:style-new": (LOGIN, 422, 422, 422),
    "generations:template-edit": (LOGIN, 422, 404, 404),
    "generations:template-delete": (LOGIN, 302, 404, 404),
    "generations:style-edit": (LOGIN, 422, 404, 404),
    "generations:style-delete": (LOGIN, 302, 404, 404),
    "generations:blend-new": (LOGIN, 200, 200, 200),
    "generations:describe-new": (LOGIN, 200, 200, 200),
    "generations:video-new": (LOGIN, 200, 200, 200),
    "generations:batch-from-pictures": (LOGIN, 302, 302, 302),
    "generations:gallery-animate": (LOGIN, 302, 302, 302),
    "generations:batch-edit": (LOGIN, 302, 404, 404),
    "generations:reference-remove": (LOGIN, 302, 404, 404),
    "generations:gallery-empty-trash": (LOGIN, 302, 302, 302),
    "generations:collection-edit": (LOGIN, 422, 404, 404),
    "generations:collection-delete": (LOGIN, 302, 404, 404),
    "generations:collection-contribute": (LOGIN, 302, 404, 404),
    "generations:batch-discard": (LOGIN, 302, 404, 404),
    "generations:batch-stop": (LOGIN, 302, 404, 404),
    "accounts:account-add": (LOGIN, 404, 404, 422),
    "accounts:account-pause": (LOGIN, 404, 404, 422),
    "generations:queue-account-pause": (LOGIN, 404, 404, 422),
    "generations:queue-person-pause": (LOGIN, 404, 404, 422),
    "accounts:account-access": (LOGIN, 404, 404, 422),
    "accounts:account-token": (LOGIN, 404, 404, 422),
    "accounts:account-delete": (LOGIN, 404, 404, 302),
    "accounts:channel-reset": (LOGIN, 404, 404, 422),
    "accounts:channel-add": (LOGIN, 404, 404, 422),
    "accounts:channel-remove": (LOGIN, 404, 404, 422),
    "generations:channel-settings-ask": (LOGIN, 404, 404, 302),
    "accounts:person-add": (LOGIN, 404, 404, 422),
    "accounts:person-detail": (LOGIN, 404, 404, 422),
    "accounts:preferences": (LOGIN, 302, 302, 302),
}


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
