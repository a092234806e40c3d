"""What visitors mark and write, kept apart from each other, and read by the owner."""

import pytest
from django.test import Client

from generations.models import Pick
from generations.sharing import picks
from tests.generations.sharing.making import collection, give, link, picture, url


@pytest.fixture
def image(member):
    return picture(member)


@pytest.fixture
def made(member, image):
    return link(collection(member, image), title="Round one", takes_picks=True)


def visit(made, name: str = "") -> Client:
    """Somebody who has opened the link, and perhaps said a name."""
    visitor = Client()
    visitor.get(url("public", made.key))
    if name:
        visitor.post(url("public-name", made.key), {"name": name})
    return visitor


def test_two_visitors_mark_and_write_each_for_themselves(client, member, image, made):
    first, second = visit(made, "  Ana   B "), visit(made)
    pick = url("public-pick", made.key, image.ref)
    first.post(pick, {"chosen": "1"})
    first.post(pick, {"note": "  more light  "})
    second.post(pick, {"note": "too dark"})
    assert set(Pick.objects.values_list("name", "chosen", "note")) == {
        ("Ana B", True, "more light"), ("", False, "too dark"),
    }  # fmt: skip
    mine = first.get(url("public-picture", made.key, image.ref)).content.decode()
    assert "more light" in mine
    assert "too dark" not in mine
    assert 'aria-pressed="true"' in first.get(url("public", made.key)).content.decode()
    assert 'aria-pressed="true"' not in second.get(url("public", made.key)).content.decode()

    client.force_login(member)
    for address in (url("share-collection", made.collection.ref), url("image-talk", image.ref)):
        page = client.get(address).content.decode()
        for words in ("Ana B", "A visitor", "more light", "too dark", "Round one"):
            assert words in page, (address, words)


def test_a_mark_is_taken_back_and_nothing_is_kept_of_what_is_empty(made, image):
    visitor = visit(made)
    pick = url("public-pick", made.key, image.ref)
    visitor.post(pick, {"chosen": "1"})
    visitor.post(pick, {"note": "x"})
    visitor.post(pick, {"chosen": "0"})
    assert Pick.objects.get().note == "x"
    visitor.post(pick, {"note": " "})
    assert not Pick.objects.exists()


def test_a_name_said_later_stands_beside_what_was_left_before(made, image):
    visitor = visit(made)
    visitor.post(url("public-pick", made.key, image.ref), {"chosen": "1"})
    visitor.post(url("public-name", made.key), {"name": "Bo"})
    assert Pick.objects.get().name == "Bo"


def test_with_script_only_the_button_or_the_note_comes_back(made, image):
    visitor = visit(made)
    pick = url("public-pick", made.key, image.ref)
    heart = visitor.post(pick, {"chosen": "1"}, headers={"HX-Request": "true"}).content.decode()
    assert 'aria-pressed="true"' in heart
    assert "<html" not in heart
    note = visitor.post(pick, {"note": "<b>x</b>"}, headers={"HX-Request": "true"}).content.decode()
    assert "&lt;b&gt;x&lt;/b&gt;" in note
    assert "Kept." in note


def test_links_that_take_no_picks_and_pictures_that_are_not_shown_take_none(member, made, image):
    silent = link(image)
    visitor = visit(silent)
    assert "studio_visitor" not in visitor.cookies
    assert visitor.post(url("public-pick", silent.key, image.ref), {"chosen": "1"}).status_code == 403
    elsewhere = picture(member)
    assert visit(made).post(url("public-pick", made.key, elsewhere.ref), {"chosen": "1"}).status_code == 404
    assert Client().post(url("public-pick", made.key, image.ref), {"chosen": "1"}).status_code == 403
    assert not Pick.objects.exists()


def test_what_is_too_long_is_refused(made, image):
    response = visit(made).post(url("public-pick", made.key, image.ref), {"note": "x" * 1001})
    assert response.status_code == 403
    assert not Pick.objects.exists()


def test_a_forged_cookie_is_nobody(made, image):
    visitor = visit(made)
    visitor.cookies["studio_visitor"] = "eyJrZXkiOiJ4In0:forged"
    assert visitor.post(url("public-pick", made.key, image.ref), {"chosen": "1"}).status_code == 403


def test_a_link_takes_the_marks_of_so_many_visitors_and_no_more(made, image, monkeypatch):
    monkeypatch.setattr(picks, "MOST_VISITORS", 2)
    visitors = [visit(made) for _ in range(3)]
    answers = [each.post(url("public-pick", made.key, image.ref), {"chosen": "1"}).status_code for each in visitors]
    assert answers == [302, 302, 403]
    assert visitors[0].post(url("public-pick", made.key, image.ref), {"note": "still here"}).status_code == 302


def test_colleagues_do_not_read_what_visitors_left(client, made, image, other_member):
    visit(made, "Ana").post(url("public-pick", made.key, image.ref), {"chosen": "1"})
    give(image, other_member, "comment")
    client.force_login(other_member)
    assert "Ana" not in client.get(url("image-talk", image.ref)).content.decode()
