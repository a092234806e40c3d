"""Searching for what is shared, and among what others share."""

from datetime import date

import pytest
from django.urls import reverse

from generations.gallery import pages, search, suggesting
from generations.gallery.forms import CollectionForm
from generations.gallery.query import parse
from generations.models import Image
from tests.factories import make_account, make_image, make_job
from tests.generations.sharing.making import collection, give, link, picture

TODAY = date(2026, 11, 28)


def found(user, text: str) -> set[int]:
    query = parse(text, today=TODAY)
    assert not query.problems
    return set(pages.seen(user, query).values_list("pk", flat=True))


def test_shared_finds_what_somebody_else_sees_by_itself_or_in_a_collection(member, other_member):
    given, linked, collected, closed, private = (picture(member) for _ in range(5))
    give(given, other_member)
    link(linked)
    give(collection(member, collected), None)
    revoked = link(closed)
    revoked.revoked_at = revoked.created_at
    revoked.save()
    assert found(member, "is:shared") == {given.pk, linked.pk, collected.pk}
    assert found(member, "-is:shared") == {closed.pk, private.pk}


def test_account_finds_what_was_made_through_it(member):
    studio = make_account(name="Studio Two")
    image = make_image(job=make_job(owner=member, account=studio, status="done"))
    picture(member)
    assert found(member, 'account:"studio two"') == {image.pk}
    assert [each.shown for each in suggesting.suggest(member, "account:stu")] == ["Studio Two"]


def test_person_finds_what_that_colleague_shares_and_nothing_else(member, other_member):
    theirs, secret, mine = picture(other_member), picture(other_member), picture(member)
    give(theirs, member)
    assert found(member, f"person:{other_member.name}") == {theirs.pk}
    assert secret.pk not in found(member, f"person:{other_member.email}")
    assert mine.pk not in found(member, f"person:{member.name}")
    Image.objects.filter(pk=theirs.pk).update(trashed_at=theirs.created_at)
    assert found(member, f"person:{other_member.name}") == set()


@pytest.mark.parametrize(
    "asked",
    ["heron", '"heron"', "-heron", "stylize>0", "model:7", "seed:1", "is:favourite", "rating>0", "tag:x", "in:y"],
)
def test_nothing_that_tells_of_a_prompt_or_an_opinion_can_be_asked_of_others(asked):
    query = parse(f"person:Otto {asked} ar:1:1", today=TODAY)
    assert {term.kind for term in query.terms} == {"person", "ratio"}
    assert query.problems[0].text == asked


def test_a_page_of_what_others_share_shows_no_prompt_and_no_mark(client, member, other_member):
    theirs = picture(other_member, text="a hidden heron")
    Image.objects.update(favourite=True, rating=4)
    give(theirs, member)
    client.force_login(member)
    page = client.get(reverse("generations:gallery"), {"q": f"person:{other_member.name}", "select": "1"})
    assert str(theirs.ref) in page.text
    assert reverse("generations:shared-image", args=[theirs.ref]) in page.text
    assert "heron" not in page.text
    assert "mark-heart" not in page.text
    assert 'name="image"' not in page.text


def test_what_others_share_is_not_changed_downloaded_or_passed_on_by_a_search(client, member, other_member):
    theirs = picture(other_member)
    give(theirs, member)
    query = parse(f"person:{other_member.name}", today=TODAY)
    assert not pages.pictures(member, query).exists()
    client.force_login(member)
    client.post(reverse("generations:gallery-change"), {"do": "trash", "all": "1", "q": query.text})
    theirs.refresh_from_db()
    assert theirs.trashed_at is None
    form = CollectionForm({"name": "Theirs", "query": query.text}, user=member)
    assert "leave “person:” out" in str(form.errors["query"])


def test_a_query_without_a_person_searches_ones_own_pictures_only(member, other_member):
    give(picture(other_member), member)
    assert found(member, "kind:imagine") == set()
    assert search.apply(Image.objects.all(), parse("kind:imagine", today=TODAY), member).exists()
