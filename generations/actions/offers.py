"""What a page offers to do with jobs' pictures: buttons by group and picture, what they cost, what was done before."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from django.db.models import Q

from accounts.models import Account, User
from generations import forecast, kinds
from generations.actions import catalogue, costs, reach
from generations.actions.catalogue import ANIMATE, GROUP_LABELS, ONCE, Button, Group
from generations.explanations import Explanation, explain
from generations.lines.words import each_takes
from generations.models import Image, ImageKind, Job, JobStatus, Lane, Verb
from midjourney import prompt as language

GROUPS: tuple[Group, ...] = tuple(GROUP_LABELS)
BAD_ENDS = {JobStatus.REFUSED, JobStatus.FAILED, JobStatus.CANCELLED}


@dataclass(frozen=True)
class Offer:
    """A button at the picture that it acts on, 0 for all of the job's. `made` is what an execute-once one has made."""

    button: Button
    position: int
    minutes: Decimal
    takes: str
    made: Job | None = None
    name: str = ""

    @property
    def cost(self) -> str:
        """`no fast GPU minutes · about 10 s`."""
        return " · ".join(filter(None, (costs.words(self.minutes), self.takes)))

    @property
    def title(self) -> str:
        """What it does and costs, for those who point at it."""
        return f"{self.name}: {self.cost}"

    @property
    def words(self) -> str:
        """What stands on it: with the picture's number where it does not stand on that picture."""
        return self.name if self.button.position and not self.position else self.button.words

    @property
    def asks(self) -> bool:
        """Whether a sheet is shown first: it takes a prompt of its own, or is expensive."""
        return self.button.needs_prompt or (self.button.lane == Lane.VIDEO and not self.button.is_once)

    @property
    def done_words(self) -> str:
        return "Picked" if self.button.words == catalogue.PICK else "Upscaled"


@dataclass(frozen=True)
class OfferGroup:
    """Buttons under one heading, as people know them."""

    key: Group
    offers: list[Offer]

    @property
    def label(self) -> str:
        return GROUP_LABELS[self.key]

    @property
    def costs(self) -> list[str]:
        """What one of them costs, where it has not been done; several where they differ."""
        return list(dict.fromkeys(offer.cost for offer in self.offers if offer.made is None))


@dataclass(frozen=True)
class Seed:
    """What is known of a job's seed.

    `state` is "known", "asked" while it is looked up, "failed", "nameless" where the service named none, "unknown"
    where it may be asked, and "none" where it may not.
    """

    state: str
    value: int | None = None
    problem: Explanation | None = None
    said: str = ""


class Offers:
    """What a finished job offers, sorted to its pictures."""

    def __init__(self, job: Job, images: Sequence[Image], around: "Surroundings") -> None:
        self.job = job
        self._around = around
        # Pictures that will never be shown have no place for what acts on them; it is offered for the job.
        self._shown = [image.position or 1 for image in images if image.given_up_at is None]
        self._is_sheet = any(image.kind == ImageKind.GRID for image in images)
        self.key = uuid.uuid4().hex  # of this showing: pressing twice is one job

    def __bool__(self) -> bool:
        return bool(self.buttons) or self.seed.state != "none" or bool(self.nothing)

    @cached_property
    def buttons(self) -> list[Button]:
        return catalogue.of_job(self.job) if self.is_over else []

    @property
    def is_over(self) -> bool:
        return self.job.status in {JobStatus.SAVING, JobStatus.DONE}

    @property
    def is_lone(self) -> bool:
        """Whether there is one picture only, on which everything acts."""
        return len(self._shown) == 1 and not self._is_sheet

    @cached_property
    def problem(self) -> str:
        """Why nothing can be pressed although it is offered; "" where it can."""
        return self._around.problem(self.job) if self.buttons else ""

    @property
    def nothing(self) -> str:
        """Why a finished job offers nothing at all; "" where it offers something."""
        return "" if self.buttons or not self.is_over else reach.why_nothing(self.job)

    def of_picture(self, position: int) -> list[OfferGroup]:
        """The groups of what acts on one picture."""
        return self._grouped(button for button in self._pressable if self._place(button) == position)

    @cached_property
    def of_job(self) -> list[OfferGroup]:
        """The groups of what acts on none of the pictures that are shown in particular."""
        return self._grouped(button for button in self._pressable if self._place(button) == 0)

    def quick(self, position: int) -> list[Offer]:
        """What stands on the picture itself: the numbered buttons of one of several."""
        if self.is_lone and self.job.lane != Lane.VIDEO:
            return []
        return [offer for group in self.of_picture(position) for offer in group.offers if offer.button.position]

    @property
    def rerolls(self) -> list[Offer]:
        return [offer for group in self.of_job if group.key == "reroll" for offer in group.offers]

    def can_animate(self, position: int) -> bool:
        """Whether one picture of a grid can be animated in two steps: picked, then animated."""
        labels = {button.label for button in self._pressable}
        return self.job.lane == Lane.IMAGE and f"U{position}" in labels and not labels & set(ANIMATE)

    @property
    def takes_remix(self) -> bool:
        return any(button.takes_prompt for button in self._pressable)

    @property
    def remix(self) -> bool | None:
        """Whether the account takes a changed prompt; None where nobody has read its settings."""
        return self.job.channel.remix if self.job.channel else None

    @cached_property
    def seed(self) -> Seed:
        return self._around.seed(self.job)

    @property
    def seeded_text(self) -> str:
        """The prompt with the seed that was looked up."""
        return language.update(self.job.text, seed=str(self.seed.value))

    def place_of(self, image: Image) -> int:
        """What the lightbox is about that shows this picture."""
        return 0 if self._is_sheet or image.given_up_at else image.position or 1

    @property
    def panel_position(self) -> int:
        """What the job's own panel is about: its one picture, or 0 for all of them."""
        return self._shown[0] if self.is_lone else 0

    def find(self, label: str, position: int = 0) -> Offer | None:
        button = next((each for each in self.buttons if each.label == label), None)
        return self._offer(button, position) if button else None

    @property
    def _pressable(self) -> list[Button]:
        return [] if self.problem else self.buttons

    def _place(self, button: Button) -> int:
        """The shown picture that a button acts on, 0 where that is none of them."""
        if button.position:
            return button.position if button.position in self._shown and not self._is_sheet else 0
        return self._shown[0] if self.is_lone else 0

    def _grouped(self, buttons: Iterable[Button]) -> list[OfferGroup]:
        found: dict[Group, list[Offer]] = {}
        for button in buttons:
            found.setdefault(button.group, []).append(self._offer(button, self._place(button)))
        return [OfferGroup(key, found[key]) for key in GROUPS if key in found]

    def _offer(self, button: Button, position: int) -> Offer:
        return Offer(
            button=button,
            position=position,
            minutes=costs.minutes(self.job, button.label, button.lane),
            takes=each_takes(forecast.span(kinds.of_button(button.label))),
            made=self._around.made.get((self.job.pk, button.label)) if button.is_once else None,
            name=catalogue.name(button),
        )


