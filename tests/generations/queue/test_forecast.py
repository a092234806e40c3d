"""What the studio says about durations follows from its own past, and it says so where that is too little."""

from datetime import timedelta

import pytest
from django.utils import timezone

from generations import forecast
from generations.models import JobStatus
from tests import factories


@pytest.fixture
def account(db):
    account = factories.make_account(name="Team")
    factories.make_channel(account, max_jobs=2, max_image_jobs=2, max_video_jobs=1)
    return account


def past(account, kind: str, *seconds: float) -> None:
    """Jobs that took so long."""
    now = timezone.now()
    for lasted in seconds:
        factories.make_job(
            account=account, kind=kind, status=JobStatus.DONE,
            accepted_at=now - timedelta(seconds=lasted), ended_at=now,
        )  # fmt: skip
    forecast.forget()


def test_nothing_is_promised_where_nothing_like_it_has_ever_run(account):
    assert forecast.batch_forecast(account, {"imagine fast 7": 10}) is None


def test_nothing_is_promised_where_no_channel_is_open(account):
    past(account, "imagine fast 7", *[50] * 9)
    account.channels.update(block_message="Pending mod message")
    assert forecast.batch_forecast(account, {"imagine fast 7": 10}) is None


def test_a_batch_needs_its_work_divided_by_the_slots(account):
    past(account, "imagine fast 7", *[50] * 9)
    one, many = (forecast.batch_forecast(account, {"imagine fast 7": count}) for count in (1, 100))
    assert one is not None
    assert many is not None
    assert (round(one.median), one.wait, one.is_rough) == (50, 0, False)
    assert 2500 <= many.median <= 2700
    assert many.p90 >= many.median


def test_jobs_that_vary_widen_the_mark_of_nine_in_ten(account):
    past(account, "imagine fast 7", 30, 40, 50, 60, 70, 80, 90, 100, 300)
    found = forecast.batch_forecast(account, {"imagine fast 7": 1})
    assert found is not None
    assert found.p90 - found.median >= 200


def test_videos_use_the_slots_for_videos_only(account):
    past(account, "video fast", *[100] * 9)
    found = forecast.batch_forecast(account, {"video fast": 10})
    assert found is not None
    assert 1000 <= found.median <= 1100


def test_too_little_past_is_called_rough(account):
    past(account, "imagine fast 7", 50)
    found = forecast.batch_forecast(account, {"imagine fast 7": 4})
    assert found is not None
    assert found.is_rough


def test_others_go_before_as_far_as_their_fair_turns_reach(account):
    past(account, "imagine fast 7", *[50] * 9)
    mia, otto = factories.make_user("Mia"), factories.make_user("Otto")
    for _ in range(40):
        factories.make_job(owner=otto, account=account, kind="imagine fast 7")
    of_mia = forecast.batch_forecast(account, {"imagine fast 7": 4}, owner_id=mia.pk)
    of_otto = forecast.batch_forecast(account, {"imagine fast 7": 4}, owner_id=otto.pk)
    assert of_mia is not None
    assert of_otto is not None
    assert of_mia.median < 300
    assert of_otto.median > 1000


def test_the_rest_of_a_job_shrinks_and_an_overdue_one_is_due_at_any_moment():
    known = forecast.Span(median=50, p90=80, mean=55, count=9)
    assert forecast.rest(known, 20) == 30
    assert forecast.rest(known, 60) == 10
    assert forecast.rest(known, 500) == 0


def test_the_number_of_queries_does_not_grow_with_what_waits(account, django_assert_num_queries):
    past(account, "imagine fast 7", *[50] * 9)
    forecast.spans(["imagine fast 7"])
    factories.make_job(account=account, kind="imagine fast 7")
    with django_assert_num_queries(4):
        forecast.batch_forecast(account, {"imagine fast 7": 4})
    for _ in range(30):
        factories.make_job(account=account, kind="imagine fast 7")
    with django_assert_num_queries(4):
        forecast.batch_forecast(account, {"imagine fast 7": 4})


def test_a_batch_that_waits_already_does_not_go_before_itself(account):
    past(account, "imagine fast 7", *[50] * 9)
    mia = factories.make_user()
    new = forecast.batch_forecast(account, {"imagine fast 7": 6}, owner_id=mia.pk)
    for _ in range(6):
        factories.make_job(owner=mia, account=account, kind="imagine fast 7")
    queued = forecast.batch_forecast(account, {"imagine fast 7": 6}, owner_id=mia.pk, are_queued=True)
    assert new is not None
    assert queued is not None
    assert queued.median == new.median
