"""Runs django-q2's cluster and watches over it: see docs/decisions/0003-worker-supervision.md."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.db import Error as DatabaseError
from django.db import close_old_connections
from django.utils import timezone
from django_q.models import Schedule

from generations.engine import heartbeat, saving, shutdown

BASE_DIR = Path(__file__).resolve().parents[3]
START_ALLOWANCE = 30.0  # seconds more for the first beat after a start
BEAT_IS_OLD = 20.0  # seconds of looking without a new beat after which the whole group is replaced
STOP_WITHIN = 4.0  # seconds for running tasks to end before the group is killed
LOOK_EVERY = 0.5
ASK_AGAIN_AFTER = 5.0
PAUSE_BEFORE_RESTART = 1.0
PR_SET_PDEATHSIG = 1  # prctl(2): a signal to the child when its parent dies


class Command(BaseCommand):
    help = "Run the background workers: the pump that drives the queue, saving of pictures, syncing of channels."

    def handle(self, **options: Any) -> None:
        self.stop_asked = threading.Event()
        self.writing: int | None = None
        signal.signal(signal.SIGTERM, self._ask_to_stop)
        signal.signal(signal.SIGINT, self._ask_to_stop)
        _schedule()
        while not self.stop_asked.is_set():
            self._run_cluster()

    def _run_cluster(self) -> None:
        """Run one cluster until asked to stop, or until something is wrong with it; then all of it is gone."""
        self.pump_asked = -ASK_AGAIN_AFTER
        reading, self.writing = os.pipe()
        cluster = self._start(reading)
        os.close(reading)
        try:
            reason = self._watch(cluster)
        finally:
            self._stop(cluster)
        if reason:
            self.stderr.write(f"worker: {reason} Starting all of it again.")
            self.stop_asked.wait(PAUSE_BEFORE_RESTART)

    def _ask_to_stop(self, signum: int, frame: object) -> None:
        """Tell all processes at once: this one may be waiting for a database that does not answer."""
        self.stop_asked.set()
        self._close_pipe()

    def _close_pipe(self) -> None:
        writing, self.writing = self.writing, None
        if writing is not None:
            os.close(writing)

    def _start(self, reading: int) -> subprocess.Popen:
        """Start qcluster in a process group of its own: a signal to ours must not reach it (it hangs then)."""
        environment = {
            **os.environ,
            shutdown.PIPE_VARIABLE: str(reading),
            heartbeat.CLUSTER_VARIABLE: f"{socket.gethostname()} {os.getpid()}",
        }
        command = [sys.executable, str(BASE_DIR / "manage.py"), "qcluster"]
        return subprocess.Popen(  # noqa: S603  # our own interpreter and our own manage.py
            command, env=environment, pass_fds=[reading], start_new_session=True, preexec_fn=_die_with_parent
        )

    def _watch(self, cluster: subprocess.Popen) -> str:
        """Watch until asked to stop or something is wrong; return what.

        Looks are counted, not time: a machine that was asleep comes back with an old beat and nothing wrong.
        """
        allowed = (START_ALLOWANCE + BEAT_IS_OLD) / LOOK_EVERY
        looks, last = 0, None
        while not self.stop_asked.is_set():
            if cluster.poll() is not None:
                return f"The cluster ended by itself (exit code {cluster.returncode})."
            beat = self._look_at_beat(last)
            if beat != last:
                looks, last, allowed = 0, beat, BEAT_IS_OLD / LOOK_EVERY
            elif looks > allowed:
                return f"No pump has beaten for {BEAT_IS_OLD:.0f} s."
            looks += 1
            self.stop_asked.wait(LOOK_EVERY)
        return ""

    def _look_at_beat(self, last: datetime | None) -> datetime | None:
        """The pumps' newest beat; also starts a pump where the last one's task was lost."""
        try:
            close_old_connections()
            if not heartbeat.some_pump_runs():
                self._enqueue_pump()
            return heartbeat.newest_beat()
        except DatabaseError as error:
            # The cluster waits for the database as well; killing it would not bring it back.
            self.stderr.write(f"worker: the database does not answer: {type(error).__name__}")
            return timezone.now()

    def _enqueue_pump(self) -> None:
        """Not more often than a waiting task needs to begin: a second one would find the slot taken and end."""
        now = time.monotonic()
        if now - self.pump_asked > ASK_AGAIN_AFTER:
            self.pump_asked = now
            saving.enqueue("pump")

    def _stop(self, cluster: subprocess.Popen) -> None:
        """Close the pipe, so that the pump stops at once; give tasks a moment; then kill the whole group."""
        self._close_pipe()
        if cluster.poll() is None:
            cluster.send_signal(signal.SIGTERM)
            try:
                cluster.wait(timeout=STOP_WITHIN)
            except subprocess.TimeoutExpired:
                self.stderr.write("worker: tasks took too long to stop; they go on after the next start")
        try:
            os.killpg(cluster.pid, signal.SIGKILL)
        except ProcessLookupError:
            return


def _schedule() -> None:
    """What runs by the clock: the watchdog every minute, pruning every day, a look at all files every week."""
    every_minute = {"schedule_type": Schedule.MINUTES, "minutes": 1}
    every_day = {"schedule_type": Schedule.DAILY}
    every_week = {"schedule_type": Schedule.WEEKLY}
    for name, when in (("watchdog", every_minute), ("prune", every_day), ("begin_check", every_week)):
        Schedule.objects.update_or_create(
            name=name, defaults={"func": f"generations.workers.{name}", "repeats": -1, **when}
        )


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
