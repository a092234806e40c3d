"""Adding accounts and replacing tokens: verified upstream first, and never shown again."""

import logging
import re

import pytest
from django.urls import reverse

from accounts.models import Account, AccountState
from tests import factories

ADD = reverse("accounts:account-add")
SECRET = "7f3a9c1e5b2d4806"


@pytest.fixture
def ada(client, admin_user):
    client.force_login(admin_user)
    return client


def fields(simulator, words="team", **changed):
    return {
        "name": "Main",
        "service": "useapi",
        "base_url": simulator.url,
        "token": simulator.token_for(31, f"{words}-{SECRET}"),
        "audience": "everyone",
        **changed,
    }


def test_an_account_is_stored_with_its_channels_once_the_service_accepted_the_token(ada, admin_user, simulator):
    response = ada.post(ADD, fields(simulator, "ch2"), follow=True)
    account = Account.objects.get()
    assert (account.name, account.owner, account.for_everyone) == ("Main", admin_user, True)
    assert account.channels.count() == 2
    assert account.state == AccountState.READY
    assert "2 channels" in response.content.decode()


def test_the_token_is_stored_encrypted(ada, simulator):
    ada.post(ADD, fields(simulator))
    account = Account.objects.get()
    assert SECRET not in account.token_encrypted
    assert account.token.endswith(SECRET)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("bad", "Unauthorized"),
        ("nosub", "no subscription"),
        ("gone", "not a UseAPI v3 service"),
        ("html", "not a UseAPI v3 service"),
        ("down", "answered with an error"),
    ],
)
def test_a_token_that_the_service_refuses_stores_nothing_and_says_why(ada, simulator, words, said):
    response = ada.post(ADD, fields(simulator, words, name="My account"))
    page = response.content.decode()
    assert response.status_code == 422
    assert said in page
    assert Account.objects.count() == 0


def test_a_service_that_does_not_answer_stores_nothing_and_says_so(ada, simulator):
    response = ada.post(ADD, fields(simulator, base_url="http://127.0.0.1:9/v3/midjourney"))
    assert response.status_code == 422
    assert "Nothing answers at this address" in response.content.decode()
    assert Account.objects.count() == 0


def test_what_was_typed_stays_after_a_refusal_except_the_token(ada, simulator, member):
    data = fields(simulator, "bad", name="Quite a long name", audience="chosen", members=[member.pk])
    page = ada.post(ADD, data).content.decode()
    assert 'value="Quite a long name"' in page
    assert f'value="{simulator.url}"' in page
    assert re.search(rf'name="members" value="{member.pk}"[^>]* checked', page)
    assert SECRET not in page


def test_a_token_of_the_wrong_form_is_refused_without_asking_the_service(ada, simulator):
    response = ada.post(ADD, fields(simulator, token=f"MTI-{SECRET}"))
    assert response.status_code == 422
    assert "starts with user:" in response.content.decode()
    assert SECRET not in response.content.decode()
    assert simulator.count("GET accounts") == 0


def test_plain_http_to_another_machine_is_refused_without_asking_it(ada, simulator):
    response = ada.post(ADD, fields(simulator, base_url="http://mj.example.org/v3"))
    assert "Plain http would send the token unprotected" in response.content.decode()
    assert Account.objects.count() == 0


def test_two_accounts_cannot_have_one_name(ada, simulator):
    factories.make_account(name="Main")
    assert ada.post(ADD, fields(simulator)).status_code == 422
    assert Account.objects.count() == 1


def test_a_token_without_channels_is_stored_and_the_page_says_what_is_missing(ada, simulator):
    page = ada.post(ADD, fields(simulator, "empty"), follow=True).content.decode()
    assert "lists no channel" in page


def test_chosen_people_may_use_it_and_nobody_else(ada, simulator, member, other_member):
    ada.post(ADD, fields(simulator, audience="chosen", members=[member.pk]))
    assert Account.objects.visible_to(member).count() == 1
    assert Account.objects.visible_to(other_member).count() == 0


def test_a_new_token_replaces_the_old_one_and_ends_the_refusal(ada, simulator):
    account = factories.make_account(base_url=simulator.url, state=AccountState.BAD_TOKEN)
    url = reverse("accounts:account-token", args=[account.pk])
    ada.post(url, {"token": simulator.token_for(31, f"team-{SECRET}")})
    account.refresh_from_db()
    assert account.token.endswith(SECRET)
    assert account.state == AccountState.READY


def test_a_refused_new_token_leaves_the_old_one_in_place(ada, simulator):
    account = factories.make_account(base_url=simulator.url)
    before = account.token_encrypted
    url = reverse("accounts:account-token", args=[account.pk])
    response = ada.post(url, {"token": simulator.token_for(31, f"bad-{SECRET}")})
    account.refresh_from_db()
    assert response.status_code == 422
    assert account.token_encrypted == before
    assert f"…{account.token_hint}" in response.content.decode()
    assert SECRET not in response.content.decode()


def test_no_page_and_no_log_line_holds_the_token(ada, simulator, caplog):
    caplog.set_level(logging.DEBUG)
    added = ada.post(ADD, fields(simulator), follow=True)
    account = Account.objects.get()
    pages = [added.content.decode()]
    pages += [ada.get(reverse(f"accounts:account-{name}", args=[account.pk])).content.decode()
              for name in ("detail", "token", "access", "pause", "delete")]  # fmt: skip
    pages += [ada.post(reverse("accounts:account-test", args=[account.pk]), follow=True).content.decode()]
    pages += [ada.get(f"/admin/accounts/account/{account.pk}/change/").content.decode()]
    pages += [ada.get("/admin/accounts/account/").content.decode(), ada.get("/accounts/").content.decode()]
    for text in [*pages, caplog.text]:
        assert SECRET not in text
        assert account.token_encrypted not in text
    assert f"…{account.token_hint}" in pages[0]
