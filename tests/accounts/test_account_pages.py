"""Accounts on screen: who sees what, pausing, testing, deleting, slots."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import usage
from accounts.models import Account, AccountState
from accounts.overview import of_accounts
from tests import factories

LIST = reverse("accounts:account-list")


def page(client, name, *args):
    return client.get(reverse(f"accounts:{name}", args=args)).content.decode()


def act(client, name, account, **data):
    return client.post(reverse(f"accounts:account-{name}", args=[account.pk]), data, follow=True).content.decode()


def test_a_member_sees_name_state_and_free_slots_and_nothing_else(client, member):
    account = factories.make_account(name="Main", base_url="https://mj.example.org/v3", token="user:1-abcdefghijklwxyz")
    factories.make_channel(account, max_jobs=5, remote_id="1234567890123456789")
    client.force_login(member)
    for text in (client.get(LIST).content.decode(), page(client, "account-detail", account.pk)):
        assert "Main" in text
        assert "Ready" in text
        assert "<strong>5</strong> of 5 slots free" in text
        for hidden in ("mj.example.org", "wxyz", "6789", "/pause/", "/token/", "/test/", "Add account"):
            assert hidden not in text


def test_a_member_does_not_read_why_an_admin_paused(client, member):
    account = factories.make_account()
    account.set_state(AccountState.PAUSED, "The client has not paid")
    client.force_login(member)
    assert "has not paid" not in page(client, "account-detail", account.pk)
    assert "It is paused" in page(client, "account-detail", account.pk)


def test_an_admin_reads_state_reason_since_and_what_to_do(client, admin_user):
    account = factories.make_account()
    account.set_state(AccountState.BAD_TOKEN, "Unauthorized")
    client.force_login(admin_user)
    text = page(client, "account-detail", account.pk)
    assert "does not accept this account&#x27;s token" in text
    assert "“Unauthorized”" in text
    assert "Since <time" in text
    assert reverse("accounts:account-token", args=[account.pk]) in text


@pytest.mark.parametrize("state", AccountState.values)
def test_every_state_has_words_for_admins_and_members(client, admin_user, member, state):
    account = factories.make_account(state=state)
    for person in (admin_user, member):
        client.force_login(person)
        assert client.get(reverse("accounts:account-detail", args=[account.pk])).status_code == 200


def test_pausing_needs_a_reason_and_lasts_until_it_is_resumed(client, admin_user, simulator):
    account = factories.make_account(base_url=simulator.url, token=simulator.token)
    client.force_login(admin_user)
    assert client.post(reverse("accounts:account-pause", args=[account.pk])).status_code == 422
    text = act(client, "pause", account, reason="Over budget")
    assert "“Over budget”" in text
    act(client, "test", account)
    account.refresh_from_db()
    assert account.state == AccountState.PAUSED
    act(client, "resume", account)
    account.refresh_from_db()
    assert account.state == AccountState.READY


def test_resuming_does_not_declare_a_refused_token_good(client, admin_user):
    account = factories.make_account(state=AccountState.BAD_TOKEN)
    client.force_login(admin_user)
    act(client, "resume", account)
    account.refresh_from_db()
    assert account.state == AccountState.BAD_TOKEN


def test_a_test_that_fails_says_what_the_service_said_and_changes_the_state(client, admin_user, simulator):
    account = factories.make_account(base_url=simulator.url, token=simulator.token_for(9, "nosub-abcdefghijkl"))
    client.force_login(admin_user)
    assert "subscription" in act(client, "test", account)
    account.refresh_from_db()
    assert account.state == AccountState.NO_SUBSCRIPTION


def test_refreshing_brings_new_limits(client, admin_user, simulator):
    account = factories.make_account(base_url=simulator.url, token=simulator.token_for(9, "ch2-max7-abcdefghijkl"))
    client.force_login(admin_user)
    act(client, "sync", account)
    assert sorted(account.channels.values_list("max_jobs", flat=True)) == [7, 7]


def test_an_account_without_jobs_can_be_deleted(client, admin_user):
    account = factories.make_account()
    client.force_login(admin_user)
    act(client, "delete", account)
    assert not Account.objects.exists()


def test_an_account_with_jobs_stays_and_the_page_says_why(client, admin_user):
    job = factories.make_job()
    client.force_login(admin_user)
    response = client.post(reverse("accounts:account-delete", args=[job.account_id]))
    assert response.status_code == 409
    assert "Jobs were sent through this account" in response.content.decode()
    assert Account.objects.filter(pk=job.account_id).exists()


@pytest.mark.django_db
def test_jobs_of_other_programs_take_slots_too(monkeypatch):
    channel = factories.make_channel(max_jobs=3, foreign_jobs={"j1": "image"})
    monkeypatch.setattr(usage, "used_slots", lambda channels: {channel.pk: {"video": 1}})
    use = usage.channel_uses([channel])[channel.pk]
    assert use.total.cells == ["ours", "foreign", "free"]
    assert (use.images.used, use.videos.used, use.free) == (1, 1, 1)


@pytest.mark.django_db
def test_more_jobs_than_the_limit_are_shown_and_leave_nothing_free(monkeypatch):
    channel = factories.make_channel(max_jobs=2)
    monkeypatch.setattr(usage, "used_slots", lambda channels: {channel.pk: {"image": 4}})
    use = usage.channel_uses([channel])[channel.pk]
    assert use.free == 0
    assert len(use.total.cells) == 4


@pytest.mark.django_db
def test_blocked_and_removed_channels_and_paused_accounts_offer_no_slots():
    account = factories.make_account()
    factories.make_channel(account, block_message="Pending mod message")
    factories.make_channel(account, removed_at=account.state_since)
    open_channel = factories.make_channel(account)
    assert of_accounts([account])[0].free == open_channel.max_jobs
    account.set_state(AccountState.PAUSED, "x")
    assert of_accounts([account])[0].free == 0


def test_queries_of_the_list_do_not_grow_with_accounts(client, admin_user, django_assert_num_queries):
    factories.make_channel()
    client.force_login(admin_user)
    with CaptureQueriesContext(connection) as one:
        client.get(LIST)
    for _ in range(5):
        account = factories.make_account()
        factories.make_channel(account)
        factories.make_channel(account)
    with django_assert_num_queries(len(one)):
        client.get(LIST)


def test_the_simulator_says_that_its_pictures_are_simulated(client, admin_user, settings):
    account = factories.make_account(base_url=settings.SIMULATOR_URL)
    client.force_login(admin_user)
    assert "Simulator" in client.get(LIST).content.decode()
    assert "pictures are simulated" in page(client, "account-detail", account.pk)


def test_the_terms_and_the_end_of_the_hosted_service_are_always_said(client, admin_user):
    client.force_login(admin_user)
    for url in (LIST, reverse("accounts:account-add")):
        text = client.get(url).content.decode()
        assert "forbid automation" in text
        assert "24 June 2026" in text


def test_an_empty_list_teaches_the_next_step(client, admin_user, member):
    client.force_login(admin_user)
    assert reverse("accounts:account-add") in client.get(LIST).content.decode()
    client.force_login(member)
    assert "Ask an admin" in client.get(LIST).content.decode()
