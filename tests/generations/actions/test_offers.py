"""What is offered: only what the upstream did, on the picture it acts on, with its cost; and why nothing is."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Account
from generations import cards
from generations.actions import catalogue, pressing
from generations.enqueue import CannotEnqueue
from generations.models import Job, JobStatus, Verb
from tests import factories
from tests.generations.actions.conftest import GRID, SINGLE

KNOWN = [
    *GRID, *SINGLE, "Zoom Out 1.5x", "Make Square", "⬆️", "⬇️", "Upscale (2x)", "Upscale (4x)", "Redo Upscale (Subtle)",
    "Make Variations", "Remaster", "Extend (Low motion)", "Extend (High motion)",
]  # fmt: skip
WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=40)  # as JSON may hold them
LABELS = st.lists(st.sampled_from(KNOWN) | WORDS, max_size=14, unique=True)


def offers_of(job: Job):
    [card] = cards.make_cards(Job.objects.filter(pk=job.pk).for_cards())
    return card.offers


def shown(groups) -> list[tuple[str, str]]:
    return [(group.label, offer.button.words) for group in groups for offer in group.offers]


def everything(offers, pictures: int) -> list[str]:
    groups = [*offers.of_job, *(group for place in range(1, pictures + 1) for group in offers.of_picture(place))]
    return [offer.button.label for group in groups for offer in group.offers]


def test_a_grids_numbered_buttons_sit_on_their_pictures_and_the_rest_on_none(grid):
    offers = offers_of(grid)
    assert shown(offers.of_picture(2)) == [("Upscale", "Upscale"), ("Vary", "Vary")]
    assert [offer.button.label for offer in offers.quick(2)] == ["U2", "V2"]
    assert shown(offers.of_job) == [("Again", "Reroll")]
    assert offers.can_animate(2)


def test_on_a_picture_of_its_own_everything_acts_on_that_one_under_the_names_people_know(single):
    offers = offers_of(single)
    assert shown(offers.of_picture(1)) == [
        ("Upscale", "Subtle"), ("Upscale", "Creative"), ("Vary", "Subtle"), ("Vary", "Strong"), ("Vary", "Region"),
        ("Zoom", "2x"), ("Zoom", "Custom"), ("Pan", "Left"), ("Pan", "Right"),
        ("Animate", "High motion"), ("Animate", "Low motion"),
    ]  # fmt: skip
    assert offers.of_job == []
    assert not offers.can_animate(1)  # it can be animated directly


def test_a_label_that_nobody_knows_is_offered_as_it_is(make_done):
    offers = offers_of(make_done(["U1", "Make it sparkle ✨"]))
    assert shown(offers.of_job) == [("More", "Make it sparkle ✨")]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(labels=LABELS, pictures=st.sampled_from([1, 2, 4]), pressed=st.sampled_from(KNOWN) | WORDS)
def test_nothing_is_offered_that_the_parent_did_not_and_nothing_else_can_be_pressed(
    make_done, member, labels, pictures, pressed
):
    job = make_done(labels, pictures)
    found = everything(offers_of(job), pictures)
    assert sorted(found) == sorted(labels)  # all of it, once, letter by letter
    if pressed in labels:
        return
    before = Job.objects.count()
    with pytest.raises(CannotEnqueue):
        pressing.press(member, job, pressed, position=1, prompt="a boat --zoom 1.5", mask="masks/x.webp")
    assert Job.objects.count() == before


@pytest.mark.parametrize("status", [JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.FAILED, JobStatus.REFUSED])
def test_a_job_that_is_not_finished_offers_nothing(make_done, member, status):
    job = make_done(status=status)
    assert everything(offers_of(job), 4) == []
    with pytest.raises(CannotEnqueue):
        pressing.press(member, job, "U1")


def test_the_costs_are_told_before(single, make_done):
    offers = offers_of(single)
    costs = {label: offers.find(label).minutes for label in ("Upscale (Subtle)", "Animate (Low motion)")}
    assert costs == {"Upscale (Subtle)": Decimal(1), "Animate (Low motion)": Decimal(8)}
    assert offers.find("Animate (Low motion)").title == "Animate (Low motion): about 8 GPU minutes"
    assert offers.find("Animate (Low motion)").asks
    assert not offers.find("Upscale (Subtle)").asks
    pick = offers_of(make_done()).find("U1", 1)
    assert (pick.cost, pick.asks) == ("no fast GPU minutes", False)
    relaxed = offers_of(make_done(SINGLE, 1, text="a boat --relax"))
    assert relaxed.find("Vary (Subtle)").cost == "no fast GPU minutes"


def test_what_was_done_once_shows_its_result_until_that_failed(grid, member):
    child = pressing.press(member, grid, "U2")
    assert offers_of(grid).quick(2)[0].made == child
    assert offers_of(grid).quick(1)[0].made is None
    child.move(JobStatus.CANCELLED, code="cancelled")
    assert offers_of(grid).quick(2)[0].made is None


def test_why_nothing_can_be_pressed_is_said(make_done, account):
    job = make_done()
    old = make_done(remote_created_at=timezone.now() - timedelta(days=63))
    assert "62 days" in offers_of(old).problem
    assert everything(offers_of(old), 4) == []
    account.channels.update(removed_at=timezone.now())
    assert "channel" in offers_of(job).problem
    Account.objects.filter(pk=account.pk).update(for_everyone=False)
    assert "Ask an admin" in offers_of(job).problem


def test_a_description_says_that_it_has_nothing_to_act_on(make_done):
    described = offers_of(make_done(["1️⃣", "2️⃣"], 0, verb=Verb.DESCRIBE, lane=""))
    assert "description" in described.nothing
    assert everything(described, 0) == []


def test_where_only_the_sheet_of_four_came_its_numbered_buttons_are_offered_for_the_job(make_done):
    job = make_done(GRID, 0)
    factories.make_image(job=job, kind="grid", position=0)
    assert sorted(everything(offers_of(job), 1)) == sorted(GRID)
    assert shown(offers_of(job).of_picture(1)) == []


def test_a_picture_that_is_lost_still_has_its_buttons(make_done):
    job = make_done(GRID, 3)
    factories.make_image(job=job, position=4, saved=False, given_up_at=timezone.now())
    offers = offers_of(job)
    assert sorted(everything(offers, 4)) == sorted(GRID)
    words = [(offer.button.label, offer.words) for group in offers.of_job for offer in group.offers]
    assert words == [("U4", "Upscale 4"), ("V4", "Vary 4"), ("🔄", "Reroll")]


def test_clips_are_picked_and_a_clip_is_extended(make_done):
    four = offers_of(make_done(["U1", "U2", "U3", "U4", "🔄"], 4, lane="video"))
    assert shown(four.of_picture(3)) == [("Upscale", "Pick")]
    assert four.rerolls[0].asks  # four videos more
    assert not four.can_animate(3)
    one = offers_of(make_done(["Extend (Low motion)"], 1, lane="video"))
    assert shown(one.of_picture(1)) == [("Extend", "Low motion")]


def test_a_page_of_offers_takes_as_many_queries_as_one(make_done, member):
    def ask(jobs):
        for card in cards.make_cards(jobs):
            assert card.offers.problem == ""
            assert card.offers.of_job
            assert card.offers.quick(1)
            assert card.offers.seed
            assert card.origin is None

    make_done()
    jobs = Job.objects.for_cards()
    ask(jobs.all())
    with CaptureQueriesContext(connection) as one:
        ask(jobs.all())
    for _ in range(6):
        pressing.press(member, make_done(), "U1")
    with CaptureQueriesContext(connection) as many:
        ask(jobs.filter(verb=Verb.IMAGINE))
    assert len(many) == len(one)


def test_the_name_of_a_button_says_what_it_does_on_its_own():
    names = {"U2": "Upscale 2", "V3": "Vary 3", "🔄": "Reroll", "⬅️": "Pan left", "Vary (Subtle)": "Vary (Subtle)"}
    assert {label: catalogue.name(catalogue.read(label)) for label in names} == names
