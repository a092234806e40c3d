"""Families of jobs: what came from what, drawn as a tree, in a fixed number of queries."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from django.db.models import Q, QuerySet

from accounts.models import User
from generations.actions import catalogue, costs
from generations.models import QUIET, Image, ImageKind, Job, JobInput, JobStatus, Lane, Verb
from midjourney import prompt as language

MOST = 300  # members that are drawn; the rest is counted
PICTURES = 4  # of each member

_DEEDS = {
    "vary": "Variation of",
    "zoom": "Zoomed out from",
    "reroll": "Made again from",
    "animate": "Animated from",
    "extend": "Extended from",
}
_NAMES = {Verb.DESCRIBE: "a description", Verb.BLEND: "a blend"}
_VERBS = {Verb.DESCRIBE: "Described", Verb.BLEND: "Blended", Verb.IMAGINE: "Made with"}


@dataclass(frozen=True)
class Origin:
    """What a job was made from: "Upscaled from" "picture 2 of" and then its parent. `job` may be shown as a link."""

    deed: str
    job: Job
    position: int = 0
    image: Image | None = None

    @property
    def words(self) -> str:
        if not self.position:
            return self.deed
        return f"{self.deed} picture {self.position} {'from' if self.deed.endswith(':') else 'of'}"

    @property
    def title(self) -> str:
        return _words(self.job) or _NAMES.get(Verb(self.job.verb), "a job")


@dataclass
class Relative:
    """A member of a family as its tree shows it. `closes` is how many lists end behind it."""

    job: Job
    deed: str
    images: list[Image] = field(default_factory=list)
    is_here: bool = False
    has_children: bool = False
    depth: int = 0
    closes: int = 0

    words: str = ""  # the prompt without its parameters, where it is another than that of the one above

    @property
    def label(self) -> str:
        return JobStatus(self.job.status).label

    @property
    def ends(self) -> range:
        return range(self.closes)

    @cached_property
    def thumbnails(self) -> list[Image]:
        return [image for image in self.images if image.thumbnails][:PICTURES]


@dataclass
class Family:
    """A tree, flat, parents before children. `hidden` counts members beyond those that are drawn."""

    members: list[Relative]
    minutes: Decimal = Decimal(0)
    hidden: int = 0
    sources: list[Origin] = field(default_factory=list)

    def __bool__(self) -> bool:
        return len(self.members) > 1 or bool(self.sources)

    @property
    def count(self) -> int:
        return len(self.members) + self.hidden

    @property
    def cost(self) -> str:
        return costs.words(self.minutes)


def origin(job: Job, parent: Job | None) -> Origin | None:
    """What was done to which picture to make this job; None for a prompt of its own."""
    if parent is None:
        return None
    if job.verb != Verb.BUTTON:
        return Origin(_suggestion(job) + " of", parent)
    button = catalogue.read(job.button, parent.lane)
    # On a picture of its own everything acts on that one, so only a numbered button says which.
    return Origin(_deed(button), parent, button.position)


def of(user: User, job: Job) -> Family:
    """The family of a job: all that came from its first one, and what was made with one of its pictures elsewhere."""
    root = job.root_id or job.pk
    found = {each.pk: each for each in _members(user, Q(pk=root) | Q(root=root))}
    above = {each.pk: each.parent_id for each in found.values()}
    links = {each.job_id: each for each in _uses(user, root)}
    joined = {pk: link.source_job for pk, link in links.items() if pk not in found}
    if joined:
        roots = [link.job_root for pk, link in links.items() if pk in joined]
        for each in _members(user, Q(pk__in=roots) | Q(root__in=roots)):
            found[each.pk] = each
            above[each.pk] = joined.get(each.pk, each.parent_id)
    shown = _choose(found, above, job.pk)
    members = _flat({pk: found[pk] for pk in shown}, above, links, job.pk)
    _add_pictures(members)
    return Family(members, costs.together(found.values()), len(found) - len(members), sources(user, job))


def sources(user: User, job: Job) -> list[Origin]:
    """The pictures of other jobs that this one was made with, in the order of its inputs."""
    inputs = JobInput.objects.filter(job=job, reference__source__isnull=False, reference__source__owner=user.pk)
    rows = inputs.select_related("reference__source__job").defer("reference__source__job__upstream")
    return [
        Origin(_use_words(job, each), each.reference.source.job, each.reference.source.position, each.reference.source)
        for each in rows
        if each.reference.source
    ]


def has_changed(user: User, job: Job, since: int) -> bool:
    """Whether something that its tree shows has changed since that value of the feed."""
    root = job.root_id or job.pk
    used = Q(inputs__reference__source__job=root) | Q(inputs__reference__source__job__root=root)
    changed = Job.objects.visible_to(user).filter(change__gt=since)
    return changed.filter(Q(pk=root) | Q(root=root) | used).exclude(verb__in=QUIET).exists()


@dataclass(frozen=True)
class _Use:
    job_id: int
    job_root: int
    source_job: int
    position: int


def _uses(user: User, root: int) -> list[_Use]:
    """Which jobs were made with a picture of this family."""
    of_family = Q(reference__source__job=root) | Q(reference__source__job__root=root)
    rows = JobInput.objects.filter(of_family, job__owner=user.pk, reference__source__owner=user.pk).order_by("-pk")
    fields = ("job_id", "job__root_id", "reference__source__job_id", "reference__source__position")
    return [_Use(pk, of or pk, source, position) for pk, of, source, position in rows.values_list(*fields)]


def _members(user: User, which: Q) -> QuerySet[Job]:
    jobs = Job.objects.visible_to(user).filter(which).exclude(verb__in=QUIET)
    return jobs.select_related("owner").defer("upstream").order_by("pk")


def _choose(found: dict[int, Job], above: dict[int, int | None], here: int) -> set[int]:
    """Those that are drawn of a large family: the one that is looked at with its ancestors, then the oldest."""
    kept: set[int] = set()
    at: int | None = here
    while at in found and at not in kept:
        kept.add(at)
        at = above[at]
    for pk in sorted(found):
        if len(kept) >= MOST:
            break
        if above[pk] not in found or above[pk] in kept:
            kept.add(pk)
    return kept


def _flat(jobs: dict[int, Job], above: dict[int, int | None], links: dict[int, _Use], here: int) -> list[Relative]:
    children: dict[int | None, list[int]] = {}
    for pk in sorted(jobs, reverse=True):
        over = above[pk] if above[pk] in jobs else None
        children.setdefault(over, []).append(pk)
    members: list[Relative] = []
    waiting = [(pk, 0) for pk in children.get(None, ())]
    while waiting:
        pk, depth = waiting.pop()
        if members:
            members[-1].closes = max(0, members[-1].depth - depth)
        below = children.get(pk, ())
        parent = jobs.get(above[pk] or 0)
        deed = _deed_of(jobs[pk], parent, links.get(pk))
        words = "" if parent and parent.text == jobs[pk].text else _words(jobs[pk])
        members.append(Relative(jobs[pk], deed, is_here=pk == here, has_children=bool(below), depth=depth, words=words))
        waiting += [(child, depth + 1) for child in below]
    if members:
        members[-1].closes = members[-1].depth
    return members


def _add_pictures(members: Iterable[Relative]) -> None:
    by_job = {member.job.pk: member for member in members}
    images = Image.objects.saved().filter(job__in=by_job).exclude(kind=ImageKind.GRID)
    for image in images.defer("source_url").order_by("job", "position"):
        by_job[image.job_id].images.append(image)


def _deed_of(job: Job, parent: Job | None, use: _Use | None) -> str:
    """What a member did with the one above it: "Upscaled from picture 2", "Variation", "Animated"."""
    if job.verb == Verb.BUTTON:
        return catalogue.name(catalogue.read(job.button, parent.lane if parent else job.lane))
    if parent is not None and parent.verb == Verb.DESCRIBE:
        return _suggestion(job)
    if use is not None:
        made = "Video" if job.lane == Lane.VIDEO else Verb(job.verb).label
        return f"{made} with picture {use.position}" if use.position else f"{made} with it"
    return "Video" if job.lane == Lane.VIDEO else Verb(job.verb).label


def _words(job: Job) -> str:
    return language.parse(job.text).words or job.text


def _suggestion(job: Job) -> str:
    """A prompt that a description brought, run as a job of its own."""
    return f"Suggestion {job.parent_position}" if job.parent_position else "Suggestion"


def _deed(button: catalogue.Button) -> str:
    if button.words == catalogue.PICK:
        return "Picked from"
    if button.group == "upscale":
        return "Upscaled from" if button.position else f"{button.title} of"
    if button.group == "pan":
        return f"Panned {button.words.lower()} from"
    if button.group == "vary" and not button.position:
        return f"Variation ({button.words.lower()}) of" if "(" in button.label else f"{button.title} of"
    return _DEEDS.get(button.group) or f"{button.title} of"


def _use_words(job: Job, use: JobInput) -> str:
    if job.lane == Lane.VIDEO:
        return "Animated from" if use.role == "start" else f"{use.get_role_display()}:"
    if job.verb in {Verb.DESCRIBE, Verb.BLEND}:
        return _VERBS[Verb(job.verb)]
    return f"{use.get_role_display()}:"
