"""The pages of batches: four ways in, a dry run to look at, one start, and a live page that costs little."""

import io
import re
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from generations import batch_pages
from generations.batches import controls
from generations.models import Batch, BatchStatus, Job, JobStatus
from tests.factories import make_account, make_batch, make_channel, make_image, make_job, make_user
from tests.files import put_picture

LIST = reverse("generations:batch-list")
NEW = reverse("generations:batch-new")
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


@pytest.fixture
def lead(client, account):
    person = make_user("Lea", role="lead")
    client.force_login(person)
    return person


def url(name: str, batch: Batch) -> str:
    return reverse(f"generations:batch-{name}", args=[batch.ref])


def text(response) -> str:
    return response.content.decode()


def end(job: Job, status: str, **fields) -> None:
    """Let a job of a batch have ended as the engine would leave it."""
    Job.objects.filter(pk=job.pk).update(channel=job.account.channels.first(), status=status, **fields)
    job.refresh_from_db()
    job.touch(progress=None)


def cursor_of(page: str) -> dict:
    return dict(re.findall(r'<input type="hidden" name="(after|state|waiting)"[^>]* value="([^"]*)"', page))


# The list


def test_an_empty_list_leads_to_the_first_batch(client, mia):
    page = text(client.get(LIST))
    assert "nothing is sent before you start it" in page
    assert f'href="{NEW}"' in page


def test_the_list_shows_newest_first_with_what_became_of_each(client, mia, account):
    draft = make_batch(owner=mia, account=account, name="A draft", confirmed=False)
    running = make_batch(owner=mia, account=account, name="Running one")
    end(running.jobs.first(), JobStatus.FAILED, error_code="timed_out", remote_id="x")
    make_batch(account=account, name="Somebody else’s")
    page = text(client.get(LIST))
    assert re.findall(r"<h2><a[^>]*>([^<]*)<", page) == [running.name, draft.name]
    assert 'aria-label="Failed 1, Waiting 1"' in page
    assert "<strong>2</strong> of 2 lines chosen" in page


def test_the_list_takes_the_same_queries_for_one_batch_and_for_many(client, mia, account, django_assert_num_queries):
    make_batch(owner=mia, account=account, confirmed=False)
    make_batch(owner=mia, account=account)
    client.get(LIST)
    with CaptureQueriesContext(connection) as queries:
        client.get(LIST)
    for number in range(5):
        make_batch(owner=mia, account=account, text=f"a\nb {number}", confirmed=number % 2 == 0)
    with django_assert_num_queries(len(queries)):
        client.get(LIST)


def test_every_batch_is_reached_once_by_plain_links(client, mia, account, monkeypatch):
    monkeypatch.setattr(batch_pages, "PAGE", 2)
    made = [make_batch(owner=mia, account=account, name=f"number {each}") for each in range(5)]
    seen, address = [], LIST
    while address:
        page = text(client.get(address))
        seen += re.findall(r"<h2><a[^>]*>([^<]*)<", page)
        older = re.search(r'class="older button" href="([^"]*)"', page)
        address = older and older[1]
    assert seen == [batch.name for batch in reversed(made)]


# Four ways in


def test_pasted_lines_become_a_dry_run_and_nothing_is_queued(client, mia):
    response = client.post(NEW, {"source": "lines", "text": "a {red, blue} boat\na tree", "name": "Boats", "key": "k"})
    batch = Batch.objects.get()
    assert response["Location"] == batch.get_absolute_url()
    assert (batch.name, batch.status, batch.lines.count()) == ("Boats", BatchStatus.DRAFT, 3)
    assert not Job.objects.exists()


def test_an_uploaded_table_becomes_a_dry_run(client, mia):
    table = SimpleUploadedFile("boats.csv", b"prompt,ar\na red boat,16:9\na blue boat,\n", content_type="text/csv")
    client.post(NEW, {"source": "file", "file": table})
    assert [line.text for line in Batch.objects.get().lines.all()] == ["a red boat --ar 16:9", "a blue boat"]


def test_a_template_becomes_all_combinations(client, mia):
    client.post(
        NEW, {"source": "template", "template": "a {{who}} in {{where}}", "variables": "who: cat|dog\nwhere: x|y"}
    )
    assert Batch.objects.get().lines.count() == 4


