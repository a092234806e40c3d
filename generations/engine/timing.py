"""How long the engine waits for what, in seconds.

The figures for a real service come from useapi-v3.md §9 and §13; a service on this machine (the simulator, a test
server) needs no politeness, so it is asked more often.
"""

from dataclasses import dataclass

from django.conf import settings

from accounts.models import Account


@dataclass(frozen=True)
class Timing:
    tick: float = 5.0  # between two looks at an account on which something runs (§9: 5 s)
    # Shares of the tick. Where one of the jobs is at the age at which most of its kind end: 4 s. Where none can end
    # yet: up to 12.5 s (§9: 10 to 15 s). Whoever wakes the account: never within 3 s, the pace of the quickest
    # programs that are known (§9). And each a little more or less, so that many accounts do not ask at once.
    quick: float = 0.8
    slow: float = 2.5
    least: float = 0.6
    jitter: float = 0.1
    # While the service tells of jobs by itself: 30 s. A job that it has not told of for so long is looked at as ever.
    hooked: float = 6.0
    hooks_fresh: float = 45.0
    idle_tick: float = 60.0  # between two looks while nothing of ours runs
    submit_gap: float = 1.0  # between two submissions on one channel (§9: at least 1 s)
    progress_gap: float = 5.0  # between two fetches of a running job's progress, while its owner looks
    watched_for: float = 30.0  # how long after a page's last question its owner counts as looking

    send_window: float = 10.0  # a claimed job that nobody began to send in this time goes back to the queue
    # After the last instant at which a request was certainly not sent yet, its answer or its arrival upstream can
    # take this long: connect 5 s, read 15 s, and a margin for what a proxy may hold back.
    quarantine: float = 23.0
    # No image job has been seen to end before 29.6 s (§6.2). While a job that was accepted would still have to be
    # running, its absence from the list proves that it never started.
    shortest_image_job: float = 28.0
    shortest_video_job: float = 60.0
    fresh: float = 60.0  # how long a job must have been "not found" before that is believed (§5.2)
    longest_job: float = 20 * 60.0  # the service ends a job after 14 min (§6.2); after this we stop following it

    backoff_base: float = 5.0  # after a 429 or an unreachable service: doubled each time, with jitter
    backoff_cap: float = 300.0
    sync_every: float = 600.0  # channels and limits
    blocked_sync_every: float = 120.0  # while a channel is blocked: has a person cleared it?


# How fast a service on this machine makes its pictures is anybody's guess, so there absence never proves anything.
LOCAL = {
    "tick": 1.0,
    "idle_tick": 20.0,
    "submit_gap": 0.0,
    "progress_gap": 1.0,
    "backoff_base": 1.0,
    "shortest_image_job": 0.0,
    "shortest_video_job": 0.0,
}


def timing_for(account: Account) -> Timing:
    """The timing for one account. `settings.ENGINE_TIMING` overrides single values, for tests and benchmarks."""
    overrides = getattr(settings, "ENGINE_TIMING", {})
    return Timing(**{**(LOCAL if account.is_local else {}), **overrides})
