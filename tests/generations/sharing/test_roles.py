"""The ladder: view, comment, contribute, manage, each including those before it."""

import itertools

import pytest

from generations.models import Collection, CollectionEntry, Grant, PublicLink, ShareRole
from generations.sharing import giving, links, roles
from tests.generations.sharing.making import collection, give, link, picture, url


@pytest.mark.parametrize(("given", "wanted"), list(itertools.product(ShareRole.values, repeat=2)))
def test_each_role_includes_those_before_it(member, other_member, given, wanted):
    shared = collection(member)
    give(shared, other_member, given)
    order = ["view", "comment", "contribute", "manage"]
    assert roles.may(other_member, shared, wanted) == (order.index(given) >= order.index(wanted))
    assert roles.may(member, shared, wanted)


def test_whoever_it_was_not_given_to_may_nothing(member, other_member, admin_user):
    shared = collection(member)
    give(shared, other_member, "manage")
    assert not any(roles.may(admin_user, shared, role) for role in ShareRole.values)
    other_member.is_active = False
    assert not roles.may(other_member, shared, "view")


def test_of_a_grant_to_the_team_and_one_to_the_person_the_further_counts(member, other_member):
    shared = collection(member)
    give(shared, None, "comment", shows_prompts=True)
    give(shared, other_member, "contribute")
    access = roles.of_collection(other_member, shared)
    assert (access.role, access.shows_prompts) == ("contribute", True)


def test_roles_that_make_no_sense_are_not_given(member, other_member):
    assert give(picture(member), other_member, "manage").role == "view"
    assert give(collection(member, query="boat"), other_member, "contribute").role == "view"
    grant = give(collection(member, name="Plain"), other_member)
    assert not giving.change(member, grant, "owner", shows_prompts=False)


def test_viewers_do_not_add_contributors_add_their_own_and_managers_take_out(client, member, other_member):
    mine, theirs = picture(member), picture(other_member)
    shared = collection(member, mine)
    grant = give(shared, other_member, "comment")
    client.force_login(other_member)
    add, take_out = url("collection-contribute", shared.ref), url("collection-take-out", shared.ref)
    assert client.post(add, {"image": str(theirs.ref)}).status_code == 404
    giving.change(member, grant, "contribute", shows_prompts=False)
    client.post(add, {"image": [str(theirs.ref), str(mine.ref), "nonsense"]})
    assert list(shared.entries.order_by("position").values_list("image", "added_by")) == [
        (mine.pk, member.pk), (theirs.pk, other_member.pk),
    ]  # fmt: skip
    client.post(take_out, {"image": str(mine.ref)})
    assert shared.entries.count() == 2
    giving.change(member, grant, "manage", shows_prompts=False)
    client.post(take_out, {"image": str(mine.ref)})
    assert shared.entries.get().image == theirs


def test_ones_own_picture_is_taken_out_even_of_a_collection_that_one_no_longer_sees(client, member, other_member):
    theirs = picture(other_member)
    shared = collection(member, theirs)
    client.force_login(other_member)
    assert client.post(url("collection-take-out", shared.ref), {"image": str(theirs.ref)}).status_code == 302
    assert not CollectionEntry.objects.exists()
    assert client.post(url("collection-take-out", shared.ref), {"image": str(theirs.ref)}).status_code == 404


def test_managers_share_with_others_but_the_prompts_are_the_owners_to_show(client, member, other_member, admin_user):
    shared = collection(member, picture(member))
    give(shared, other_member, "manage")
    client.force_login(other_member)
    assert client.get(url("share-collection", shared.ref)).status_code == 200
    sent = {"person": admin_user.pk, "role": "comment", "shows_prompts": "on"}
    assert client.post(url("share-give", "collection", shared.ref), sent).status_code == 302
    assert Grant.objects.filter(user=admin_user, role="comment", shows_prompts=False).exists()
    client.post(url("share-link", "collection", shared.ref), {"link-title": "x", "link-shows_prompts": "on"})
    assert PublicLink.objects.filter(created_by=other_member, shows_prompts=False).exists()


@pytest.mark.parametrize("role", ["view", "comment", "contribute"])
def test_below_manage_nobody_decides_who_sees_it(client, member, other_member, role):
    shared = collection(member)
    grant = give(shared, other_member, role)
    open_link = link(shared)
    client.force_login(other_member)
    assert client.get(url("share-collection", shared.ref)).status_code == 404
    for name, *arguments in [
        ("share-give", "collection", shared.ref), ("share-team", "collection", shared.ref),
        ("share-link", "collection", shared.ref), ("grant-change", grant.pk), ("grant-remove", grant.pk),
        ("link-revoke", open_link.pk),
    ]:  # fmt: skip
        assert client.post(url(name, *arguments)).status_code == 404, name
    assert links.opened(open_link.key)


@pytest.mark.parametrize("how", ["removed", "lowered"])
def test_links_that_a_manager_made_close_when_they_no_longer_manage(member, other_member, how):
    shared = collection(member, picture(member))
    grant = give(shared, other_member, "manage")
    theirs = links.create(other_member, shared, links.Terms())
    mine = link(shared)
    if how == "removed":
        giving.take_back(grant)
    else:
        giving.change(member, grant, "contribute", shows_prompts=False)
    assert links.opened(theirs.key) is None
    assert links.opened(mine.key)


def test_a_search_takes_no_pictures_by_hand(client, member):
    smart = collection(member, query="heron")
    client.force_login(member)
    assert client.get(url("collection-contribute", smart.ref)).status_code == 404
    assert Collection.objects.get().entries.count() == 0
