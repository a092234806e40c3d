"""Prompts worth keeping: found again, filled in, styled, and not paid for twice unawares."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from generations import fingerprints
from generations.enqueue import enqueue
from generations.models import Job, JobStatus, Prompt, PromptTemplate, Style
from generations.prompts import already, history, styling, templating
from midjourney import prompt as language
from tests.factories import make_account, make_batch, make_channel, make_image, make_job, make_user

S = JobStatus
TODAY = date(2026, 11, 27)


@pytest.fixture
def account(db):
    found = make_account()
    make_channel(found)
    return found


@pytest.fixture
def signed_in(client, member, account):
    client.force_login(member)
    return client


class TestHistory:
    def test_what_somebody_wrote_is_found_by_its_words_in_any_case(self, member, account):
        enqueue(member, "a red Boat in fog --ar 3:2")
        enqueue(member, "a blue house")
        assert [entry.prompt.text for entry in history.page(member, search="FOG boat").entries] == [
            "a red Boat in fog --ar 3:2"
        ]
        assert history.page(member, search="fog house").entries == []

    def test_the_same_text_stands_once_and_says_how_often(self, member, account):
        for _ in range(3):
            enqueue(member, "a red boat")
        [entry] = history.page(member).entries
        assert entry.times == 3

    def test_buttons_and_batches_are_no_prompts_that_people_wrote(self, member, account):
        make_job(owner=member, account=account, verb="button", button="U1")
        make_job(owner=member, account=account, verb="seed")
        make_batch(owner=member, account=account)
        assert history.page(member).entries == []

    def test_it_is_read_in_pages_without_gap_or_repeat(self, member, account):
        for number in range(7):
            enqueue(member, f"boat {number}")
        seen, before = [], None
        while True:
            page = history.page(member, before=before, size=3)
            seen += [entry.prompt.text for entry in page.entries]
            before = page.older
            if before is None:
                break
        assert seen == [f"boat {number}" for number in reversed(range(7))]

    def test_it_costs_the_same_whatever_it_holds(self, member, account, django_assert_num_queries):
        make_image(job=make_job(owner=member, account=account, status=S.DONE))
        with CaptureQueriesContext(connection) as one:
            history.page(member)
        for number in range(6):
            make_image(job=make_job(owner=member, account=account, status=S.DONE, text=f"boat {number}"))
        with django_assert_num_queries(len(one)):
            history.page(member)

    def test_a_star_is_set_and_taken_away_by_its_owner_only(self, signed_in, client, member, account):
        prompt = enqueue(member, "a red boat")
        url = f"/library/prompts/{prompt.pk}/favourite/"
        signed_in.post(url)
        assert [entry.prompt for entry in history.page(member, favourites=True).entries] == [prompt]
        signed_in.post(url)
        assert history.page(member, favourites=True).entries == []
        client.force_login(make_user())
        assert client.post(url).status_code == 404
        assert Prompt.objects.get(pk=prompt.pk).favourite_at is None

    def test_nobody_finds_what_another_wrote(self, member, other_member, account):
        enqueue(member, "a secret boat")
        assert history.page(other_member, search="secret").entries == []

    def test_a_prompt_goes_back_into_the_bar(self, signed_in, member):
        enqueue(member, "a red boat & a “blue” one --ar 3:2")
        said = signed_in.get("/library/prompts/").content.decode()
        link = said.split('href="/?text=')[1].split('"')[0]
        assert "a red boat &amp; a “blue” one --ar 3:2" in signed_in.get(f"/?text={link}").content.decode()


class TestTemplates:
    def test_the_studio_comes_with_templates_that_are_right(self, db):
        rows = PromptTemplate.objects.filter(owner=None)
        assert {
            "Landscape",
            "Portrait",
            "Concept art",
            "Photo",
            "Drone shot",
            "Fluid motion",
            "Timelapse",
            "Macro",
        } <= {row.name for row in rows}
        for row in rows:
            assert templating.problems(row.text, row.kind) == [], row.name
            assert templating.variables(row), row.name

    def test_a_video_template_leads_to_the_video_page_with_its_words(self, signed_in):
        row = PromptTemplate.objects.get(name="Fluid motion")
        answer = signed_in.get(f"/library/templates/{row.ref}/?fill=1&v-1=the+boat")
        assert answer.status_code == 302
        assert answer["Location"].startswith("/create/video/?words=the+boat+moves")
        assert "motion=high" in answer["Location"]

    def test_an_image_template_leads_to_the_bar_and_an_empty_place_is_asked_for(self, signed_in):
        row = PromptTemplate.objects.get(name="Portrait")
        refused = signed_in.get(f"/library/templates/{row.ref}/?fill=1&v-1=a+clockmaker&v-2=")
        assert refused.status_code == 422
        assert "a clockmaker" in refused.content.decode()
        answer = signed_in.get(f"/library/templates/{row.ref}/?fill=1&v-1=a+clockmaker&v-2=calm", follow=True)
        assert "portrait of a clockmaker, calm expression" in answer.content.decode()

    @given(st.text("abc xyz", min_size=1, max_size=12), st.text("abc xyz{}", max_size=12))
    def test_what_is_filled_in_stands_there_and_is_not_read_again(self, one, two):
        template = PromptTemplate(text="a {{first}} and {{second one}} --ar 3:2")
        text = templating.fill(template, {"first": one, "second one": two})
        assert text == " ".join(f"a {' '.join(one.split())} and {' '.join(two.split())} --ar 3:2".split())

    def test_it_says_when_the_default_has_moved_since_and_offers_the_old_one(self):
        template = PromptTemplate(text="a {{boat}}", made_for="7")
        moved = templating.drift(template, TODAY)
        assert (moved.before, moved.now, moved.pin) == ("V7", "V8.1", "--v 7")
        assert templating.fill(template, {"boat": "boat"}, pin=moved.pin) == "a boat --v 7"
        assert templating.drift(PromptTemplate(text="a {{boat}} --v 6", made_for="6"), TODAY) is None
        assert templating.drift(PromptTemplate(text="a {{boat}}", made_for="8.1"), TODAY) is None

    def test_a_template_is_private_until_it_is_shared_and_changed_by_its_owner_only(self, client, member, other_member):
        client.force_login(member)
        body = {"name": "Boats", "kind": "image", "text": "a {{colour}} boat"}
        assert client.post("/library/templates/new/", body).status_code == 302
        row = PromptTemplate.objects.get(owner=member)
        assert row.made_for == "8.1"
        client.force_login(other_member)
        url = f"/library/templates/{row.ref}/"
        assert client.get(url).status_code == 404
        PromptTemplate.objects.filter(pk=row.pk).update(is_shared=True)
        assert client.get(url).status_code == 200
        assert client.get(f"{url}edit/").status_code == 404
        assert client.post(f"{url}delete/").status_code == 404
        assert "a {{colour}} boat" in client.get(f"/library/templates/new/?copy={row.ref}").content.decode()

    @pytest.mark.parametrize(
        ("text", "kind", "words"),
        [("a {{boat}} --nonsense", "image", "not a Midjourney parameter"), ("a {{boat}}", "video", "needs --video")],
    )
    def test_a_template_that_cannot_work_is_refused_with_its_text_kept(self, signed_in, text, kind, words):
        response = signed_in.post("/library/templates/new/", {"name": "x", "kind": kind, "text": text})
        assert response.status_code == 422
        assert words in response.content.decode()
        assert text in response.content.decode()


PARAMETERS = ["--ar 16:9", "--raw", "--stylize 250", "--chaos 20", "--v 7", "--sref 123 random", "--no people, text"]


class TestStyles:
    @given(st.lists(st.sampled_from(PARAMETERS), min_size=1, unique=True))
    def test_applied_once_or_twice_a_style_sets_its_parameters_and_leaves_the_words(self, chosen):
        style = Style(parameters=" ".join(chosen))
        once = styling.apply("a red boat --weird 5 --ar 1:2", style)
        assert styling.apply(once, style) == once
        parsed, own = language.parse(once), language.parse(style.parameters)
        assert parsed.words == "a red boat"
        assert parsed.value("weird") == "5"
        for argument in own.parameters:
            assert parsed.value(argument.name) == argument.value

    def test_it_is_saved_from_a_prompt_without_its_words(self, signed_in, member):
        said = signed_in.get("/library/styles/new/?from=a+boat+--ar+16:9+--raw").content.decode()
        assert "--ar 16:9 --raw</textarea>" in said
        assert signed_in.post("/library/styles/new/", {"name": "Wide", "parameters": "--ar 16:9"}).status_code == 302
        assert Style.objects.get(owner=member).parameters == "--ar 16:9"
        assert "data-applies" in signed_in.get("/").content.decode()

    @pytest.mark.parametrize(
        ("parameters", "words"), [("a boat --raw", "Remove the words"), ("--ar x", "is not a value")]
    )
    def test_what_is_no_set_of_parameters_is_refused(self, signed_in, parameters, words):
        response = signed_in.post("/library/styles/new/", {"name": "x", "parameters": parameters})
        assert response.status_code == 422
        assert words in response.content.decode()


class TestAlready:
    @pytest.mark.parametrize(
        "same",
        [
            "a red  boat --s 250 --ar 16:9",
            "a red boat --aspect 16:9 --stylize 250",
            "a red boat --ar 16:9 --s 250 --fast",
        ],
    )
    def test_order_spelling_and_speed_make_no_other_picture(self, same):
        assert fingerprints.of_prompt("a red boat --ar 16:9 --s 250") == fingerprints.of_prompt(same)

    @pytest.mark.parametrize(
        "other",
        ["a blue boat --ar 16:9", "a red boat", "a red boat --ar 16:9 --seed 1", "ref:0a0a0a0a a red boat --ar 16:9"],
    )
    def test_words_parameters_seeds_and_pictures_do(self, other):
        assert fingerprints.of_prompt("a red boat --ar 16:9") != fingerprints.of_prompt(other)

    def test_what_i_have_is_shown_before_i_pay_again_and_going_on_is_the_same_click(self, signed_in, member):
        job = enqueue(member, "a red boat --ar 16:9").jobs.get()
        body = {"text": "a red boat --aspect 16:9"}
        said = signed_in.post("/prompts/check/", body, headers={"HX-Request": "true"}).content.decode()
        assert "You already have this" in said
        assert job.get_absolute_url() in said
        assert signed_in.post("/prompts/", body).status_code == 302
        assert Job.objects.count() == 2

    def test_a_refusal_is_remembered(self, member, account):
        job = enqueue(member, "something banned").jobs.get()
        Job.objects.update(status=S.REFUSED, error_code="moderated")
        [found] = already.found(member, ["something banned"])
        assert (found.job, found.was_refused) == (job, True)

    def test_what_others_made_and_what_failed_is_not_mine(self, member, other_member, account):
        enqueue(other_member, "a red boat")
        make_job(
            owner=member, account=account, status=S.FAILED, text="x", fingerprint=fingerprints.of_prompt("a red boat")
        )
        assert already.found(member, ["a red boat"]) == []

    def test_looking_costs_one_read_where_nothing_is_found(self, member, account, django_assert_num_queries):
        with django_assert_num_queries(1):
            assert already.found(member, ["a", "b", "c"]) == []
