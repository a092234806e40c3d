"""The lists of what was shared: newest first, page by page, in a fixed number of queries."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from generations.models import Grant, Image, JobStatus
from generations.sharing import feeds, picks, talking, visitors
from tests.factories import make_image, make_job, make_user
from tests.generations.sharing.making import collection, give, link, picture, url


@pytest.fixture
def mia(client, member):
    client.force_login(member)
    return member


def test_empty_lists_say_what_to_do(client, mia):
    for show, words in [
        ("", "Nothing shared with you yet"), ("team", "Nothing shared with the team yet"),
        ("mentions", "Nobody has mentioned you yet"), ("mine", "No collections yet"),
    ]:  # fmt: skip
        assert words in client.get(url("shared"), {"show": show}).content.decode()


def test_what_was_shared_with_me_and_with_the_team_stands_apart_newest_first(client, mia, other_member):
    first, second = picture(other_member), collection(other_member, picture(other_member), name="Boats")
    of_team = collection(other_member, name="Castles", query="castle")
    give(first, mia)
    give(second, mia, "contribute")
    give(of_team, None)
    give(picture(other_member), make_user("Somebody else"))
    assert [item.grant.thing for item in feeds.with_me(mia).items] == [second, first]
    assert [item.grant.thing for item in feeds.with_team(mia).items] == [of_team]
    page = client.get(url("shared")).content.decode()
    assert "Boats" in page
    assert "Add pictures" in page
    assert "Castles" in client.get(url("shared") + "?show=team").content.decode()


def test_covers_are_what_others_see(mia, other_member):
    thrown, shown, elsewhere = (picture(other_member) for _ in range(3))
    Image.objects.filter(pk=thrown.pk).update(trashed_at=timezone.now())
    shared = collection(other_member, thrown, shown)
    type(shared).objects.update(cover=elsewhere)  # it was taken out after it had become the cover
    give(shared, mia)
    item = feeds.with_me(mia).items[0]
    assert (item.cover, item.count) == (shown, 1)


def test_everything_is_reached_page_by_page_also_of_the_same_moment(mia, other_member):
    shared = [picture(other_member) for _ in range(55)]
    for image in shared:
        give(image, mia)
    Grant.objects.filter(pk__gt=Grant.objects.order_by("pk")[10].pk).update(created_at=timezone.now() + timedelta(1))
    before, seen = "", []
    while True:
        page = feeds.with_me(mia, before)
        seen += [item.grant.image_id for item in page.items]
        before = page.older
        if not before:
            break
    assert len(seen) == len(set(seen)) == 55
    assert feeds.with_me(mia, "nonsense").items[0].grant.image == shared[-1]


def many(owner, count: int, viewer) -> tuple:
    """So many shared pictures and collections, comments that mention, visitors and what they left."""
    job = make_job(owner=owner, status=JobStatus.DONE)
    images = [make_image(job=job, position=number) for number in range(1, count + 1)]
    big = collection(owner, *images, name=f"Big {count}")
    made = link(big, takes_picks=True, shows_prompts=True)
    for number, image in enumerate(images):
        give(image, viewer, "comment")
        give(image, make_user(), "comment")
        give(collection(owner, image, name=f"{count} {number}"), viewer)
        talking.say(owner, images[0], f"@{viewer.name} look {number}")
        picks.leave(made, image, visitors.Visitor(f"v{number}"), chosen=True)
        link(images[0])
    for number in range(count):
        give(images[0], make_user(f"Person {number}"))
    give(big, viewer, "contribute")
    return images[0], big, made


def test_pages_ask_the_same_number_of_questions_for_10_and_40_entries(client, mia):
    counts = []
    for count in (10, 40):
        owner = make_user(f"Owner {count}")
        viewer = make_user(f"Viewer {count}")
        image, big, made = many(owner, count, viewer)
        pages = [
            (viewer, url("shared")), (viewer, url("shared") + "?show=mentions"), (owner, url("shared") + "?show=mine"),
            (viewer, url("shared-collection", big.ref)), (viewer, url("shared-image", image.ref)),
            (owner, url("share-image", image.ref)), (owner, url("share-collection", big.ref)),
            (viewer, url("image-talk", image.ref)), (None, url("public", made.key)),
            (None, url("public-picture", made.key, image.ref)),
        ]  # fmt: skip
        asked = []
        for who, address in pages:
            client.logout()
            if who:
                client.force_login(who)
            client.get(address)
            with CaptureQueriesContext(connection) as captured:
                assert client.get(address).status_code == 200
            asked.append(len(captured))
        counts.append(asked)
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 16
