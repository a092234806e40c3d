"""Blends, descriptions and videos: what is sent, what comes of it, and what is told before."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st

from generations import cards, decisions
from generations.making import film, queueing, reel
from generations.making.forms import rearranged
from generations.media import library
from generations.models import InputRole, Job, JobStatus
from generations.references import intake
from midjourney import prompt as language
from tests.engine import drive
from tests.factories import make_account, make_channel, make_image, make_job
from tests.files import put_picture
from tests.generations.references.pictures import picture

S = JobStatus


@pytest.fixture
def pictures(member):
    return [intake.take_bytes(member, picture(color=color), name=color) for color in ("red", "green", "blue")]


def finished(job: Job, status=S.DONE) -> bool:
    return Job.objects.filter(pk=job.pk, status=status).exists()


@pytest.mark.usefixtures("engine")
class TestWithTheService:
    def test_a_blend_sends_its_files_in_order_and_brings_four_pictures(self, simulator, sandbox, member, pictures):
        job = queueing.blend(member, pictures, "Portrait", account=sandbox)
        drive(lambda: finished(job))
        job.refresh_from_db()
        assert (job.ratio_width, job.ratio_height) == (2, 3)
        assert job.images.filter(kind="single").count() == 4
        assert [each.reference for each in job.inputs.all()] == pictures
        assert simulator.job(job.remote_id)["request"]["blendDimensions"] == "Portrait"
        assert "U1" in job.buttons

    def test_a_description_keeps_its_four_suggestions_and_each_runs_once(self, simulator, sandbox, member, pictures):
        job = queueing.describe(member, pictures[0], account=sandbox)
        drive(lambda: finished(job))
        job.refresh_from_db()
        assert len(job.suggestions) == 4
        assert job.images.count() == 0
        first = queueing.run_suggestion(member, job, 2)
        assert queueing.run_suggestion(member, job, 2) == first
        first.refresh_from_db()
        assert (first.text, first.parent, first.root, first.parent_position) == (job.suggestions[1], job, job, 2)
        [card] = cards.make_cards(Job.objects.filter(pk=job.pk).for_cards())
        assert [each.job for each in card.suggestions] == [None, first, None, None]
        assert card.tiles == []

    def test_a_video_is_made_from_its_first_frame_with_its_own_parameters_only(
        self, simulator, sandbox, member, pictures
    ):
        composed = film.compose(pictures[0].token, "a boat drifts --ar 16:9", motion="high", bs="2", loop=True)
        from generations.enqueue import enqueue

        job = enqueue(member, composed.text, account=sandbox).jobs.get()
        drive(lambda: finished(job))
        assert job.lane == "video"
        assert job.images.filter(kind="video").count() == 2
        sent = simulator.job(Job.objects.get(pk=job.pk).remote_id)["request"]["prompt"]
        assert "--ar" not in sent
        assert sent.startswith("http://")

    @pytest.mark.parametrize("verb", ["blend", "describe"])
    def test_a_lost_answer_is_found_and_paid_once(self, simulator, sandbox, member, pictures, verb):
        simulator.fault(f"jobs/{verb}", "drop-after")
        if verb == "blend":
            job = queueing.blend(member, pictures[:2], "Square", account=sandbox)
        else:
            job = queueing.describe(member, pictures[0], account=sandbox)
        drive(lambda: finished(job))
        assert simulator.count(f"POST jobs/{verb}") == 1

    def test_a_file_that_is_gone_costs_nothing_and_says_so(self, simulator, sandbox, member, pictures):
        job = queueing.blend(member, pictures[:2], "Square", account=sandbox)
        library.full_path(pictures[0].path).unlink()
        drive(lambda: finished(job, S.REFUSED))
        job.refresh_from_db()
        assert job.error_code == "reference_missing"
        assert simulator.count("POST jobs/blend") == 0
        assert job.retry_is_free
        again = decisions.retry(job, member).jobs.get()
        assert [each.reference for each in again.inputs.all()] == pictures[:2]


WORDS = st.text("abc ", max_size=20)


@given(WORDS, st.sampled_from(["low", "high"]), st.booleans(), st.booleans(), st.sampled_from(["1", "2", "4"]))
def test_whatever_is_chosen_a_video_has_no_parameter_that_videos_do_not_know(words, motion, loop, raw, bs):
    composed = film.compose(
        "ref:0a1b2c3d", f"{words} --ar 16:9 --s 50 --chaos 3", motion=motion, loop=loop, raw=raw, bs=bs
    )
    parsed = language.parse(composed.text)
    assert {each.name for each in parsed.parameters} <= {"video", "motion", "loop", "end", "raw", "bs"}
    assert composed.left_out == ("--ar 16:9", "--s 50", "--chaos 3")
    assert parsed.image_urls == ("ref:0a1b2c3d",)
    assert parsed.words == words.strip()
    assert not [problem for problem in language.review(composed.text).problems if problem.is_error]


@given(
    st.lists(st.sampled_from("abcdef"), unique=True, max_size=5),
    st.sampled_from(["left", "right", "remove"]),
    st.integers(0, 7),
)
def test_moving_pictures_loses_none_and_removing_loses_one(codes, action, place):
    after = rearranged(codes, f"{action}:{place}")
    assert len(codes) - len(after) == (1 if action == "remove" and 1 <= place <= len(codes) else 0)
    assert set(after) <= set(codes)


class TestPages:
    @pytest.fixture
    def signed_in(self, client, member):
        make_channel(make_account())
        client.force_login(member)
        return client

    def test_pictures_are_added_moved_removed_and_stay_when_the_form_is_refused(self, signed_in, pictures):
        codes = [each.code for each in pictures]
        url = "/create/blend/"
        added = signed_in.post(url, {"reference": codes[0], "add": codes[1], "slot": "reference", "do": "add"})
        assert added.content.decode().index(codes[0]) < added.content.decode().index(codes[1])
        moved = signed_in.post(url, {"reference": codes[:2], "do": "right:1"}).content.decode()
        assert moved.index(codes[1]) < moved.index(codes[0])
        refused = signed_in.post(url, {"reference": codes[:1], "dimensions": "Square", "do": "send"})
        assert refused.status_code == 422
        assert "two to five pictures, and here are 1" in refused.content.decode()
        assert codes[0] in refused.content.decode()

    def test_sending_a_blend_twice_is_one_job(self, signed_in, pictures):
        body = {"reference": [each.code for each in pictures], "dimensions": "Landscape", "do": "send", "key": "k"}
        for _ in range(2):
            assert signed_in.post("/create/blend/", body).status_code == 302
        job = Job.objects.get()
        assert (job.verb, job.ratio_width, job.text) == ("blend", 3, "Blend of 3 pictures")

    def test_an_upload_that_is_no_picture_is_told_at_the_form(self, signed_in):
        response = signed_in.post(
            "/create/describe/", {"do": "upload", "reference-file": SimpleUploadedFile("x.png", b"no")}
        )
        assert response.status_code == 422
        assert "is no PNG, JPEG or WebP" in response.content.decode()

    def test_describe_asks_for_a_picture(self, signed_in):
        response = signed_in.post("/create/describe/", {"do": "send"})
        assert response.status_code == 422
        assert "Choose the picture" in response.content.decode()

    def test_a_picture_of_the_gallery_opens_each_page(self, signed_in, member):
        image = make_image(job=make_job(owner=member, status=S.DONE))
        put_picture(image)
        for kind in ("blend", "describe", "video"):
            said = signed_in.get(f"/create/{kind}/?image={image.ref}").content.decode()
            assert member.references.get().code in said

    def test_a_video_says_what_it_leaves_out_before_it_is_sent(self, signed_in, pictures):
        said = signed_in.post(
            "/create/video/", {"reference": pictures[0].code, "words": "it drifts --ar 16:9 --v 7", "do": "check"}
        ).content.decode()
        assert "--ar 16:9 --v 7" in said
        assert f"ref:{pictures[0].code} it drifts --video" in said

    def test_a_service_elsewhere_is_told_of_before_a_video_is_sent(self, client, member, pictures):
        make_channel(make_account(base_url="https://mj.example.org/v3/midjourney"))
        client.force_login(member)
        said = client.get(f"/create/video/?reference={pictures[0].code}").content.decode()
        assert "This studio has no public address" in said

    def test_a_stranger_runs_no_suggestion(self, client, other_member, member):
        job = make_job(owner=member, verb="describe", status=S.DONE, suggestions=["a cat"])
        client.force_login(other_member)
        assert client.post(f"/jobs/{job.ref}/suggestions/1/run/").status_code == 404
        client.force_login(member)
        make_channel(job.account)
        assert client.post(f"/jobs/{job.ref}/suggestions/run/").status_code == 302
        assert Job.objects.filter(parent=job, text="a cat").count() == 1

    def test_the_same_blend_again_starts_from_its_pictures(self, signed_in, member, pictures):
        job = queueing.blend(member, pictures[:2], "Square")
        said = signed_in.get(f"/create/blend/?job={job.ref}").content.decode()
        assert said.index(pictures[0].code) < said.index(pictures[1].code)
        assert job.inputs.filter(role=InputRole.BLEND).count() == 2


def test_a_chain_of_extensions_is_shown_in_order(member):
    shared = {"owner": member, "lane": "video", "status": S.DONE}
    account = make_account()
    first = make_job(account=account, text="ref:00000000 --video", **shared)
    for position in (1, 2):
        make_image(job=first, kind="video", position=position, seconds=5)
    pick = make_job(account=account, verb="button", button="U2", parent=first, root=first, parent_position=2, **shared)
    longer = make_job(account=account, verb="button", button="Extend (Low motion)", parent=pick, root=first, **shared)
    make_image(job=longer, kind="video", position=1, seconds=9)
    found = reel.of_job(pick)
    assert [link.job for link in found.links] == [first, longer]
    assert found.links[0].clip.position == 2
    assert (found.last.seconds, found.left) == (9, 3)
    assert reel.of_job(make_job(account=account, **shared)) is None
