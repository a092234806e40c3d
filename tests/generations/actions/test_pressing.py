"""Pressing: one showing of a form is one job, prompts are checked, remix is read and never set, seeds come once."""

import pytest

from generations import decisions
from generations.actions import catalogue, pressing
from generations.enqueue import CannotEnqueue
from generations.models import Job, JobStatus, Verb
from tests.engine import drive


def test_a_press_makes_a_child_on_its_parents_channel(grid, member):
    child = pressing.press(member, grid, "V3", position=3)
    assert (child.parent, child.root, child.parent_position) == (grid, grid, 3)
    assert (child.verb, child.button, child.text, child.bound_to) == ("button", "V3", grid.text, grid.channel_id)
    grandchild = Job(parent=child)
    assert grandchild.parent.root_id == grid.pk


def test_the_same_key_is_one_job_and_another_key_another(grid, member):
    first = pressing.press(member, grid, "V1", key="k")
    assert pressing.press(member, grid, "V1", key="k") == first
    assert pressing.press(member, grid, "V1", key="l") != first


def test_what_works_once_is_pressed_once_whatever_the_key(grid, member, monkeypatch):
    first = pressing.press(member, grid, "U1", key="k")
    assert pressing.press(member, grid, "U1", key="l") == first
    # Two at the same time: neither sees the other's job when it looks.
    monkeypatch.setattr(pressing, "existing", lambda parent, label: None)
    assert pressing.press(member, grid, "U1", key="m") == first


def test_what_works_once_may_be_pressed_again_after_it_failed(grid, member):
    first = pressing.press(member, grid, "U1")
    first.move(JobStatus.CANCELLED, code="cancelled")
    again = pressing.press(member, grid, "U1")
    assert again != first
    again.move(JobStatus.CANCELLED, code="cancelled")
    assert pressing.press(member, grid, "U1") not in {first, again}


def test_running_it_again_after_it_was_pressed_again_makes_no_third(grid, member):
    first = pressing.press(member, grid, "U1")
    first.move(JobStatus.CANCELLED, code="cancelled")
    again = pressing.press(member, grid, "U1")
    assert decisions.retry(first, member) == again.prompt


def test_a_parents_pages_hear_of_what_was_done_once_and_of_its_failure(grid, member):
    child = pressing.press(member, grid, "U1")
    before = Job.objects.get(pk=grid.pk).change
    assert before >= child.change
    child.move(JobStatus.CANCELLED, code="cancelled")
    assert Job.objects.get(pk=grid.pk).change > before


def test_custom_zoom_needs_a_prompt_that_is_checked_like_any(single, member):
    with pytest.raises(CannotEnqueue, match="--zoom"):
        pressing.press(member, single, "Custom Zoom")
    with pytest.raises(CannotEnqueue, match="nonsense"):
        pressing.press(member, single, "Custom Zoom", prompt="a boat --nonsense 4")
    with pytest.raises(CannotEnqueue, match="one prompt"):
        pressing.press(member, single, "Custom Zoom", prompt="a {red, blue} boat --zoom 1.5")
    with pytest.raises(CannotEnqueue, match="ref:0badc0de"):
        pressing.press(member, single, "Custom Zoom", prompt="ref:0badc0de a boat --zoom 1.5")
    child = pressing.press(member, single, "Custom Zoom", position=1, prompt="a boat --zoom 1.5 --ar 1:1")
    assert (child.text, child.ratio_width, child.ratio_height) == ("a boat --zoom 1.5 --ar 1:1", 1, 1)


@pytest.mark.parametrize("remix", [None, False, True])
def test_a_changed_prompt_is_taken_only_where_remix_is_known_to_be_on(single, member, remix):
    channel = single.channel
    channel.settings = {} if remix is None else {"remix": remix}
    channel.save()
    if remix:
        assert pressing.press(member, single, "Vary (Strong)", prompt="a red boat").text == "a red boat"
    else:
        with pytest.raises(CannotEnqueue, match="Remix is"):
            pressing.press(member, single, "Vary (Strong)", prompt="a red boat")
    channel.refresh_from_db()
    assert channel.settings.get("remix") == remix
    assert not Job.objects.filter(verb=Verb.REMIX).exists()


def test_a_seed_is_asked_for_once(grid, member, monkeypatch):
    asked = pressing.fetch_seed(member, grid)
    assert pressing.fetch_seed(member, grid) == asked
    asked.move(JobStatus.CANCELLED, code="cancelled")
    again = pressing.fetch_seed(member, grid)
    assert again != asked
    assert (again.verb, again.parent, again.lane) == (Verb.SEED, grid, "")


@pytest.mark.parametrize("fields", [{"lane": "video"}, {"verb": Verb.DESCRIBE}, {"remote_id": ""}])
def test_what_has_no_seed_is_not_asked_for_one(make_done, member, fields):
    with pytest.raises(CannotEnqueue, match="Only pictures"):
        pressing.fetch_seed(member, make_done(**fields))


@pytest.mark.usefixtures("engine")
def test_a_seed_is_kept_with_the_job_whose_it_is(sandbox, simulator, member):
    from generations.enqueue import enqueue

    job = enqueue(member, "a lighthouse --seed 4711", account=sandbox).jobs.get()
    drive(lambda: Job.objects.filter(pk=job.pk, status=JobStatus.DONE).exists())
    job.refresh_from_db()
    pressing.fetch_seed(member, job)
    drive(lambda: Job.objects.filter(pk=job.pk, seed__isnull=False).exists())
    job.refresh_from_db()
    assert job.seed == 4711
    assert simulator.count("POST jobs/seed") == 1


@pytest.mark.usefixtures("engine")
def test_every_button_of_a_grid_and_of_a_picture_runs_to_its_end(sandbox, member):
    from generations.enqueue import enqueue

    job = enqueue(member, "a lighthouse --ar 3:2", account=sandbox).jobs.get()
    drive(lambda: Job.objects.filter(pk=job.pk, status=JobStatus.DONE).exists())
    job.refresh_from_db()
    picked = pressing.press(member, job, "U2")
    drive(lambda: Job.objects.filter(pk=picked.pk, status=JobStatus.DONE).exists())
    picked.refresh_from_db()
    for button in catalogue.of_job(picked):
        if button.needs_mask:
            continue
        prompt = "a lighthouse --zoom 1.4 --ar 1:1" if button.needs_prompt else ""
        pressing.press(member, picked, button.label, position=1, prompt=prompt)
    drive(lambda: not Job.objects.all().unfinished().exists())
    assert set(Job.objects.values_list("status", flat=True)) == {JobStatus.DONE}
    assert Job.objects.filter(root=job).count() == 1 + len(catalogue.of_job(picked)) - 1