def test_pictures_ticked_in_the_gallery_become_actions(client, mia, account):
    job = make_job(owner=mia, account=account, status=JobStatus.DONE, buttons=["U1", "U2", "V1", "V2"])
    images = [make_image(job=job, position=number) for number in (1, 2)]
    assert text(client.get("/gallery/?select=1")).count('type="checkbox" name="image"') == 2
    page = text(client.post(reverse("generations:batch-from-pictures"), {"image": [each.ref for each in images]}))
    assert page.count('type="checkbox" name="image"') == 2
    action = re.findall(r'name="action" value="([^"]*)"', page)[-1]
    client.post(NEW, {"source": "gallery", "image": [each.ref for each in images], "action": action})
    assert [line.button for line in Batch.objects.get().lines.all()] == ["V1", "V2"]


def test_pictures_of_others_cannot_be_taken(client, mia):
    stranger = make_image()
    chosen = {"image": [stranger.ref, "nonsense"]}
    page = text(client.post(reverse("generations:batch-from-pictures"), chosen, follow=True))
    assert str(stranger.ref) not in page
    assert "Tick some pictures first." in page


def test_everything_typed_stays_on_the_page_when_it_cannot_be_read(client, mia):
    typed = {
        "source": "template", "text": "my lines", "template": "no names here", "variables": "a: b",
        "shared": "--ar 3:2", "name": "My name", "priority": "-1",
    }  # fmt: skip
    response = client.post(NEW, typed)
    page = text(response)
    assert response.status_code == 422
    assert "The template names no variable" in page
    for words in ("my lines", "no names here", "a: b", "--ar 3:2", "My name"):
        assert words in page
    assert re.search(r'value="template" checked', page)
    assert re.search(r'value="-1" checked', page)


def test_the_text_of_an_upload_stays_on_the_page_too(client, mia):
    file = SimpleUploadedFile("boats.txt", b"a boat\n", content_type="text/plain")
    response = client.post(NEW, {"source": "file", "file": file, "shared": "--nonsense 4"})
    page = text(response)
    assert response.status_code == 422
    assert "a boat" in page
    client.post(NEW, {"source": "file", "file_text": "a boat", "filename": "boats.txt"})
    assert Batch.objects.get().name == "boats"


def test_a_file_that_is_no_text_is_refused_in_words(client, mia):
    response = client.post(NEW, {"source": "file", "file": SimpleUploadedFile("x.txt", b"\xff\xfe\x00caf\xe9")})
    assert response.status_code == 422
    assert "is not text in UTF-8" in text(response)


@pytest.mark.parametrize("shared", ["--nonsense 4", "dreamy light", "--ar 0:0"])
def test_shared_parameters_that_cannot_work_are_refused(client, mia, shared):
    assert client.post(NEW, {"source": "lines", "text": "a boat", "shared": shared}).status_code == 422
    assert not Batch.objects.exists()


def test_controls_and_text_of_the_shared_parameters_are_one(client, mia):
    data = {"shared": "--ar 3:2", "chaos": "20", "changed": "chaos"}
    page = text(client.post(reverse("generations:batch-shared-check"), data, headers=HTMX))
    assert 'data-text="--ar 3:2 --chaos 20"' in page
    client.post(NEW, {"source": "lines", "text": "a boat", "shown": "{}", **data})
    assert Batch.objects.get().shared == "--ar 3:2 --chaos 20"


def test_a_double_click_makes_one_dry_run_and_a_changed_text_another(client, mia):
    for typed in ("a boat", "a boat", "a tree"):
        client.post(NEW, {"source": "lines", "text": typed, "key": "same"})
    assert Batch.objects.count() == 2


def test_only_leads_may_ask_for_high_priority(client, mia):
    assert 'name="priority" value="1"' not in text(client.get(NEW))
    assert client.post(NEW, {"source": "lines", "text": "a", "priority": "1"}).status_code == 422


def test_leads_may_ask_for_high_priority(client, lead):
    client.post(NEW, {"source": "lines", "text": "a", "priority": "1"})
    assert Batch.objects.get().priority == 1


@pytest.mark.slow
def test_ten_thousand_lines_fit_through_the_form(client, mia):
    lines = "\n".join(
        f"a boat on a very long and winding river, study number {number} --ar 16:9" for number in range(10_000)
    )
    assert client.post(NEW, {"source": "lines", "text": lines}).status_code == 302
    assert Batch.objects.get().lines.count() == 10_000


# The dry run


