"""Channels at the service: added with a token that stays nowhere, limited as the plan allows, removed with care."""

import logging

import pytest
from django.core import mail
from django.urls import reverse

from accounts import syncing, telling
from accounts.models import Account, AccountState
from midjourney.upstream import BadToken, NoService

TOKEN = "MTexample-discord-token.very.secret"


@pytest.fixture
def asked(client, sandbox, admin_user):
    client.force_login(admin_user)
    return lambda **data: client.post(reverse("accounts:channel-add", args=[sandbox.pk]), {"discord": TOKEN, **data})


def test_a_channel_is_added_with_the_plans_usual_limits_and_changed_by_the_same_token(asked, sandbox):
    assert asked(plan="3").status_code == 302
    assert sandbox.channels.count() == 2
    added = sandbox.channels.order_by("pk").last()
    assert (added.max_jobs, added.max_image_jobs, added.max_video_jobs) == (3, 3, 3)
    assert asked(plan="12").status_code == 302
    added.refresh_from_db()
    assert (added.max_jobs, added.max_image_jobs, added.max_video_jobs) == (12, 12, 12)
    assert sandbox.channels.count() == 2


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"plan": "own"}, "Write a number"),
        ({"plan": "own", "max_jobs": 16, "max_image_jobs": 3, "max_video_jobs": 3}, "less than or equal to 15"),
        ({"plan": "own", "max_jobs": 2, "max_image_jobs": 3, "max_video_jobs": 1}, "At most 2"),
        ({"plan": "own", "max_jobs": 9, "max_image_jobs": 9, "max_video_jobs": 9}, "Confirm the plan"),
        ({"plan": "3", "discord": "short"}, "not a valid Discord token"),
    ],
)
def test_limits_that_cannot_be_are_explained_at_the_form(asked, sandbox, data, words):
    response = asked(**data)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert sandbox.channels.count() == 1


def test_the_discord_token_is_in_no_page_no_row_no_log_and_no_session(asked, client, sandbox, caplog):
    caplog.set_level(logging.DEBUG)
    for plan in ("3", "own"):
        assert TOKEN not in asked(plan=plan).content.decode()
    assert TOKEN not in caplog.text
    assert TOKEN not in str(dict(client.session))
    rows = [*Account.objects.values(), *sandbox.channels.values()]
    assert TOKEN not in str(rows)


def test_a_channel_is_removed_once_its_digits_were_typed(client, simulator, sandbox, admin_user):
    channel = sandbox.channels.get()
    client.force_login(admin_user)
    url = reverse("accounts:channel-remove", args=[sandbox.pk, channel.pk])
    refused = client.post(url, {"digits": "0000x"[:4]})
    assert refused.status_code == 422
    assert f"Type {channel.remote_id[-4:]}" in refused.content.decode()
    assert client.post(url, {"digits": channel.remote_id[-4:]}).status_code == 302
    channel.refresh_from_db()
    assert channel.removed_at


class TestTelling:
    @pytest.fixture
    def told(self, monkeypatch, django_capture_on_commit_callbacks):
        """Runs what is queued at once."""
        monkeypatch.setattr(telling, "async_task", lambda name, pk: telling.tell_admins(pk))
        return lambda account, error: _run(django_capture_on_commit_callbacks, account, error)

    def test_a_refused_token_is_mailed_to_admins_once_and_again_after_it_was_well(
        self, sandbox, admin_user, member, told
    ):
        for _ in range(3):
            told(sandbox, BadToken("Unauthorized"))
        assert [message.to for message in mail.outbox] == [[admin_user.email]]
        assert "does not accept" in mail.outbox[0].body
        assert f"/accounts/{sandbox.pk}/" in mail.outbox[0].body
        sandbox.set_state(AccountState.READY)
        told(sandbox, NoService("Account has no subscription", code="no_subscription", status=402))
        assert len(mail.outbox) == 2

    def test_an_outage_that_ends_by_itself_is_not_mailed(self, sandbox, admin_user, told):
        told(sandbox, NoService("a web page", code="no_service"))
        assert mail.outbox == []

    def test_nobody_is_told_of_what_is_mended_meanwhile(self, sandbox, admin_user):
        assert telling.tell_admins(sandbox.pk) == 0


def _run(capture, account, error) -> None:
    with capture(execute=True):
        syncing.record_trouble(account, error)


def test_admins_see_on_every_page_what_waits_for_them_and_members_do_not(client, sandbox, admin_user, member):
    sandbox.set_state(AccountState.BAD_TOKEN, "Unauthorized")
    client.force_login(admin_user)
    assert "does not accept this account" in client.get("/gallery/").content.decode()
    client.force_login(member)
    assert "does not accept this account" not in client.get("/gallery/").content.decode()
