"""The Create page: from typed text to queued jobs, with and without script."""

import html
import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from generations import cards
from generations.models import Job, JobStatus, Prompt
from tests.factories import make_account, make_batch, make_channel, make_image, make_job, make_user

CREATE = reverse("generations:create")
SUBMIT = reverse("generations:prompt-create")
CHECK = reverse("generations:prompt-check")
HTMX = {"HX-Request": "true"}


@pytest.fixture
def account(db):
    account = make_account(name="Sandbox")
    make_channel(account)
    return account


@pytest.fixture
def mia(client, member, account):
    client.force_login(member)
    return member


def checked(client, **data) -> tuple[str, dict, str]:
    """The text, the panel and the words of a preview."""
    page = client.post(CHECK, data, headers=HTMX).content.decode()
    [text] = re.findall(r'data-text="([^"]*)"', page)
    [panel] = re.findall(r'data-panel="([^"]*)"', page)
    return html.unescape(text), json.loads(html.unescape(panel)), page


def test_a_prompt_becomes_one_queued_job(client, mia):
    response = client.post(SUBMIT, {"text": "a red boat --ar 3:2", "key": "k1"})
    assert (response.status_code, response["Location"]) == (302, CREATE)
    job = Job.objects.get()
    assert (job.owner, job.text, job.status, job.ratio_width) == (mia, "a red boat --ar 3:2", JobStatus.QUEUED, 3)


def test_the_same_form_sent_twice_is_one_prompt(client, mia):
    for _ in range(2):
        client.post(SUBMIT, {"text": "a red boat", "key": "k1"}, headers=HTMX)
    assert (Prompt.objects.count(), Job.objects.count()) == (1, 1)


def test_a_text_that_was_edited_after_a_lost_answer_is_a_prompt_of_its_own(client, mia):
    client.post(SUBMIT, {"text": "a red boat", "key": "k1"}, headers=HTMX)
    client.post(SUBMIT, {"text": "a blue boat", "key": "k1"}, headers=HTMX)
    assert set(Job.objects.values_list("text", flat=True)) == {"a red boat", "a blue boat"}


def test_after_a_success_the_form_has_another_key(client, mia):
    page = client.post(SUBMIT, {"text": "a red boat", "key": "k1"}, headers=HTMX).content.decode()
    [key] = re.findall(r'id="prompt-key" value="([^"]+)"', page)
    assert key != "k1"


def test_what_cannot_be_sent_is_422_with_the_text_still_in_the_box(client, mia):
    text = "a boat --nonsense 4"
    for headers in ({}, HTMX):
        response = client.post(SUBMIT, {"text": text, "key": "k1"}, headers=headers)
        assert response.status_code == 422
        assert f">{text}</textarea>" in response.content.decode()
        assert "--nonsense is not a Midjourney parameter" in response.content.decode()
        assert 'value="k1"' in response.content.decode()
    assert not Job.objects.exists()


def test_an_empty_prompt_is_refused_in_words(client, mia):
    response = client.post(SUBMIT, {"text": "   ", "key": "k1"})
    assert response.status_code == 422
    assert "The prompt has no words" in response.content.decode()


def test_an_enormous_text_is_refused_and_kept(client, mia):
    response = client.post(SUBMIT, {"text": "x" * 20_001, "key": "k1"}, headers=HTMX)
    assert response.status_code == 422
    assert "far too long" in response.content.decode()


def test_an_account_that_is_not_theirs_is_refused(client, mia):
    hidden = make_account(for_everyone=False)
    response = client.post(SUBMIT, {"text": "a boat", "key": "k1", "account": hidden.pk}, headers=HTMX)
    assert response.status_code == 422
    assert not Job.objects.exists()


def test_the_chosen_account_is_used(client, mia):
    other = make_account(name="Other")
    client.post(SUBMIT, {"text": "a boat", "key": "k1", "account": other.pk})
    assert Job.objects.get().account == other


def test_coming_back_from_sign_in_leads_to_the_bar(client, mia):
    assert client.get(SUBMIT)["Location"] == CREATE


def test_without_script_the_panels_values_are_written_into_the_text(client, mia):
    data = {"text": "a boat --chaos 5", "key": "k1", "changed": "*", "shown": "{}"}
    client.post(SUBMIT, {**data, "ar": "16:9", "stylize": "300", "tile": "on", "version": "7"})
    assert Job.objects.get().text == "a boat --chaos 5 --ar 16:9 --v 7 --stylize 300 --tile"


