"""The pump: loops over the accounts that are due, each under a lease, for a bounded time, then hands over.

Nothing in it waits for a job to finish, and nothing depends on its life: slots, leases and jobs are rows.
"""

import logging
import math
import threading
import time
import uuid
from collections import Counter
from concurrent.futures import Future
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import Account, Channel
from generations.engine import clock, heartbeat, saving, shutdown, threads
from generations.engine.cycle import Cycle
from generations.engine.threads import Flow
from generations.engine.timing import Timing, timing_for
from generations.models import Feed

logger = logging.getLogger(__name__)

LOOK_EVERY = 0.2  # seconds between two looks for accounts that somebody has woken
LEASE = 10.0  # seconds; renewed when a third of it is gone
HOUSEKEEPING_EVERY = 3.0  # seconds
DRAIN = 3.0  # seconds to wait for requests that are under way when the pump hands over
AFTER_FAULT = 5.0  # seconds until an account is looked at again where that went wrong by a fault of ours
WATCHERS_EVERY = 1.0  # seconds that the list of who has a page open is kept

# Sends under way at once: of one account, so that one that hangs leaves threads for the others; and in all, so that
# what was claimed is begun long before its reservation runs out.
MOST_SENDS = 8
MOST_SENDS_IN_ALL = 64
MOST_STEPS = 24  # steps that wait for the database before no more cycles are started


