"""Queues what somebody wants done with a finished job's picture: one transaction, one idempotency key."""

import math
import uuid
from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import User
from generations import enqueue, kinds
from generations.actions import catalogue, reach
from generations.actions.catalogue import Button
from generations.enqueue import CannotEnqueue
from generations.models import Job, JobStatus, Lane, Prompt, Verb, chain
from generations.references import using
from midjourney import prompt as language
from midjourney.prompt import Problem

BAD_ENDS = (JobStatus.REFUSED, JobStatus.FAILED, JobStatus.CANCELLED)
LONGEST_PROMPT = 5000


def existing(parent: Job, label: str) -> Job | None:
    """The job that an execute-once button has made, or is about to make; None where it may be pressed."""
    made = Job.objects.filter(parent=parent, button=label, owner_id=parent.owner_id).exclude(status__in=BAD_ENDS)
    return made.order_by("pk").first()


def press(
    owner: User, parent: Job, label: str, *, position: int = 0, prompt: str = "", mask: str = "", key: str = ""
) -> Job:
    """Queue the press of a button that the parent offered; the same key, or once-only button, again is the same job.

    `position` is the picture that the action is meant for, 0 for all; `prompt` the text for Custom Zoom, or for others
    while remix is on; `mask` the path below MEDIA_ROOT of what Vary (Region) repaints. Raises CannotEnqueue.
    """
    button = offered(parent, label)
    if button.is_once and (made := existing(parent, label)):
        return made
    _check(owner, parent, button, prompt, mask)
    job = new_child(owner, parent, button, position=position, prompt=prompt, mask=mask)
    [stored] = _store(owner, [job], _once_key(parent, label) if button.is_once else key or uuid.uuid4().hex)
    return stored


def animate_picked(owner: User, grid: Job, position: int, label: str, key: str = "") -> tuple[Job, Job]:
    """Queue the two steps that animate one picture of a grid: pick it, then press `label` on what comes of that.

    Picked before, only the second step is left. Returns both jobs. Raises CannotEnqueue.
    """
    pick = offered(grid, f"U{position}")
    if label not in catalogue.ANIMATE:
        raise cannot("bad_motion", "Choose low or high motion.")
    _check(owner, grid, pick, "", "")
    made = existing(grid, pick.label)
    if made is not None and made.status in {JobStatus.SAVING, JobStatus.DONE}:
        return made, press(owner, made, label, position=1, key=key)
    first = made or new_child(owner, grid, pick, position=position)
    second = new_child(owner, grid, catalogue.read(label), position=1)
    second.parent, second.waits_for, second.held = first, first, True
    key = key or uuid.uuid4().hex
    if made is not None:
        [second] = _store(owner, [second], key)
        _catch_up(second)
        return made, second
    try:
        first, second = _store(owner, [first, second], _once_key(grid, pick.label), key)
    except CannotEnqueue:  # somebody picked it between our look and the transaction
        return animate_picked(owner, grid, position, label, key)
    return first, second


def fetch_seed(owner: User, parent: Job) -> Job:
    """Queue the look-up of a seed, once for each job (useapi-v3.md §8.2). Raises CannotEnqueue."""
    if not reach.has_seed(parent):
        raise cannot("no_seed", "Only pictures have a seed that can be looked up.")
    look_ups = Job.objects.filter(parent=parent, verb=Verb.SEED).order_by("pk")
    if asked := look_ups.exclude(status__in=BAD_ENDS).first():
        return asked
    if words := reach.problem(owner, parent):
        raise cannot("out_of_reach", words)
    job = Job(
        verb=Verb.SEED, lane=Lane.OTHER, kind="seed", text=parent.text, parameters={}, **_inherited(owner, parent)
    )
    [stored] = _store(owner, [job], f"seed-{parent.ref}-{look_ups.count()}")
    return stored


def offered(parent: Job, label: str) -> Button:
    """The button, as the parent offered it. Raises CannotEnqueue where it did not."""
    found = next((button for button in catalogue.of_job(parent) if button.label == label), None)
    if found is None or parent.status not in {JobStatus.SAVING, JobStatus.DONE}:
        raise not_offered(label)
    return found


def not_offered(label: str) -> CannotEnqueue:
    return cannot("not_offered", f"Midjourney does not offer “{kinds.button_label(label)[:60]}” for this picture.")


