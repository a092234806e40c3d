"""Animating many pictures of the gallery at once."""

import pytest
from django.urls import reverse

from generations.making import animating, queueing
from generations.models import Job, JobStatus, Lane
from tests.factories import make_image, make_job, make_user
from tests.files import put_picture

ANIMATE = reverse("generations:gallery-animate")


@pytest.fixture
def mia(client, member, sandbox):
    client.force_login(member)
    return member


def pictures(owner, count: int = 3, **fields):
    made = [make_image(job=make_job(owner=owner, status=JobStatus.DONE), **fields) for _ in range(count)]
    for image in made:
        put_picture(image)
    return made


def sent(images, **fields) -> dict:
    chosen = {"image": [str(image.ref) for image in images], "motion": "low", "bs": "1", "key": "k" * 32}
    return {**chosen, **fields}


def videos():
    return Job.objects.filter(lane=Lane.VIDEO)


def test_what_was_ticked_is_shown_with_its_cost_before_anything_is_queued(client, mia):
    images = pictures(mia, 2)
    page = client.post(ANIMATE, {"image": [str(image.ref) for image in images]})
    assert "Animate 2 pictures" in page.text
    assert "GPU minutes" in page.text
    assert not videos().exists()


def test_each_picture_becomes_one_video_with_the_same_motion(client, mia):
    images = pictures(mia)
    response = client.post(ANIMATE, sent(images, send="1", motion="high", words="slow zoom out"))
    assert response.status_code == 302
    assert videos().count() == 3
    for job in videos():
        assert "slow zoom out" in job.text
        assert "--motion high" in job.text


def test_sent_twice_they_are_queued_once(client, mia):
    images = pictures(mia)
    for _ in range(2):
        client.post(ANIMATE, sent(images, send="1"))
    assert videos().count() == 3


def test_where_one_cannot_be_queued_none_is_and_nothing_is_lost(client, mia, monkeypatch):
    images = pictures(mia)
    real, calls = animating.enqueue, []

    def second_refused(*arguments, **named):
        calls.append(1)
        if len(calls) == 2:
            raise queueing.cannot("full", "There is no room.")
        return real(*arguments, **named)

    monkeypatch.setattr(animating, "enqueue", second_refused)
    response = client.post(ANIMATE, sent(images, send="1", words="a slow pan"))
    assert response.status_code == 422
    assert "There is no room." in response.text
    assert "a slow pan" in response.text
    assert not videos().exists()


def test_pictures_of_others_and_videos_are_left_out(client, mia):
    mine = pictures(mia, 1)
    theirs = pictures(make_user("Otto"), 1)
    [video] = pictures(mia, 1, kind="video", content_type="video/mp4")
    page = client.post(ANIMATE, {"image": [str(image.ref) for image in [*mine, *theirs, video]]})
    assert "Animate 1 picture" in page.text
    assert "1 video left out" in page.text
    assert str(theirs[0].ref) not in page.text


def test_all_that_match_are_animated_and_no_more_than_the_most(client, mia, monkeypatch):
    monkeypatch.setattr(animating, "MOST", 2)
    pictures(mia, 3)
    page = client.post(ANIMATE, {"all": "1", "q": "kind:imagine"})
    assert "Animate 2 pictures" in page.text
