"""The pages of actions: what they show and ask, what they answer, with script and without."""

import html
import json
import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from generations.actions import pressing
from generations.models import Job, JobStatus, Verb
from tests import factories

HTMX = {"HX-Request": "true"}
PRESS, ASK, REMIX = "job-press", "job-press-ask", "job-remix"


@pytest.fixture
def mia(client, member):
    client.force_login(member)
    return member


def url(name: str, job: Job) -> str:
    return reverse(f"generations:{name}", args=[job.ref])


def show(client, address: str, **options) -> str:
    return html.unescape(client.get(address, **options).content.decode())


def new_jobs(*before: Job) -> list[Job]:
    return list(Job.objects.exclude(pk__in=[job.pk for job in before]).order_by("pk"))


def remix(job: Job, on: bool | None) -> None:
    job.channel.settings = {} if on is None else {"remix": on}
    job.channel.save()


@pytest.mark.usefixtures("mia")
class TestPressing:
    def test_without_script_a_press_leads_to_the_new_job_and_says_so(self, client, grid):
        response = client.post(url(PRESS, grid), {"button": "V2", "position": "2", "key": "k" * 32})
        [child] = new_jobs(grid)
        assert (child.button, child.parent_position) == ("V2", 2)
        assert response["Location"] == f"/#job-{child.ref}"
        assert "Queued: Vary 2." in show(client, "/")

    def test_from_the_jobs_own_page_one_stays_there(self, client, grid):
        response = client.post(url(PRESS, grid), {"button": "🔄", "page": "job"})
        assert response["Location"] == grid.get_absolute_url()

    def test_the_same_showing_twice_is_one_job_and_the_answer_brings_a_new_key(self, client, grid):
        sent = {"button": "V1", "position": "1", "key": "k" * 32, "place": "press"}
        answers = [client.post(url(PRESS, grid), sent, headers=HTMX) for _ in range(2)]
        assert len(new_jobs(grid)) == 1
        [key] = re.findall(rf'id="press-key-{grid.ref}-1" value="(\w+)"', answers[0].content.decode())
        client.post(url(PRESS, grid), sent | {"key": key}, headers=HTMX)
        assert len(new_jobs(grid)) == 2
        client.post(url(PRESS, grid), sent | {"button": "V2"}, headers=HTMX)
        assert len(new_jobs(grid)) == 3

    def test_the_new_card_and_the_changed_parent_come_with_the_answer(self, client, grid):
        page = client.get("/").content.decode()
        seen = {name: re.findall(rf'name="{name}" value="([^"]+)"', page)[0] for name in ("after", "newest", "day")}
        response = client.post(url(PRESS, grid), {"button": "U2", "position": "2"} | seen, headers=HTMX)
        [child] = new_jobs(grid)
        parts = response.content.decode()
        assert f'id="job-{child.ref}"' in parts
        assert f'id="job-{grid.ref}" hx-swap-oob' in parts
        assert f'href="{child.get_absolute_url()}" title="Upscale 2: done' in parts
        assert json.loads(response["HX-Trigger"])["toast"]["text"] == "Queued: Upscale 2."

    def test_on_a_page_without_its_card_the_message_leads_to_the_new_job(self, client, grid):
        response = client.post(url(PRESS, grid), {"button": "V1"}, headers=HTMX)
        [child] = new_jobs(grid)
        assert json.loads(response["HX-Trigger"])["toast"]["href"] == child.get_absolute_url()

    @pytest.mark.parametrize("button", ["Vary (Strong)", "U5", "", "x" * 300])
    def test_what_the_job_does_not_offer_is_not_pressed_and_says_so(self, client, grid, button):
        client.post(url(PRESS, grid), {"button": button, "page": "job", "confirmed": "yes"})
        assert new_jobs(grid) == []
        assert "Midjourney does not offer" in show(client, grid.get_absolute_url())

    def test_a_picture_that_is_not_there_is_not_written_down(self, client, grid):
        client.post(url(PRESS, grid), {"button": "🔄", "position": "9"})
        assert new_jobs(grid)[0].parent_position == 0

    def test_out_of_reach_nothing_is_pressed_and_the_page_says_why(self, client, make_done):
        old = make_done(remote_created_at=timezone.now() - timedelta(days=63))
        page = show(client, old.get_absolute_url())
        assert "The service keeps a job for 62 days" in page
        assert 'name="button"' not in page
        client.post(url(PRESS, old), {"button": "U1"})
        assert new_jobs(old) == []

    def test_what_was_done_once_leads_to_its_result(self, client, grid, mia):
        child = pressing.press(mia, grid, "U1")
        response = client.post(url(PRESS, grid), {"button": "U1"}, headers=HTMX)
        assert new_jobs(grid, child) == []
        assert json.loads(response["HX-Trigger"])["toast"] == {
            "text": "This was done before; here is the result.", "tone": "plain", "href": child.get_absolute_url(),
        }  # fmt: skip


