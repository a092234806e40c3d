"""A check of the files finds what is missing, damaged or nobody's, and fetches anew what the service still has."""

import json
import os
import time

import pytest
from django.core.management import call_command
from django_q.models import Schedule
from PIL import Image as Pillow

from generations import workers
from generations.actions import masks
from generations.engine import saving
from generations.enqueue import enqueue
from generations.management.commands import worker
from generations.media import checking, library, orphans
from generations.media.pictures import THUMBNAILS
from generations.models import Image, Job, JobStatus, MediaCheck
from generations.references import intake
from tests import factories
from tests.engine import drive
from tests.generations.references.pictures import picture


def saved(owner, count: int = 1) -> list[Image]:
    """Pictures with real files and rows that tell the truth about them."""
    job = factories.make_job(owner=owner, status=JobStatus.DONE)
    images = []
    for number in range(count):
        facts = library.publish(library.receive(picture(color=f"#0000{number:02x}")))
        images.append(factories.make_image(job=job, **facts))
    return images


def verify(capsys, *arguments: str) -> tuple[dict, int]:
    """The report and the exit code of the command."""
    code = 0
    try:
        call_command("verify_media", "--json", *arguments)
    except SystemExit as end:
        code = end.code
    return json.loads(capsys.readouterr().out), code


