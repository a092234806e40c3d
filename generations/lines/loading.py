"""Reads the queues of some accounts: a fixed number of queries, by index, whatever the number of jobs.

Of each line only the first jobs are read. How many there are in all is counted in an index.
"""

from collections import Counter
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, field, fields
from datetime import datetime
from functools import cached_property
from itertools import islice

from django.db.models import Count, OuterRef, Q, Subquery
from django.utils import timezone

from accounts.models import Account, Channel, Role, User
from generations import forecast
from generations.budgets import TEAM, Allowance
from generations.engine.capacity import ChannelUse
from generations.engine.timing import timing_for
from generations.engine.turns import Flow, Standing, Turns
from generations.lines.order import EXACT, Order, play
from generations.lines.scene import NEVER, Gauge, Holder, Line, Scene, Waiter
from generations.models import Batch, BatchStatus, Job, JobStatus, Share

MOST_READ = 4000  # waiting jobs that one look reads, of all lines of all accounts together
LINES_A_QUERY = 100
LineKey = tuple[int, str, int, int]  # account, lane, owner, bound to
# A holder of a slot, without its prompt: whoever may read that asks for it.
RUNNING = (
    "pk", "ref", "owner_id", "account_id", "channel_id", "batch_id", "lane", "verb", "kind", "status", "priority",
    "progress", "needs_person", "cancel_requested_at", "reserved_at", "accepted_at", "estimate", "created_at",
)  # fmt: skip


@dataclass(frozen=True)
class Waits:
    """How many jobs of one member wait, alike in whether they are held, in batch, lane and kind."""

    held: bool
    owner_id: int
    batch_id: int | None
    lane: str
    kind: str
    count: int


@dataclass
class Queue:
    """What one account has to do. `resting` are jobs of batches that do not run, by primary key."""

    account: Account
    snapshot: "Snapshot"
    channels: list[ChannelUse] = field(default_factory=list)
    running: list[Job] = field(default_factory=list)
    waits: list[Waits] = field(default_factory=list)
    standings: dict[Flow, Standing] = field(default_factory=dict)
    lines: dict[tuple[str, int, int], list[Waiter]] = field(default_factory=dict)
    batch_of: dict[int, int] = field(default_factory=dict)

    @cached_property
    def order(self) -> Order:
        return play(self.scene(), EXACT)

    @property
    def open(self) -> list[ChannelUse]:
        return [use for use in self.channels if use.channel.is_open]

    @property
    def waiting(self) -> int:
        return sum(row.count for row in self.waits)

    def waiting_of(self, owner_id: int) -> int:
        """How many jobs of a member wait for a turn."""
        return sum(row.count for row in self.waits if row.owner_id == owner_id and not row.held)

    @cached_property
    def is_rough(self) -> bool:
        """Whether expected times rest on kinds of jobs, or on other programs' jobs, of which too little is known."""
        kinds = {row.kind for row in self.waits} | {job.kind for job in self.running}
        return any(forecast.usual(kind).is_rough for kind in kinds) or any(use.foreign.total() for use in self.channels)

    def scene(self) -> Scene:
        """A scene of its own, for the simulation to use up."""
        now, timing = self.snapshot.now, timing_for(self.account)
        weights = {owner: user.queue_weight for owner, user in self.snapshot.people.items() if self.may_start(owner)}
        begins = (self.account.retry_at - now).total_seconds() if self.account.retry_at else 0.0
        uses = [ChannelUse(use.channel, copy(use.lanes), copy(use.foreign)) for use in self.channels]
        return Scene(
            now=now,
            channels=uses if self.account.may_send else [],
            lines=list(self._lines(weights)),
            holders=[*self._holders(timing.tick / 2), *self._foreign()],
            turns=Turns({flow: copy(standing) for flow, standing in self.standings.items()}),
            weights=weights,
            gauges=self.snapshot.gauges(weights),
            begins=max(0.0, begins),
            gap=timing.submit_gap * 1.125,
            notice=timing.tick / 2,
        )

    def may_start(self, owner_id: int) -> bool:
        """Whether the engine starts jobs of this person here."""
        person = self.snapshot.people[owner_id]
        return self.may_use(owner_id) and person.queue_paused_at is None

    def may_use(self, owner_id: int) -> bool:
        person = self.snapshot.people[owner_id]
        is_let_in = self.account.for_everyone or person.role == Role.ADMIN
        return person.is_active and (is_let_in or (owner_id, self.account.pk) in self.snapshot.chosen)

    def ends_in(self, job: Job) -> float:
        """Seconds until a job that holds a slot is expected to end; NEVER where a person has to act first."""
        if job.status == JobStatus.UNCERTAIN and job.needs_person:
            return NEVER
        return forecast.rest(
            forecast.usual(job.kind), forecast.elapsed(job.accepted_at or job.reserved_at, self.snapshot.now)
        )

    def _holders(self, notice: float) -> Iterable[Holder]:
        for job in self.running:
            ends = self.ends_in(job) + notice
            person = self.snapshot.people[job.owner_id]
            used = forecast.elapsed(job.reserved_at, self.snapshot.now) + ends
            correction = (used - job.estimate) / person.queue_weight if job.reserved_at and ends < NEVER else 0.0
            yield Holder(job.channel_id or 0, job.lane, job.owner_id, ends, correction)

    def _foreign(self) -> Iterable[Holder]:
        """Nobody knows when another program's job ends, so it is taken to last as long as one usually does."""
        for use in self.channels:
            for lane in use.foreign.elements():
                yield Holder(use.channel.pk, lane, None, forecast.USUAL)

    def _lines(self, weights: dict[int, int]) -> Iterable[Line]:
        in_all: Counter = Counter()
        for row in self.waits:
            if not row.held:
                in_all[row.lane, row.owner_id] += row.count
        read: Counter = Counter()
        for (lane, owner, _), jobs in self.lines.items():
            read[lane, owner] += len(jobs)
        for (lane, owner, bound_to), jobs in self.lines.items():
            if owner not in weights:
                continue
            awake = [job for job in jobs if not self.snapshot.is_resting(self.batch_of.get(job.pk))]
            beyond = max(0, in_all[lane, owner] - read[lane, owner]) if len(jobs) >= self.snapshot.depth else 0
            yield Line(lane, owner, bound_to, awake, len(awake) + beyond)