@pytest.fixture
def draft(mia, account):
    lines = "a red boat\na boat --nonsense 4\na red boat\na cat --v 7 --cref https://a.b/c.png"
    return make_batch(owner=mia, account=account, text=lines, confirmed=False)


def test_the_dry_run_says_of_every_line_what_would_happen(client, draft):
    page = text(client.get(draft.get_absolute_url()))
    assert "--nonsense is not a Midjourney parameter" in page
    assert "The same prompt as in line 1" in page
    levels = {
        name: int(count)
        for name, count in re.findall(r'data-level="(\w*)" href[^>]*>[^<]*<span class="num">(\d+)', page)
    }
    assert levels == {"": 4, "ok": 1, "warning": 1, "duplicate": 1, "impossible": 1}
    assert "Start 2 jobs" in page


def test_lines_are_filtered_by_level(client, draft):
    page = text(client.get(draft.get_absolute_url() + "?level=impossible"))
    assert page.count('class="dry-line"') == 1


def test_lines_come_in_parts_and_each_once(client, mia, account, monkeypatch):
    monkeypatch.setattr("generations.batches.review.PAGE", 7)
    batch = make_batch(owner=mia, account=account, text="\n".join(f"boat {n}" for n in range(20)), confirmed=False)
    seen, address = [], batch.get_absolute_url()
    while address:
        page = text(client.get(address))
        seen += re.findall(r'class="line-text">([^<]*)<', page)
        more = re.search(r'class="older button" href="([^"#]*)', page)
        address = more and more[1].replace("&amp;", "&")
    assert seen == [f"boat {n}" for n in range(20)]


def test_a_dry_run_takes_the_same_queries_for_few_and_many_lines(client, mia, account, django_assert_num_queries):
    few = make_batch(owner=mia, account=account, text="a\nb", confirmed=False)
    many = make_batch(owner=mia, account=account, text="\n".join(f"boat {n}" for n in range(40)), confirmed=False)
    client.get(few.get_absolute_url())
    with CaptureQueriesContext(connection) as queries:
        client.get(few.get_absolute_url())
    with django_assert_num_queries(len(queries)):
        client.get(many.get_absolute_url())


def test_single_lines_are_left_out_and_taken_in(client, draft):
    response = client.post(url("choose", draft), {"off": ["1"], "on": ["3"]}, headers=HTMX)
    assert "Start 2 jobs" in text(response)
    assert list(draft.lines.filter(is_chosen=True).values_list("position", flat=True)) == [3, 4]


def test_ticks_of_a_page_are_kept_without_script(client, draft):
    client.post(url("choose", draft), {"shown": ["1", "3", "4"], "chosen": ["3"]})
    assert list(draft.lines.filter(is_chosen=True).values_list("position", flat=True)) == [3]


def test_a_whole_level_is_left_out(client, draft):
    client.post(url("choose", draft), {"all": "out", "level": "warning"})
    assert list(draft.lines.filter(is_chosen=True).values_list("position", flat=True)) == [1]
    client.post(url("choose", draft), {"all": "out", "level": ""})
    assert "Nothing to start" in text(client.get(draft.get_absolute_url()))
    assert client.post(url("confirm", draft)).status_code == 422
    assert not Job.objects.exists()


def test_a_changed_text_is_read_anew(client, draft):
    page = text(client.get(url("edit", draft)))
    assert "a boat --nonsense 4" in page
    client.post(url("edit", draft), {"source": "lines", "text": "a tree", "name": draft.name})
    assert [line.text for line in draft.lines.all()] == ["a tree"]


def test_a_discarded_draft_is_gone(client, draft):
    client.post(url("discard", draft))
    assert not Batch.objects.exists()


def test_confirming_twice_queues_every_line_once(client, draft):
    for _ in range(2):
        assert client.post(url("confirm", draft))["Location"] == draft.get_absolute_url()
    assert sorted(draft.jobs.values_list("batch_line", flat=True)) == [1, 4]


def test_the_budget_that_is_too_small_is_said_before(client, mia, draft):
    from generations.models import Budget

    Budget.objects.create(owner=mia, per_day=1)
    page = text(client.get(draft.get_absolute_url()))
    assert "1 of these 2 jobs fit into your budget today" in page


# The live page


@pytest.fixture
def batch(mia, account):
    return make_batch(owner=mia, account=account, text="\n".join(f"boat {n}" for n in range(6)), name="Boats")


def open_page(client, batch) -> dict:
    return cursor_of(text(client.get(batch.get_absolute_url())))