@pytest.mark.usefixtures("mia")
class TestAsking:
    def test_a_video_is_asked_for_with_its_cost_before(self, client, single):
        for headers in ({}, HTMX):
            sheet = show(client, url(ASK, single), data={"button": "Animate (Low motion)"}, headers=headers)
            assert "about 8 GPU minutes" in sheet
            assert ('id="action-dialog"' in sheet) == bool(headers)
        response = client.post(url(PRESS, single), {"button": "Animate (Low motion)"})
        assert "about 8 GPU minutes" in response.content.decode()
        assert new_jobs(single) == []
        client.post(url(PRESS, single), {"button": "Animate (Low motion)", "confirmed": "yes"})
        assert [job.lane for job in new_jobs(single)] == ["video"]

    def test_custom_zoom_begins_with_the_parents_prompt_and_a_zoom(self, client, single):
        sheet = show(client, url(ASK, single), data={"button": "Custom Zoom", "position": "1"})
        assert ">a lighthouse at dusk --ar 16:9 --zoom 1.8</textarea>" in sheet

    @pytest.mark.parametrize("headers", [{}, HTMX])
    def test_a_bad_prompt_is_refused_with_what_is_wrong_and_stays_in_the_box(self, client, single, headers):
        sent = {"button": "Custom Zoom", "position": "1", "confirmed": "yes", "prompt": "a boat --nonsense 4"}
        response = client.post(url(PRESS, single), sent, headers=headers)
        assert response.status_code == 422
        said = html.unescape(response.content.decode())
        assert "--nonsense is not a Midjourney parameter" in said
        assert ">a boat --nonsense 4</textarea>" in said
        assert new_jobs(single) == []
        client.post(url(PRESS, single), sent | {"prompt": "a boat —zoom 1.5\r\n"})
        assert [job.text for job in new_jobs(single)] == ["a boat --zoom 1.5"]  # mended as any prompt

    def test_an_empty_prompt_for_custom_zoom_says_what_to_write(self, client, single):
        sent = {"button": "Custom Zoom", "confirmed": "yes", "prompt": " "}
        response = client.post(url(PRESS, single), sent)
        assert response.status_code == 422
        assert "--zoom 1.8" in response.content.decode()

    def test_a_prompt_is_checked_while_it_is_typed_and_nothing_is_stored(self, client, single):
        response = client.post(url("job-press-check", single), {"button": "Custom Zoom", "prompt": "a boat --zoom 9"})
        assert "zoom" in response.content.decode()
        assert new_jobs(single) == []

    @pytest.mark.parametrize(("on", "says"), [(False, "Remix is off for this account"), (None, "not known")])
    def test_where_remix_is_off_or_unknown_no_prompt_is_offered_and_the_page_says_why(self, client, single, on, says):
        remix(single, on)
        page = show(client, single.get_absolute_url())
        assert says in page
        assert url(REMIX, single) not in page
        sheet = show(client, url(REMIX, single), data={"position": "1"})
        assert says in sheet
        assert "<textarea" not in sheet
        sent = {"button": "Vary (Strong)", "prompt": "a red boat", "confirmed": "yes"}
        response = client.post(url(PRESS, single), sent)
        assert response.status_code == 422
        assert new_jobs(single) == []

    def test_with_remix_on_a_changed_prompt_goes_with_the_button_that_is_chosen(self, client, single):
        remix(single, True)
        assert url(REMIX, single) in show(client, single.get_absolute_url())
        sheet = show(client, url(REMIX, single), data={"position": "1"})
        assert ">a lighthouse at dusk --ar 16:9</textarea>" in sheet
        assert re.findall(r'type="radio" name="button" value="([^"]+)"', sheet) == [
            "Vary (Subtle)", "Vary (Strong)", "⬅️", "➡️"
        ]  # fmt: skip
        sent = {"button": "➡️", "position": "1", "remix": "yes", "confirmed": "yes"}
        bad = client.post(url(PRESS, single), sent | {"prompt": "--ar 3:2"}, headers=HTMX)
        assert bad.status_code == 422
        assert bad["HX-Retarget"] == "#action-form"
        assert 'value="➡️" checked' in bad.content.decode()
        client.post(url(PRESS, single), sent | {"prompt": "a red boat --ar 16:9"})
        assert [(job.button, job.text) for job in new_jobs(single)] == [("➡️", "a red boat --ar 16:9")]

    def test_vary_region_is_shown_only_where_there_is_an_editor(self, client, single):
        from django.urls import NoReverseMatch

        try:
            address = url("job-region", single)
        except NoReverseMatch:
            address = ""
        page = show(client, single.get_absolute_url())
        assert ("Region…" in page) == bool(address)
        if address:
            assert f"{address}?button=Vary%20%28Region%29&position=1" in page


