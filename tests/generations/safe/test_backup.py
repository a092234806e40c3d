"""A backup brings everything back; an interrupted or damaged one is never taken for whole."""

import json
import signal
from pathlib import Path

import pytest
from django.db import connection, transaction

from accounts.models import User
from generations.backups import databases, manifest
from generations.backups.places import Folder
from generations.engine import heartbeat
from tests.generations.safe.studios import EACH, files_below

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


@pytest.fixture
def place(tmp_path) -> Path:
    return tmp_path / "empty"


def flip(path: Path) -> None:
    """Damage one byte in the middle."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


def test_what_was_wiped_comes_back_as_it_was(model_studio, new_studio, place):
    before, rows = model_studio.contents(), model_studio.rows()
    made = model_studio.report("backup", str(place))
    assert made["files"] == made["new_files"] == len(before) == 3 * EACH
    assert made["counts"]["generations_image"] == 2
    again = new_studio(keys=model_studio.keys)
    done = again.report("restore", str(place))
    assert done["unreadable_tokens"] == 0
    assert again.contents() == before
    assert again.rows() == rows
    assert again.token() == model_studio.token() != ""
    assert again.report("verify_media")["files"] == 3
    assert again.manage("migrate", "--check").returncode == 0


def test_a_studio_that_went_on_is_brought_back_to_the_backup_row_by_row(studio, kept):
    before = studio.rows()
    studio.fill(pictures=1, color="9090")
    assert studio.rows() != before
    studio.report("restore", str(kept), "--yes")
    assert studio.rows() == before


def test_a_second_backup_copies_only_what_is_new(studio, kept):
    assert studio.report("backup", str(kept))["new_files"] == 0
    studio.fill(pictures=1, color="9090")
    second = studio.report("backup", str(kept))
    assert second["new_files"] == 2 * EACH
    assert second["files"] == 5 * EACH
    assert len(list((kept / "manifests").iterdir())) == 3


def test_an_earlier_backup_can_be_brought_back_by_name(studio, kept):
    first, rows = studio.report("backup_drill", str(kept)), studio.rows()
    studio.fill(pictures=1, color="9090")
    studio.report("backup", str(kept))
    studio.report("restore", str(kept), "--at", first["backup"], "--yes")
    assert studio.rows() == rows


def test_nothing_is_overwritten_without_yes(studio, new_studio, kept):
    studio.fill(pictures=1, color="9090")
    before, counts = studio.contents(), studio.report("backup", str(kept / "two"))["counts"]
    refused = studio.manage("restore", str(kept))
    assert refused.returncode
    assert "--yes" in refused.stderr
    only_files = new_studio()
    only_files.media.mkdir()
    (only_files.media / "mine.png").write_bytes(b"x")
    assert "--yes" in only_files.manage("restore", str(kept)).stderr
    assert studio.contents() == before
    done = studio.report("restore", str(kept), "--yes")
    assert done["counts"] != counts
    assert done["files_written"] == 0  # they were there
    assert studio.contents() == before  # what the backup does not name stays


@pytest.mark.parametrize("kind", ["files", "database"])
def test_a_flipped_byte_is_found_by_the_drill_and_stops_a_restore_before_anything_is_touched(
    model_studio, new_studio, kept, kind
):
    assert model_studio.report("backup_drill", str(kept))["ok"]
    hurt = files_below(kept / kind)[0]
    flip(hurt)
    drilled = model_studio.manage("backup_drill", str(kept))
    assert drilled.returncode == 1
    assert f"{hurt.relative_to(kept)} is damaged" in drilled.stdout
    again = new_studio()
    refused = again.manage("restore", str(kept))
    assert refused.returncode
    assert "nothing was changed" in refused.stderr
    assert again.manage("migrate", "--check").returncode  # there are no tables
    assert not again.media.exists() or again.contents() == {}


def test_a_missing_file_is_found_and_the_next_backup_keeps_it_anew(model_studio, kept):
    gone = files_below(kept / "files")[0]
    gone.unlink()
    drilled = model_studio.manage("backup_drill", str(kept), "--json")
    assert drilled.returncode == 1
    assert json.loads(drilled.stdout)["differences"] == [f"{gone.relative_to(kept)} is missing"]
    assert model_studio.report("backup", str(kept))["new_files"] == 1
    assert model_studio.report("backup_drill", str(kept))["ok"]


def test_the_drill_leaves_nothing_behind_and_says_what_was_missing_in_the_studio_itself(studio, databases, place):
    files_below(studio.media)[0].unlink()
    studio.report("backup", str(place))
    done = studio.manage("backup_drill", str(place))
    assert done.returncode == 0
    assert done.stdout.startswith("OK")
    assert not [path for path in studio.folder.iterdir() if path.name.startswith(".")]
    if connection.vendor == "postgresql":
        assert not any(name.startswith("mjstudio_drill") for name in databases.names())


def test_a_manifest_that_tells_other_counts_is_a_difference(model_studio, kept):
    found = manifest.read(Folder(kept))
    found.counts["generations_image"] += 1
    manifest.write(Folder(kept), found)
    drilled = model_studio.manage("backup_drill", str(kept))
    assert drilled.returncode == 1
    assert "generations_image: 2 rows, and the manifest says 3" in drilled.stdout


def test_a_damaged_manifest_is_not_believed(model_studio, kept):
    stamp = manifest.read(Folder(kept)).stamp
    flip(kept / "manifest.json")
    assert "damaged" in model_studio.manage("backup_drill", str(kept)).stderr
    assert model_studio.report("backup_drill", str(kept), "--at", stamp)["ok"]


KILLED = """
import os, signal, sys
import django; django.setup()
from django.core.management import call_command
from generations.backups import places
put, left = places.Folder.put, [int(sys.argv[2])]
def dying(self, name, file):
    left[0] -= 1
    if left[0] < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    put(self, name, file)