class Surroundings:
    """What the offers of a page of jobs depend on: a fixed number of queries, and none before somebody asks."""

    def __init__(self, jobs: Iterable[Job]) -> None:
        self._jobs = list(jobs)
        self._over = [job for job in self._jobs if job.status in {JobStatus.SAVING, JobStatus.DONE} and job.remote_id]

    def problem(self, job: Job) -> str:
        if (job.owner_id, job.account_id) not in self._usable:
            return reach.NOT_SHARED
        return reach.channel_problem(job) or reach.age_problem(job)

    def seed(self, job: Job) -> Seed:
        if job.seed is not None:
            return Seed("known", job.seed)
        if not reach.has_seed(job):
            return Seed("none")
        asked = self._seeds.get(job.pk)
        if asked is None:
            return Seed("none") if self.problem(job) else Seed("unknown")
        if not asked.is_final:
            return Seed("asked")
        code = asked.error_code if asked.status in BAD_ENDS else "no_seed_named"
        return Seed("failed" if asked.status in BAD_ENDS else "nameless", None, explain(code), asked.error_text)

    @cached_property
    def made(self) -> dict[tuple[int, str], Job]:
        """What execute-once buttons have made or are making, by parent and label; the first counts."""
        rows = [each for each in self._children if each.verb == Verb.BUTTON and each.status not in BAD_ENDS]
        return {(each.parent_id or 0, each.button): each for each in reversed(rows)}

    @cached_property
    def parents(self) -> dict[int, Job]:
        wanted = {job.parent_id for job in self._jobs if job.parent_id}
        if not wanted:
            return {}
        rows = Job.objects.filter(pk__in=wanted).only("pk", "ref", "text", "lane", "verb", "owner_id")
        return {each.pk: each for each in rows}

    @cached_property
    def _seeds(self) -> dict[int, Job]:
        """The last look-up of each job's seed."""
        return {each.parent_id or 0: each for each in self._children if each.verb == Verb.SEED}

    @cached_property
    def _children(self) -> list[Job]:
        rows = Job.objects.filter(Q(button__in=ONCE) | Q(verb=Verb.SEED), parent__in=[job.pk for job in self._over])
        fields = ("pk", "ref", "parent_id", "owner_id", "verb", "button", "status", "error_code", "error_text")
        return list(rows.only(*fields).order_by("pk")) if self._over else []

    @cached_property
    def _usable(self) -> set[tuple[int, int]]:
        """Who may use which of the accounts."""
        owners = User.objects.filter(pk__in={job.owner_id for job in self._over})
        accounts = {job.account_id for job in self._over}
        return {
            (owner.pk, account)
            for owner in owners
            for account in Account.objects.visible_to(owner).filter(pk__in=accounts).values_list("pk", flat=True)
        }
