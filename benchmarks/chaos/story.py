"""The run itself, once the studio stands: work, trouble, quiet, people's answers, judgement."""

import itertools
import time
from collections import Counter
from datetime import timedelta
from typing import Any

import requests
from django.db.models import Count
from django.utils import timezone

from accounts.models import Account, Channel
from benchmarks.chaos import events, people, promises, watch, workload
from benchmarks.chaos.fleet import Fleet
from benchmarks.chaos.plan import Plan
from benchmarks.chaos.services import Disk, PostgreSQL, Redis
from generations.engine import saving
from generations.models import FINAL, Job, JobEvent, JobStatus

START_WITHIN = 90.0  # seconds
# How lost answers were settled: codes of the jobs' own events.
SETTLED = {
    "found": "found_in_the_list",
    "never_started": "proved_never_started",
    "needs_person": "asked_a_person",
    "not_sent": "claimed_and_not_sent",
    "worker_lost": "sender_died",
    "save_retry": "saving_tried_again",
}


class Story:
    def __init__(
        self, plan: Plan, fleet: Fleet, disk: Disk, port: int, database: PostgreSQL | None, redis: Redis | None
    ) -> None:
        self.plan, self.fleet, self.port = plan, fleet, port
        self.simulator_url = f"http://127.0.0.1:{port + 1}"
        self.around = events.Surroundings(fleet, disk, self.simulator_url, database, redis)
        self.watch = watch.Watch()
        self.people = people.People(self._stats, plan.speed)
        self.broken: list[str] = []
        self.began = time.monotonic()

    def tell(self) -> dict[str, Any]:
        members = self._set_the_scene()
        events_over = self._make_trouble(members)
        self._calm_down()
        self._wait(promises.settled, "not every job came to an end")
        settled_after = time.monotonic() - events_over
        self.people.stop()
        self._wait(promises.settled, "what people sent again came to no end")
        before = self._judge()
        self._wait(self._answered, "not every job that a person had answered for came to an end")
        self._wait(_no_foreign, "jobs of other programs are still counted")
        after = self._judge()
        self.watch.stop()
        happened = sorted(self.around.happened, key=lambda each: each.at)
        return {
            "seconds": round(time.monotonic() - self.began),
            "settled_after": round(settled_after, 1),
            "events": dict(sorted(Counter(each.name for each in happened).items())),
            "story": [f"{each.at - happened[0].at:6.1f} s  {each.name}: {each.about}" for each in happened],
            "starts": {program.name: program.starts for program in self.fleet.programs},
            "asked_again": dict(self.visitors.repeats),
            "settled_by": self._settled_by(),
            "reasons": dict(
                Job.objects.exclude(error_code="").values_list("error_code").order_by().annotate(Count("pk"))
            ),
            "before_people_answered": before.counts,
            "people_answered": dict(self.people.answers),
            "at_the_end": after.counts,
            "recovery": watch.summary(self.watch.recoveries(happened), events.LEASE),
            "broken": list(dict.fromkeys(self.broken + before.broken + after.broken)),
        }

    # Parts

    def _set_the_scene(self) -> list:
        Account.objects.all().delete()  # the Sandbox has no part in it
        members = workload.make_people(self.plan.people)
        self.fleet.start()
        self.accounts = workload.make_accounts(self.plan.accounts, self.plan.slots)
        workload.sync(self.accounts)
        return members

    def _make_trouble(self, members: list) -> float:
        """Work and events side by side; returns when the last event was over."""
        plan = self.plan
        deaths = self._deaths()
        names = events.shuffled(events.STORMS, 30, f"service/{plan.seed}")
        storms = events.Line(self.around, events.STORMS, names, f"service/{plan.seed}", plan.storms)
        orders = workload.draw(plan.seed, plan.jobs, plan.accounts, plan.people, plan.spread)
        self.visitors = workload.Visitors(orders, members, self.accounts, f"http://127.0.0.1:{self.port}")
        self.visitors.start()
        self._wait(lambda: Job.objects.filter(status=JobStatus.RUNNING).exists(), "no job ever ran", START_WITHIN)
        self.watch.start()
        self.people.start()
        deaths.start()
        storms.start()
        deaths.wait()
        storms.stop()
        return time.monotonic()

    def _deaths(self) -> events.Line:
        plan, possible = self.plan, events.machine_events(self.around)
        if plan.is_short:  # what the queue needs a lease to get over comes last, so that the rest meets it at work
            names = [name for name in possible if name != events.STOP]
            names = sorted(events.shuffled(names, plan.rounds, f"machine/{plan.seed}"), key=_takes_the_pump)
        else:
            names = events.shuffled(possible, plan.rounds, f"machine/{plan.seed}")
        line = events.Line(self.around, possible, names, f"machine/{plan.seed}", plan.gap)
        if not plan.is_short:
            line.may_go_on = lambda event: not _takes_the_pump(event.name) or self.watch.is_driven(event.until)
        return line

    def _calm_down(self) -> None:
        """The machine and the service are well again; what is still asked for is asked for."""
        self.around.disk.empty()
        self._wait(self._clear_faults, "the simulator did not come back")
        self._wait(lambda: self.visitors.is_done, "not every job could be asked for")
        self.visitors.stop()

    def _answered(self) -> bool:
        """Whether all is final; what was sent again on a person's word may be in question again."""
        if promises.settled():
            self.people.answer()
        return not Job.objects.exclude(status__in=FINAL).exists()

    def _judge(self) -> promises.Verdict:
        return promises.judge(self._stats(), self.plan.jobs)

    # Means

    def _wait(self, condition, otherwise: str, seconds: float | None = None) -> None:
        from benchmarks.chaos.run import patiently

        looks = itertools.count()

        def look() -> bool:
            if next(looks) % 10 == 9:
                _try_saving_again()
            return bool(condition())

        if not patiently(look, seconds or self.plan.must_settle_within):
            self.broken.append(otherwise)

    def _clear_faults(self) -> bool:
        try:
            return requests.delete(f"{self.simulator_url}/_simulator/faults", timeout=5).ok
        except requests.RequestException:
            return False

    def _stats(self) -> dict[str, Any]:
        stats: dict[str, Any] = requests.get(f"{self.simulator_url}/_simulator/stats", timeout=30).json()
        return stats

    def _settled_by(self) -> dict[str, int]:
        codes = JobEvent.objects.filter(code__in=SETTLED).values_list("code", flat=True)
        counts = Counter(SETTLED[code] for code in codes)
        return {name: counts[name] for name in SETTLED.values()}


def _try_saving_again() -> None:
    """Press "try again now" for files that would otherwise wait for minutes."""
    later = timezone.now() + timedelta(seconds=3)
    for job in Job.objects.filter(status=JobStatus.SAVING, save_due_at__gt=later, save_attempts__gt=1):
        if job.error_code:
            saving.save_again(job)


def _takes_the_pump(event: str) -> bool:
    return event in events.KILLS_WORKER


def _no_foreign() -> bool:
    return not any(Channel.objects.values_list("foreign_jobs", flat=True))