@pytest.mark.usefixtures("mia")
class TestAnimating:
    def test_both_steps_and_their_costs_are_shown_before_the_first(self, client, grid):
        for headers in ({}, HTMX):
            sheet = show(client, url("job-animate", grid), data={"position": "2"}, headers=headers)
            assert "Upscale picture 2" in sheet
            assert "no fast GPU minutes" in sheet
            assert "about 8 GPU minutes" in sheet
        assert new_jobs(grid) == []

    def test_one_press_queues_the_chain_once(self, client, grid):
        sent = {"position": "2", "motion": "high", "key": "k" * 32}
        for _ in range(2):
            client.post(url("job-animate", grid), sent)
        first, second = new_jobs(grid)
        assert (first.button, second.button, second.waits_for) == ("U2", "Animate (High motion)", first)
        assert "Starts by itself when the step before it has ended" in show(client, "/")

    def test_a_motion_that_is_none_is_answered_at_the_form(self, client, grid):
        response = client.post(url("job-animate", grid), {"position": "2", "motion": "wild"})
        assert response.status_code == 422
        assert new_jobs(grid) == []

    def test_what_was_picked_before_is_shown_as_done(self, client, grid, mia):
        child = pressing.press(mia, grid, "U2")
        Job.objects.filter(pk=child.pk).update(status=JobStatus.DONE, channel=grid.channel)
        sheet = show(client, url("job-animate", grid), data={"position": "2"})
        assert "done already" in sheet
        assert child.get_absolute_url() in sheet

    def test_a_picture_that_cannot_be_animated_says_so(self, client, single):
        client.get(url("job-animate", single), {"position": "1"})
        assert "cannot be animated from here" in show(client, "/")


