"""The commands that people and scripts rely on: output, exit codes, and words for bad input."""

import json

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from accounts import encryption
from accounts.models import Account, Channel
from generations.models import Job, JobStatus
from tests import factories


@pytest.fixture
def account(db):
    account = factories.make_account(name="Studio")
    factories.make_channel(account)
    return account


def refused(*arguments: str) -> CommandError:
    with pytest.raises(CommandError) as caught:
        call_command(*arguments)
    return caught.value


@pytest.mark.usefixtures("engine")
def test_imagine_waits_until_the_files_are_saved_and_prints_the_job(sandbox, member, capsys):
    call_command(
        "imagine", "a lighthouse at dusk --ar 16:9", "--user", member.email, "--account", "Sandbox", "--wait", "--json"
    )
    job = json.loads(capsys.readouterr().out)
    assert job["status"] == "done"
    assert job["prompt"] == "a lighthouse at dusk --ar 16:9"
    assert len(job["images"]) == 5
    for image in job["images"]:
        with open(image["path"], "rb") as file:
            assert len(file.read()) == image["bytes"]
    assert job["jobs"][0]["ref"] == job["ref"]


@pytest.mark.usefixtures("engine")
def test_imagine_exits_with_1_and_the_upstreams_words_where_it_was_refused(sandbox, member, capsys):
    with pytest.raises(SystemExit) as caught:
        call_command("imagine", "a thing sim:moderated", "--user", member.email, "--wait", "--json")
    assert caught.value.code == 1
    job = json.loads(capsys.readouterr().out)
    assert job["status"] == "refused"
    assert job["error"]["upstream"]


@pytest.mark.usefixtures("engine")
def test_a_batch_with_wait_saves_every_line(sandbox, member, tmp_path, capsys):
    file = tmp_path / "prompts.txt"
    file.write_text("# boats\na red boat\n\na {blue, green} boat\n")
    call_command("batch", str(file), "--user", member.email, "--wait", "--json")
    report = json.loads(capsys.readouterr().out)
    assert report["counts"] == {"done": 3}
    assert [job["prompt"] for job in report["jobs"]] == ["a red boat", "a blue boat", "a green boat"]


def test_without_wait_the_job_is_queued_and_the_command_ends(account, member, capsys):
    call_command("imagine", "a boat", "--user", member.email)
    job = Job.objects.get()
    assert job.status == JobStatus.QUEUED
    assert str(job.ref) in capsys.readouterr().out


def test_bad_input_is_named_and_nothing_is_queued(account, member, tmp_path):
    assert "nobody" in str(refused("imagine", "a boat", "--user", "nobody@studio.test"))
    assert "Usable: Studio" in str(refused("imagine", "a boat", "--user", member.email, "--account", "Other"))
    assert refused("imagine", "", "--user", member.email).returncode == 2
    file = tmp_path / "prompts.txt"
    file.write_text("a boat\na boat --video\n")
    error = refused("batch", str(file), "--user", member.email)
    assert "Line 2" in str(error)
    assert error.returncode == 2
    assert "cannot be read" in str(refused("batch", str(tmp_path / "none.txt"), "--user", member.email))
    assert not Job.objects.exists()


def test_studio_status_counts_jobs_slots_and_unsaved_results(account, member, capsys):
    factories.make_job(owner=member, account=account, status=JobStatus.RUNNING)
    factories.make_image(owner=member, saved=False)
    Channel.objects.filter(account=account).update(foreign_jobs={"j1": "image"})
    call_command("studio_status", "--json")
    report = json.loads(capsys.readouterr().out)
    assert report["jobs"]["running"] == 1
    assert report["unsaved"] == 1
    assert report["worker"]["running"] is False
    studio = next(entry for entry in report["accounts"] if entry["name"] == "Studio")
    assert studio["channels"][0]["slots"]["total"] == {"used": 2, "limit": 3, "free": 1}
    call_command("studio_status")
    assert "not running" in capsys.readouterr().out


def token_file(tmp_path, token: str) -> str:
    file = tmp_path / "token"
    file.write_text(token + "\n")
    return str(file)


def test_add_account_verifies_the_token_syncs_channels_and_prints_the_id(db, simulator, tmp_path, capsys):
    call_command(
        "add_account", "Team", "--token-file", token_file(tmp_path, simulator.token), "--base-url", simulator.url
    )
    captured = capsys.readouterr()
    account = Account.objects.get(pk=int(captured.out))
    assert account.channels.get().remote_id == simulator.channel
    assert simulator.token not in captured.out + captured.err
    assert simulator.token not in account.token_encrypted


def test_add_account_stores_nothing_where_the_service_refuses_the_token(db, simulator, tmp_path):
    file = token_file(tmp_path, simulator.token_for(5, "bad"))
    error = refused("add_account", "Team", "--token-file", file, "--base-url", simulator.url)
    assert "Unauthorized" in str(error)
    assert not Account.objects.exists()


@pytest.mark.parametrize("token", ["", "nonsense", "user:abc-def", "Bearer user:1-abc"])
def test_add_account_says_what_is_wrong_with_a_token_without_repeating_it(db, tmp_path, token):
    error = refused("add_account", "Team", "--token-file", token_file(tmp_path, token))
    assert error.returncode == 2
    assert not token or token not in str(error)


def test_an_owners_account_is_theirs_alone(db, simulator, member, other_member, tmp_path):
    file = token_file(tmp_path, simulator.token)
    call_command("add_account", "Own", "--token-file", file, "--base-url", simulator.url, "--owner", member.email)
    assert Account.objects.visible_to(member).exists()
    assert not Account.objects.visible_to(other_member).exists()


def test_rotating_keys_puts_every_token_under_the_first_one(account, settings, capsys):
    from cryptography.fernet import Fernet

    token, old = account.token, settings.TOKEN_KEYS[0]
    settings.TOKEN_KEYS = [Fernet.generate_key().decode(), old]
    call_command("rotate_token_keys")
    assert "1 token " in capsys.readouterr().out
    account.refresh_from_db()
    settings.TOKEN_KEYS = settings.TOKEN_KEYS[:1]
    assert account.token == token


def test_a_token_that_no_key_reads_is_reported_and_left_alone(account, settings):
    from cryptography.fernet import Fernet

    before = account.token_encrypted
    settings.TOKEN_KEYS = [Fernet.generate_key().decode()]
    assert "Studio" in str(refused("rotate_token_keys"))
    account.refresh_from_db()
    assert account.token_encrypted == before
    with pytest.raises(encryption.Unreadable):
        _ = account.token