def test_without_script_a_panel_that_nobody_touched_changes_nothing(client, mia):
    shown = json.dumps({"ar": "16:9", "tile": True})
    data = {"key": "k1", "changed": "*", "shown": shown, "ar": "16:9", "tile": "on"}
    client.post(SUBMIT, {**data, "text": "a boat --ar 3:2"})
    assert Job.objects.get().text == "a boat --ar 3:2"


def test_without_script_unticking_removes_a_flag(client, mia):
    data = {"text": "a boat --tile", "key": "k1", "changed": "*", "shown": json.dumps({"tile": True})}
    client.post(SUBMIT, data)
    assert Job.objects.get().text == "a boat"


def test_with_script_only_the_controls_that_were_touched_count(client, mia):
    data = {"text": "a boat --ar 3:2", "changed": "stylize", "ar": "16:9", "stylize": "250"}
    text, panel, _ = checked(client, **data)
    assert text == "a boat --ar 3:2 --stylize 250"
    assert (panel["ar"]["value"], panel["stylize"]["value"]) == ("3:2", "250")


def test_typing_moves_the_panel_and_never_the_text(client, mia):
    text, panel, _ = checked(client, text="a  boat —ar 16x9", changed="")
    assert text == "a  boat —ar 16x9"
    assert panel["ar"]["value"] == "16:9"
    _, panel, _ = checked(client, text="a boat --ar 16:9 --v 6.1 --s 50", changed="")
    assert [panel[name]["value"] for name in ("ar", "version", "stylize")] == ["16:9", "6.1", "50"]


def test_the_panel_offers_what_the_version_knows(client, mia):
    _, of_v6, _ = checked(client, text="a boat --v 6.1", changed="")
    _, of_v7, _ = checked(client, text="a boat --v 7", changed="")
    offered = [(panel["cref"]["offered"], panel["oref"]["offered"]) for panel in (of_v6, of_v7)]
    assert offered == [(True, False), (False, True)]
    assert (of_v6["quality"]["choices"], of_v7["quality"]["choices"]) == (["0.5", "", "2"], ["", "2", "4"])


def test_a_value_that_makes_no_sense_is_told_beside_its_text(client, mia):
    text, _, page = checked(client, text="a boat", changed="seed", seed="two words --ar")
    assert text == "a boat"
    assert "is not a value for --seed" in html.unescape(page)


def test_the_preview_counts_permutations_and_repeats_before_anything_is_sent(client, mia):
    _, _, page = checked(client, text="a {red, blue, green} boat --repeat 4", changed="")
    assert "<strong>12 jobs</strong>" in page
    assert "about 12 GPU minutes" in page
    assert "<li>a blue boat</li>" in page
    assert not Prompt.objects.exists()


def test_the_preview_says_what_was_mended(client, mia):
    _, _, page = checked(client, text="a boat —ar 3:2", changed="")
    assert "A typographic dash became --ar." in page
    assert "<li>a boat --ar 3:2</li>" in page


def test_the_preview_says_how_many_slots_are_free(client, mia, account):
    make_job(owner=mia, account=account, status=JobStatus.RUNNING)
    assert "2 slots free" in checked(client, text="a boat", changed="")[2]


def test_check_without_script_shows_the_preview_on_the_whole_page(client, mia):
    page = client.post(CHECK, {"text": "a {red, blue} boat", "changed": "*"}).content.decode()
    assert "<!doctype html>" in page
    assert "2 jobs" in page
    assert ">a {red, blue} boat</textarea>" in page
    assert not Prompt.objects.exists()


def test_prompts_are_escaped_everywhere_on_the_page(client, mia):
    evil = '<script>alert(1)</script> "onload=x'
    make_job(owner=mia, text=evil)
    make_job(owner=mia, status=JobStatus.REFUSED, error_code="moderated", error_text=evil)
    page = client.get(CREATE).content.decode()
    assert "<script>alert" not in page
    assert '"onload=x' not in page


def test_reuse_puts_the_text_into_the_bar(client, mia):
    job = make_job(owner=mia, text="a green hill --ar 2:1")
    assert ">a green hill --ar 2:1</textarea>" in client.get(f"{CREATE}?from={job.ref}").content.decode()


def test_nobody_reuses_the_prompt_of_another_member(client, mia):
    assert client.get(f"{CREATE}?from={make_job().ref}").status_code == 404


def test_the_first_visit_offers_three_examples_that_fill_the_bar(client, mia):
    page = client.get(CREATE).content.decode()
    assert page.count("?example=") == 3
    assert "a lighthouse at dusk" in client.get(f"{CREATE}?example=0").content.decode().split("</textarea>")[0]


