"""The pump: loops over the accounts that are due, each under a lease, for a bounded time, then hands over.

Nothing in it waits for a job to finish, and nothing depends on its life: slots, leases and jobs are rows.
"""

import logging
import time
import uuid
from concurrent.futures import Future, wait
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import Account, Channel
from generations.engine import heartbeat, saving, shutdown, threads
from generations.engine.cycle import Cycle
from generations.engine.timing import timing_for

logger = logging.getLogger(__name__)

PAUSE = 0.2  # seconds between two looks for due accounts
LEASE = 10.0  # seconds; renewed when a third of it is gone
HOUSEKEEPING_EVERY = 3.0  # seconds
DRAIN = 3.0  # seconds to wait for requests that are under way when the pump hands over


class Pump:
    def __init__(self) -> None:
        self.holder = uuid.uuid4().hex
        self.next_look: dict[int, datetime] = {}
        self.seen_wake: dict[int, datetime] = {}
        self.lease_until: dict[int, datetime] = {}
        self.running: dict[int, Future] = {}
        self.sync_asked: dict[int, float] = {}
        self.requests: set[Future] = set()
        self.is_over = False

    def run(self, seconds: float) -> bool:
        """Drive the queue for this long; return False where other pumps already do."""
        slot = heartbeat.take_pump_slot()
        if slot is None:
            return False
        logger.info("pump started holder=%s", self.holder)
        try:
            self._loop(slot, time.monotonic() + seconds)
        finally:
            self.is_over = True
            slot.release()
            self._give_back([pk for pk in self.lease_until if self._is_idle(pk)])
        return True

    def drain(self) -> None:
        """Wait for requests that are under way; what they bring is recorded by their own threads."""
        wait([*self.running.values(), *self.requests], timeout=DRAIN)

    def _loop(self, slot: heartbeat.Slot, until: float) -> None:
        next_beat = next_housekeeping = 0.0
        while time.monotonic() < until and not shutdown.is_asked():
            now = time.monotonic()
            if now >= next_beat:
                if not slot.beat():
                    logger.warning("pump lost its slot holder=%s", self.holder)
                    return
                next_beat = now + heartbeat.BEAT_EVERY
            self._start_due()
            if now >= next_housekeeping:
                self._keep_house()
                next_housekeeping = now + HOUSEKEEPING_EVERY
            shutdown.sleep(PAUSE)

    # Accounts

    def _start_due(self) -> None:
        now = timezone.now()
        self.requests = {future for future in self.requests if not future.done()}
        accounts = Account.objects.values_list("pk", "woken_at").order_by("pk")
        for pk, woken_at in accounts:
            if self._is_due(pk, woken_at, now) and self._lease(pk, now):
                self.seen_wake[pk] = woken_at
                self.running[pk] = threads.start_cycle(self._cycle, pk)

    def _is_due(self, pk: int, woken_at: datetime, now: datetime) -> bool:
        if not self._is_idle(pk):
            return False
        woken = woken_at != self.seen_wake.get(pk)  # not "later": clocks of several machines differ
        return woken or self.next_look.get(pk, now) <= now

    def _is_idle(self, pk: int) -> bool:
        under_way = self.running.get(pk)
        return under_way is None or under_way.done()

    def _cycle(self, pk: int) -> None:
        try:
            self.next_look[pk] = Cycle(pk, self._start_request, shutdown.is_asked).run()
        except Account.DoesNotExist:
            self.next_look.pop(pk, None)
        except Exception:
            # A fault on one account must neither stop the others nor spin.
            self.next_look[pk] = timezone.now() + timedelta(seconds=5)
            raise
        finally:
            if self.is_over:  # the next pump need not wait for the lease to run out
                self._give_back([pk])

    def _start_request(self, function, *args) -> Future:
        future = threads.start_request(function, *args)
        self.requests.add(future)
        return future

    def _lease(self, pk: int, now: datetime) -> bool:
        mine = self.lease_until.get(pk)
        if mine is not None and mine - now > timedelta(seconds=LEASE * 2 / 3):
            return True
        until = now + timedelta(seconds=LEASE)
        free = Account.objects.filter(Q(leased_by=self.holder) | Q(leased_until__lt=now), pk=pk)
        if not free.update(leased_by=self.holder, leased_until=until):
            self.next_look[pk] = now + timedelta(seconds=1)
            return False
        self.lease_until[pk] = until
        return True

    def _give_back(self, pks: list[int]) -> None:
        Account.objects.filter(pk__in=pks, leased_by=self.holder).update(leased_until=timezone.now())

    # Everything else

    def _keep_house(self) -> None:
        saving.wake_savers()
        blocked = Channel.objects.filter(account=OuterRef("pk"), removed_at=None).exclude(block_message="")
        for account in Account.objects.annotate(has_block=Exists(blocked)):
            if self._sync_is_due(account, has_block=account.has_block):
                self.sync_asked[account.pk] = time.monotonic()
                saving.enqueue("sync_account", account.pk)

    def _sync_is_due(self, account: Account, *, has_block: bool) -> bool:
        if account.retry_at and account.retry_at > timezone.now():
            return False
        timing = timing_for(account)
        every = timing.blocked_sync_every if has_block or account.synced_at is None else timing.sync_every
        if account.synced_at is None and account.is_local:
            every = HOUSEKEEPING_EVERY
        asked = self.sync_asked.get(account.pk)
        if asked is not None and time.monotonic() - asked < min(every, timing.blocked_sync_every):
            return False
        return account.synced_at is None or timezone.now() - account.synced_at > timedelta(seconds=every)
