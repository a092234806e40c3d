"""Many prompts from a file, one a line."""

import sys
from pathlib import Path

from django.core.management.base import CommandError

from generations.commanding import USAGE, JobCommand
from generations.enqueue import CannotEnqueue, enqueue, review
from generations.models import Job


class Command(JobCommand):
    help = "Queue the prompts of a file, one a line; empty lines and lines that start with # are skipped."

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", help="a text file in UTF-8, or - for standard input")
        super().add_arguments(parser)

    def handle(self, *, file: str, user: str, account: str | None, wait, timeout, as_json, **options) -> None:
        person = self.person(user)
        chosen = self.account(person, account)
        lines = _prompts(file)
        _check(lines)
        jobs: list[Job] = []
        for number, text in lines:
            try:
                jobs += enqueue(person, text, account=chosen).jobs.all()
            except CannotEnqueue as error:
                raise CommandError(
                    f"Line {number}: {error} {len(jobs)} jobs of the lines before it are queued.", returncode=USAGE
                ) from None
        self.finish(jobs, wait=wait, timeout=timeout, as_json=as_json)


def _prompts(file: str) -> list[tuple[int, str]]:
    """The numbered lines that hold a prompt."""
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.", returncode=USAGE) from None
    except UnicodeDecodeError:
        raise CommandError(f"{file} is not text in UTF-8.", returncode=USAGE) from None
    numbered = [(number, line.strip()) for number, line in enumerate(text.splitlines(), start=1)]
    lines = [(number, line) for number, line in numbered if line and not line.startswith("#")]
    if not lines:
        raise CommandError(f"{file} holds no prompt.", returncode=USAGE)
    return lines


def _check(lines: list[tuple[int, str]]) -> None:
    """Refuse the whole file where a line cannot work, before anything is queued."""
    problems = [
        f"Line {number}: {problem.message}"
        for number, text in lines
        for problem in review(text).problems
        if problem.is_error
    ]
    if problems:
        raise CommandError("\n".join([*problems, "Nothing was queued."]), returncode=USAGE)
