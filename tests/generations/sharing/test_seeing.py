"""Who sees what: each way of sharing, from private to the team, and what ends it."""

import pytest
from django.utils import timezone

from generations.models import Collection, Grant, Image
from generations.sharing import giving, roles, seeing
from tests.factories import make_admin, make_image, make_user
from tests.generations.sharing.making import body, collection, give, picture

WHO = ("owner", "friend", "colleague", "admin", "former")


@pytest.fixture
def people(db):
    return {
        "owner": make_user("Olga"), "friend": make_user("Fritz"), "colleague": make_user("Cora"),
        "admin": make_admin("Ada"), "former": make_user("Finn", is_active=False),
    }  # fmt: skip


def private(image, people):
    collection(image.owner, image)


def to_friend(image, people):
    give(image, people["friend"])


def to_former(image, people):
    give(image, people["former"])


def to_team(image, people):
    give(image, None)


def collection_to_friend(image, people):
    give(collection(image.owner, image), people["friend"])


def collection_to_team(image, people):
    give(collection(image.owner, image), None)


def collection_without_it(image, people):
    give(collection(image.owner), None)


def search_to_friend(image, people):
    give(collection(image.owner, query="heron"), people["friend"])


def search_to_team(image, people):
    give(collection(image.owner, query='heron -is:favourite ar:16:9 -"blue boat"'), None)


def search_that_finds_others(image, people):
    give(collection(image.owner, query="castle"), None)


def search_that_says_nothing(image, people):
    give(collection(image.owner, query="nonsense:x"), None)


def search_of_another(image, people):
    give(collection(people["colleague"], query="heron"), people["friend"])


def added_to_collection_of_colleague(image, people):
    collection(people["colleague"], image)


def added_and_shared_on(image, people):
    give(collection(people["colleague"], image), people["friend"])


def in_trash(image, people):
    give(image, None)
    give(collection(image.owner, image), None)
    Image.objects.filter(pk=image.pk).update(trashed_at=timezone.now())


def given_and_taken_back(image, people):
    grant = give(image, people["friend"])
    giving.take_back(grant)


RULES = {
    private: {"owner"},
    to_friend: {"owner", "friend"},
    to_former: {"owner"},
    to_team: {"owner", "friend", "colleague", "admin"},
    collection_to_friend: {"owner", "friend"},
    collection_to_team: {"owner", "friend", "colleague", "admin"},
    collection_without_it: {"owner"},
    search_to_friend: {"owner", "friend"},
    search_to_team: {"owner", "friend", "colleague", "admin"},
    search_that_finds_others: {"owner"},
    search_that_says_nothing: {"owner"},
    search_of_another: {"owner"},
    added_to_collection_of_colleague: {"owner", "colleague"},
    added_and_shared_on: {"owner", "colleague", "friend"},
    in_trash: {"owner"},
    given_and_taken_back: {"owner"},
}


@pytest.mark.parametrize("shared", RULES, ids=lambda shared: shared.__name__)
def test_a_picture_is_seen_by_those_it_was_shared_with_and_nobody_else(people, shared):
    image = picture(people["owner"])
    shared(image, people)
    image.refresh_from_db()
    seen = {name for name in WHO if Image.objects.viewable_by(people[name]).filter(pk=image.pk).exists()}
    assert seen == RULES[shared]
    assert {name for name in WHO if roles.of_image(people[name], image)} == seen
    assert {name for name in WHO if Image.objects.visible_to(people[name]).filter(pk=image.pk)} == {"owner"}
    if not image.trashed_at:
        assert {name for name in WHO if people[name] in seeing.viewers(image)} == seen


@pytest.mark.parametrize("shared", RULES, ids=lambda shared: shared.__name__)
def test_its_files_and_pages_answer_as_the_rules_say(client, people, shared):
    image = picture(people["owner"], file=True)
    shared(image, people)
    for name in ("owner", "friend", "colleague", "admin"):
        client.force_login(people[name])
        expected = 200 if name in RULES[shared] else 404
        for address in (image.original_url(), image.thumbnail_url(320), f"/images/{image.ref}/talk/"):
            response = client.get(address)
            body(response)
            assert response.status_code == expected, (name, address)


def test_an_unsaved_picture_is_seen_by_its_owner_only(people):
    image = make_image(owner=people["owner"], saved=False)
    give(image, people["friend"])
    give(image, None)
    assert [name for name in WHO if Image.objects.viewable_by(people[name]).exists()] == ["owner"]
    assert roles.of_image(people["friend"], image) is None


def test_collections_are_seen_by_their_owner_and_those_they_were_given_to(people):
    mine, given, of_team = (collection(people["owner"], name=name) for name in ("Mine", "Given", "Team"))
    give(given, people["friend"])
    give(of_team, None)
    seen = {name: set(Collection.objects.visible_to(people[name])) for name in WHO}
    assert seen == {
        "owner": {mine, given, of_team}, "friend": {given, of_team}, "colleague": {of_team}, "admin": {of_team},
        "former": set(),
    }  # fmt: skip


def test_a_search_is_asked_anew_each_time(people):
    shared = collection(people["owner"], query="is:favourite")
    give(shared, people["friend"])
    image = picture(people["owner"])
    assert not Image.objects.viewable_by(people["friend"]).exists()
    Image.objects.filter(pk=image.pk).update(favourite=True)
    assert Image.objects.viewable_by(people["friend"]).get() == image
    Image.objects.filter(pk=image.pk).update(favourite=False)
    assert not Image.objects.viewable_by(people["friend"]).exists()


def test_giving_again_replaces_what_was_given(people):
    image = picture(people["owner"])
    give(image, people["friend"])
    give(image, people["friend"], "comment", shows_prompts=True)
    grant = Grant.objects.get()
    assert (grant.role, grant.shows_prompts) == ("comment", True)


def test_somebody_elses_picture_is_not_acted_upon_however_it_is_shared(client, people):
    image = picture(people["owner"], file=True)
    give(image, people["friend"], "comment", shows_prompts=True)
    client.force_login(people["friend"])
    assert body(client.get(image.original_url()))
    assert client.post(f"/images/{image.ref}/reference/").status_code == 404
    assert client.get(f"/images/{image.ref}/actions/").status_code == 404
    assert client.get(f"/images/{image.ref}/share/").status_code == 404
    assert client.get(image.job.get_absolute_url()).status_code == 404
    client.post("/gallery/change/", {"do": "trash", "image": str(image.ref)})
    image.refresh_from_db()
    assert image.trashed_at is None