class Pump:
    def __init__(self) -> None:
        self.holder = uuid.uuid4().hex
        self.crew = threads.crew()
        self.next_look: dict[int, float] = {}  # of time.monotonic()
        self.seen_wake: dict[int, datetime] = {}
        self.woken_at: dict[int, datetime] = {}
        self.leased: dict[int, float] = {}  # until when, of time.monotonic()
        self.busy: set[int] = set()  # accounts whose cycle is under way
        self.sync_asked: dict[int, float] = {}
        self.sending: Counter[int] = Counter()
        self.counting = threading.Lock()
        self.held_up: set[int] = set()  # accounts with more to send than may be under way at once
        self.changed = threading.Event()
        self.is_over = False
        self._watchers: tuple[float, frozenset[int]] = (-math.inf, frozenset())

    def run(self, seconds: float) -> bool:
        """Drive the queue for this long; return False where other pumps already do, or where this one must not."""
        if not clock.is_trusted():
            return False
        slot = heartbeat.take_pump_slot()
        if slot is None:
            return False
        logger.info("pump started holder=%s", self.holder)
        self.is_over = False
        try:
            self._loop(slot, time.monotonic() + seconds)
        finally:
            self.is_over = True
            slot.release()
            self._give_back([pk for pk in self.leased if pk not in self.busy])
        return True

    def drain(self) -> None:
        """Wait for requests that are under way; what they bring is recorded in any case."""
        self.crew.join(DRAIN)
        self.crew.close()

    def _loop(self, slot: heartbeat.Slot, until: float) -> None:
        next_beat = next_house = next_leases = next_read = 0.0
        while (now := time.monotonic()) < until and not shutdown.is_asked():
            if now >= next_beat:
                if not slot.beat():
                    logger.warning("pump lost its slot holder=%s", self.holder)
                    return
                next_beat = now + heartbeat.BEAT_EVERY
            if now >= next_read:
                self._read_accounts()
                next_read = now + LOOK_EVERY
            if now >= next_leases:
                self._take_leases(now)
                next_leases = now + heartbeat.BEAT_EVERY
            self._start_due()
            if now >= next_house:
                self._keep_house()
                next_house = now + HOUSEKEEPING_EVERY
            saving.ask_again()
            self._rest(next_read)

    def _rest(self, next_read: float) -> None:
        """Until something is due, a cycle has ended, or it is time to look whom somebody has woken."""
        now = time.monotonic()
        is_full = self.crew.steps >= MOST_STEPS
        due = [at for pk, at in self.next_look.items() if pk in self.leased and pk not in self.busy]
        until = next_read if is_full or not due else min(next_read, *due)
        self.changed.wait(max(0.002, until - now))
        self.changed.clear()

    # Accounts

    def _read_accounts(self) -> None:
        self.woken_at = dict(Account.objects.values_list("pk", "woken_at").order_by())
        for known in (self.next_look, self.seen_wake, self.leased, self.sync_asked):
            for pk in known.keys() - self.woken_at.keys():
                known.pop(pk, None)

    def _start_due(self) -> None:
        """Start the cycles that are due, those that have been so longest first."""
        now = time.monotonic()
        due = [
            (at, pk)
            for pk, woken_at in self.woken_at.items()
            if pk not in self.busy and self.leased.get(pk, 0.0) > now and (at := self._due_at(pk, woken_at, now)) <= now
        ]
        for _, pk in sorted(due):
            if self.crew.steps >= MOST_STEPS:
                return
            self.seen_wake[pk] = self.woken_at[pk]
            self.busy.add(pk)
            self.held_up.discard(pk)
            self.crew.start(self._cycle(pk), partial(self._after_cycle, pk))

    def _due_at(self, pk: int, woken_at: datetime, now: float) -> float:
        if woken_at != self.seen_wake.get(pk):  # not "later": clocks of several machines differ
            return min(now, self.next_look.get(pk, now))
        return self.next_look.get(pk, now)

    def _cycle(self, pk: int) -> Flow:
        try:
            moment = yield from Cycle(pk, self).run()
        except Account.DoesNotExist:
            self.next_look.pop(pk, None)
        except Exception:
            # A fault on one account must neither stop the others nor spin.
            self.next_look[pk] = time.monotonic() + AFTER_FAULT
            raise
        else:
            wait = (moment - timezone.now()).total_seconds()
            self.next_look[pk] = time.monotonic() + (0.0 if pk in self.held_up and self.may_send(pk) else wait)
        finally:
            if self.is_over:  # the next pump need not wait for the lease to run out
                self._give_back([pk])

    def _after_cycle(self, pk: int) -> None:
        self.busy.discard(pk)
        self.changed.set()

    # What cycles ask for

    def may_send(self, account_pk: int) -> bool:
        with self.counting:
            free = self.sending[account_pk] < MOST_SENDS and self.sending.total() < MOST_SENDS_IN_ALL
        if not free:
            self.held_up.add(account_pk)
        return free and not self.is_over

    def send(self, account_pk: int, flow: Flow) -> None:
        with self.counting:
            self.sending[account_pk] += 1
        future = self.crew.start(flow)
        future.add_done_callback(lambda future: self._after_send(account_pk, future))

    def _after_send(self, pk: int, future: Future) -> None:
        with self.counting:
            self.sending[pk] -= 1
            if not self.sending[pk]:
                self.sending.pop(pk)
        is_running = future.exception() is None and future.result()
        again = {pk} if not is_running else set()
        for waiting in again | self.held_up:
            self.next_look[waiting] = time.monotonic()
        self.changed.set()

    def watchers(self) -> frozenset[int]:
        at, found = self._watchers
        if time.monotonic() - at > WATCHERS_EVERY:
            since = timezone.now() - timedelta(seconds=Timing.watched_for)
            found = frozenset(Feed.objects.filter(seen_at__gt=since).values_list("pk", flat=True))
            self._watchers = (time.monotonic(), found)
        return found

    def is_stopping(self) -> bool:
        return self.is_over or shutdown.is_asked()

    # Leases

    def _take_leases(self, now: float) -> None:
        """Lease the accounts that are free, and ours again before a third of the lease is gone: two statements."""
        soon = now + LEASE * 2 / 3
        wanted = [pk for pk in self.woken_at if self.leased.get(pk, 0.0) < soon]
        if not wanted:
            return
        moment = timezone.now()
        free = Account.objects.filter(Q(leased_by=self.holder) | Q(leased_until__lt=moment), pk__in=wanted)
        with transaction.atomic():
            # Whose row is in use has to wait for the next turn: this statement locks many, so it must not wait itself.
            locked = free.select_for_update(skip_locked=True, no_key=True).values_list("pk", flat=True)
            pks = list(locked.order_by("pk"))
            Account.objects.filter(pk__in=pks).update(
                leased_by=self.holder, leased_until=moment + timedelta(seconds=LEASE)
            )
        for pk in pks:
            self.leased[pk] = now + LEASE

    def _give_back(self, pks: list[int]) -> None:
        for pk in pks:
            self.leased.pop(pk, None)
            Account.objects.filter(pk=pk, leased_by=self.holder).update(leased_until=timezone.now())

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
