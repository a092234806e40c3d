"""One look at one account: free slots are filled, what runs is watched, what is unknown is settled."""

import logging
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Protocol

from django.utils import timezone

from accounts import syncing
from accounts.encryption import Unreadable
from accounts.models import Account, AccountState, Channel
from generations.engine import breaker, capacity, claim, clients, pace, points, settlement, submission, watching
from generations.engine.threads import Flow
from generations.engine.timing import Timing, timing_for
from generations.models import Job, JobStatus
from midjourney.upstream import Upstream, UpstreamError

logger = logging.getLogger(__name__)


class Driver(Protocol):
    """What a cycle needs of the pump that runs it."""

    def may_send(self, account_pk: int) -> bool:
        """Whether another job of this account may be sent now: so many are under way at once."""

    def send(self, account_pk: int, flow: Flow) -> None:
        """Run the flow that sends a job, beside the cycle; look again where it turns out that its slot is free."""

    def watchers(self) -> Collection[int]:
        """The members who have a page open."""

    def is_stopping(self) -> bool: ...


class Cycle:
    """Looks after one account once. Everything it decides is a conditional update."""

    def __init__(self, account_pk: int, driver: Driver) -> None:
        self.pk = account_pk
        self.driver = driver
        self.waits = False  # whether a job waits that could not start
        self.claimed = False

    def run(self) -> Flow:
        """A flow that does what is due and returns when to look again."""
        self.account = Account.objects.get(pk=self.pk)
        self.timing: Timing = timing_for(self.account)
        now = timezone.now()
        if breaker.is_open(self.account, now):
            return self.account.retry_at
        try:
            upstream = clients.client_for(self.account)
        except Unreadable:
            self.account.set_state(AccountState.BAD_TOKEN, syncing.UNREADABLE)
            return now + timedelta(seconds=self.timing.idle_tick)
        except UpstreamError as error:  # an address or a token that no request can be made of
            syncing.record_trouble(self.account, error)
            return now + timedelta(seconds=self.timing.idle_tick)
        self._read()
        if settlement.release_stale(self.account, self.timing, self.held):
            self._read()
        half_open = breaker.is_half_open(self.account)
        if not half_open and any(job.hinted_at for job in self.held):
            try:
                yield from self._confirm_hints(upstream)
            except UpstreamError as error:
                return breaker.failed(self.account, error, self.timing)
        if not half_open:  # otherwise the list is the probe, and comes first
            yield from self._fill(upstream)
        if half_open or self._next_list(now) <= now:
            try:
                yield from self._look(upstream, half_open)
            except UpstreamError as error:
                logger.warning("list failed account=%s code=%s", self.pk, error.code)
                if breaker.opens(error):
                    return breaker.failed(self.account, error, self.timing)
                syncing.record_trouble(self.account, error)
        try:
            yield from watching.stop_cancelled(upstream, self.held)
        except UpstreamError as error:
            return breaker.failed(self.account, error, self.timing)
        if self.claimed:
            self._read()
        return self._next_look(now)

    def _read(self) -> None:
        """What stands in the database of this account: two queries."""
        self.held: list[Job] = watching.held_jobs(self.account)
        self.channels: list[Channel] = list(self.account.channels.filter(removed_at=None))

    def _fill(self, upstream: Upstream) -> Flow:
        """Claim a job for every free slot and send each beside the others.

        After each claim whatever else is due comes first: the sending of that job, and other accounts.
        """
        if self.waits and not capacity.has_room(self.channels, self.held):
            return
        self.waits = claim.some_wait(self.account)
        while (
            self.waits
            and capacity.has_room(self.channels, self.held)
            and self.driver.may_send(self.pk)
            and not self.driver.is_stopping()
        ):
            job = claim.claim_next(self.account, self.timing)
            if job is None:
                return
            points.reached("claim.committed")
            self.claimed = True
            self.held.append(job)
            job.account = self.account
            self.driver.send(self.pk, submission.sending(job, upstream, self.timing))
            yield []

    def _confirm_hints(self, upstream: Upstream) -> Flow:
        """Read the jobs of which a webhook said that they have ended."""
        this = watching.Look(self.account, upstream, self.timing, self.held, self.channels, self.driver.watchers())
        yield from watching.confirm_hints(this)
        if this.changed:
            self._read()
        if this.trouble is not None:
            raise this.trouble

    def _look(self, upstream: Upstream, half_open: bool) -> Flow:
        """Watch what runs, and fill what became free by it before anything that only serves to be looked at."""
        this = watching.Look(
            self.account, upstream, self.timing, self.held, self.channels, self.driver.watchers(), half_open
        )
        yield from watching.look(this)
        if this.changed:
            self._read()
            this.held = self.held
        if this.trouble is None:
            breaker.answered(self.account)
            if this.changed or self.waits or half_open:
                yield from self._fill(upstream)
        yield from watching.follow_progress(this)
        if this.trouble is not None:
            raise this.trouble

    def _next_list(self, now: datetime) -> datetime:
        """When the list is due, by what stands in the database. A settlement is worth a list of its own."""
        period = pace.with_jitter(self._period(now), self.timing)
        due = pace.next_list(self.account.listed_at, period, self.timing, now)
        settles = settlement.next_settlement(self.held, self.timing, since=self.account.listed_at)
        return due if settles is None else min(due, settles)

    def _period(self, now: datetime) -> float:
        running = [job for job in self.held if job.status == JobStatus.RUNNING]
        watchers = self.driver.watchers()
        return pace.seconds(
            self.held,
            foreign=sum(len(channel.foreign_jobs) for channel in self.channels),
            waits=self.waits,
            is_watched=any(job.owner_id in watchers for job in running),
            timing=self.timing,
            now=now,
            hooked_at=self.account.hooked_at,
        )

    def _next_look(self, began: datetime) -> datetime:
        """The next moment at which something can be done: list, settle, send after a pause, or find a turn."""
        now = timezone.now()
        moments = [self._next_list(now)]
        if self.waits:
            pauses = [channel.send_after for channel in self.channels if channel.is_open and channel.send_after > now]
            moments += [began + timedelta(seconds=self.timing.tick), *pauses]
        return max(min(moments), began + timedelta(seconds=min(0.2, self.timing.tick * self.timing.least)))
