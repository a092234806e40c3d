"""`manage.py import_pictures`: what was taken home comes back, and so does the predecessor's history."""

import json
import os
from datetime import UTC, datetime

import av
import numpy as np
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.urls import reverse
from PIL import Image as Pillow
from PIL import PngImagePlugin

from generations.enqueue import enqueue
from generations.home import xmp
from generations.home.returning import history, reading
from generations.models import Image, Job, JobStatus, Origin, Prompt, Share, Tag
from tests import factories
from tests.engine import drive
from tests.generations.home.conftest import TEXT, body, content_of, order, picture, put, unzip


@pytest.fixture
def account(db):
    return factories.make_account(name="Studio")


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "pictures"
    path.mkdir()
    return path


@pytest.fixture
def importing(member, account, folder, capsys):
    """Runs the command for the member and returns its exit code and its report."""

    def run(*arguments: str) -> tuple[int, dict]:
        capsys.readouterr()
        code = 0
        try:
            call_command("import_pictures", str(folder), "--user", member.email, "--json", *arguments)
        except SystemExit as ended:
            code = ended.code
        return code, json.loads(capsys.readouterr().out)

    return run


def write_clip(path) -> None:
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt = 64, 36, "yuv420p"
        for _ in range(3):
            frame = av.VideoFrame.from_ndarray(np.zeros((36, 64, 3), dtype=np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def only(owner) -> Image:
    return Image.objects.select_related("job__prompt").get(owner=owner)


@pytest.mark.parametrize("told", ["json", "xmp"])
def test_what_was_taken_home_comes_back_as_it_was(client, member, account, importing, folder, told):
    colleague = factories.make_user("Clara")
    client.force_login(colleague)
    job = factories.make_job(owner=colleague, account=account, status=JobStatus.DONE, text=TEXT)
    at = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
    taken = [
        put(colleague, ending, job=job, position=place, rating=place, created_at=at)
        for place, ending in enumerate(("png", "jpg", "webp"), 1)
    ]
    taken[0].tags.add(Tag.objects.create(owner=colleague, name="Boats", key="boats"))
    refs = " ".join(str(image.ref) for image in taken)
    for name, data in unzip(body(client.get(order(client, images=refs, told=told)))).items():
        (folder / name).write_bytes(data)
    code, report = importing()
    assert (code, report["counts"]) == (0, {"imported": 3})
    images = list(Image.objects.filter(owner=member).order_by("position"))
    assert [(image.position, image.seed, image.rating, image.created_at) for image in images] == [
        (place, 42, place, at) for place in (1, 2, 3)
    ]
    assert {image.job.text for image in images} == {TEXT}
    assert len({image.job_id for image in images}) == 1
    assert [tag.name for tag in images[0].tags.all()] == ["Boats"]
    assert {image.made_by for image in images} == {Origin.IMPORT}
    if told == "json":
        assert [content_of(image) for image in images] == [content_of(image) for image in taken]


def test_an_imported_picture_is_in_the_gallery_found_by_its_words_and_not_among_the_jobs(
    client, member, importing, folder
):
    (folder / "a.png").write_bytes(picture())
    (folder / "a.txt").write_text("a red boat --ar 16:9 --seed 5", encoding="utf-8")
    importing()
    image = only(member)
    assert (image.job.status, image.job.verb, image.seed, image.words) == ("done", "imagine", 5, "a red boat")
    assert (image.job.ratio_width, image.job.ratio_height) == (16, 9)
    assert Prompt.objects.get().text == "a red boat --ar 16:9 --seed 5"
    assert not Share.objects.exists()
    client.force_login(member)
    assert str(image.ref) in client.get(reverse("generations:gallery")).content.decode()
    page = client.get(image.job.get_absolute_url()).content.decode()
    assert "Imported from a file" in page
    assert str(image.job.ref) not in client.get(reverse("generations:create")).content.decode()


def test_the_same_file_is_imported_once_for_each_member(member, account, importing, folder, other_member):
    for name in ("a.png", "again.png"):
        (folder / name).write_bytes(picture())
    assert importing()[1]["counts"] == {"imported": 1, "already_here": 1}
    assert importing()[1]["counts"] == {"already_here": 2}
    call_command("import_pictures", str(folder), "--user", other_member.email)
    assert Image.objects.count() == 2


def test_a_dry_run_says_all_and_keeps_nothing(importing, folder, settings):
    (folder / "a red boat.png").write_bytes(picture())
    (folder / "broken.png").write_bytes(picture()[:60])
    code, report = importing("--dry-run")
    assert (code, report["counts"]) == (1, {"would_be_imported": 1, "refused": 1})
    assert (report["files"][0]["prompt"], report["files"][0]["prompt_from"]) == ("a red boat", "its name")
    assert not Job.objects.exists()
    assert not [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]


def test_files_are_judged_by_their_content_and_the_rest_comes(importing, folder, member):
    (folder / "deep").mkdir()
    (folder / "deep" / "really a jpeg.png").write_bytes(picture("jpg"))
    (folder / "no picture.jpg").write_bytes(b"hello")
    (folder / "no video.mp4").write_bytes(b"hello")
    (folder / ".hidden.png").write_bytes(picture(color="#112233"))
    (folder / "linked.png").symlink_to("/etc/passwd")
    (folder / "notes.pdf").write_bytes(b"hello")
    code, report = importing()
    assert (code, report["counts"]) == (1, {"imported": 1, "refused": 2})
    assert only(member).content_type == "image/jpeg"
    assert {each["why"] for each in report["files"] if each["outcome"] == "refused"} == {
        "it is no PNG, JPEG or WebP, whatever it is called"
    }


def test_a_video_comes_back_as_one(importing, folder, member):
    write_clip(folder / "a wave.mp4")
    assert importing()[0] == 0
    image = only(member)
    assert (image.kind, image.content_type, image.job.lane) == ("video", "video/mp4", "video")
    assert image.thumbnails


def png(path, **texts: str) -> None:
    info = PngImagePlugin.PngInfo()
    for key, text in texts.items():
        info.add_text(key, text)
    Pillow.new("RGB", (8, 8)).save(path, pnginfo=info)


def test_the_prompt_comes_from_the_first_place_that_tells_one(folder):
    path = folder / "otto_a_boat_0f1e2d3c-4b5a-4968-8776-655443322110_2.png"
    png(path)
    assert (reading.read(path).prompt, reading.read(path).source) == ("otto a boat", "its name")
    path.with_suffix(".txt").write_text("from text", encoding="utf-8-sig")
    assert reading.read(path).prompt == "from text"
    told = {path.name: reading.Told(prompt="from history")}
    assert reading.read(path, told).prompt == "from history"
    png(path, Description="from within --v 7 Job ID: 0f1e2d3c-4b5a-4968-8776-655443322110")
    assert reading.read(path, told).prompt == "from within --v 7"
    facts = {"ref": "r", "prompt": "from xmp", "seed": 9, "model": "7", "job": "no", "position": 1, "made_by": "x",
             "tags": [], "created_at": "2026-01-02", "rating": 3, "parameters": {}, "parents": []}  # fmt: skip
    path.with_suffix(".xmp").write_bytes(xmp.write(facts))
    found = reading.read(path)
    assert (found.prompt, found.seed, found.rating, found.group) == ("from xmp", 9, 3, "")
    path.with_suffix(".json").write_text('{"prompt": "from json"}')
    assert (reading.read(path).prompt, reading.read(path).source) == ("from json", "a JSON file")
    path.with_suffix(".json").write_text('{"format": "mjstudio picture 1", "seed": "x", "rating": 99, "tags": 4}')
    assert reading.read(path).prompt == "from xmp"


def test_exif_tells_a_prompt_too(folder):
    exif = Pillow.Exif()
    exif[0x010E] = "from exif"
    Pillow.new("RGB", (8, 8)).save(folder / "a.jpg", exif=exif)
    assert reading.read(folder / "a.jpg").prompt == "from exif"


def test_a_file_without_a_date_takes_that_of_the_file(importing, folder, member):
    path = folder / "a.png"
    path.write_bytes(picture())
    os.utime(path, (1_700_000_000, 1_700_000_000))
    importing()
    assert only(member).created_at == datetime.fromtimestamp(1_700_000_000, tz=UTC)


# The predecessor's history


def record(prompt: str, url: str, **fields) -> dict:
    return {
        "jobid": f"j-{prompt}", "verb": "imagine", "created": "2026-02-03T04:05:06Z", "prompt": prompt,
        "response": {"attachments": [{"url": url, "proxy_url": url.replace("cdn", "media")}]}, **fields,
    }  # fmt: skip


def write_history(folder, *records) -> str:
    path = folder.parent / "job_history.json"
    path.write_text(json.dumps(records))
    return str(path)


def test_history_gives_prompt_and_date_to_files_that_were_kept(importing, folder, member):
    (folder / "grid_7.png").write_bytes(picture())
    url = "https://cdn.discordapp.com/attachments/1/2/grid_7.png?ex=65000000&is=1&hm=2"
    code, report = importing("--history", write_history(folder, record("a red boat --v 6", url)))
    assert (code, report["counts"]) == (0, {"imported": 1})
    image = only(member)
    assert (image.job.text, image.model) == ("a red boat --v 6", "6")
    assert image.created_at == datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)


def test_dead_links_are_told_one_by_one_and_nobody_else_is_asked(member, account, folder, capsys):
    path = write_history(
        folder,
        record("one", "https://cdn.discordapp.com/attachments/1/2/one.png?ex=65000000&is=1&hm=secret"),
        record("two", "http://169.254.169.254/two.png"),
        record("three", "https://user:pass@evil.example:99999/three.png"),
        {"prompt": "nothing came of it"},
        "no record",
    )
    with pytest.raises(SystemExit) as ended:
        call_command("import_pictures", str(folder), "--user", member.email, "--history", path)
    assert ended.value.code == 1
    said = capsys.readouterr().out
    assert "dead               https://cdn.discordapp.com/attachments/1/2/one.png: its link ended on 2023-09-" in said
    assert "not fetched        http://169.254.169.254/two.png: its host is not in MEDIA_HOSTS" in said
    assert said.strip().endswith("2 not fetched, 1 dead.")
    assert "secret" not in said
    assert "pass" not in said


@pytest.mark.usefixtures("engine")
def test_what_still_lives_is_fetched_from_hosts_that_may_be_asked(simulator, sandbox, member, folder, settings, capsys):
    job = enqueue(member, "a boat", account=sandbox).jobs.get()
    drive(lambda: Job.objects.filter(pk=job.pk, status=JobStatus.DONE).exists())
    urls = [image.source_url for image in job.images.order_by("position")[:2]]
    path = write_history(folder, record("a boat", urls[0]), record("gone", simulator.url + "/attachments/gone.png"))
    otto = factories.make_user("Otto")
    settings.MEDIA_HOSTS = [urls[0].split("/")[2]]
    arguments = [str(folder), "--user", otto.email, "--history", path, "--json"]
    with pytest.raises(SystemExit):
        call_command("import_pictures", *arguments)
    report = json.loads(capsys.readouterr().out)
    assert report["counts"] == {"imported": 1, "dead": 1}
    assert only(otto).job.text == "a boat"


def test_a_prompt_as_discord_shows_it_names_nobody(folder):
    path = write_history(
        folder, {"content": "**a boat --v 7** - <@1234> (fast)", "images": ["https://a.example/b.png"]}
    )
    (entry,) = history.read(folder.parent / path)
    assert (entry.told.prompt, entry.urls) == ("a boat --v 7", ["https://a.example/b.png"])


@pytest.mark.parametrize("content", ["no json", '"text"', "[" * 100_000, '{"a": 1}'])
def test_what_is_no_history_stops_it_with_2(member, account, folder, content):
    (folder.parent / "h.json").write_text(content)
    with pytest.raises(CommandError, match="Nothing was imported") as caught:
        call_command("import_pictures", str(folder), "--user", member.email, "--history", str(folder.parent / "h.json"))
    assert caught.value.returncode == 2


def test_bad_input_stops_it_with_2_and_says_what_to_do(member, folder):
    def refused(*arguments: str) -> str:
        with pytest.raises(CommandError) as caught:
            call_command("import_pictures", *arguments)
        assert caught.value.returncode == 2
        return str(caught.value)

    assert "no account" in refused(str(folder), "--user", member.email)
    factories.make_account(name="Studio")
    assert "nobody active" in refused(str(folder), "--user", "no@studio.test")
    assert "Usable: Studio" in refused(str(folder), "--user", member.email, "--account", "Other")
    assert "is no folder" in refused(str(folder / "none"), "--user", member.email)
    assert "no pictures" in refused(str(folder), "--user", member.email)
