"""What goes wrong, when: two lines of events drawn from the seed, one of the machine and one of the service."""

import logging
import random
import signal
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import requests

from benchmarks.chaos.fleet import SIMULATOR, WEB, WORKER, Fleet, Program, choose, send
from benchmarks.chaos.services import Disk, PostgreSQL, Redis
from generations.engine import heartbeat

logger = logging.getLogger(__name__)

LEASE = heartbeat.PUMP_IS_STALE
STOPPED_FOR = LEASE * 1.3  # seconds of SIGSTOP
LONGEST_REST = LEASE * 1.5  # seconds after an event until the next, however the queue is doing
FULL_FOR = 5.0  # seconds without space for pictures
STOP = "stop a worker beyond its lease"
KILLS_WORKER = {"kill a task's process", "kill the pump", "kill a worker's processes", "kill a worker"}


@dataclass
class Happened:
    """One event as it came about. `at` and `until` are Unix times."""

    name: str
    at: float
    until: float
    about: str = ""
    took_pump: bool = False


@dataclass
class Surroundings:
    """What events can reach. A service of our own that this machine does not offer is None."""

    fleet: Fleet
    disk: Disk
    simulator_url: str
    database: PostgreSQL | None = None
    redis: Redis | None = None
    happened: list[Happened] = field(default_factory=list)


Event = Callable[[Surroundings, random.Random], str]
"""Does it, waits as long as it lasts, and returns what exactly was done."""


# The machine


def kill_a_task(around: Surroundings, rng: random.Random) -> str:
    worker = _worker(around, rng)
    return f"{worker.name}: {send(signal.SIGKILL, choose(rng, worker.below()))} process"


def kill_the_pump(around: Surroundings, rng: random.Random) -> str:
    found = around.fleet.pumping()
    if found is None:
        return kill_a_task(around, rng)
    worker, pid = found
    return f"{worker.name}: {send(signal.SIGKILL, [pid])} process"


def kill_a_workers_processes(around: Surroundings, rng: random.Random) -> str:
    worker = _worker_or_pump(around, rng)
    return f"{worker.name}: {send(signal.SIGKILL, worker.below())} processes"


def kill_a_worker(around: Surroundings, rng: random.Random) -> str:
    """The supervising command itself; its processes must not outlive it."""
    worker = _worker_or_pump(around, rng)
    return f"{worker.name}: {send(signal.SIGKILL, worker.pids()[:1])} process"


def stop_a_worker(around: Surroundings, rng: random.Random) -> str:
    """Stop the worker that pumps, all of it, for longer than its lease, and let it go on as if nothing had been."""
    found = around.fleet.pumping()
    worker = found[0] if found else _worker(around, rng)
    pids = worker.pids()
    stopped = send(signal.SIGSTOP, pids)
    time.sleep(STOPPED_FOR)
    send(signal.SIGCONT, pids)
    return f"{worker.name}: {stopped} processes for {STOPPED_FOR:.0f} s"


def kill_the_web(around: Surroundings, rng: random.Random) -> str:
    return f"{send(signal.SIGKILL, around.fleet.named(WEB)[0].pids())} processes"


def kill_the_simulator(around: Surroundings, rng: random.Random) -> str:
    return f"{send(signal.SIGKILL, around.fleet.named(SIMULATOR)[0].pids())} process"


def restart_the_database(around: Surroundings, rng: random.Random) -> str:
    assert around.database
    mode = rng.choice(["immediate", "fast"])
    around.database.restart(mode)
    return mode


def flush_redis(around: Surroundings, rng: random.Random) -> str:
    assert around.redis
    around.redis.flush()
    return ""


def fill_the_disk(around: Surroundings, rng: random.Random) -> str:
    around.disk.fill()
    time.sleep(FULL_FOR)
    around.disk.empty()
    return f"{'no space' if around.disk.is_mounted else 'read-only'} for {FULL_FOR:.0f} s"


def _worker(around: Surroundings, rng: random.Random) -> Program:
    return rng.choice([worker for worker in around.fleet.named(WORKER) if worker.is_running] or around.fleet.programs)


