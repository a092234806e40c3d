"""Dry runs: every final prompt with what is odd about it, nothing queued, and confirming once."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import ProtectedError
from django.utils import timezone

from accounts.models import Account, User
from generations.batches import confirming, controls, drafting, review
from generations.batches.drafting import CannotDraft, Written
from generations.models import Batch, BatchLine, BatchSource, BatchStatus, Job, JobEvent, JobStatus, LineLevel, Prompt
from tests import factories

TEXT = "# boats\na red boat\n\na {blue, green} boat\na boat --video\na red boat\na dog --stylish 3\na cat --v 5 --hd\n"


def test_a_dry_run_shows_every_final_prompt_and_queues_nothing(draft_of):
    batch = draft_of(TEXT, shared="--ar 16:9")
    rows = [(row.number, row.text, row.level, row.is_chosen) for row in review.lines(batch)]
    assert rows[:3] == [
        (2, "a red boat --ar 16:9", "ok", True),
        (4, "a blue boat --ar 16:9", "ok", True),
        (4, "a green boat --ar 16:9", "ok", True),
    ]
    assert [row[2] for row in rows[3:6]] == ["impossible", "duplicate", "impossible"]
    assert [row[3] for row in rows[3:6]] == [False, False, False]
    assert "line 2" in batch.lines.get(number=6).problem
    assert "stylish" in batch.lines.get(number=7).problem
    run = review.dry_run(batch)
    assert (run.total, run.chosen) == (7, 4)
    assert run.counts[LineLevel.IMPOSSIBLE] == 2
    assert run.lanes == {"image": 4}
    assert run.gpu_minutes == 4
    assert not Job.objects.exists()


def test_lines_are_read_page_by_page_and_level_by_level(draft_of):
    batch = draft_of("\n".join(f"boat {number}" for number in range(120)) + "\nboat 3")
    first = review.lines(batch)
    assert len(first) == 50
    assert review.lines(batch, after=first[-1].position)[0].position == 51
    assert [row.number for row in review.lines(batch, LineLevel.DUPLICATE)] == [121]


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("a dog --repeat 2", ["ok", "ok"]),
        ("a dog --repeat 2 --seed 5", ["ok", "duplicate"]),
        ("a dog\na  dog", ["ok", "duplicate"]),
        ("a dog\na Dog", ["ok", "ok"]),
    ],
)
def test_the_same_prompt_again_is_left_out_unless_a_repeat_asks_for_it(draft_of, text, levels):
    assert [row.level for row in review.lines(draft_of(text))] == levels


def test_lines_can_be_left_out_and_taken_in_again_but_not_impossible_ones(draft_of):
    batch = draft_of(TEXT)
    assert drafting.choose(batch, None, False) == 4
    assert drafting.choose(batch, [1, 4], True) == 1
    assert drafting.choose(batch, None, True, LineLevel.DUPLICATE) == 1
    assert [row.position for row in batch.lines.filter(is_chosen=True)] == [1, 5]


def test_the_same_key_is_one_draft_and_nothing_is_stored_of_what_cannot_be_read(draft_of, member):
    assert draft_of("a boat", key="k") == draft_of("a boat", key="k")
    for text in ("", "# only a comment", "a\x00b"):
        with pytest.raises(CannotDraft):
            draft_of(text, key="other")
    assert Batch.objects.count() == 1


def test_high_priority_is_for_leads(draft_of, account):
    with pytest.raises(CannotDraft, match="leads"):
        draft_of("a boat", priority=1)
    assert draft_of("a boat", priority=1, owner=factories.make_admin()).priority == 1


def test_more_than_10000_prompts_are_refused_before_they_are_stored(draft_of):
    with pytest.raises(CannotDraft, match="10,000"):
        draft_of("a boat\n" * 2 + "a dog --repeat 9999")
    assert not BatchLine.objects.exists()


def test_a_draft_can_be_written_anew_and_thrown_away_until_it_is_confirmed(draft_of, member):
    batch = draft_of("a boat")
    drafting.redraft(batch, Written(BatchSource.LINES, text="a dog\na cat"), name="Pets")
    assert [row.text for row in batch.lines.all()] == ["a dog", "a cat"]
    batch.refresh_from_db()
    assert batch.name == "Pets"
    assert confirming.confirm(batch, member)
    with pytest.raises(CannotDraft, match="confirmed"):
        drafting.redraft(batch, Written(BatchSource.LINES, text="a fox"))
    assert not drafting.discard(batch)
    assert drafting.choose(batch, None, False) == 0
    assert drafting.discard(draft_of("a boat"))


def test_confirming_queues_the_chosen_lines_in_their_order_with_events(draft_of, member, account):
    batch = draft_of("a boat\na dog\na boat\na cat", priority=-1)
    woken = Account.objects.get(pk=account.pk).woken_at
    assert confirming.confirm(batch, member)
    jobs = list(batch.jobs.order_by("turn_at"))
    assert [(job.batch_line, job.text) for job in jobs] == [(1, "a boat"), (2, "a dog"), (4, "a cat")]
    assert all(job.status == JobStatus.QUEUED and job.priority == -1 and job.change for job in jobs)
    assert JobEvent.objects.filter(job__batch=batch, code="queued").count() == 3
    assert batch.status == BatchStatus.RUNNING
    assert jobs[0].turn_at - timezone.now() > timedelta(hours=5)
    account.refresh_from_db()
    assert account.woken_at >= woken


def test_confirming_a_second_time_adds_nothing(draft_of, member):
    batch = draft_of("a boat")
    stale = Batch.objects.get(pk=batch.pk)
    assert confirming.confirm(batch, member)
    assert not confirming.confirm(stale, member)
    assert Job.objects.count() == 1


def test_nothing_is_queued_where_no_line_is_chosen_or_the_account_is_no_longer_theirs(draft_of, member, account):
    empty, lost = draft_of("a boat --video"), draft_of("a boat", account=account)
    with pytest.raises(confirming.CannotConfirm, match="No line"):
        confirming.confirm(empty, member)
    Account.objects.filter(pk=account.pk).update(for_everyone=False)
    with pytest.raises(confirming.CannotConfirm, match="Studio"):
        confirming.confirm(lost, member)
    assert not Job.objects.exists()
    assert set(Batch.objects.values_list("status", flat=True)) == {BatchStatus.DRAFT}


@pytest.mark.django_db(transaction=True)
def test_two_who_confirm_at_the_same_time_make_one_batch(draft_of, member):
    batch = draft_of("\n".join(f"boat {number}" for number in range(200)))
    ready, results = threading.Barrier(4), []

    def confirm() -> None:
        try:
            mine, actor = Batch.objects.get(pk=batch.pk), User.objects.get(pk=member.pk)
            ready.wait(20)
            results.append(confirming.confirm(mine, actor))
        finally:
            connection.close()

    threads = [threading.Thread(target=confirm) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(results) == [False, False, False, True]
    assert Job.objects.count() == Prompt.objects.count() == 200


@pytest.mark.slow
def test_ten_thousand_lines_take_queries_in_proportion_to_thousands_of_lines(
    draft_of, member, django_assert_max_num_queries
):
    text = "\n".join(f"boat number {number} at dusk" for number in range(10_000))
    with django_assert_max_num_queries(150):  # rows a statement are what SQLite takes
        batch = draft_of(text, shared="--ar 16:9 --v 7")
    with django_assert_max_num_queries(16):
        run = review.dry_run(batch)
    assert (run.total, run.chosen) == (10_000, 10_000)
    with django_assert_max_num_queries(900):
        assert confirming.confirm(batch, member)
    assert batch.jobs.count() == 10_000
    with django_assert_max_num_queries(60):
        controls.pause(batch, member)
    with django_assert_max_num_queries(200):
        assert controls.stop(batch, member) == 10_000


def test_an_account_can_be_deleted_with_its_drafts_but_not_with_confirmed_batches(draft_of, started, account):
    draft_of("a boat")
    kept = factories.make_account(name="Other")
    started("a dog", account=kept)
    with pytest.raises(ProtectedError):
        kept.delete()
    account.delete()
    assert [batch.account for batch in Batch.objects.all()] == [kept]
