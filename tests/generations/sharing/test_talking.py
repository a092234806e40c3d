"""Comments: who may write, who is mentioned, and where they are told."""

import pytest

from generations.models import Comment
from generations.sharing import giving, talking
from tests.factories import make_user
from tests.generations.sharing.making import collection, give, picture, url


@pytest.fixture
def image(member):
    return picture(member)


def say(client, who, image, text, **headers):
    client.force_login(who)
    return client.post(url("image-comment", image.ref), {"text": text}, **headers)


def test_whoever_may_comment_does_and_everybody_who_sees_it_reads_it(client, member, other_member, image):
    viewer = make_user("Vera")
    give(image, other_member, "comment")
    give(image, viewer, "view")
    assert say(client, other_member, image, " warmer, please ").status_code == 302
    assert say(client, viewer, image, "me too").status_code == 404
    assert say(client, member, image, "done").status_code == 302
    assert list(Comment.objects.order_by("pk").values_list("author__name", "text")) == [
        ("Otto", "warmer, please"), ("Mia", "done"),
    ]  # fmt: skip
    for who in (member, other_member, viewer):
        client.force_login(who)
        page = client.get(url("image-talk", image.ref)).content.decode()
        assert page.index("warmer, please") < page.index("done")
        assert ("<textarea" in page) == (who != viewer)


def test_through_a_collection_one_comments_as_far_as_its_role_goes(client, member, other_member, image):
    shared = collection(member, image)
    grant = give(shared, other_member, "contribute")
    assert say(client, other_member, image, "good").status_code == 302
    giving.change(member, grant, "view", shows_prompts=False)
    assert say(client, other_member, image, "better").status_code == 404


@pytest.mark.parametrize("text", ["", "   ", "x" * 2001])
def test_nothing_and_too_much_are_refused(client, member, image, text):
    response = say(client, member, image, text)
    assert response.status_code == 422
    assert not Comment.objects.exists()


def test_with_script_the_comments_come_back(client, member, image):
    page = say(client, member, image, "<i>so</i>", headers={"HX-Request": "true"}).content.decode()
    assert "&lt;i&gt;so&lt;/i&gt;" in page
    assert "<html" not in page


def test_only_members_who_see_the_picture_are_mentioned(client, member, other_member, image):
    stranger, former = make_user("Sven"), make_user("Frida", is_active=False)
    give(image, other_member, "view")
    give(image, former, "view")
    say(client, member, image, "@Otto @sven @Frida @Mia look")
    assert list(Comment.objects.get().mentions.all()) == [other_member]
    client.force_login(stranger)
    assert "look" not in client.get(url("shared") + "?show=mentions").content.decode()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@Mia Berg", {"Mia Berg"}),
        ("@mia berg, look", {"Mia Berg"}),
        ("(@Otto)", {"Otto"}),
        ("@Ottokar", set()),
        ("x@Otto", set()),
        ("@Mia", set()),  # two of them
        ("@Jean", {"Jean Luc"}),
        ("@jl", {"Jean Luc"}),
        ("@Otto and @Jean Luc and @Otto", {"Otto", "Jean Luc"}),
        ("@ Otto", set()),
        ("@Éva", {"Éva"}),
        ("@ottO!", {"Otto"}),
        ("@Mia Berg and @Mia Holm", {"Mia Berg", "Mia Holm"}),
        ("Otto", set()),
    ],
)
def test_a_name_behind_an_at_sign_is_found(db, text, names):
    people = [
        make_user("Mia Berg", email="mb@studio.test"), make_user("Mia Holm", email="mh@studio.test"),
        make_user("Otto", email="o@studio.test"), make_user("Jean Luc", email="jl@studio.test"),
        make_user("Éva", email="e@studio.test"),
    ]  # fmt: skip
    assert {person.name for person in talking.mentioned(text, people)} == names


def test_mentions_stand_on_a_page_of_their_own_while_the_picture_is_seen(client, member, other_member, image):
    grant = give(image, other_member, "comment")
    say(client, member, image, "@Otto what do you think?")
    client.force_login(other_member)
    page = client.get(url("shared") + "?show=mentions").content.decode()
    assert "<strong>@Otto</strong> what do you think?" in page
    assert url("shared-image", image.ref) in page
    giving.take_back(grant)
    assert "what do you think" not in client.get(url("shared") + "?show=mentions").content.decode()


def test_names_are_suggested_of_those_who_see_it(client, member, other_member, image):
    make_user("Sven")
    give(image, other_member)
    client.force_login(member)
    page = client.get(url("image-talk", image.ref)).content.decode()
    assert "@Otto" in page
    assert "@Sven" not in page


def test_a_comment_is_deleted_by_its_author_and_by_the_owner_of_the_picture(client, member, other_member, image):
    third = make_user("Theo")
    for person in (other_member, third):
        give(image, person, "comment")
        say(client, person, image, f"by {person.name}")
    theirs, of_theo = Comment.objects.order_by("pk")
    client.force_login(third)
    assert client.post(url("comment-delete", theirs.ref)).status_code == 404
    assert client.post(url("comment-delete", of_theo.ref)).status_code == 302
    client.force_login(member)
    assert client.post(url("comment-delete", theirs.ref)).status_code == 302
    assert not Comment.objects.exists()
