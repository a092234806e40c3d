"""The upstream account's settings: read and changed by admins only, as audited jobs, and never by accident."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from generations import account_settings
from generations.enqueue import CannotEnqueue
from generations.models import Budget, Job, JobStatus, Spend, Verb
from tests.engine import drive
from tests.factories import make_account, make_channel

S = JobStatus


@pytest.fixture
def channel(db):
    return make_channel(make_account())


def ended() -> bool:
    return not Job.objects.unfinished().exists()


@pytest.mark.usefixtures("engine")
class TestWithTheService:
    def test_settings_and_usage_are_read_into_the_channel_with_who_asked(self, simulator, sandbox, admin_user):
        channel = sandbox.channels.get()
        account_settings.ask(channel, Verb.SETTINGS, admin_user)
        account_settings.ask(channel, Verb.INFO, admin_user)
        drive(ended)
        channel.refresh_from_db()
        assert channel.remix is False
        assert channel.settings["version"]
        assert "Fast Time Remaining" in channel.info
        assert "User ID" not in channel.info
        assert {job.owner for job in account_settings.history(channel)} == {admin_user}

    def test_a_toggle_goes_the_way_that_was_asked_and_is_read_back(self, simulator, sandbox, admin_user):
        channel = sandbox.channels.get()
        account_settings.ask(channel, Verb.SETTINGS, admin_user)
        drive(ended)
        account_settings.ask(channel, Verb.REMIX, admin_user, wanted=True)
        drive(ended)
        channel.refresh_from_db()
        assert channel.remix is True
        assert simulator.count("POST jobs/remix") == 1
        assert simulator.count("POST jobs/settings") == 2

    def test_a_toggle_whose_answer_was_lost_asks_a_person_instead_of_being_pressed_again(
        self, simulator, sandbox, admin_user, settings
    ):
        settings.ENGINE_TIMING = {**settings.ENGINE_TIMING, "quarantine": 0.5}
        channel = sandbox.channels.get()
        channel.settings, channel.settings_at = {"remix": False}, timezone.now()
        channel.save()
        simulator.fault("jobs/remix", "drop-before")
        job = account_settings.ask(channel, Verb.REMIX, admin_user, wanted=True)
        drive(lambda: Job.objects.filter(pk=job.pk, needs_person=True).exists())
        assert simulator.count("POST jobs/remix") == 1

    def test_reading_after_a_lost_answer_is_simply_done_again(self, simulator, sandbox, admin_user, settings):
        settings.ENGINE_TIMING = {**settings.ENGINE_TIMING, "quarantine": 0.5}
        simulator.fault("jobs/settings", "drop-before")
        job = account_settings.ask(sandbox.channels.get(), Verb.SETTINGS, admin_user)
        drive(lambda: Job.objects.filter(pk=job.pk, status=S.DONE).exists())

    def test_it_uses_no_budget_and_waits_for_none(self, simulator, sandbox, admin_user):
        Budget.objects.create(owner=admin_user, per_day=0)
        job = account_settings.ask(sandbox.channels.get(), Verb.SETTINGS, admin_user)
        drive(lambda: Job.objects.filter(pk=job.pk, status=S.DONE).exists())
        assert not Spend.objects.filter(owner=admin_user, jobs__gt=0).exists()

    def test_no_prompt_of_a_member_changes_the_account(self, simulator, sandbox, member):
        from generations.enqueue import enqueue

        enqueue(member, "a boat --turbo", account=sandbox)
        enqueue(member, "a cat --relax", account=sandbox)
        drive(ended)
        posted = {name for name in simulator.stats()["requests"] if name.startswith("POST")}
        assert posted == {"POST jobs/imagine"}


def test_a_toggle_is_not_pressed_blindly_nor_twice(channel, admin_user):
    with pytest.raises(CannotEnqueue, match="Read the settings first"):
        account_settings.ask(channel, Verb.REMIX, admin_user, wanted=True)
    channel.settings, channel.settings_at = {"remix": True}, timezone.now()
    channel.save()
    with pytest.raises(CannotEnqueue, match="on already"):
        account_settings.ask(channel, Verb.REMIX, admin_user, wanted=True)
    first = account_settings.ask(channel, Verb.REMIX, admin_user, wanted=False)
    assert account_settings.ask(channel, Verb.REMIX, admin_user, wanted=False) == first
    with pytest.raises(CannotEnqueue, match="under way"):
        account_settings.ask(channel, Verb.VARIABILITY, admin_user, wanted=True)
    channel.settings_at = timezone.now() - account_settings.FRESH - timedelta(seconds=1)
    assert account_settings.state_of(channel, Verb.REMIX) is None


def test_a_change_is_confirmed_before_it_is_queued(client, channel, admin_user):
    channel.settings, channel.settings_at = {"remix": False}, timezone.now()
    channel.save()
    client.force_login(admin_user)
    url = reverse("generations:channel-settings-ask", args=[channel.account_id, channel.pk, "remix"])
    said = client.post(url, {"wanted": "on"}).content.decode()
    assert "changes the pictures of everybody" in said
    assert not Job.objects.exists()
    assert client.post(url, {"wanted": "on", "confirmed": "1"}).status_code == 302
    assert Job.objects.get().text == "Switch remix on"
    page = client.get(reverse("generations:channel-settings", args=[channel.account_id, channel.pk])).content.decode()
    assert "Switch remix on" in page
    assert str(admin_user) in page


def test_plan_and_usage_are_shown_without_the_marks_of_discord(db):
    channel = make_channel(
        info="**Subscription**: Standard (renews <t:1800000000>)\n**Fast Time Remaining**: 10.4/15.0 hours\n\nIdle"
    )
    assert account_settings.plan(channel) == [
        ("Subscription", "Standard (renews 15 January 2027)"),
        ("Fast Time Remaining", "10.4/15.0 hours"),
        ("", "Idle"),
    ]
