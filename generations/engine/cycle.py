"""One look at one account: free slots are filled, what runs is watched, what is unknown is settled."""

import logging
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from datetime import datetime, timedelta

from django.utils import timezone

from accounts import syncing
from accounts.encryption import Unreadable
from accounts.models import Account, AccountState
from generations.engine import claim, clients, points, settlement, submission, watching
from generations.engine.timing import Timing, timing_for
from midjourney.upstream import BadToken, Busy, JobReply, NoService, Unreachable, Upstream, UpstreamError

logger = logging.getLogger(__name__)

Start = Callable[..., Future]
"""Runs a function on another thread: `start(function, *args)`."""


class Cycle:
    """Looks after one account once. Runs on a thread of its own; everything it decides is a conditional update."""

    def __init__(self, account_pk: int, start: Start, stopping: Callable[[], bool] = lambda: False) -> None:
        self.account = Account.objects.get(pk=account_pk)
        self.timing: Timing = timing_for(self.account)
        self.start = start
        self.stopping = stopping

    def run(self) -> datetime:
        """Do what is due and return when to look again."""
        now = timezone.now()
        if self.account.retry_at and self.account.retry_at > now:
            return self.account.retry_at
        try:
            upstream = clients.client_for(self.account)
        except Unreadable:
            self.account.set_state(AccountState.BAD_TOKEN, syncing.UNREADABLE)
            return now + timedelta(seconds=self.timing.idle_tick)
        except UpstreamError as error:  # an address or a token that no request can be made of
            syncing.record_trouble(self.account, error)
            return now + timedelta(seconds=self.timing.idle_tick)
        settlement.release_stale(self.account, self.timing)
        if self.account.state != AccountState.UNREACHABLE:  # otherwise the list is the probe, and comes first
            self._fill(upstream)
        if self._list_is_due(now) and not self._look(upstream):
            return submission.back_off_account(self.account, self.timing)
        self._fill(upstream)
        return self._next_look(now)

    def _fill(self, upstream: Upstream) -> None:
        """Claim a job for every free slot and send each on its own thread."""
        while not self.stopping():
            job = claim.claim_next(self.account, self.timing)
            if job is None:
                return
            points.reached("claim.committed")
            self.start(submission.send, job, upstream, self.timing)

    def _list_is_due(self, now: datetime) -> bool:
        if self.account.state != AccountState.READY or self.account.listed_at is None:
            return True
        idle_since = now - timedelta(seconds=self.timing.idle_tick * 0.9)
        return self.account.listed_at < idle_since or watching.has_work(self.account)

    def _look(self, upstream: Upstream) -> bool:
        """Watch what runs; return False where the service did not answer."""
        try:
            watching.look(self.account, upstream, lambda ids: self._fetch(upstream, ids), self.timing)
            watching.stop_cancelled(self.account, upstream)
        except UpstreamError as error:
            logger.warning("list failed account=%s code=%s", self.account.pk, error.code)
            syncing.record_trouble(self.account, error)
            return not isinstance(error, (Unreachable, NoService, BadToken, Busy))
        syncing.record_answer(self.account, shows_subscription=False)
        return True

    def _fetch(self, upstream: Upstream, remote_ids: Iterable[str]) -> dict[str, JobReply | UpstreamError]:
        answers = {remote_id: self.start(_details, upstream, remote_id) for remote_id in remote_ids}
        return {remote_id: answer.result() for remote_id, answer in answers.items()}

    def _next_look(self, began: datetime) -> datetime:
        tick = self.timing.tick if watching.has_work(self.account) else self.timing.idle_tick
        moments = [began + timedelta(seconds=tick)]
        moments += filter(
            None, [claim.next_send_at(self.account), settlement.next_settlement(self.account, self.timing)]
        )
        return max(min(moments), began + timedelta(seconds=min(0.2, tick)))


def _details(upstream: Upstream, remote_id: str) -> JobReply | UpstreamError:
    try:
        return upstream.job(remote_id)
    except UpstreamError as error:
        return error
