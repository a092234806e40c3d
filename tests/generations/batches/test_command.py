"""`manage.py batch`: dry run, tables, templates, standard input, exit codes and the bar."""

import io
import json

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from generations.commanding import ProgressLine, bar
from generations.models import Batch, BatchStatus, Job, JobStatus
from tests import factories


@pytest.fixture
def write(tmp_path):
    def make(text: str, name: str = "prompts.txt") -> str:
        file = tmp_path / name
        file.write_text(text, encoding="utf-8")
        return str(file)

    return make


def refused(*arguments: str) -> CommandError:
    with pytest.raises(CommandError) as caught:
        call_command("batch", *arguments)
    return caught.value


def test_a_dry_run_says_everything_and_leaves_nothing_behind(account, member, write, capsys):
    file = write("a boat\na boat\na dog --hd --v 5\n")
    call_command("batch", file, "--user", member.email, "--dry-run", "--shared=--ar 16:9")
    out = capsys.readouterr().out
    assert "Line 2: The same prompt as in line 1" in out
    assert "Line 3:" in out
    assert "2 jobs on Studio" in out
    assert not Batch.objects.exists()
    call_command("batch", file, "--user", member.email, "--dry-run", "--json")
    report = json.loads(capsys.readouterr().out)
    assert (report["total"], report["chosen"], report["counts"]["duplicate"]) == (3, 2, 1)
    assert [line["number"] for line in report["lines"]] == [1, 2, 3]


def test_lines_that_cannot_work_stop_it_with_2_unless_they_are_to_be_skipped(account, member, write, capsys):
    file = write("a boat\na boat --video\n")
    for extra in ([], ["--dry-run"]):
        error = refused(file, "--user", member.email, *extra)
        assert error.returncode == 2
        assert "Nothing was queued" in str(error)
    assert not Batch.objects.exists()
    call_command("batch", file, "--user", member.email, "--skip-impossible", "--name", "Boats")
    assert [job.text for job in Job.objects.all()] == ["a boat"]
    assert (Batch.objects.get().name, Batch.objects.get().status) == ("Boats", BatchStatus.RUNNING)
    assert "1 line left out" in capsys.readouterr().err


def test_a_table_and_a_template_with_its_variables_are_batches_too(account, member, write, capsys):
    call_command("batch", write("prompt,ar\na boat,2:3\n", "a.csv"), "--user", member.email, "--priority", "low")
    variables = write("subject: dog | cat\n")
    call_command("batch", variables, "--user", member.email, "--template", "a {{subject}}", "--json")
    assert [job.text for job in Job.objects.order_by("pk")] == ["a boat --ar 2:3", "a dog", "a cat"]
    assert Job.objects.order_by("pk").first().priority == -1


def test_standard_input_and_duplicates_on_request(account, member, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"prompt\na boat\na boat\n")))
    call_command("batch", "-", "--user", member.email, "--format", "csv", "--keep-duplicates")
    assert Job.objects.count() == 2


@pytest.mark.parametrize(
    ("content", "arguments", "says"),
    [
        ("", [], "no prompt"),
        ("a boat", ["--priority", "high"], "leads"),
        ("a boat", ["--shared=a dog"], "two dashes"),
        ("subject: dog", ["--template", "a {{style}}"], "{{style}}"),
    ],
)
def test_input_that_makes_no_sense_ends_with_2_and_says_why(account, member, write, content, arguments, says):
    error = refused(write(content), "--user", member.email, *arguments)
    assert error.returncode == 2
    assert says in str(error)
    assert not Batch.objects.exists()


@pytest.mark.usefixtures("engine")
def test_waiting_ends_with_1_where_one_was_refused(sandbox, member, write, capsys):
    with pytest.raises(SystemExit) as caught:
        call_command("batch", write("a boat\na thing sim:moderated\n"), "--user", member.email, "--wait", "--json")
    assert caught.value.code == 1
    assert json.loads(capsys.readouterr().out)["counts"] == {"done": 1, "refused": 1}


def test_the_bar_shows_how_much_has_ended_by_state(account, member):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

        def write(self, text, ending=""):
            return super().write(text)

    for status in (JobStatus.QUEUED, JobStatus.DONE, JobStatus.DONE, JobStatus.FAILED):
        factories.make_job(owner=member, account=account, status=status)
    from collections import Counter

    screen = Terminal()
    ProgressLine(screen).show(
        Job.objects.all(), Counter({("queued", False): 1, ("done", False): 2, ("failed", False): 1})
    )
    assert "75 % · 1 queued · 2 done · 1 failed" in screen.getvalue()
    assert len(bar(0.5)) == len(bar(1.0))
