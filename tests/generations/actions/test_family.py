"""The family tree: everybody from the first job down, in a fixed number of queries, live on the job's page."""

import html
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from generations import cards, family
from generations.actions import pressing
from generations.models import InputRole, Job, JobInput, JobStatus, Reference, Verb
from tests import factories

HTMX = {"HX-Request": "true"}


def drawn(member, job) -> list[tuple[int, str]]:
    return [(each.depth, each.deed) for each in family.of(member, job).members]


def reference_to(image, owner) -> Reference:
    fields = {"path": "r/x.png", "content_type": "image/png", "bytes": 1, "width": 1, "height": 1}
    return Reference.objects.create(owner=owner, source=image, sha256=f"{image.pk:064x}", **fields)


def uses(job, image, role=InputRole.IMAGE) -> Job:
    JobInput.objects.create(job=job, reference=reference_to(image, job.owner), role=role)
    return job


@pytest.fixture
def tree(make_done, member, grid):
    """A grid, its picture 2, an upscale of that, and a reroll of the grid."""

    def child(parent, button, position=0, **fields):
        fields |= {"parent": parent, "root": parent.root or parent, "parent_position": position, "verb": Verb.BUTTON}
        return make_done(["U1"], 1, button=button, **fields)

    picked = child(grid, "U2", 2)
    upscaled = child(picked, "Upscale (Subtle)", 1)
    reroll = child(grid, "🔄")
    return grid, picked, upscaled, reroll


def test_the_tree_shows_who_did_what_from_the_first_job_down(tree, member):
    for job in tree:
        assert drawn(member, job) == [(0, "Imagine"), (1, "Upscale 2"), (2, "Upscale (Subtle)"), (1, "Reroll")]
    found = family.of(member, tree[2])
    assert [each.is_here for each in found.members] == [False, False, True, False]
    assert [len(each.thumbnails) for each in found.members] == [4, 1, 1, 1]
    assert [each.closes for each in found.members] == [0, 0, 1, 1]
    assert found.cost == "about 3 GPU minutes"  # the grid, the upscale and the reroll; a pick costs none


def test_each_job_says_what_it_was_made_from(tree):
    grid, *others = tree
    made = {card.job.pk: card.origin for card in cards.make_cards(Job.objects.for_cards())}
    assert made[grid.pk] is None
    assert [(made[job.pk].words, made[job.pk].job.pk) for job in others] == [
        ("Upscaled from picture 2 of", grid.pk), ("Upscale (Subtle) of", others[0].pk), ("Made again from", grid.pk),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("button", "words"),
    [
        ("V3", "Variation of picture 3 of"), ("Vary (Strong)", "Variation (strong) of"), ("⬅️", "Panned left from"),
        ("Zoom Out 2x", "Zoomed out from"), ("Animate (Low motion)", "Animated from"),
        ("Extend (High motion)", "Extended from"), ("Something new", "Something new of"),
    ],
)  # fmt: skip
def test_what_was_done_is_said_in_words(button, words, grid):
    child = Job(parent=grid, verb=Verb.BUTTON, button=button)
    assert family.origin(child, grid).words == words


def test_what_was_made_with_a_picture_elsewhere_belongs_too_both_ways(tree, make_done, member):
    grid, picked, *_ = tree
    video = uses(make_done([], 4, lane="video", text="boats --video"), picked.images.get(), InputRole.START)
    blend = uses(make_done([], 4, verb=Verb.BLEND, text=""), grid.images.get(position=3), InputRole.BLEND)
    extended = make_done([], 1, lane="video", parent=video, root=video, verb=Verb.BUTTON, button="U1", text="boats")
    assert drawn(member, grid) == [
        (0, "Imagine"), (1, "Upscale 2"), (2, "Upscale (Subtle)"), (2, "Video with picture 1"), (3, "Pick 1"),
        (1, "Reroll"), (1, "Blend with picture 3"),
    ]  # fmt: skip
    [source] = family.of(member, video).sources
    assert (source.words, source.job.pk) == ("Animated from picture 1 of", picked.pk)
    assert family.of(member, blend).sources[0].words == "Blended picture 3 of"
    assert drawn(member, extended) == [(0, "Video"), (1, "Pick 1")]


