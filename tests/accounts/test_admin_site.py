"""Django's admin site: one way in, no secrets, the same rules."""

import pytest
from django.urls import reverse

from accounts.models import Account
from tests import factories


@pytest.fixture
def ada(client, admin_user):
    client.force_login(admin_user)
    return client


def test_it_is_entered_through_the_studios_own_sign_in(client, db):
    response = client.get("/admin/login/?next=/admin/")
    assert response.status_code == 302
    assert response.url.startswith(reverse("account_login"))


def test_it_is_for_admins_only(client, member):
    client.force_login(member)
    assert client.get("/admin/login/").status_code == 403
    assert client.get("/admin/").status_code in {302, 403}


@pytest.mark.parametrize("model", ["user", "account", "channel"])
def test_rows_are_neither_added_nor_deleted_there(ada, model):
    row = {"user": factories.make_user, "account": factories.make_account, "channel": factories.make_channel}[model]()
    assert ada.get(f"/admin/accounts/{model}/").status_code == 200
    assert ada.get(f"/admin/accounts/{model}/{row.pk}/change/").status_code == 200
    assert ada.get(f"/admin/accounts/{model}/add/").status_code == 403
    assert ada.post(f"/admin/accounts/{model}/{row.pk}/delete/", {"post": "yes"}).status_code == 403


def test_no_password_hash_is_shown(ada, member):
    page = ada.get(f"/admin/accounts/user/{member.pk}/change/").content.decode()
    assert member.password not in page
    assert "md5" not in page


def test_accounts_are_only_read(ada):
    account = factories.make_account(name="Main")
    ada.post(f"/admin/accounts/account/{account.pk}/change/", {"name": "Other", "base_url": "https://evil.test"})
    assert Account.objects.get().name == "Main"


def test_roles_follow_the_same_rules_as_on_the_studios_page(ada, admin_user, member):
    own = ada.post(f"/admin/accounts/user/{admin_user.pk}/change/", {"name": "Ada", "role": "member"})
    assert "Another admin has to change your role." in own.content.decode()
    ada.post(f"/admin/accounts/user/{member.pk}/change/", {"name": "Mia", "role": "lead"})
    member.refresh_from_db()
    admin_user.refresh_from_db()
    assert (member.role, admin_user.role) == ("lead", "admin")