places.Folder.put = dying
call_command("backup", sys.argv[1])
"""


@pytest.mark.parametrize("after", [0, 5])
def test_a_backup_that_was_interrupted_is_not_taken_for_one(studio, place, after):
    assert studio.run("-c", KILLED, str(place), str(after)).returncode == -signal.SIGKILL
    for command in (["backup_drill"], ["restore", "--yes"]):
        refused = studio.manage(*command, str(place))
        assert refused.returncode
        assert "no finished backup" in refused.stderr
    assert studio.report("backup", str(place))["new_files"] == 3 * EACH - max(0, after - 1)
    assert studio.report("backup_drill", str(place))["ok"]


def test_one_that_is_interrupted_leaves_the_one_before_whole(studio, kept):
    first = manifest.read(Folder(kept))
    studio.fill(pictures=1, color="9090")
    assert studio.run("-c", KILLED, str(kept), "3").returncode == -signal.SIGKILL
    drilled = studio.report("backup_drill", str(kept))
    assert drilled["ok"]
    assert drilled["backup"] == first.stamp


def test_keys_are_in_it_only_where_that_is_asked_for(model_studio, new_studio, place, monkeypatch):
    monkeypatch.delenv("TOKEN_KEYS", raising=False)  # keys that a variable sets cannot be added to
    without = model_studio.manage("backup", str(place))
    assert "tokens in it cannot be read" in without.stdout
    assert not any(model_studio.keys.encode() in path.read_bytes() for path in files_below(place))
    stranger = new_studio()
    assert stranger.report("restore", str(place))["unreadable_tokens"] == 1
    model_studio.report("backup", str(place), "--with-keys")
    assert stranger.report("restore", str(place), "--yes")["keys_added"]
    assert stranger.token() == model_studio.token() != ""


def test_a_backup_of_the_other_database_is_refused(studio, kept):
    found = manifest.read(Folder(kept))
    other = "postgresql" if connection.vendor == "sqlite" else "sqlite"
    manifest.write(Folder(kept), manifest.Manifest(**{**vars(found), "vendor": other}))
    assert "DATABASE_URL" in studio.manage("restore", str(kept), "--yes").stderr


def test_a_backup_of_a_newer_studio_is_refused(studio, kept):
    found = manifest.read(Folder(kept))
    found.migrations["generations"].append("9999_from_the_future")
    manifest.write(Folder(kept), found)
    refused = studio.manage("restore", str(kept), "--yes")
    assert "newer studio" in refused.stderr
    assert "9999_from_the_future" in refused.stderr


def test_paths_that_lead_out_of_the_folder_are_refused(studio, kept):
    found = manifest.read(Folder(kept))
    found.files[0] = manifest.File("../outside.png", 1, "00", 1)
    manifest.write(Folder(kept), found)
    assert "damaged" in studio.manage("restore", str(kept), "--yes").stderr


def test_only_the_newest_copies_of_the_database_are_kept(model_studio, kept, monkeypatch):
    assert manifest.KEPT == 7
    monkeypatch.setattr(manifest, "KEPT", 2)
    for _ in range(3):
        last = model_studio.report("backup", str(kept))
    assert len(list((kept / "manifests").iterdir())) == len(list((kept / "database").iterdir())) == 2
    assert model_studio.report("backup_drill", str(kept))["backup"] == last["backup"]


def test_a_clock_that_goes_back_never_costs_the_newest_backup(model_studio, kept, monkeypatch):
    monkeypatch.setattr(manifest, "KEPT", 1)
    monkeypatch.setattr(manifest, "new_stamp", lambda: "20010101T000000000000Z-aaaaaa")
    last = model_studio.report("backup", str(kept))
    assert model_studio.report("backup_drill", str(kept))["backup"] == last["backup"]


def test_the_folder_of_the_pictures_is_no_place_for_a_backup(model_studio):
    assert "inside the folder" in model_studio.manage("backup", str(model_studio.media / "backup")).stderr


@pytest.mark.skipif(connection.vendor != "postgresql", reason="about PostgreSQL's programs")
def test_without_pg_dump_it_says_what_to_install(model_studio, place, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    refused = model_studio.manage("backup", str(place))
    assert "pg_dump is not installed" in refused.stderr


def test_a_restore_waits_until_the_worker_has_stopped(studio, kept):
    with studio.entered():
        slot = heartbeat.take_pump_slot()
    refused = studio.manage("restore", str(kept), "--yes")
    assert refused.returncode
    assert "The worker runs" in refused.stderr
    with studio.entered():
        slot.release()
    assert studio.manage("restore", str(kept), "--yes").returncode == 0


def test_a_database_that_is_being_written_to_is_not_replaced(studio, kept, monkeypatch):
    monkeypatch.setattr(databases.KINDS[connection.vendor], "WAIT", 0.5)
    before = studio.rows()
    with studio.entered(), transaction.atomic():
        User.objects.update(name="Somebody who writes meanwhile")
        refused = studio.manage("restore", str(kept), "--yes")
        transaction.set_rollback(True)
    assert refused.returncode
    assert "in use, so nothing was changed. Stop the site" in refused.stderr
    assert studio.rows() == before


def test_scripts_can_tell_a_damaged_backup_by_the_exit_code(model_studio, kept):
    flip(files_below(kept / "files")[0])
    drilled = model_studio.run("manage.py", "backup_drill", "--skip-checks", str(kept))
    assert drilled.returncode == 1
    assert "make a backup again" in drilled.stdout
