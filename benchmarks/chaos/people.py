"""People who look at Midjourney and say whether a job ran, while others wait for its slot."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import requests
from django.db import DatabaseError, connection
from django.utils import timezone

from benchmarks.chaos import promises
from generations import decisions
from generations.models import Job, Lane

LOOK_EVERY = 2.0  # seconds
# Simulated seconds after which a job that ran has ended: nobody says that it ran while it still does.
LONGEST = {Lane.IMAGE: 45.0, Lane.VIDEO: 130.0}


class People:
    def __init__(self, stats: Callable[[], dict[str, Any]], speed: float) -> None:
        self.stats, self.speed = stats, speed
        self.answers: Counter[str] = Counter()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="people", daemon=True)

    def start(self) -> None:
        """Answer from now on wherever somebody waits for the slot."""
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def answer(self) -> None:
        """Answer every question that can be answered by now."""
        self.answers.update(promises.answer_as_a_person(self.stats, self._tell))

    def _tell(self, job: Job, did_run: bool) -> bool:
        longest = timedelta(seconds=LONGEST.get(Lane(job.lane), 0.0) / self.speed)
        if job.sent_at is None or timezone.now() - job.sent_at < longest:
            return False
        return decisions.did_run(job, job.owner) if did_run else decisions.did_not_run(job, job.owner)

    def _run(self) -> None:
        while not self._over.wait(LOOK_EVERY):
            try:
                if Job.objects.waiting().exists():
                    self.answer()
            except DatabaseError:
                connection.close()
            except requests.RequestException:
                continue  # the simulator is away
        connection.close()
