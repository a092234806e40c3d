"""Who may open what: every URL of accounts and people, for strangers, members and the wrong method."""

import pytest
from django.urls import reverse

from accounts.models import Account, User
from accounts.urls import urlpatterns
from tests import factories

# Name: (positional arguments from the fixtures, what a GET of an admin answers)
FOR_ADMINS = {
    "account-add": 200,
    "account-test": 405,
    "account-sync": 405,
    "account-pause": 200,
    "account-resume": 405,
    "account-access": 200,
    "account-token": 200,
    "account-delete": 200,
    "account-new-hook": 405,
    "channel-add": 200,
    "channel-remove": 200,
    "channel-reset": 200,
    "people": 200,
    "person-add": 200,
    "person-detail": 200,
    "person-link": 405,
    "person-deactivate": 405,
    "person-reactivate": 405,
}
FOR_EVERYONE = {"account-list", "account-detail", "preferences", "preferences-theme"}
PUBLIC = {"app-manifest"}


@pytest.fixture
def channel(db):
    return factories.make_channel(factories.make_account(base_url="http://127.0.0.1:9/v3"), block_message="Blocked")


def url_of(name, channel):
    if name in {"channel-reset", "channel-remove"}:
        return reverse(f"accounts:{name}", args=[channel.account_id, channel.pk])
    if name in {"account-add", "account-list", "people", "person-add", "preferences", "preferences-theme"}:
        return reverse(f"accounts:{name}")
    if name.startswith("person"):
        return reverse(f"accounts:{name}", args=[User.objects.first().pk])
    return reverse(f"accounts:{name}", args=[channel.account_id])


def test_every_url_is_covered_here():
    assert {pattern.name for pattern in urlpatterns} == set(FOR_ADMINS) | FOR_EVERYONE | PUBLIC


@pytest.mark.parametrize("name", [*FOR_ADMINS, *sorted(FOR_EVERYONE)])
def test_somebody_who_is_not_signed_in_is_sent_to_sign_in(client, admin_user, channel, name):
    for send in (client.get, client.post):
        response = send(url_of(name, channel))
        assert response.status_code == 302
        assert response.url.startswith(reverse("account_login"))


@pytest.mark.parametrize("name", FOR_ADMINS)
@pytest.mark.parametrize("role", ["member", "lead"])
def test_who_is_no_admin_finds_nothing_and_changes_nothing(client, admin_user, channel, name, role):
    client.force_login(factories.make_user("Mia", role=role))
    before = (list(Account.objects.values()), list(User.objects.values("name", "role", "is_active")))
    data = {"reason": "x", "done": "on", "role": "admin"}
    assert client.post(url_of(name, channel), data).status_code in {404, 405}
    assert client.get(url_of(name, channel)).status_code in {404, 405}
    assert (list(Account.objects.values()), list(User.objects.values("name", "role", "is_active"))) == before


@pytest.mark.parametrize(("name", "status"), FOR_ADMINS.items())
def test_actions_are_sent_and_pages_are_read(client, admin_user, channel, name, status):
    client.force_login(admin_user)
    assert client.get(url_of(name, channel)).status_code == status


def test_an_account_that_is_not_for_a_member_is_not_there_for_them(client, member, other_member):
    account = factories.make_account(name="Private", for_everyone=False, members=[other_member])
    client.force_login(member)
    assert client.get(reverse("accounts:account-detail", args=[account.pk])).status_code == 404
    assert "Private" not in client.get(reverse("accounts:account-list")).content.decode()
    client.force_login(other_member)
    assert client.get(reverse("accounts:account-detail", args=[account.pk])).status_code == 200


def test_a_channel_is_reached_through_its_own_account_only(client, admin_user, channel):
    client.force_login(admin_user)
    other = factories.make_account()
    assert client.get(reverse("accounts:channel-reset", args=[other.pk, channel.pk])).status_code == 404
