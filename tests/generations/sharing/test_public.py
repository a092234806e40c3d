"""Public links: what they show, when they end, the password, the views, and that search engines stay away."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from generations.models import Image, PublicLink
from generations.sharing import links
from mjstudio.redaction import redact
from tests.factories import make_image, make_job
from tests.generations.sharing.making import body, collection, link, picture, url

NOWHERE = "A" * 22


def shown(response) -> list[str]:
    page = response.content.decode()
    return [part.split('"')[0] for part in page.split('id="shot-')[1:]]


def addresses(made: PublicLink, image: Image) -> list[str]:
    return [
        url("public", made.key), url("public-picture", made.key, image.ref),
        url("public-thumbnail", made.key, image.ref, 320), url("public-original", made.key, image.ref),
    ]  # fmt: skip


def test_a_link_to_a_collection_shows_its_pictures_in_their_order(client, member):
    images = [picture(member) for _ in range(3)]
    made = link(collection(member, *images[::-1]), title="For you")
    response = client.get(url("public", made.key))
    assert shown(response) == [str(image.ref) for image in images[::-1]]
    assert "For you" in response.content.decode()


def test_a_search_shows_what_it_finds_newest_first_and_nothing_else(client, member, other_member):
    old, new = picture(member, "a heron"), picture(member, "two herons")
    picture(member, "a castle")
    picture(other_member, "a heron of Otto")
    made = link(collection(member, query="heron"))
    assert shown(client.get(url("public", made.key))) == [str(new.ref), str(old.ref)]


def test_a_link_to_a_picture_shows_it_large_and_no_other(client, member):
    image, other = picture(member, file=True), picture(member, file=True)
    made = link(image)
    assert "large-picture" in client.get(url("public", made.key)).content.decode()
    assert body(client.get(url("public-thumbnail", made.key, image.ref, 960)))
    for name in ("public-picture", "public-original"):
        assert client.get(url(name, made.key, other.ref)).status_code == 404
    assert client.get(url("public-thumbnail", made.key, other.ref, 320)).status_code == 404


def test_every_picture_is_reached_page_by_page(client, member):
    job = make_job(owner=member, status="done")
    images = [make_image(job=job, position=number) for number in range(1, 96)]
    for made in (link(collection(member, *images)), link(collection(member, name="All", query="lighthouse"))):
        address, seen = url("public", made.key), []
        while address:
            response = client.get(address)
            seen += shown(response)
            more = response.context["page"].older
            address = f"{url('public', made.key)}?before={more}" if more else ""
        assert sorted(seen) == sorted(str(image.ref) for image in images)


def test_one_leads_to_the_picture_before_and_after(client, member):
    first, second, third = (picture(member) for _ in range(3))
    for made in (
        link(collection(member, first, second, third)), link(collection(member, name="All", query="heron")),
    ):  # fmt: skip
        page = client.get(url("public-picture", made.key, second.ref)).content.decode()
        assert url("public-picture", made.key, first.ref) in page
        assert url("public-picture", made.key, third.ref) in page


ENDINGS = {
    "revoked": lambda made, image: links.revoke(made),
    "expired": lambda made, image: PublicLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1)),
    "maker gone": lambda made, image: User.objects.filter(pk=made.created_by_id).update(is_active=False),
    "deleted": lambda made, image: PublicLink.objects.all().delete(),
}


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("what", ["picture", "collection"])
def test_when_it_has_ended_pages_and_files_answer_like_an_unknown_key(client, member, what, ending):
    image = picture(member, file=True)
    made = link(image if what == "picture" else collection(member, image), allows_download=True, password="a word")
    plain = link(image if what == "picture" else collection(member, image, name="B"), allows_download=True)
    for address in addresses(plain, image):
        assert body(client.get(address)), address
    ENDINGS[ending](plain, image)
    PublicLink.objects.filter(pk=made.pk).update(revoked_at=timezone.now())
    unknown = client.get(url("public", NOWHERE))
    for address in [*addresses(plain, image), *addresses(made, image)]:
        response = client.get(address)
        assert (response.status_code, response.content) == (404, unknown.content), address
        assert dict(response.items()) == dict(unknown.items())


def test_a_picture_in_the_trash_or_out_of_the_collection_is_shown_no_more(client, member):
    image, stays = picture(member, file=True), picture(member)
    shared = collection(member, image, stays)
    whole, single = link(shared, allows_download=True), link(image, allows_download=True)
    Image.objects.filter(pk=image.pk).update(trashed_at=timezone.now())
    assert shown(client.get(url("public", whole.key))) == [str(stays.ref)]
    for made in (whole, single):
        assert [client.get(address).status_code for address in addresses(made, image)[1:]] == [404] * 3
    assert client.get(url("public", single.key)).status_code == 404
    Image.objects.filter(pk=image.pk).update(trashed_at=None)
    shared.entries.filter(image=image).delete()
    assert client.get(url("public-thumbnail", whole.key, image.ref, 320)).status_code == 404


def test_originals_only_where_downloads_are_allowed(client, member):
    image = picture(member, file=True)
    closed, allowed = link(image), link(image, allows_download=True)
    assert client.get(url("public-original", closed.key, image.ref)).status_code == 404
    assert "original" not in client.get(url("public", closed.key)).content.decode()
    response = client.get(url("public-original", allowed.key, image.ref) + "?download=1")
    assert body(response).startswith(b"\x89PNG")
    assert response["Content-Disposition"] == f'attachment; filename="picture-{image.ref.hex[:8]}.png"'


def test_a_key_stands_in_no_log(member):
    made = link(picture(member))
    assert redact(f"Not Found: {url('public', made.key)}") == "Not Found: /s/[secret]/"


# Password


def test_with_a_password_nothing_is_shown_before_it_is_known(client, member):
    image = picture(member, file=True)
    made = link(collection(member, image), title="Campaign", password="a word", allows_download=True, takes_picks=True)
    for address in addresses(made, image)[:2]:
        page = client.get(address).content.decode()
        assert "This link has a password" in page
        assert "Campaign" not in page
        assert str(image.ref) not in page
    for address in addresses(made, image)[2:]:
        assert client.get(address).status_code == 404
    assert client.post(url("public-pick", made.key, image.ref), {"chosen": "1"}).status_code == 404
    assert client.post(url("public-unlock", made.key), {"password": "another"}).status_code == 422
    assert client.post(url("public-unlock", made.key), {"password": "a word"}).status_code == 302
    assert shown(client.get(url("public", made.key))) == [str(image.ref)]
    assert [body(client.get(address)) != b"" for address in addresses(made, image)] == [True] * 4


def test_the_password_of_one_link_opens_no_other_and_a_new_one_has_to_be_told_again(client, member):
    image = picture(member)
    first, second = link(image, password="a word"), link(image, password="a word")
    client.post(url("public-unlock", first.key), {"password": "a word"})
    assert "large-picture" in client.get(url("public", first.key)).content.decode()
    client.cookies["studio_visit"]["path"] = "/"  # a browser that sends the cookie of one link to another
    assert "This link has a password" in client.get(url("public", second.key)).content.decode()
    PublicLink.objects.filter(pk=first.pk).update(password=second.password)
    assert "This link has a password" in client.get(url("public", first.key)).content.decode()


def test_passwords_are_tried_a_few_times_only_and_the_right_one_waits_as_well(client, member):
    made = link(picture(member), password="a word")
    answers = [client.post(url("public-unlock", made.key), {"password": "no"}).status_code for _ in range(12)]
    assert answers == [422] * 10 + [429] * 2
    response = client.post(url("public-unlock", made.key), {"password": "a word"})
    assert response.status_code == 429
    assert "Wait a few minutes" in response.content.decode()


# Views


def test_a_visit_is_counted_once_and_the_makers_own_never(client, member):
    image = picture(member, file=True)
    made = link(collection(member, image))
    for address in addresses(made, image)[:2] * 2:
        body(client.get(address))
    client.head(url("public", made.key))
    Client().get(url("public-picture", made.key, image.ref))
    mine = Client()
    mine.force_login(member)
    mine.get(url("public", made.key))
    made.refresh_from_db()
    assert made.views == 2


def test_a_visit_is_counted_when_the_password_was_known(client, member):
    made = link(picture(member), password="a word")
    client.get(url("public", made.key))
    made.refresh_from_db()
    assert made.views == 0
    client.post(url("public-unlock", made.key), {"password": "a word"})
    client.get(url("public", made.key))
    made.refresh_from_db()
    assert made.views == 1


# No trace


def test_search_engines_stay_away_and_no_address_is_passed_on(client, member):
    image = picture(member, file=True)
    made = link(image, allows_download=True, password="a word")
    answers = [client.get(url("public", NOWHERE)), client.get(url("public", made.key))]
    answers.append(client.post(url("public-unlock", made.key), {"password": "a word"}))
    answers += [client.get(address) for address in addresses(made, image)]
    for response in answers:
        assert response["X-Robots-Tag"] == "noindex, nofollow"
        assert response["Referrer-Policy"] == "no-referrer"
        assert "private" in response["Cache-Control"]
        body(response)
    for response in (client.get(url("public", made.key)), client.get(url("public", link(image, password="x" * 4).key))):
        assert '<meta name="robots" content="noindex, nofollow">' in response.content.decode()


def test_cookies_go_to_their_link_only_and_are_out_of_reach_for_scripts(client, member):
    made = link(picture(member), takes_picks=True)
    response = client.get(url("public", made.key))
    assert set(response.cookies) == {"studio_visit", "studio_visitor"}
    for cookie in response.cookies.values():
        assert cookie["path"] == url("public", made.key)
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"


def test_forms_that_another_site_sends_are_refused(client, member):
    image = picture(member)
    made = link(image, takes_picks=True, password="a word")
    sent = {"HTTP_SEC_FETCH_SITE": "cross-site"}
    assert client.post(url("public-unlock", made.key), {"password": "a word"}, **sent).status_code == 403
    client.post(url("public-unlock", made.key), {"password": "a word"})
    client.get(url("public", made.key))
    assert client.post(url("public-pick", made.key, image.ref), {"chosen": "1"}, **sent).status_code == 403
    assert client.post(url("public-name", made.key), {"name": "x"}, **sent).status_code == 403
    assert not made.picks.exists()