def _worker_or_pump(around: Surroundings, rng: random.Random) -> Program:
    """In half of the cases the worker that drives the queue: the others are of less interest."""
    found, other = around.fleet.pumping(), _worker(around, rng)
    return found[0] if rng.random() < 0.5 and found else other


# The service: an endpoint, what its answers are, and how many times at most


def storm(endpoint: str, fault: str, times: int, **more: float) -> Event:
    def order(around: Surroundings, rng: random.Random) -> str:
        body = {"endpoint": endpoint, "fault": fault, "times": rng.randint(times // 2 + 1, times), **more}
        try:
            requests.post(f"{around.simulator_url}/_simulator/faults", json=body, timeout=5)
        except requests.RequestException:
            return "the simulator was away"
        return f"{body['times']} times"

    return order


STORMS: dict[str, Event] = {
    "429 storm": storm("POST jobs/imagine", "429", 30),
    "429 with Retry-After": storm("POST jobs/imagine", "429-retry-after", 6, seconds=2),
    "lists are web pages": storm("GET jobs", "html", 5),
    "lists are cut off": storm("GET jobs", "truncated-json", 5),
    "lists trickle": storm("GET jobs", "trickle", 3, seconds=3),
    "lists time out": storm("GET jobs", "delay-before", 2, seconds=22),
    "details fail": storm("GET jobs/{jobid}", "502", 15),
    "downloads cut off": storm("media", "media-truncated", 20),
    "downloads expired": storm("media", "media-403", 20),
    "downloads broken": storm("media", "broken-image", 10),
    "downloads trickle": storm("media", "media-slow", 8, seconds=4),
    "submissions drop": storm("POST jobs/imagine", "drop-after", 4),
}


def machine_events(around: Surroundings) -> dict[str, Event]:
    """What can be done to this machine's processes and services."""
    events: dict[str, Event] = {
        "kill a task's process": kill_a_task,
        "kill the pump": kill_the_pump,
        "kill a worker's processes": kill_a_workers_processes,
        "kill a worker": kill_a_worker,
        STOP: stop_a_worker,
        "kill the web": kill_the_web,
        "kill the simulator": kill_the_simulator,
        "fill the disk": fill_the_disk,
    }
    if around.database:
        events["restart the database"] = restart_the_database
    if around.redis:
        events["flush Redis"] = flush_redis
    return events


# When


class Line:
    """Events one after the other on a thread, in the order of `plan`, with a pause between them."""

    def __init__(
        self, around: Surroundings, events: dict[str, Event], plan: list[str], seed: str, gap: tuple[float, float]
    ) -> None:
        self.around, self.events, self.plan, self.gap = around, events, plan, gap
        self.rng = random.Random(seed)
        self.may_go_on: Callable[[Happened], bool] = lambda _: True
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name=seed, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Let the event under way end, and begin no other."""
        self._over.set()
        self._thread.join()

    def wait(self) -> None:
        """Wait until all of them have happened."""
        self._thread.join()

    def _run(self) -> None:
        for name in self.plan:
            # Drawn before, so that how the event goes does not shift what is drawn.
            if self._over.wait(self.rng.uniform(*self.gap)):
                return
            event = self._happen(name)
            deadline = time.monotonic() + LONGEST_REST
            while not self.may_go_on(event) and time.monotonic() < deadline:
                if self._over.wait(0.2):
                    return

    def _happen(self, name: str) -> Happened:
        pump = self.around.fleet.pumping() if name in KILLS_WORKER else None
        at = time.time()
        try:
            about = self.events[name](self.around, self.rng)
        except Exception as error:
            logger.exception("event failed: %s", name)
            about = f"failed: {type(error).__name__}"
        happened = Happened(name, at, time.time(), about)
        if pump is not None:
            time.sleep(0.1)  # a signal takes a moment
            happened.took_pump = not self.around.fleet.still_pumps(pump)
        self.around.happened.append(happened)
        logger.info("%s %s", name, about)
        return happened


def shuffled(names: Iterable[str], rounds: int, seed: str) -> list[str]:
    """Each of them once a round, in an order of its own each time."""
    rng = random.Random(seed)
    names = sorted(names)
    return [name for _ in range(rounds) for name in rng.sample(names, len(names))]