def poll(client, batch, cursor):
    return client.get(url("live", batch), cursor, headers=HTMX)


def test_nothing_new_is_an_empty_204_and_costs_one_read_besides_who_asks_for_what(client, batch):
    cursor = open_page(client, batch)
    with CaptureQueriesContext(connection) as queries:
        response = poll(client, batch, cursor)
    assert (response.status_code, response.content) == (204, b"")
    assert len(queries) == 4  # session, user, batch, feed


def test_a_change_of_another_job_moves_the_cursor_only(client, mia, batch):
    cursor = open_page(client, batch)
    make_job(owner=mia, account=batch.account).touch(priority=1)
    page = text(poll(client, batch, cursor))
    assert "batch-status" not in page
    assert int(cursor_of(page)["after"]) > int(cursor["after"])


def test_what_changed_arrives_once(client, batch):
    cursor = open_page(client, batch)
    end(batch.jobs.first(), JobStatus.FAILED, error_code="failed_upstream", remote_id="x", error_text="GPU fire")
    page = text(poll(client, batch, cursor))
    assert "GPU fire" in page
    assert "It may have been charged." in page
    assert 'aria-label="Failed 1, Waiting 5"' in page
    assert poll(client, batch, cursor | cursor_of(page)).status_code == 204


def test_new_pictures_are_put_on_top(client, batch):
    cursor = open_page(client, batch)
    job = batch.jobs.first()
    image = make_image(job=job)
    end(job, JobStatus.DONE)
    page = text(poll(client, batch, cursor))
    assert 'hx-swap-oob="afterbegin:#pictures"' in page
    assert f'id="shot-{image.ref}"' in page
    assert image.thumbnail_url(320) in page


def test_the_page_takes_the_same_queries_for_few_and_many_jobs(client, mia, account, django_assert_num_queries):
    def grown(count):
        lines = "\n".join(f"boat {count} {number}" for number in range(4 * count))
        batch = make_batch(owner=mia, account=account, text=lines)
        jobs = list(batch.jobs.order_by("pk"))
        for job in jobs[:count]:
            make_image(job=job)
            end(job, JobStatus.DONE)
        for job in jobs[count : 2 * count]:
            end(job, JobStatus.REFUSED, error_code="moderated")
        return batch

    few, many = grown(2), grown(9)
    client.get(few.get_absolute_url())
    with CaptureQueriesContext(connection) as queries:
        client.get(few.get_absolute_url())
    with django_assert_num_queries(len(queries)):
        client.get(many.get_absolute_url())


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL plans by the size of its tables")
@pytest.mark.parametrize("page", ["list", "batch"])
def test_what_was_retried_is_found_by_index_not_by_looking_at_the_whole_batch_for_each_job(client, batch, page):
    end(batch.jobs.first(), JobStatus.REFUSED, error_code="moderated")
    with CaptureQueriesContext(connection) as queries:
        client.get(LIST if page == "list" else batch.get_absolute_url())
    asked = [each["sql"] for each in queries if '"retry_of_id" = (' in each["sql"]]
    assert asked
    with connection.cursor() as cursor:
        for sql in asked:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            assert "retry_of_id=?" in " ".join(row[3] for row in cursor.fetchall()), sql


def test_the_pace_follows_the_batch(client, batch):
    assert "every 4s" in text(client.get(batch.get_absolute_url()))
    end(batch.jobs.first(), JobStatus.RUNNING)
    assert "every 1500ms" in text(client.get(batch.get_absolute_url()))
    for job in batch.jobs.all():
        end(job, JobStatus.CANCELLED)
    assert "every 10s" in text(client.get(batch.get_absolute_url()))


def test_pause_and_resume_answer_with_the_changed_parts(client, batch):
    cursor = open_page(client, batch)
    page = text(client.post(url("pause", batch), cursor, headers=HTMX))
    assert ">Resume<" in page
    assert "This batch is paused" in page
    page = text(client.post(url("resume", batch), cursor, headers=HTMX))
    assert ">Pause<" in page


def test_pausing_shows_without_script_too(client, batch):
    page = text(client.post(url("pause", batch), follow=True))
    assert "Paused. What runs now ends; nothing more starts." in page