def test_a_suggestion_that_was_run_belongs_to_its_description(make_done, member):
    described = make_done([], 0, verb=Verb.DESCRIBE, lane="", text="", suggestions=["a boat", "a tree"])
    run = make_done([], 1, parent=described, root=described, parent_position=2, text="a tree")
    assert drawn(member, run) == [(0, "Describe"), (1, "Suggestion 2")]
    found = family.origin(run, described)
    assert (found.words, found.title) == ("Suggestion 2 of", "a description")


def test_seeds_and_other_peoples_jobs_are_not_in_it(tree, member, other_member, make_done):
    grid = tree[0]
    pressing.fetch_seed(member, grid)
    uses(make_done([], 1, owner=other_member), grid.images.get(position=1))
    assert len(drawn(member, grid)) == 4
    assert family.of(other_member, grid).members == []


def test_a_large_family_is_drawn_in_as_many_queries_and_keeps_whom_one_looks_at(tree, make_done, member, monkeypatch):
    grid, *_, reroll = tree
    with CaptureQueriesContext(connection) as few:
        family.of(member, reroll)
    for _ in range(20):
        make_done([], 1, parent=grid, root=grid, verb=Verb.BUTTON, button="🔄")
    newest = Job.objects.latest("pk")
    with CaptureQueriesContext(connection) as many:
        found = family.of(member, newest)
    assert len(many) == len(few)
    assert len(found.members) == found.count == 24
    monkeypatch.setattr(family, "MOST", 5)
    found = family.of(member, newest)
    assert (len(found.members), found.hidden, found.count) == (5, 19, 24)
    assert [each.job.pk for each in found.members if each.is_here] == [newest.pk]


def test_the_page_draws_the_tree_with_whole_lists(client, tree, member):
    client.force_login(member)
    for job in tree:
        page = client.get(job.get_absolute_url()).content.decode()
        [drawing] = re.findall(r'<ul class="tree".*?</section>', page, re.DOTALL)
        for tag in ("ul", "li"):
            assert drawing.count(f"<{tag}") == drawing.count(f"</{tag}>")
        assert drawing.count('class="relative"') == 4
        assert drawing.count('aria-current="true"') == 1


def test_a_child_comes_to_the_open_page_of_any_of_its_family_by_itself(client, tree, member):
    grid, picked, *_ = tree
    client.force_login(member)
    page = client.get(picked.get_absolute_url()).content.decode()
    [after] = re.findall(r'name="after" value="(\d+)"', page)
    address = reverse("generations:live") + f"?after={after}&job={picked.ref}"
    assert client.get(address, headers=HTMX).status_code == 204
    child = pressing.press(member, grid, "V1")
    parts = client.get(address, headers=HTMX).content.decode()
    assert 'id="family" hx-swap-oob' in parts
    assert child.get_absolute_url() in parts
    assert 'class="job-page"' not in parts  # nothing else of the page is touched
    [after] = re.findall(r'name="after" value="(\d+)"', parts)
    factories.make_job(owner=member).touch(progress=3)
    other = client.get(reverse("generations:live") + f"?after={after}&job={picked.ref}", headers=HTMX)
    assert 'id="family"' not in other.content.decode()


def test_the_page_of_a_job_alone_shows_no_family(client, grid, member):
    client.force_login(member)
    page = html.unescape(client.get(grid.get_absolute_url()).content.decode())
    assert '<section class="family' in page
    assert '<h2 id="family-title">' not in page


def test_a_broken_step_leads_to_the_one_before(client, make_done, member):
    first = make_done([], 0, verb=Verb.BUTTON, button="U1", status=JobStatus.REFUSED)
    second = make_done(
        [], 0, parent=first, root=first, verb=Verb.BUTTON, status=JobStatus.CANCELLED, error_code="chain_broken",
        remote_id="", channel=None,
    )  # fmt: skip
    client.force_login(member)
    page = client.get(second.get_absolute_url()).content.decode()
    assert "See the step before" in page
    assert first.get_absolute_url() in page
    assert reverse("generations:job-retry", args=[second.ref]) not in page
