"""The share page: giving, changing, taking back, links, and saying who sees a thing already."""

import pytest
from django.utils import timezone

from generations.models import Grant, PublicLink
from generations.sharing import links
from tests.factories import make_user
from tests.generations.sharing.making import collection, give, link, picture, url


@pytest.fixture
def mia(client, member):
    client.force_login(member)
    return member


def test_the_page_says_that_it_is_private_and_then_with_whom_it_is_shared(client, mia, other_member):
    image = picture(mia)
    page = client.get(url("share-image", image.ref)).content.decode()
    assert "Private" in page
    give(image, other_member)
    give(image, None)
    link(image)
    page = client.get(url("share-image", image.ref)).content.decode()
    for words in ("1 person", "Team", "1 public link", other_member.email):
        assert words in page
    assert "Private" not in page


def test_sharing_with_a_person_with_the_team_and_taking_it_back(client, mia, other_member):
    shared = collection(mia)
    give_url, team_url = url("share-give", "collection", shared.ref), url("share-team", "collection", shared.ref)
    client.post(give_url, {"person": other_member.pk, "role": "contribute", "shows_prompts": "on"})
    client.post(team_url, {"team-role": "view"})
    assert set(Grant.objects.values_list("user", "role", "shows_prompts")) == {
        (other_member.pk, "contribute", True), (None, "view", False),
    }  # fmt: skip
    mine = Grant.objects.get(user=other_member)
    client.post(url("grant-change", mine.pk), {"role": "manage"})
    mine.refresh_from_db()
    assert (mine.role, mine.shows_prompts) == ("manage", False)
    assert "no longer sees it" in client.post(url("grant-remove", mine.pk), follow=True).content.decode()
    assert Grant.objects.get().user is None


def test_people_who_left_the_owner_and_those_who_have_it_are_not_offered(client, mia, other_member):
    image = picture(mia)
    gone = make_user("Gone", is_active=False)
    give(image, other_member)
    for person in (gone, mia, other_member):
        response = client.post(url("share-give", "image", image.ref), {"person": person.pk, "role": "view"})
        assert response.status_code == 422, person
    assert Grant.objects.count() == 1


def test_a_link_is_made_as_it_was_asked_for(client, mia, settings):
    shared = collection(mia, name="Private words")
    sent = {
        "link-title": "  For   you ", "link-lasts": "7", "link-password": "a word", "link-takes_picks": "on",
        "link-allows_download": "on", "link-shows_prompts": "on",
    }  # fmt: skip
    client.post(url("share-link", "collection", shared.ref), sent)
    made = PublicLink.objects.get()
    assert (made.title, made.takes_picks, made.allows_download, made.shows_prompts) == ("For you", True, True, True)
    assert 6 < (made.expires_at - timezone.now()).total_seconds() / 86_400 <= 7
    assert made.password != "a word"
    assert links.is_password(made, "a word")
    page = client.get(url("share-collection", shared.ref)).content.decode()
    assert f"{settings.PUBLIC_URL}{made.get_absolute_url()}" in page
    assert made.password not in page


@pytest.mark.parametrize("sent", [{"link-lasts": "4000"}, {"link-password": "abc"}, {"link-title": "x" * 121}])
def test_a_link_that_makes_no_sense_is_refused_and_the_form_stays(client, mia, sent):
    image = picture(mia)
    assert client.post(url("share-link", "image", image.ref), sent).status_code == 422
    assert not PublicLink.objects.exists()


def test_a_picture_says_through_which_collections_it_is_seen(client, mia, other_member):
    image = picture(mia)
    give(collection(mia, image, name="For the team"), None)
    collection(mia, image, name="Only mine")
    collection(other_member, image, name="Of Otto")
    page = client.get(url("share-image", image.ref)).content.decode()
    assert "For the team" in page
    assert "Of Otto" in page
    assert "Only mine" not in page


def test_a_kind_that_there_is_not_leads_nowhere(client, mia):
    assert client.post(url("share-give", "job", picture(mia).ref)).status_code == 404
