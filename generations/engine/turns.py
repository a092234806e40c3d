"""Whose turn it is on an account: the heads of all members' lines, and what each member has used in each lane.

The choice itself (`Turns`) works in memory, so that a forecast can play it forward.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import OuterRef, Q, Subquery

from accounts.models import Account, Role, User
from generations.models import Job, Priority, Share
from generations.models.priority import STEP, level

Flow = tuple[str, int]
"""A lane and the primary key of a member: whoever takes turns."""


@dataclass(frozen=True)
class Head:
    """The first job in one line of one member. `priority` is read only where it matters for how urgent the job is."""

    job_id: int
    turn_at: datetime
    owner_id: int
    lane: str
    bound_to: int
    weight: int
    priority: int = Priority.NORMAL

    @property
    def flow(self) -> Flow:
        return self.lane, self.owner_id


@dataclass
class Standing:
    """What a member has used in a lane, in slot-seconds divided by their weight (`Share` keeps it)."""

    spent: float = 0.0
    started: float = 0.0
    competes: bool = False
    account_spent: float = 0.0
    account_started: float = 0.0
    served_at: datetime | None = None


@dataclass(frozen=True)
class Given:
    """What a turn changed: by how much `spent` and `account_spent` moved on, and who no longer competes in the lane."""

    moved: float
    started: float
    account_moved: float
    account_started: float
    left: list[int] = field(default_factory=list)


class Turns:
    """Start-time fair queueing among the members of each lane, and among the lanes where they want the same slot."""

    def __init__(self, standings: dict[Flow, Standing]) -> None:
        self.standings = standings

    def choose(self, ready: Iterable[Head], now: datetime) -> Head | None:
        """The head whose turn it is, of those that could start now; None of none."""
        lanes: dict[str, list[Head]] = {}
        for head in ready:
            lanes.setdefault(head.lane, []).append(head)
        firsts = [self._first(heads, now) for heads in lanes.values()]
        clock = self._account_clock()
        return min(firsts, key=lambda head: self._place_among_lanes(head, clock, now), default=None)

    def give(self, head: Head, ready: Iterable[Head], seconds: float, now: datetime) -> Given:
        """Charge the turn that `choose` gave: it will use a slot for about so many seconds."""
        rivals = self._rivals([other for other in ready if other.lane == head.lane], now)
        mine, charge = self._standing(head), seconds / head.weight
        start = self._start(mine, self._clock(head.lane, rivals))
        account_start = max(self._account_clock(), mine.account_spent)
        given = Given(
            moved=start - mine.spent + charge,
            started=start,
            account_moved=account_start - mine.account_spent + charge,
            account_started=account_start,
            left=self._leave(head.lane, {rival.owner_id for rival in rivals}),
        )
        mine.spent, mine.started = start + charge, start
        mine.account_spent, mine.account_started = account_start + charge, account_start
        mine.competes, mine.served_at = True, now
        return given

    def correct(self, flow: Flow, moved: float) -> None:
        """Move on what a flow has used, where a job took longer than charged (or shorter: negative), by its weight."""
        standing = self.standings.setdefault(flow, Standing())
        standing.spent += moved
        standing.account_spent += moved

    def level(self, head: Head, now: datetime) -> int:
        """How urgent a head is for others: as priority says, and as waiting has raised it.

        Waiting alone puts nobody above normal whose line moves on: a long line would shut out all newcomers.
        """
        found = level(head.turn_at, now)
        if found == Priority.HIGH > head.priority:
            served = self._standing(head).served_at
            if served is not None and now - served < STEP:
                return Priority.NORMAL
        return found

    # Inside a lane

    def _first(self, heads: list[Head], now: datetime) -> Head:
        rivals = self._rivals(heads, now)
        clock = self._clock(heads[0].lane, rivals)
        is_in_front = self.level(rivals[0], now) > Priority.HIGH  # a lead has put these in an order of their own

        def place(head: Head) -> tuple:
            mine = self._standing(head)
            fair = () if is_in_front else (self._start(mine, clock), mine.spent)
            return *fair, head.turn_at, head.job_id

        return min(rivals, key=place)

    def _rivals(self, heads: list[Head], now: datetime) -> list[Head]:
        """The most urgent ones: among them the turn is given."""
        levels = [self.level(head, now) for head in heads]
        return [head for head, height in zip(heads, levels, strict=True) if height == max(levels)]

    def _clock(self, lane: str, rivals: list[Head]) -> float:
        """Where those begin who did not compete until now."""
        competing = [standing.spent for standing in map(self._standing, rivals) if standing.competes]
        if competing:
            return min(competing)
        return max((each.started for (of_lane, _), each in self.standings.items() if of_lane == lane), default=0.0)

    def _start(self, mine: Standing, clock: float) -> float:
        return mine.spent if mine.competes else max(clock, mine.spent)

    def _leave(self, lane: str, rivals: set[int]) -> list[int]:
        """Who competed in this lane and no longer does: nothing of theirs could have had this turn."""
        left = []
        for (of_lane, owner), standing in self.standings.items():
            if of_lane == lane and standing.competes and owner not in rivals:
                standing.competes = False
                left.append(owner)
        return left

    # Among lanes

    def _place_among_lanes(self, head: Head, clock: float, now: datetime) -> tuple:
        mine, height = self._standing(head), self.level(head, now)
        fair = () if height > Priority.HIGH else (max(clock, mine.account_spent), mine.account_spent)
        return -height, *fair, head.turn_at, head.job_id

    def _account_clock(self) -> float:
        return max((standing.account_started for standing in self.standings.values()), default=0.0)

    def _standing(self, head: Head) -> Standing:
        return self.standings.setdefault(head.flow, Standing())


def read(account: Account, now: datetime) -> tuple[list[Head], Turns]:
    """The heads of the lines of everybody who may use the account now, and the turns: at most four queries.

    Each is a few index reads a line, however many jobs stand in it.
    """
    in_line = (
        Job.objects.waiting()
        .filter(account=account.pk, lane=OuterRef("lane"), owner=OuterRef("owner_id"), bound_to=OuterRef("bound_to"))
        .order_by("turn_at", "id")
    )
    lines = Share.objects.filter(account=account).annotate(
        head=Subquery(in_line.values("id")[:1]), head_turn_at=Subquery(in_line.values("turn_at")[:1])
    )
    standings: dict[Flow, Standing] = {}
    found = []
    for line in lines:
        if not line.bound_to:
            standings[line.lane, line.owner_id] = Standing(
                line.spent, line.started, line.competes, line.account_spent, line.account_started, line.served_at
            )
        if line.head:
            found.append(line)
    weights = _weights(account, {line.owner_id for line in found})
    found = [line for line in found if line.owner_id in weights]
    urgent = [line.head for line in found if level(line.head_turn_at, now) == Priority.HIGH]
    priorities = dict(Job.objects.filter(pk__in=urgent).values_list("pk", "priority")) if urgent else {}
    heads = [
        Head(
            line.head, line.head_turn_at, line.owner_id, line.lane, line.bound_to, weights[line.owner_id],
            priorities.get(line.head, Priority.NORMAL),
        )
        for line in found
    ]  # fmt: skip
    return heads, Turns(standings)


def _weights(account: Account, owners: set[int]) -> dict[int, int]:
    """The weights of those of them whose jobs may start."""
    people = User.objects.filter(pk__in=owners, is_active=True, queue_paused_at=None)
    if not account.for_everyone:
        people = people.filter(Q(role=Role.ADMIN) | Q(chosen_accounts=account))
    return dict(people.values_list("pk", "queue_weight"))