@pytest.mark.usefixtures("mia")
class TestSeeds:
    def test_the_look_up_shows_where_it_was_asked(self, client, grid, mia):
        assert "Look up seed" in show(client, grid.get_absolute_url())
        client.post(url("job-seed", grid), {"page": "job"})
        for address in ("/", grid.get_absolute_url()):
            page = show(client, address)
            assert "Looking up the seed…" in page
            assert "Look up seed" not in page
        assert show(client, "/").count('<article class="job"') == 1  # it has no card of its own

    def test_a_failed_look_up_is_explained_and_may_be_tried_again(self, client, grid, mia):
        seed = pressing.fetch_seed(mia, grid)
        Job.objects.filter(pk=seed.pk).update(status=JobStatus.SUBMITTING, channel=grid.channel)
        seed.move(JobStatus.REFUSED, code="parent_gone", error_code="parent_gone", error_text="no such job")
        page = show(client, grid.get_absolute_url())
        assert "The seed could not be looked up. The service no longer knows the picture" in page
        assert "no such job" in page
        assert "Look up seed" in page

    def test_a_look_up_that_brought_none_is_not_offered_again(self, client, grid, mia):
        seed = pressing.fetch_seed(mia, grid)
        Job.objects.filter(pk=seed.pk).update(status=JobStatus.DONE, channel=grid.channel)
        page = show(client, grid.get_absolute_url())
        assert "The service named no seed for this picture" in page
        assert "Look up seed" not in page

    def test_a_known_seed_is_copied_and_used_in_a_new_prompt(self, client, grid):
        Job.objects.filter(pk=grid.pk).update(seed=4711)
        page = show(client, grid.get_absolute_url())
        assert 'data-copy="4711"' in page
        assert f"/?from={grid.ref}&seed=4711" in page
        assert 'data-fill="a lighthouse at dusk --ar 16:9 --seed 4711"' in show(client, "/")
        bar = show(client, f"/?from={grid.ref}&seed=4711")
        assert ">a lighthouse at dusk --ar 16:9 --seed 4711</textarea>" in bar
        client.post(url("job-seed", grid))
        assert new_jobs(grid) == []

    @pytest.mark.parametrize("seed", ["-1", "x", "1" * 400])
    def test_a_seed_in_the_address_that_is_none_is_left_out(self, client, grid, seed):
        assert ">a lighthouse at dusk --ar 16:9</textarea>" in show(client, f"/?from={grid.ref}&seed={seed}")


def test_the_lightbox_gets_the_actions_of_the_picture_that_is_shown(client, mia, grid, member):
    picked = factories.make_job(
        owner=member, account=grid.account, parent=grid, root=grid, verb=Verb.BUTTON, button="U2",
        status=JobStatus.DONE, buttons=["Upscale (Subtle)", "V1"],
    )  # fmt: skip
    image = factories.make_image(job=picked)
    part = show(client, reverse("generations:image-actions", args=[image.ref]), headers=HTMX)
    assert "Upscaled from picture 2 of" in part
    assert re.findall(r'name="button" value="([^"]+)"', part).count("Upscale (Subtle)") == 1
    sent = {"button": "Upscale (Subtle)", "position": "1", "place": "lightbox"}
    response = client.post(url(PRESS, picked), sent, headers=HTMX)
    assert 'id="lightbox-actions" hx-swap-oob' in response.content.decode()


def test_a_picture_can_be_used_elsewhere_also_where_nothing_can_be_pressed_any_more(client, mia, make_done):
    old = make_done(remote_created_at=timezone.now() - timedelta(days=63))
    image = old.images.get(position=2)
    part = show(client, reverse("generations:image-actions", args=[image.ref]), headers=HTMX)
    assert "62 days" in part
    for page in (part, show(client, "/")):
        assert reverse("generations:reference-from-image", args=[image.ref]) in page
        for name in ("video-new", "blend-new", "describe-new"):
            assert f"{reverse(f'generations:{name}')}?image={image.ref}" in page
    clip = make_done([], 1, lane="video").images.get()
    type(clip).objects.filter(pk=clip.pk).update(kind="video")
    part = show(client, reverse("generations:image-actions", args=[clip.ref]), headers=HTMX)
    assert "As reference" not in part


ALL = [PRESS, ASK, "job-press-check", REMIX, "job-animate", "job-seed"]


@pytest.mark.parametrize("name", ALL)
def test_a_stranger_gets_404_everywhere(client, other_member, grid, name):
    client.force_login(other_member)
    data = {"button": "U1", "position": "1", "motion": "low"}
    method = client.get if name in {ASK, REMIX} else client.post
    assert method(url(name, grid), data).status_code == 404
    image = grid.images.first()
    assert client.get(reverse("generations:image-actions", args=[image.ref])).status_code == 404
    assert new_jobs(grid) == []