def new_child(owner: User, parent: Job, button: Button, *, position: int = 0, prompt: str = "", mask: str = "") -> Job:
    """The job that a press makes, not saved."""
    facts = enqueue.facts(prompt) if prompt else {}
    kept = ("text", "parameters", "ratio_width", "ratio_height")
    shown: dict[str, Any] = {name: facts.get(name, getattr(parent, name)) for name in kept}
    shown["ratio_width"], shown["ratio_height"] = _shape(button, shown["ratio_width"], shown["ratio_height"])
    return Job(
        verb=Verb.BUTTON,
        button=button.label,
        lane=button.lane,
        kind=kinds.of_button(button.label),
        parent_position=button.position or position,
        mask=mask,
        **shown | _inherited(owner, parent),
    )


def _shape(button: Button, width: int, height: int) -> tuple[int, int]:
    """The ratio of what will come, so that its place on the page is right before it is there."""
    if button.label == "Make Square":
        return 1, 1
    if button.group == "pan":  # half as much again is added on one side
        width, height = (width * 3, height * 2) if button.words in {"Left", "Right"} else (width * 2, height * 3)
    whole = math.gcd(width, height) or 1
    return min(width // whole, 10_000), min(height // whole, 10_000)


def _inherited(owner: User, parent: Job) -> dict[str, Any]:
    """What a child has of its parent; it runs on its parent's channel (useapi-v3.md §4.1)."""
    return {
        "owner": owner,
        "parent": parent,
        "account_id": parent.account_id,
        "bound_to": parent.channel_id or 0,
        "into_id": parent.into_id,
    }


def _check(owner: User, parent: Job, button: Button, prompt: str, mask: str) -> None:
    if words := reach.problem(owner, parent):
        raise cannot("out_of_reach", words)
    if button.needs_mask and not mask:
        raise cannot("no_mask", "Paint over what is to change before you send it.")
    if button.needs_prompt and not prompt.strip():
        raise cannot("no_prompt", "Say how far to zoom out, as in --zoom 1.8.")
    if prompt and prompt != parent.text:
        _check_prompt(parent, button, prompt)


def _check_prompt(parent: Job, button: Button, prompt: str) -> None:
    takes = button.needs_prompt or (
        (button.takes_prompt or button.needs_mask) and bool(parent.channel and parent.channel.remix)
    )
    if not takes:
        words = "Remix is off for this account, so a changed prompt would be ignored. An admin can switch it on."
        raise cannot("remix_off", words)
    if problems := [problem for problem in prompt_problems(parent, prompt) if problem.is_error]:
        raise CannotEnqueue(*problems)


def prompt_problems(parent: Job, prompt: str) -> tuple[Problem, ...]:
    """What is wrong with a prompt for one of a job's buttons, errors first."""
    found = language.check(prompt, verb="button")
    if not language.is_single(prompt):
        several = Problem("error", "several", "", "An action takes one prompt: write one of the choices in {…}.")
        found = (several, *found)
    return using.problems(parent.owner, prompt, parent.account) + found


def _once_key(parent: Job, label: str) -> str:
    """The same for everybody who presses an execute-once button, until what it made has ended badly."""
    failed = Job.objects.filter(parent=parent, button=label, status__in=BAD_ENDS).count()
    return f"once-{parent.ref}-{label}-{failed}"[:64]


def _store(owner: User, jobs: Sequence[Job], *keys: str) -> list[Job]:
    """Store jobs that belong together, each under its key; keys that were used before return the first ones.

    Raises CannotEnqueue where only some of them were.
    """
    prompts = [
        Prompt(owner=owner, account_id=job.account_id, text=job.text, idempotency_key=each)
        for job, each in zip(jobs, keys, strict=True)
    ]
    try:
        with transaction.atomic():
            for prompt, job in zip(prompts, jobs, strict=True):  # a later step names the earlier one's row
                enqueue.store([prompt], [job])
    except IntegrityError:
        found = list(Job.objects.filter(prompt__owner=owner, prompt__idempotency_key__in=keys).order_by("pk"))
        if len(found) != len(jobs):
            raise cannot("pressed_before", "This was pressed a moment ago.") from None
        return found
    jobs[0].account.wake()
    return list(jobs)


def _catch_up(step: Job) -> None:
    """Release a step at once whose first one ended between reading and storing."""
    first = step.waits_for
    assert first is not None  # noqa: S101
    with transaction.atomic():
        first.refresh_from_db()
        # What is done has also gone through saving, which is what releases the next step.
        status = JobStatus.SAVING if first.status == JobStatus.DONE else JobStatus(first.status)
        chain.advance(first, status, {"buttons": first.buttons})


def cannot(code: str, message: str) -> CannotEnqueue:
    return CannotEnqueue(Problem("error", code, "", message))