def test_without_an_account_a_member_learns_whom_to_ask(client, member):
    client.force_login(member)
    page = client.get(CREATE).content.decode()
    assert "An admin of this studio has to share an account with you" in page


def test_without_an_account_an_admin_is_led_to_the_accounts(client, admin_user):
    client.force_login(admin_user)
    assert reverse("accounts:account-list") in client.get(CREATE).content.decode().split("Connect an account first")[1]


def test_submitting_without_an_account_says_who_can_help(client, member):
    client.force_login(member)
    response = client.post(SUBMIT, {"text": "a boat", "key": "k"}, headers=HTMX)
    assert response.status_code == 422
    assert "Ask an admin to share one with you." in response.content.decode()


def test_a_waiting_card_has_four_boxes_of_the_final_shape(client, mia):
    make_job(owner=mia)
    assert client.get(CREATE).content.decode().count('<svg class="box" viewBox="0 0 16 9"') == 4


def test_a_card_shows_pictures_as_they_are_saved(client, mia):
    job = make_job(owner=mia, status=JobStatus.SAVING)
    make_image(job=job, position=0, kind="grid", saved=False)
    make_image(job=job, position=1)
    make_image(job=job, position=2, saved=False)
    page = client.get(CREATE).content.decode()
    assert "Saving 1 of 2" in page
    assert page.count("<img id=") == 1
    assert "2 files not yet safe" in page


def test_a_failed_card_says_what_happened_what_to_do_and_what_it_cost(client, mia):
    make_job(owner=mia, status=JobStatus.REFUSED, error_code="moderated", error_text="Banned prompt")
    page = html.unescape(client.get(CREATE).content.decode())
    for words in ("Midjourney's moderation stopped this prompt.", "Change the wording", "It cost nothing.", "Banned"):
        assert words in page


def test_a_cancelled_card_does_not_promise_to_be_sent_again(client, mia):
    make_job(owner=mia, status=JobStatus.CANCELLED, error_code="busy", remote_id="", channel=None)
    page = client.get(CREATE).content.decode()
    assert "It is sent again by itself" not in page
    assert "It was cancelled before it was sent." in page


def test_the_list_is_paged_by_key_and_reaches_every_job_once(client, mia):
    jobs = [make_job(owner=mia) for _ in range(45)]
    seen, address = [], CREATE
    while address:
        page = client.get(address).content.decode()
        seen += re.findall(r'<article class="job" id="job-([0-9a-f-]+)"', page)
        older = re.findall(r'class="older button" href="([^"]+)"', page)
        address = html.unescape(older[0]) if older else ""
    assert seen == [str(job.ref) for job in reversed(jobs)]


def test_older_jobs_of_the_same_day_get_no_second_title(client, mia):
    for _ in range(cards.PAGE + 5):
        make_job(owner=mia)
    page = client.get(CREATE).content.decode()
    [address] = re.findall(r'hx-get="([^"]*/jobs/older/[^"]*)"', page)
    older = client.get(html.unescape(address), headers=HTMX).content.decode()
    assert "Today" in page
    assert "Today" not in older
    assert older.count('<article class="job"') == 5


def test_the_pages_queries_do_not_grow_with_its_jobs(client, mia, account, django_assert_num_queries):
    def fill(count):
        for _ in range(count):
            make_job(owner=mia, account=account)
            make_image(job=make_job(owner=mia, account=account, status=JobStatus.DONE))

    fill(1)
    client.get(CREATE)
    with CaptureQueriesContext(connection) as few:
        client.get(CREATE)
    fill(8)
    for _ in range(3):
        make_account()
    with django_assert_num_queries(len(few)):
        client.get(CREATE)


def test_several_accounts_are_offered_with_their_free_slots(client, mia, account):
    make_account(name="Paused one", state="paused")
    page = client.get(CREATE).content.decode()
    assert "Sandbox: 3 free" in page
    assert "Paused one: paused" in page


def test_jobs_of_others_are_not_listed(client, mia):
    make_job(owner=make_user(), text="somebody else's secret")
    assert "secret" not in client.get(CREATE).content.decode()


def test_jobs_of_a_batch_do_not_bury_the_others_and_their_batch_is_named(client, member):
    batch = make_batch(owner=member, text="one of a batch", name="Campaign A")
    make_job(owner=member, text="on its own")
    client.force_login(member)
    page = client.get("/").content.decode()
    assert "on its own" in page
    assert "one of a batch" not in page
    assert f'href="{batch.get_absolute_url()}"' in page