def test_stopping_says_before_what_it_costs_and_drops_what_waits(client, batch):
    running, *_ = batch.jobs.order_by("pk")
    end(running, JobStatus.RUNNING, remote_id="x")
    page = text(client.get(url("stop", batch)))
    assert "5 waiting lines" in page
    assert "may be charged" in page
    client.post(url("stop", batch), {"cancel_running": "yes"})
    running.refresh_from_db()
    assert running.cancel_requested_at
    assert batch.jobs.filter(status=JobStatus.CANCELLED).count() == 5


def test_only_what_was_free_is_retried_and_the_rest_says_why(client, batch):
    free, costly, *_ = batch.jobs.order_by("pk")
    end(free, JobStatus.FAILED, error_code="never_started")
    end(costly, JobStatus.FAILED, error_code="timed_out", remote_id="x")
    page = text(client.get(batch.get_absolute_url()))
    assert "Retry 1, free" in page
    assert "1 may have been charged already and is not retried" in page
    response = client.post(url("retry", batch), {"after": "0"}, headers=HTMX)
    assert "1 line queued again." in response["HX-Trigger"]
    assert "It may have been charged." in response["HX-Trigger"]
    assert list(batch.jobs.filter(retry_of__isnull=False).values_list("retry_of", flat=True)) == [free.pk]


def test_waiting_lines_are_put_in_another_order(client, batch):
    *_, last = batch.jobs.order_by("turn_at", "pk")
    client.post(url("move", batch), {"job": last.ref, "where": "first"})
    assert batch.jobs.order_by("turn_at", "pk").first() == last
    page = text(client.post(url("move", batch), {"job": last.ref, "where": "down", "after": "0"}, headers=HTMX))
    assert re.findall(r'id="wait-[^"]*"[^>]*>([^<]*)<', page)[:2] == ["boat 0", "boat 5"]


def test_a_line_of_another_batch_cannot_be_moved(client, mia, account, batch):
    other = make_batch(owner=mia, account=account, text="a\nb").jobs.first()
    assert client.post(url("move", batch), {"job": other.ref, "where": "last"}).status_code == 404


def test_the_priority_of_what_waits_is_changed_but_high_by_leads_only(client, batch):
    client.post(url("priority", batch), {"priority": "-1"})
    assert set(batch.jobs.values_list("priority", flat=True)) == {-1}
    page = text(client.post(url("priority", batch), {"priority": "1"}, follow=True))
    assert "Only leads" in page
    assert set(batch.jobs.values_list("priority", flat=True)) == {-1}


def test_more_of_the_waiting_lines_are_shown_on_request(client, mia, account):
    batch = make_batch(owner=mia, account=account, text="\n".join(f"boat {n}" for n in range(30)))
    page = text(client.get(batch.get_absolute_url()))
    assert page.count('id="wait-') == batch_pages.WAITING
    more = re.search(r'id="more-waiting" href="([^"#]*)', page)
    assert more
    assert text(client.get(more[1])).count('id="wait-') == 30


def test_it_is_renamed_in_place(client, batch):
    assert "Ships" in text(client.post(url("rename", batch), {"name": " Ships "}, follow=True))


def test_running_it_again_makes_a_dry_run(client, batch):
    response = client.post(url("again", batch))
    again = Batch.objects.exclude(pk=batch.pk).get()
    assert response["Location"] == again.get_absolute_url()
    assert again.status == BatchStatus.DRAFT


def test_the_zip_opens_and_holds_the_pictures(client, batch):
    job = batch.jobs.first()
    put_picture(make_image(job=job))
    end(job, JobStatus.DONE)
    response = client.get(url("archive", batch))
    assert response.streaming
    assert "attachment" in response["Content-Disposition"]
    content = zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))
    assert content.testzip() is None
    assert [name for name in content.namelist() if name.endswith(".png")]


def test_a_stopped_batch_offers_no_retry_and_no_stop(client, mia, batch):
    end(batch.jobs.first(), JobStatus.REFUSED, error_code="moderated")
    controls.stop(batch, mia)
    page = text(client.get(batch.get_absolute_url()))
    assert 'id="batch-stop"' not in page
    assert 'id="batch-retry"' not in page
    assert 'data-state="cancelled">Stopped' in page


@pytest.mark.parametrize(
    "query", ["?waiting=x", "?before=999999999999999999999", "?level=nonsense&after=-1", "?after=²"]
)
def test_odd_addresses_break_nothing(client, batch, draft, query):
    for each in (batch, draft):
        assert client.get(each.get_absolute_url() + query).status_code == 200
