"""Signing in and out, forgotten passwords, one's own settings."""

import pytest
from django.core import mail
from django.test import Client
from django.urls import NoReverseMatch, reverse

LOGIN = reverse("account_login")


def sign_in(client, email, typed="a-long-password"):
    return client.post(LOGIN, {"login": email, "password": typed})


def test_an_e_mail_address_in_any_case_signs_in(client, member):
    assert sign_in(client, member.email.upper()).status_code == 302


def test_a_wrong_password_says_so_at_the_form_and_keeps_the_address(client, member):
    page = sign_in(client, member.email, "wrong").content.decode()
    assert 'role="alert"' in page
    assert f'value="{member.email}"' in page


def test_one_returns_to_the_page_that_asked(client, member):
    wanted = reverse("accounts:preferences")
    redirected = client.get(wanted)
    response = client.post(redirected.url, {"login": member.email, "password": "a-long-password", "next": wanted})
    assert response.url == wanted


def test_too_many_tries_get_a_page_that_says_what_to_do(client, member):
    for _ in range(12):
        response = sign_in(client, member.email, "wrong")
    page = response.content.decode()
    assert response.status_code == 429 or "Too many" in page


def test_somebody_whose_access_has_ended_is_told_so(client, member):
    type(member).objects.filter(pk=member.pk).update(is_active=False)
    response = client.post(LOGIN, {"login": member.email, "password": "a-long-password"}, follow=True)
    assert "Your access has ended" in response.content.decode()


def test_there_is_no_sign_up(client, db):
    response = client.post(
        reverse("account_signup"), {"email": "stranger@studio.test", "password1": "lamps over quiet water"}
    )
    assert "added by an admin" in response.content.decode()
    from accounts.models import User

    assert not User.objects.exists()


@pytest.mark.parametrize("name", ["account_email", "account_email_verification_sent", "account_request_login_code"])
def test_pages_of_allauth_that_make_no_sense_here_do_not_exist(name):
    with pytest.raises(NoReverseMatch):
        reverse(name)


def test_signing_out_needs_a_click_and_lands_on_sign_in(client, member):
    client.force_login(member)
    assert client.get(reverse("account_logout")).status_code == 200
    assert client.get(reverse("accounts:preferences")).status_code == 200
    assert client.post(reverse("account_logout")).url == LOGIN
    assert client.get(reverse("accounts:preferences")).status_code == 302


def test_a_forgotten_password_is_mailed_a_link(client, member):
    response = client.post(reverse("account_reset_password"), {"email": member.email}, follow=True)
    assert "Look in your mail" in response.content.decode()
    (message,) = mail.outbox
    assert "/people/password/reset/key/" in message.body


def test_an_unknown_address_gets_the_same_answer_and_a_mail_that_offers_no_sign_up(client, db):
    response = client.post(reverse("account_reset_password"), {"email": "who@studio.test"}, follow=True)
    assert "Look in your mail" in response.content.decode()
    assert "signup" not in mail.outbox[0].body


def test_without_a_mail_server_the_page_names_the_way_through_an_admin(client, db, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    page = client.get(reverse("account_reset_password")).content.decode()
    assert "Ask an admin" in page
    assert "<form" not in page


def test_a_changed_password_signs_other_browsers_out(client, member):
    other = Client()
    other.force_login(member)
    client.force_login(member)
    data = {"oldpassword": "a-long-password", "password1": "lamps over water", "password2": "lamps over water"}
    response = client.post(
        reverse("account_change_password"), {**data, "next": reverse("accounts:preferences")}, follow=True
    )
    assert response.redirect_chain[-1][0] == reverse("accounts:preferences")
    assert "Your password is changed." in response.content.decode()
    assert other.get(reverse("accounts:preferences")).status_code == 302


def test_the_theme_is_kept_and_shown(client, member):
    client.force_login(member)
    client.post(reverse("accounts:preferences-theme"), {"theme": "dark"})
    assert 'data-theme="dark"' in client.get(reverse("accounts:preferences")).content.decode()


def test_an_unknown_theme_changes_nothing(client, member):
    client.force_login(member)
    client.post(reverse("accounts:preferences-theme"), {"theme": "neon"})
    member.refresh_from_db()
    assert member.theme == "system"


def test_ones_own_name_is_kept_and_nothing_else_can_be_changed_there(client, member):
    client.force_login(member)
    client.post(reverse("accounts:preferences"), {"name": "Mia C.", "role": "admin", "email": "x@studio.test"})
    member.refresh_from_db()
    assert (member.name, member.role) == ("Mia C.", "member")
    assert member.email != "x@studio.test"
