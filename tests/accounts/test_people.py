"""People: adding, one-time links, roles, and the end of access."""

import re

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import Role, User
from tests import factories

NEW = {"email": "New.Person@Studio.test", "name": "Nia", "role": "member"}


@pytest.fixture
def ada(client, admin_user):
    client.force_login(admin_user)
    return client


def link_in(response) -> str:
    found = re.search(r'id="one-time-link" readonly value="http://127.0.0.1:8000([^"]+)"', response.content.decode())
    return found.group(1) if found else ""


def at(name, person):
    return reverse(f"accounts:person-{name}", args=[person.pk])


def set_password(link: str, password: str) -> Client:
    browser = Client()
    form = browser.get(link, follow=True)
    browser.post(form.redirect_chain[-1][0], {"password1": password, "password2": password})
    return browser


def can_sign_in(email: str, password: str) -> bool:
    response = Client().post(reverse("account_login"), {"login": email, "password": password})
    return response.status_code == 302 and "inactive" not in response.url


def test_a_new_person_has_no_password_until_they_set_one_with_their_link(ada):
    response = ada.post(reverse("accounts:person-add"), NEW, follow=True)
    person = User.objects.get(email="new.person@studio.test")
    assert not person.has_usable_password()
    set_password(link_in(response), "lamps over quiet water")
    assert can_sign_in(person.email, "lamps over quiet water")


def test_a_link_works_once(ada):
    link = link_in(ada.post(reverse("accounts:person-add"), NEW, follow=True))
    set_password(link, "lamps over quiet water")
    assert "no longer works" in Client().get(link, follow=True).content.decode()


def test_a_link_is_shown_once_and_stored_nowhere(ada, admin_user):
    response = ada.post(reverse("accounts:person-add"), NEW, follow=True)
    key = link_in(response).split("/key/")[1].strip("/")
    assert "one-time-link" not in ada.get(response.redirect_chain[-1][0]).content.decode()
    assert all(key not in str(session.get_decoded()) for session in Session.objects.all())


def test_the_link_is_mailed_where_there_is_a_mail_server(ada):
    link = link_in(ada.post(reverse("accounts:person-add"), NEW, follow=True))
    (message,) = mail.outbox
    assert message.to == ["new.person@studio.test"]
    assert link in message.body


def test_without_a_mail_server_nothing_is_mailed_and_the_page_shows_the_link(ada, settings, tmp_path):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    assert link_in(ada.post(reverse("accounts:person-add"), NEW, follow=True))
    assert not (tmp_path / "mail").exists()


def test_an_address_is_taken_once_whatever_its_case(ada, member):
    response = ada.post(reverse("accounts:person-add"), {**NEW, "email": member.email.upper()})
    assert response.status_code == 422
    assert "Somebody has this address already." in response.content.decode()


def test_a_forgotten_password_gets_a_new_link(ada, member):
    link = link_in(ada.post(at("link", member), follow=True))
    set_password(link, "lamps over quiet water")
    assert can_sign_in(member.email, "lamps over quiet water")
    assert not can_sign_in(member.email, "a-long-password")


def test_who_remembers_the_password_after_all_makes_the_link_useless(ada, member):
    link = link_in(ada.post(at("link", member), follow=True))
    assert can_sign_in(member.email, "a-long-password")
    assert "no longer works" in Client().get(link, follow=True).content.decode()


def test_ended_access_ends_sessions_at_once_and_giving_it_back_does_not_revive_them(ada, member):
    browser = Client()
    browser.force_login(member)
    ada.post(at("deactivate", member))
    assert browser.get(reverse("accounts:preferences")).status_code == 302
    assert not can_sign_in(member.email, "a-long-password")
    ada.post(at("reactivate", member))
    assert browser.get(reverse("accounts:preferences")).status_code == 302
    assert can_sign_in(member.email, "a-long-password")


def test_other_peoples_sessions_go_on(ada, member, other_member):
    browser = Client()
    browser.force_login(other_member)
    ada.post(at("deactivate", member))
    assert browser.get(reverse("accounts:preferences")).status_code == 200


def test_nobody_ends_their_own_access_or_changes_their_own_role(ada, admin_user):
    factories.make_admin("Second")
    ada.post(at("deactivate", admin_user))
    response = ada.post(at("detail", admin_user), {"name": "Ada", "role": "member"})
    admin_user.refresh_from_db()
    assert admin_user.is_admin
    assert response.status_code == 422


def test_one_may_change_ones_own_name(ada, admin_user):
    ada.post(at("detail", admin_user), {"name": "Ada L.", "role": "admin"})
    admin_user.refresh_from_db()
    assert admin_user.name == "Ada L."


def test_the_last_admin_keeps_role_and_access(client, admin_user, db):
    second = factories.make_admin("Second")
    client.force_login(second)
    client.post(at("deactivate", admin_user))
    client.post(at("detail", second), {"name": "Second", "role": "member"})
    assert User.objects.filter(role=Role.ADMIN, is_active=True).count() == 1


def test_an_admin_who_was_just_demoted_cannot_remove_the_other_one(db):
    from django.core.exceptions import ValidationError

    from accounts import people

    first, second = factories.make_admin("First"), factories.make_admin("Second")
    people.deactivate(second, by=first)
    with pytest.raises(ValidationError) as caught:
        people.deactivate(first, by=second)
    assert caught.value.code == "last_admin"


def test_a_new_role_is_kept(ada, member):
    ada.post(at("detail", member), {"name": "Mia", "role": "lead"})
    member.refresh_from_db()
    assert member.role == Role.LEAD


def test_a_deactivated_person_gets_no_link(ada, member):
    User.objects.filter(pk=member.pk).update(is_active=False)
    assert ada.post(at("link", member)).status_code == 404