def flip(path) -> None:
    """Damage one byte in the middle."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


def age(path, days: float = 2) -> None:
    moment = time.time() - days * 86_400
    os.utime(path, (moment, moment))


def whole(check: MediaCheck) -> MediaCheck:
    """Let the tasks of a check run, one after the other, as the worker does."""
    while checking.go_on(check.pk):
        pass
    check.refresh_from_db()
    return check


@pytest.mark.django_db
def test_whole_files_are_counted_and_it_ends_with_0(member, capsys):
    images = saved(member, 2)
    reference = intake.take_bytes(member, picture(color="#999"))
    report, code = verify(capsys)
    assert code == 0
    assert report["files"] == 3
    assert report["bytes"] == sum(image.bytes for image in images) + reference.bytes
    assert report["left"] == report["orphans"] == 0


@pytest.mark.django_db
def test_one_changed_byte_is_found_by_a_check_and_not_by_a_quick_one(member, capsys):
    image, _ = saved(member, 2)
    flip(library.full_path(image.path))
    assert verify(capsys, "--quick")[1] == 0
    report, code = verify(capsys)
    assert code == 1
    assert report["damaged"] == report["left"] == 1
    assert report["damaged_files"][0]["image"] == str(image.ref)


@pytest.mark.django_db
def test_a_quick_check_finds_what_is_missing_or_shorter(member, capsys):
    image, other = saved(member, 2)
    library.full_path(image.path).unlink()
    with open(library.full_path(other.path), "ab") as file:
        file.truncate(100)
    report, code = verify(capsys, "--quick")
    assert code == 1
    assert (report["missing"], report["damaged"]) == (1, 1)


@pytest.mark.django_db
def test_references_are_looked_at_as_well(member, capsys):
    reference = intake.take_bytes(member, picture())
    library.full_path(reference.path).unlink()
    report, code = verify(capsys, "--repair")
    assert code == 1
    assert report["missing_files"] == [{"reference": str(reference.ref), "path": reference.path}]


@pytest.mark.django_db
@pytest.mark.parametrize("quick", [[], ["--quick"]])
def test_missing_and_empty_thumbnails_are_made_anew(member, capsys, quick):
    [image] = saved(member)
    reference = intake.take_bytes(member, picture(color="#555"))
    library.full_path(image.thumbnails[0][2]).unlink()
    library.full_path(image.thumbnails[1][2]).unlink()
    library.full_path(reference.thumbnails[0][2]).write_bytes(b"")
    report, code = verify(capsys, *quick)
    assert code == 0
    assert report["thumbnails_made"] == 2
    assert verify(capsys)[0]["thumbnails_made"] == 0
    for row in (image, reference):
        before = row.thumbnails
        row.refresh_from_db()
        assert [entry[:2] for entry in row.thumbnails] == [entry[:2] for entry in before]
        for width, height, path in row.thumbnails:
            with Pillow.open(library.full_path(path)) as thumbnail:
                assert thumbnail.size == (width, height)


@pytest.mark.django_db
def test_thumbnails_of_sizes_that_are_made_no_more_are_replaced_and_removed(member, capsys):
    [image] = saved(member)
    kept = image.thumbnails
    old = library.full_path(image.path).with_name("old-320.webp")
    library.full_path(kept[0][2]).rename(old)
    Image.objects.update(thumbnails=[[320, 180, f"{image.path.partition('/')[0]}/old-320.webp"]])
    assert verify(capsys)[0]["thumbnails_made"] == 1
    image.refresh_from_db()
    assert image.thumbnails == kept
    assert all(library.full_path(path).exists() for _, _, path in kept)
    assert not old.exists()


@pytest.mark.usefixtures("engine")
def test_what_is_missing_or_damaged_is_fetched_anew_while_the_service_has_it(simulator, sandbox, member, capsys):
    job = enqueue(member, "a boat", account=sandbox).jobs.get()
    drive(lambda: Job.objects.filter(pk=job.pk, status=JobStatus.DONE).exists())
    gone, hurt = job.images.filter(kind="single")[:2]
    library.full_path(gone.path).unlink()
    flip(library.full_path(hurt.path))
    report, code = verify(capsys)
    assert (report["missing"], report["damaged"], code) == (1, 1, 1)
    report, code = verify(capsys, "--repair")
    assert (report["repaired"], report["left"], code) == (2, 0, 0)
    assert report["missing_files"] == []
    report, code = verify(capsys)
    assert (report["files"], report["missing"], report["damaged"], code) == (5, 0, 0, 0)


@pytest.mark.usefixtures("engine")
def test_what_the_service_has_no_longer_stays_listed_with_the_reason(simulator, sandbox, member, capsys):
    job = enqueue(member, "a boat", account=sandbox).jobs.get()
    drive(lambda: Job.objects.filter(pk=job.pk, status=JobStatus.DONE).exists())
    library.full_path(job.images.filter(kind="single")[0].path).unlink()
    simulator.reset()
    report, code = verify(capsys, "--repair")
    assert (report["repaired"], report["left"], code) == (0, 1, 1)
    assert report["missing_files"][0]["code"]


@pytest.fixture
def stray(member):
    """Files that no row names, of every kind, a day old and more."""
    [image] = saved(member)
    mask = library.full_path(masks.from_rectangle((10, 10, 20, 20), (64, 64)))
    reference = intake.take_bytes(member, picture(color="#333"))
    used = masks.from_rectangle((10, 10, 30, 30), (64, 64))
    factories.make_job(owner=member, mask=used)
    strays = [mask, *map(library.full_path, [image.path, *(entry[2] for entry in image.thumbnails)])]
    Image.objects.all().delete()
    kept = [*map(library.full_path, [reference.path, *(entry[2] for entry in reference.thumbnails), used])]
    for path in [*strays, *kept]:
        age(path)
    return strays, kept


@pytest.mark.django_db
def test_files_that_no_row_names_are_found_and_left_alone(stray, capsys):
    strays, kept = stray
    report, code = verify(capsys)
    assert code == 0
    assert report["orphans"] == len(strays) == 2 + len(THUMBNAILS)
    assert {library.full_path(path) for path in report["orphan_files"]} == set(strays)
    assert report["orphan_bytes"] == sum(path.stat().st_size for path in strays)
    assert report["orphans_deleted"] == 0
    assert all(path.exists() for path in [*strays, *kept])


@pytest.mark.django_db
def test_they_are_deleted_where_that_is_asked_for(stray, capsys):
    strays, kept = stray
    assert verify(capsys, "--delete-orphans")[0]["orphans_deleted"] == len(strays)
    assert not any(path.exists() for path in strays)
    assert all(path.exists() for path in kept)


@pytest.mark.django_db
def test_young_files_and_unfinished_ones_are_nobodys_business(member, capsys):
    unfinished = library.receive(picture()).path
    age(unfinished)
    saved(member)
    Image.objects.all().delete()
    assert verify(capsys, "--delete-orphans")[0]["orphans"] == 0
    assert unfinished.exists()


@pytest.mark.django_db
def test_many_folders_are_compared_in_several_passes(stray, capsys, monkeypatch):
    monkeypatch.setattr(orphans, "AT_ONCE", 1)
    assert verify(capsys)[0]["orphans"] == len(stray[0])


@pytest.mark.django_db
def test_an_empty_studio_has_nothing_to_find(capsys):
    report, code = verify(capsys)
    assert (report["files"], report["orphans"], code) == (0, 0, 0)


@pytest.mark.django_db
def test_for_people_it_says_what_is_wrong_and_what_to_do(member, capsys):
    image, _ = saved(member, 2)
    library.full_path(image.path).unlink()
    with pytest.raises(SystemExit):
        call_command("verify_media")
    out = capsys.readouterr().out
    assert image.path in out
    assert "--repair" in out


@pytest.mark.django_db
def test_a_task_looks_at_a_portion_and_asks_for_the_next(member, monkeypatch):
    monkeypatch.setattr(checking, "CHUNK", 2)
    monkeypatch.setattr(checking, "PORTION", 0.0)
    asked = []
    monkeypatch.setattr(saving, "enqueue", lambda task, *args: asked.append((task, *args)))
    images = saved(member, 3)
    library.full_path(images[2].path).unlink()
    workers.begin_check()
    workers.begin_check()  # one is under way
    assert len(asked) == 1
    steps = 0
    while asked:
        task, *args = asked.pop()
        assert task == "verify_media"
        workers.verify_media(*args)
        steps += 1
    check = MediaCheck.objects.get()
    assert steps > 4
    assert check.ended_at
    assert (check.files, check.missing, check.details["missing"]) == (3, 1, [images[2].pk])


@pytest.mark.django_db
def test_a_portion_that_runs_twice_counts_once(member, monkeypatch):
    monkeypatch.setattr(checking, "PORTION", 0.0)
    asked = []
    monkeypatch.setattr(saving, "enqueue", lambda task, *args: asked.append(args))
    saved(member, 2)
    check = checking.start()
    workers.verify_media(check.pk, "images", 0)
    workers.verify_media(check.pk, "images", 0)
    check.refresh_from_db()
    assert len(asked) == 1
    assert check.files == 1


@pytest.mark.django_db
def test_a_portion_that_two_do_at_once_counts_once(member):
    saved(member, 2)
    check = checking.start()
    tally = checking.Tally(files=2)
    assert checking._record(check.pk, checking.FIRST, ["references", 0], tally)
    assert checking._record(check.pk, checking.FIRST, ["references", 0], tally) is None
    check.refresh_from_db()
    assert check.files == 2


@pytest.mark.django_db
def test_a_check_whose_task_was_lost_is_taken_up_by_the_watchdog(member, monkeypatch):
    asked = []
    monkeypatch.setattr(saving, "enqueue", lambda task, *args: asked.append((task, *args)))
    saved(member)
    check = checking.start()
    workers.watchdog()
    assert ("verify_media", check.pk) not in asked
    check.details["beat"] = "2020-01-01T00:00:00+00:00"
    check.save()
    workers.watchdog()
    workers.watchdog()
    assert asked.count(("verify_media", check.pk)) == 1
    workers.verify_media(check.pk)
    assert MediaCheck.objects.get().files == 1


@pytest.mark.django_db
def test_an_interrupted_command_is_not_gone_on_with_and_another_check_may_begin(member):
    check = checking.start(by_hand=True, deletes_orphans=True)
    assert checking.running() == check
    check.details["beat"] = "2020-01-01T00:00:00+00:00"
    check.save()
    assert checking.take_up_lost() is None
    assert checking.running() is None


@pytest.mark.django_db
def test_the_last_twenty_checks_are_kept():
    for _ in range(23):
        check = whole(checking.start())
    assert MediaCheck.objects.count() == 20
    assert MediaCheck.objects.order_by("-pk").first() == check


@pytest.mark.django_db
def test_a_check_is_scheduled_weekly(settings):
    worker._schedule()
    worker._schedule()
    found = Schedule.objects.get(name="begin_check")
    assert found.func == "generations.workers.begin_check"
    assert found.schedule_type == Schedule.WEEKLY


@pytest.mark.django_db
def test_a_file_that_is_replaced_while_it_is_looked_at_is_not_missing(member, monkeypatch):
    [image] = saved(member)
    check = checking.start()
    facts = library.publish(library.receive(picture()))
    rows = list(Image.objects.all())
    Image.objects.update(**facts)
    library.full_path(image.path).unlink()
    tally = checking.Tally()
    checking._look_at(rows, tally, check.details, time.monotonic() + 9)
    assert tally.missing == 0
