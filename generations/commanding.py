"""What the commands share: who and which account, waiting with progress, results and exit codes."""

import json
import logging
import sys
import time
from collections import Counter
from contextlib import nullcontext
from typing import Any

from django.core.management.base import BaseCommand, CommandError, OutputWrapper
from django.db.models import Count

from accounts.models import Account, User
from generations.engine import heartbeat
from generations.engine.driving import driving
from generations.models import Job, JobStatus
from generations.models.job import JobQuerySet
from generations.reporting import job_report

LOOK_EVERY = 0.5  # seconds
BAR = 24  # characters
USAGE = 2  # exit code for input that cannot work


class JobCommand(BaseCommand):
    """A command that queues jobs for somebody and can wait for them."""

    def add_arguments(self, parser) -> None:
        parser.add_argument("--user", required=True, help="e-mail address of the member the job belongs to")
        parser.add_argument("--account", help="name of the account to use; by default the least busy one")
        parser.add_argument("--wait", action="store_true", help="wait until the pictures are saved, or it failed")
        parser.add_argument("--timeout", type=float, default=3600.0, help="seconds to wait at most (default: an hour)")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print the result as JSON")

    def execute(self, *args: Any, **options: Any) -> str | None:
        # The log of the engine is for the worker's terminal; here it would stand between the command's own lines.
        engine = logging.getLogger("generations")
        before = engine.level
        engine.setLevel(logging.INFO if options.get("verbosity", 1) > 1 else logging.WARNING)
        try:
            return super().execute(*args, **options)
        finally:
            engine.setLevel(before)

    def person(self, email: str) -> User:
        user = User.objects.filter(email__iexact=email).first()
        if user is None:
            raise CommandError(f"There is nobody with the address {email}.", returncode=USAGE)
        if not user.is_active:
            raise CommandError(f"{email} has been deactivated.", returncode=USAGE)
        return user

    def account(self, user: User, name: str | None) -> Account | None:
        if name is None:
            return None
        account = Account.objects.visible_to(user).filter(name=name).first()
        if account is None:
            names = ", ".join(Account.objects.visible_to(user).values_list("name", flat=True)) or "none"
            raise CommandError(f"{user.email} may use no account named {name!r}. Usable: {names}.", returncode=USAGE)
        return account

    def finish(self, jobs: JobQuerySet, *, wait: bool, timeout: float, as_json: bool) -> None:
        """Wait where asked to, print the result, and end with 1 unless everything that was waited for is saved."""
        ended = self._wait(jobs, timeout) if wait else True
        results = list(jobs.for_cards().order_by("pk"))
        self._print(results, as_json)
        if not ended:
            raise CommandError("The time is over; the jobs go on and can be seen on the page.", returncode=3)
        if wait and any(job.status != JobStatus.DONE for job in results):
            sys.exit(1)

    def _wait(self, jobs: JobQuerySet, timeout: float) -> bool:
        """Show the jobs by state until all have ended, a person is asked, or the time is over: False then."""
        line = ProgressLine(self.stderr)
        deadline = time.monotonic() + timeout
        worker_runs = heartbeat.some_pump_runs()
        if not worker_runs:
            self.stderr.write("No worker is running; this command drives the queue while it waits.")
        with nullcontext() if worker_runs else driving():
            while True:
                rows = jobs.order_by().values_list("status", "needs_person").annotate(count=Count("pk"))
                counts = Counter({(status, asked): count for status, asked, count in rows})
                line.show(jobs, counts)
                if all(status in _ENDED or asked for status, asked in counts):
                    line.end()
                    return True
                if time.monotonic() > deadline:
                    line.end()
                    return False
                time.sleep(LOOK_EVERY)

    def _print(self, jobs: list[Job], as_json: bool) -> None:
        reports = [job_report(job) for job in jobs]
        if as_json:
            self.stdout.write(json.dumps(summary(reports), indent=2, ensure_ascii=False))
            return
        for report in reports:
            self.stdout.write(f"{report['status']:<10} {report['ref']}  {report['prompt']}")
            for image in report["images"]:
                self.stdout.write(f"           {image['path']}")
            if "error" in report:
                error = report["error"]
                said = f" The service says: {error['upstream']}" if error["upstream"] else ""
                self.stdout.write(f"           {error['what']} {error['do']} {error['cost']}{said}")


_ENDED = {JobStatus.DONE, JobStatus.FAILED, JobStatus.REFUSED, JobStatus.CANCELLED}


def summary(reports: list[dict[str, Any]]) -> dict[str, Any]:
    """All jobs under `jobs`; a single one also with its own fields at the top, for the simplest script."""
    states = Counter(report["status"] for report in reports)
    common = {"jobs": reports, "counts": dict(states)}
    return {**reports[0], **common} if len(reports) == 1 else common


class ProgressLine:
    """One line that is rewritten on a terminal, and nothing anywhere else."""

    def __init__(self, stream: OutputWrapper) -> None:
        self.stream = stream
        self.is_terminal = stream.isatty()

    def show(self, jobs: JobQuerySet, counts: Counter[tuple[str, bool]]) -> None:
        """A bar and the jobs by state; for a few also how far those are that run."""
        if not self.is_terminal:
            return
        states: Counter[str] = Counter()
        for (status, _), count in counts.items():
            states[status] += count
        parts = [f"{states[status]:,} {status}" for status in JobStatus.values if states[status]]
        total = states.total()
        if total > 1:
            ended = sum(states[status] for status in _ENDED)
            parts.insert(0, f"{bar(ended / total)} {100 * ended // total} %")
        else:
            running = jobs.filter(status=JobStatus.RUNNING).values_list("progress", flat=True)
            parts += [f"{progress or 0} %" for progress in running]
        self._rewrite(" · ".join(parts))

    def _rewrite(self, text: str) -> None:
        self.stream.write(f"\r\x1b[K{text}", ending="")
        self.stream.flush()

    def end(self) -> None:
        if self.is_terminal:
            self._rewrite("")


def bar(share: float) -> str:
    """A bar of text for a share from 0 to 1."""
    filled = int(share * BAR)
    return "█" * filled + "░" * (BAR - filled)
