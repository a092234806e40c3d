"""A blocked channel: the steps first, then the reset."""

import pytest
from django.urls import reverse

from accounts import syncing


@pytest.fixture
def blocked(sandbox, simulator):
    simulator.block()
    syncing.sync_account(sandbox)
    return sandbox.channels.get()


@pytest.fixture
def ada(client, admin_user):
    client.force_login(admin_user)
    return client


def url_of(channel):
    return reverse("accounts:channel-reset", args=[channel.account_id, channel.pk])


def test_the_account_page_shows_the_services_words_and_the_way_out(ada, blocked):
    page = ada.get(reverse("accounts:account-detail", args=[blocked.account_id])).content.decode()
    assert blocked.block_message in page
    assert url_of(blocked) in page


def test_the_steps_come_before_the_button(ada, blocked):
    page = ada.get(url_of(blocked)).content.decode()
    assert page.index("Midjourney bot") < page.index("I have done these steps") < page.index("Reset channel</button>")


def test_without_the_tick_nothing_is_sent(ada, blocked, simulator):
    assert ada.post(url_of(blocked)).status_code == 422
    assert simulator.count("POST accounts/reset/{channel}") == 0
    blocked.refresh_from_db()
    assert blocked.block_message


def test_with_the_tick_the_channel_is_reset_and_open_again(ada, blocked, simulator):
    ada.post(url_of(blocked), {"done": "on"})
    assert simulator.count("POST accounts/reset/{channel}") == 1
    blocked.refresh_from_db()
    assert blocked.is_open


def test_a_reset_that_the_service_refuses_leaves_the_channel_blocked_and_says_why(ada, blocked, simulator):
    simulator.fault("accounts/reset/{channel}", "502", times=5)
    response = ada.post(url_of(blocked), {"done": "on"})
    blocked.refresh_from_db()
    assert response.status_code == 422
    assert 'role="alert"' in response.content.decode()
    assert not blocked.is_open
