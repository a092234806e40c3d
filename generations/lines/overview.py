"""What the queue page shows: accounts with their slots, what runs, and who waits in which order."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from accounts.explanations import FOR_MEMBERS, STATES
from accounts.models import Account, AccountState, User
from accounts.usage import LaneUse, sum_of_lanes
from generations import forecast
from generations.engine.capacity import ChannelUse
from generations.lines import reasons, words
from generations.lines.loading import Queue, Snapshot, Waits
from generations.lines.order import Start
from generations.lines.scene import NEVER
from generations.lines.steering import is_in_front
from generations.models import Batch, Job, JobStatus, Priority

SHOWN = 50  # waiting jobs of an account
SHOWN_OF_MANY = 12  # of each where many accounts have a queue; the rest is on the account's own page
MANY = 4
MOST_GROUPS = 6
FIELDS = (
    "pk", "ref", "owner_id", "account_id", "batch_id", "lane", "verb", "kind", "status", "priority", "turn_at", "held",
    "bound_to", "created_at",
)  # fmt: skip


@dataclass(frozen=True)
class Going:
    """A job that holds a slot. `text` is "" for those who may not read it. `ends_at` is None where unknown."""

    job: Job
    owner: User
    is_mine: bool
    kind: str
    text: str
    since: datetime
    ends_at: datetime | None
    is_rough: bool
    note: str
    can_steer: bool


@dataclass(frozen=True)
class Turn:
    """A waiting job in the order of the coming starts, numbered from 1."""

    number: int
    job: Job
    owner: User
    is_mine: bool
    kind: str
    text: str
    reason: str
    start: Start | None
    is_rough: bool
    is_in_front: bool
    can_steer: bool

    @property
    def priority(self) -> str:
        """The priority where it is worth a word."""
        return "" if self.job.priority == Priority.NORMAL else Priority(self.job.priority).label


@dataclass(frozen=True)
class Group:
    """Waiting jobs that are not listed one by one. `reason` where they rest; `batch` only for those who may know it."""

    count: int
    owner: User
    is_mine: bool
    batch: Batch | None
    is_batch: bool
    reason: str = ""


@dataclass(frozen=True)
class ChannelRow:
    label: str
    is_open: bool
    lanes: list[LaneUse]


@dataclass
class AccountQueue:
    """One account on the page. `resting` are groups that no turn is given to; `beyond` those after the listed ones."""

    account: Account
    channels: list[ChannelRow]
    lanes: list[LaneUse]
    slots: int
    free: int
    state: str
    running: list[Going]
    turns: list[Turn]
    beyond: list[Group]
    beyond_count: int
    resting: list[Group]
    waiting: int
    ends_at: datetime | None
    is_rough: bool
    can_steer: bool

    @property
    def is_busy(self) -> bool:
        return bool(self.running or self.waiting)

    @property
    def blocked(self) -> int:
        return sum(1 for channel in self.channels if not channel.is_open)


@dataclass(frozen=True)
class PersonRow:
    """Somebody whose jobs run, wait, or are paused; for leads."""

    person: User
    running: int
    waiting: int


@dataclass
class QueuePage:
    now: datetime
    accounts: list[AccountQueue] = field(default_factory=list)
    people: list[PersonRow] = field(default_factory=list)

    @property
    def busy(self) -> list[AccountQueue]:
        return [each for each in self.accounts if each.is_busy]

    @property
    def idle(self) -> list[AccountQueue]:
        return [each for each in self.accounts if not each.is_busy]

    @property
    def running(self) -> int:
        return sum(len(each.running) for each in self.accounts)

    @property
    def waiting(self) -> int:
        return sum(each.waiting for each in self.accounts)

    @property
    def ends_at(self) -> datetime | None:
        """When everything that can end by itself has ended."""
        return max((each.ends_at for each in self.accounts if each.ends_at), default=None)

    @property
    def is_rough(self) -> bool:
        return any(each.is_rough for each in self.accounts if each.ends_at)


def queue_page(reader: User, account_pk: int | None = None) -> QueuePage:
    """The queues of all accounts that this person may use, or of one: a fixed number of queries."""
    accounts = Account.objects.visible_to(reader)
    if account_pk is not None:
        accounts = accounts.filter(pk=account_pk)
    snapshot = Snapshot(accounts)
    return QueuePage(
        now=snapshot.now,
        accounts=_Maker(reader, snapshot).accounts(),
        people=_people(snapshot) if reader.is_lead else [],
    )


class _Maker:
    """Makes what is shown of a snapshot, as far as its reader may see it."""

    def __init__(self, reader: User, snapshot: Snapshot) -> None:
        self.reader = reader
        self.snapshot = snapshot
        queues = snapshot.queues.values()
        self.shown = SHOWN if sum(1 for queue in queues if queue.waits) <= MANY else SHOWN_OF_MANY
        listed = [pk for queue in queues for pk in list(queue.order.starts)[: self.shown]]
        self.jobs = Job.objects.filter(pk__in=listed).only(*FIELDS).in_bulk() if listed else {}
        running = [job.pk for queue in queues for job in queue.running]
        # Others' prompts are not even read for a member.
        readable = Job.objects.filter(pk__in=[*listed, *running])
        readable = readable if reader.is_lead else readable.filter(owner=reader)
        self.texts = dict(readable.values_list("pk", "text")) if listed or running else {}

    def accounts(self) -> list[AccountQueue]:
        return [self._account(queue) for queue in self.snapshot.queues.values()]

    def _account(self, queue: Queue) -> AccountQueue:
        listed = [self.jobs[pk] for pk in list(queue.order.starts)[: self.shown] if pk in self.jobs]
        turns = [self._turn(queue, job, number) for number, job in enumerate(listed, start=1)]
        channels = [_channel(use) for use in queue.channels]
        open_lanes = [channel.lanes for channel in channels if channel.is_open]
        beyond, resting = self._groups(queue, listed)
        return AccountQueue(
            account=queue.account,
            channels=channels,
            lanes=[sum_of_lanes(lanes) for lanes in zip(*open_lanes, strict=True)],
            slots=sum(use.channel.max_jobs for use in queue.open),
            free=sum(use.free("") for use in queue.open) if queue.account.may_send else 0,
            state=self._state(queue.account),
            running=[self._going(queue, job) for job in queue.running],
            turns=turns,
            beyond=beyond[:MOST_GROUPS],
            beyond_count=sum(group.count for group in beyond),
            resting=resting,
            waiting=queue.waiting,
            ends_at=_ends_at(queue),
            is_rough=queue.is_rough or queue.order.has_more,
            can_steer=self.reader.is_lead,
        )

    def _state(self, account: Account) -> str:
        """What is to be said of its state; nothing while all is well."""
        if account.state == AccountState.READY:
            return ""
        if account.state == AccountState.PAUSED:
            because = f"Paused: “{account.state_reason}”" if account.state_reason else "Paused"
            return f"{because}. Nothing new is sent; what runs is followed to its end."
        return STATES[account.state].what if self.reader.is_lead else FOR_MEMBERS[account.state]

    def _going(self, queue: Queue, job: Job) -> Going:
        left = queue.ends_in(job)
        known = forecast.span(job.kind)
        ends = self.snapshot.now + timedelta(seconds=left) if known and 0 < left < NEVER else None
        return Going(
            job=job,
            owner=self.snapshot.people[job.owner_id],
            is_mine=job.owner_id == self.reader.pk,
            kind=words.of_kind(job),
            text=self.texts.get(job.pk, ""),
            since=job.reserved_at or job.created_at,
            ends_at=ends,
            is_rough=known is not None and known.is_rough,
            note=_note(job, known, left),
            can_steer=self._can_steer(job),
        )

    def _turn(self, queue: Queue, job: Job, number: int) -> Turn:
        start = queue.order.starts[job.pk]
        return Turn(
            number=number,
            job=job,
            owner=self.snapshot.people[job.owner_id],
            is_mine=job.owner_id == self.reader.pk,
            kind=words.of_kind(job),
            text=self.texts.get(job.pk, ""),
            reason=reasons.reason(queue, job, self.reader.pk, is_listed=True),
            start=start if start.at else None,
            is_rough=queue.is_rough or not start.is_exact,
            is_in_front=is_in_front(job),
            can_steer=self._can_steer(job),
        )

    def _can_steer(self, job: Job) -> bool:
        return self.reader.is_lead or job.owner_id == self.reader.pk

    def _groups(self, queue: Queue, listed: Iterable[Job]) -> tuple[list[Group], list[Group]]:
        """What is not listed: jobs whose turn comes later, and jobs that no turn is given to."""
        seen = Counter((job.owner_id, job.batch_id) for job in listed)
        counts: Counter = Counter()
        for row in queue.waits:
            counts[row.owner_id, row.batch_id, self._rests(queue, row)] += row.count
        beyond: list[Group] = []
        resting: list[Group] = []
        for (owner, batch, reason), count in counts.most_common():
            left = count if reason else count - seen[owner, batch]
            if left > 0:
                (resting if reason else beyond).append(self._group(owner, batch, left, reason))
        return beyond, resting

    def _rests(self, queue: Queue, row: Waits) -> str:
        """Why no turn is given to these; "" where it is."""
        probe = Job(owner_id=row.owner_id, batch_id=row.batch_id, held=row.held)
        return (
            reasons.access_reason(queue, row.owner_id, self.reader.pk)
            or reasons.batch_reason(queue, probe)
            or reasons.person_reason(queue, row.owner_id, self.reader.pk)
        )

    def _group(self, owner: int, batch_id: int | None, count: int, reason: str) -> Group:
        is_mine = owner == self.reader.pk
        batch = self.snapshot.batches.get(batch_id or 0)
        return Group(
            count=count,
            owner=self.snapshot.people[owner],
            is_mine=is_mine,
            batch=batch if is_mine or self.reader.is_lead else None,
            is_batch=batch is not None,
            reason=reason,
        )


def _channel(use: ChannelUse) -> ChannelRow:
    channel = use.channel
    lanes = [
        LaneUse("All", channel.max_jobs, use.lanes.total(), use.foreign.total()),
        LaneUse("Images", channel.max_image_jobs, use.lanes["image"], use.foreign["image"]),
        LaneUse("Videos", channel.max_video_jobs, use.lanes["video"], use.foreign["video"]),
    ]
    return ChannelRow(f"…{channel.remote_id[-4:]}", channel.is_open, lanes)


def _note(job: Job, known: forecast.Span | None, left: float) -> str:
    """What is said of a running job where no end can be named."""
    if job.cancel_requested_at:
        return "is being stopped"
    if job.status == JobStatus.UNCERTAIN:
        return "waits for its owner to say whether it ran" if job.needs_person else "its answer was lost: looked up"
    if known is None:
        return "nothing like it has ended here yet"
    return "should end any moment" if left == 0 else ""


def _ends_at(queue: Queue) -> datetime | None:
    """When all that can start by itself has ended; None where nothing moves."""
    order = queue.order
    if order.ends_at is None or not queue.account.may_send:
        return order.ends_at if queue.running else None
    if not order.has_more:
        return order.ends_at
    turns = sum(row.count for row in queue.waits if not row.held and queue.may_start(row.owner_id))
    beyond = max(0, turns - sum(1 for start in order.starts.values() if start.is_exact))
    return order.ends_at + timedelta(seconds=beyond / order.rate) if order.rate else order.ends_at


def _people(snapshot: Snapshot) -> list[PersonRow]:
    running = Counter(job.owner_id for queue in snapshot.queues.values() for job in queue.running)
    waiting: Counter = Counter()
    for queue in snapshot.queues.values():
        for row in queue.waits:
            waiting[row.owner_id] += row.count
    paused = User.objects.filter(is_active=True, queue_paused_at__isnull=False).select_related("queue_paused_by")
    people = {**snapshot.people, **{person.pk: person for person in paused}}
    rows = [PersonRow(person, running[pk], waiting[pk]) for pk, person in people.items()]
    return sorted(rows, key=lambda row: (-row.waiting, -row.running, str(row.person).lower()))