class Snapshot:
    """The queues of some accounts at one moment."""

    def __init__(self, accounts: Iterable[Account]) -> None:
        self.now: datetime = timezone.now()
        self.queues = {account.pk: Queue(account, self) for account in accounts}
        self.depth = EXACT
        self._read_channels()
        self._read_running()
        self._read_counts()
        self._read_lines()
        self._read_people()
        self._read_batches()

    def is_resting(self, batch_id: int | None) -> bool:
        """Whether a batch keeps its jobs from starting."""
        batch = self.batches.get(batch_id or 0)
        return batch is not None and batch.status != BatchStatus.RUNNING

    @cached_property
    def allowance(self) -> Allowance:
        return Allowance(self.people)

    def gauges(self, owners: Iterable[int]) -> dict[int, list[Gauge]]:
        """The limits of each of them, to be used up; the team's is one and the same for all."""
        team: dict[str, Gauge] = {}
        found = {}
        for owner in owners:
            made = [Gauge(limit.whose, limit.what, limit.used, limit.most) for limit in self.allowance.limits(owner)]
            found[owner] = [team.setdefault(each.what, each) if each.whose == TEAM else each for each in made]
        return found

    def _read_channels(self) -> None:
        for channel in Channel.objects.filter(account__in=self.queues, removed_at=None).order_by("pk"):
            use = ChannelUse(channel, foreign=Counter(channel.foreign_jobs.values()))
            self.queues[channel.account_id].channels.append(use)

    def _read_running(self) -> None:
        jobs = Job.objects.holding_slots().filter(account__in=self.queues).order_by("reserved_at", "pk")
        for job in jobs.only(*RUNNING):
            queue = self.queues[job.account_id]
            queue.running.append(job)
            for use in queue.channels:
                if use.channel.pk == job.channel_id:
                    use.lanes[job.lane] += 1

    def _read_counts(self) -> None:
        queued = Job.objects.filter(status=JobStatus.QUEUED, account__in=self.queues).order_by()
        rows = queued.values_list("account", "held", "owner", "batch", "lane", "kind").annotate(count=Count("pk"))
        for account, *row in rows:
            self.queues[account].waits.append(Waits(*row))

    def _read_lines(self) -> None:
        """The fair clocks of the accounts, and the first jobs of every line in which somebody waits."""
        in_line = (
            Job.objects.waiting()
            .filter(
                account=OuterRef("account_id"), lane=OuterRef("lane"),
                owner=OuterRef("owner_id"), bound_to=OuterRef("bound_to"),
            )
            .order_by("turn_at", "id")
        )  # fmt: skip
        wanted = sum(len({(row.lane, row.owner_id) for row in queue.waits}) for queue in self.queues.values())
        self.depth = max(10, min(EXACT, MOST_READ // max(1, wanted)))
        last = slice(self.depth - 1, self.depth)
        shares = Share.objects.filter(account__in=self.queues).annotate(
            head=Subquery(in_line.values("id")[:1]),
            last_turn=Subquery(in_line.values("turn_at")[last]),
            last_id=Subquery(in_line.values("id")[last]),
        )
        busy: dict[LineKey, tuple[datetime, int] | None] = {}
        for share in shares:
            if not share.bound_to:
                self.queues[share.account_id].standings[share.lane, share.owner_id] = _standing(share)
            if share.head:
                end = (share.last_turn, share.last_id) if share.last_turn else None
                busy[share.account_id, share.lane, share.owner_id, share.bound_to] = end
        self._read_jobs(busy)

    def _read_jobs(self, lines: dict[LineKey, tuple[datetime, int] | None]) -> None:
        left = iter(lines.items())
        while some := list(islice(left, LINES_A_QUERY)):
            which = Q()
            for key, end in some:
                which |= _in_line(key, end)
            rows = Job.objects.filter(which).order_by("turn_at", "id")
            wanted = ("pk", "account_id", "lane", "owner_id", "bound_to", "turn_at", "kind", "priority", "batch_id")
            for pk, account, lane, owner, bound_to, turn_at, kind, priority, batch in rows.values_list(*wanted):
                queue = self.queues[account]
                waiter = Waiter(pk, turn_at, forecast.usual(kind).mean, priority)
                queue.lines.setdefault((lane, owner, bound_to), []).append(waiter)
                if batch:
                    queue.batch_of[pk] = batch

    def _read_people(self) -> None:
        owners = {row.owner_id for queue in self.queues.values() for row in queue.waits}
        owners |= {job.owner_id for queue in self.queues.values() for job in queue.running}
        people = User.objects.filter(pk__in=owners).select_related("queue_paused_by")
        self.people: dict[int, User] = {user.pk: user for user in people}
        self.chosen: set[tuple[int, int]] = set()
        closed = [queue.account for queue in self.queues.values() if not queue.account.for_everyone]
        if closed and owners:
            members = Account.members.through.objects.filter(account__in=closed, user__in=owners)
            self.chosen = set(members.values_list("user_id", "account_id"))

    def _read_batches(self) -> None:
        found = {row.batch_id for queue in self.queues.values() for row in queue.waits if row.batch_id}
        found |= {job.batch_id for queue in self.queues.values() for job in queue.running if job.batch_id}
        self.batches: dict[int, Batch] = (
            Batch.objects.only("pk", "ref", "name", "status", "owner_id").in_bulk(found) if found else {}
        )


def _in_line(key: LineKey, end: tuple[datetime, int] | None) -> Q:
    account, lane, owner, bound_to = key
    # With its state, so that each part of the OR finds the index of waiting jobs.
    which = Q(account=account, lane=lane, owner=owner, bound_to=bound_to, status=JobStatus.QUEUED, held=False)
    if end is None:
        return which
    return which & Q(turn_at__lte=end[0]) & (Q(turn_at__lt=end[0]) | Q(pk__lte=end[1]))


def _standing(share: Share) -> Standing:
    return Standing(**{each.name: getattr(share, each.name) for each in fields(Standing)})
