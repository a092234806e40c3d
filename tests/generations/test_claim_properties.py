"""Whatever happens in whatever order: the claim keeps every limit, starts no job twice and leaves no slot idle.

What may start is worked out anew by brute force over all rows, and what is counted by a ledger of the test's own.
"""

from collections import Counter
from contextlib import suppress

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Channel
from generations import decisions
from generations.batches import controls
from generations.engine import claim, outcomes
from generations.engine.timing import Timing
from generations.models import HOLDS_SLOT, Batch, BatchStatus, Budget, Job, JobStatus, Spend
from generations.models.priority import turn_at
from midjourney.upstream import JobReply
from tests import factories

LANES = ("image", "video", "")
TIMING = Timing(submit_gap=0.0)


class World:
    """Two accounts with three channels, three members with a batch each; every method is one thing that may happen."""

    def __init__(self) -> None:
        self.accounts = [factories.make_account(), factories.make_account()]
        self.channels = [
            factories.make_channel(self.accounts[0], max_jobs=2, max_image_jobs=2, max_video_jobs=1),
            factories.make_channel(self.accounts[0], max_jobs=1, max_image_jobs=1, max_video_jobs=1),
            factories.make_channel(self.accounts[1], max_jobs=3, max_image_jobs=2, max_video_jobs=1),
        ]
        self.owners = [factories.make_user() for _ in range(3)]
        self.batches = [
            factories.make_batch(owner=owner, account=self.accounts[number % 2])
            for number, owner in enumerate(self.owners)
        ]
        self.counted: dict[int, int] = {}  # job: owner, while it is counted
        self.numbers = 0

    # What may happen; a and b choose

    def enqueue(self, a: int, b: int) -> None:
        number = a % 3
        is_of_batch = b % 2 == 0
        account = self.batches[number].account if is_of_batch else self.accounts[b % 4 // 2]
        channels = [channel for channel in self.channels if channel.account_id == account.pk]
        batch = Batch.objects.get(pk=self.batches[number].pk) if is_of_batch else None
        if batch and batch.status == BatchStatus.STOPPED:
            return
        priority = a % 7 % 3 - 1
        factories.make_job(
            owner=self.owners[number], account=account, lane=LANES[b % 5 % 3], batch=batch,
            held=bool(batch and batch.status == BatchStatus.PAUSED),
            bound_to=channels[a % len(channels)].pk if (a + b) % 3 == 0 else 0,
            priority=priority, turn_at=turn_at(timezone.now(), priority),
        )  # fmt: skip

    def claim(self, a: int, b: int) -> None:
        account = self.accounts[a % 2]
        expected = self.startable(account)
        job = claim.claim_next(account, TIMING)
        assert (job is None) == (not expected), f"{job} started, {expected} could"
        if job is None:
            return
        assert job.pk in expected
        job.refresh_from_db()
        assert (job.status, job.held) == (JobStatus.SUBMITTING, False)
        assert job.channel_id in expected[job.pk]
        if job.lane:  # what only reads or switches something counts in no budget
            self.counted[job.pk] = job.owner_id

    def accept(self, a: int, b: int) -> None:
        if job := self.pick(a, JobStatus.SUBMITTING, JobStatus.UNCERTAIN):
            self.numbers += 1
            outcomes.adopt(job, JobReply(job_id=f"j{self.numbers}", status="started", raw={}), code="accepted")

    def lose(self, a: int, b: int) -> None:
        if job := self.pick(a, JobStatus.SUBMITTING):
            job.move(JobStatus.UNCERTAIN, sent_at=timezone.now())

    def end(self, a: int, b: int) -> None:
        if job := self.pick(a, JobStatus.RUNNING):
            if b % 3 == 0:
                outcomes.refuse(job, "moderated", "No.", "")
                self.counted.pop(job.pk, None)
            elif b % 3 == 1:
                outcomes.fail(job, "failed_upstream")
            else:
                job.move(JobStatus.SAVING)

    def refuse(self, a: int, b: int) -> None:
        if job := self.pick(a, JobStatus.SUBMITTING):
            outcomes.refuse(job, "moderated", "No.", "")
            self.counted.pop(job.pk, None)

    def give_up(self, a: int, b: int) -> None:
        if job := self.pick(a, JobStatus.UNCERTAIN):
            job.move(JobStatus.FAILED, error_code="ran_untracked")

    def requeue(self, a: int, b: int) -> None:
        if job := self.pick(a, JobStatus.SUBMITTING, JobStatus.UNCERTAIN):
            outcomes.requeue(job, "not_sent")
            self.counted.pop(job.pk, None)

    def turn_up(self, a: int, b: int) -> None:
        jobs = Job.objects.filter(status=JobStatus.QUEUED, attempt__gt=0).order_by("pk")
        if job := self.one(jobs, a):
            self.numbers += 1
            outcomes.adopt(job, JobReply(job_id=f"j{self.numbers}", status="started", raw={}), code="found")
            if job.lane:
                self.counted[job.pk] = job.owner_id

    def cancel(self, a: int, b: int) -> None:
        if job := self.pick(a, *HOLDS_SLOT, JobStatus.QUEUED):
            decisions.cancel(job, job.owner)

    def pause_batch(self, a: int, b: int) -> None:
        controls.pause(Batch.objects.get(pk=self.batches[a % 3].pk), self.owners[a % 3])

    def resume_batch(self, a: int, b: int) -> None:
        controls.resume(Batch.objects.get(pk=self.batches[a % 3].pk), self.owners[a % 3])

    def stop_batch(self, a: int, b: int) -> None:
        if b % 3 == 0:
            controls.stop(Batch.objects.get(pk=self.batches[a % 3].pk), self.owners[a % 3])

    def pause_person(self, a: int, b: int) -> None:
        owner = self.owners[a % 3]
        owner.queue_paused_at = None if owner.queue_paused_at else timezone.now()
        owner.save()

    def change_weight(self, a: int, b: int) -> None:
        self.owners[a % 3].queue_weight = 1 + b % 10
        self.owners[a % 3].save()

    def change_channel(self, a: int, b: int) -> None:
        channels = Channel.objects.filter(pk=self.channels[a % 3].pk)
        if b % 4 == 0:
            channels.update(block_message="" if channels.get().block_message else "Pending mod message")
        else:
            channels.update(max_jobs=b % 4, max_image_jobs=1 + a % 3, max_video_jobs=b % 3)

    def foreign_jobs(self, a: int, b: int) -> None:
        jobs = {f"f{number}": LANES[(a + number) % 3] for number in range(b % 3)}
        Channel.objects.filter(pk=self.channels[a % 3].pk).update(foreign_jobs=jobs)

    def change_budget(self, a: int, b: int) -> None:
        name = ("per_day", "per_month", "at_once")[b % 3]
        least = 1 if name == "at_once" else 0
        owner = None if a % 4 == 3 else self.owners[a % 4]
        Budget.objects.update_or_create(owner=owner, defaults={name: None if b == 11 else least + b % 4})

    # What must hold

    def check(self) -> None:
        booked = Counter()
        for spend in Spend.objects.all():
            assert spend.jobs >= 0
            booked[spend.owner_id] += spend.jobs
        assert +booked == Counter(self.counted.values())
        assert not Job.objects.filter(status=JobStatus.QUEUED).exclude(counted_on=None).exists()

    def startable(self, account) -> dict[int, set[int]]:
        """By brute force: the jobs that could start on the account, each with its channels."""
        paused = {owner.pk for owner in self.owners if owner.queue_paused_at}
        resting = set(Batch.objects.exclude(status=BatchStatus.RUNNING).values_list("pk", flat=True))
        waiting = Job.objects.filter(account=account, status=JobStatus.QUEUED, held=False)
        found = {}
        for job in waiting:
            if job.owner_id in paused or job.batch_id in resting:
                continue
            if job.lane and self.is_over_budget(job.owner_id):
                continue
            channels = {channel.pk for channel in account.channels.all() if self.has_room(channel, job)}
            if channels:
                found[job.pk] = channels
        return found

    def has_room(self, channel: Channel, job: Job) -> bool:
        if channel.block_message or channel.removed_at or job.bound_to not in {0, channel.pk}:
            return False
        lanes = [each.lane for each in Job.objects.all() if each.channel_id == channel.pk and each.status in HOLDS_SLOT]
        lanes += channel.foreign_jobs.values()
        most = {"image": channel.max_image_jobs, "video": channel.max_video_jobs, "": channel.max_jobs}[job.lane]
        in_lane = len(lanes) if job.lane == "" else lanes.count(job.lane)
        return len(lanes) < channel.max_jobs and in_lane < most

    def is_over_budget(self, owner: int) -> bool:
        holders = [job.owner_id for job in Job.objects.all() if job.status in HOLDS_SLOT]
        for budget in Budget.objects.all():
            if budget.owner_id not in {None, owner}:
                continue
            used = [each for each in self.counted.values() if budget.owner_id in {None, each}]
            running = [each for each in holders if budget.owner_id in {None, each}]
            limits = ((len(used), budget.per_day), (len(used), budget.per_month), (len(running), budget.at_once))
            if any(most is not None and count >= most for count, most in limits):
                return True
        return False

    def pick(self, number: int, *statuses: str) -> Job | None:
        return self.one(Job.objects.filter(status__in=statuses).order_by("pk"), number)

    @staticmethod
    def one(jobs, number: int) -> Job | None:
        jobs = list(jobs)
        return jobs[number % len(jobs)] if jobs else None


# The queue and the claim come up often, so that there is something for the rest to happen to.
COMMON = ["enqueue", "claim"] * 5 + ["requeue", "pause_batch"] * 2
RARE = [name for name in vars(World) if not name.startswith("_")][2:]
RARE = [name for name in RARE if name not in {"check", "startable", "has_room", "is_over_budget", "pick", "one"}]
HAPPENING = st.tuples(st.sampled_from(COMMON + RARE), st.integers(0, 11), st.integers(0, 11))


class _Undo(Exception):
    pass


@pytest.mark.slow
@pytest.mark.django_db
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(HAPPENING, min_size=25, max_size=50))
def test_any_interleaving_keeps_the_limits_and_the_books_and_leaves_no_slot_idle(happenings):
    with suppress(_Undo), transaction.atomic():
        world = World()
        for name, a, b in happenings:
            getattr(world, name)(a, b)
            world.check()
        for number in range(30):  # and in the end everything starts that may
            world.claim(number, 0)
        raise _Undo
