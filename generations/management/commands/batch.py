"""Many prompts from a file: as a dry run, or queued as one batch."""

import json
import sys
from argparse import RawDescriptionHelpFormatter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, DjangoHelpFormatter

from accounts.models import Account, User
from generations.batches import confirming, drafting, reading, review
from generations.batches.drafting import CannotDraft, Written
from generations.batches.review import DryRun
from generations.commanding import USAGE, JobCommand
from generations.models import Batch, BatchLine, BatchSource, Job, LineLevel, Priority

STDIN = "-"
SHOWN = 20  # lines of each sort on a terminal; --json has all of them
EXIT_CODES = """
exit codes:
  0  everything is queued, or with --wait saved; with --dry-run every line can work
  1  with --wait: something was refused, failed or was cancelled
  2  input that cannot work; nothing was queued
  3  with --wait: the time is over, and the jobs go on
"""


class Command(JobCommand):
    help = (
        "Queue the prompts of a file as one batch, after checking all of them. A text holds one prompt a line; empty "
        "lines and lines that start with # are skipped. A table (.csv, .tsv) has a column “prompt” and one for any "
        "parameter. With --template the file holds the variables: “name: one | two”, or a table."
    )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any):
        return super().create_parser(prog_name, subcommand, epilog=EXIT_CODES, formatter_class=_Formatter, **kwargs)

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", help=f"a text or table in UTF-8, or {STDIN} for standard input")
        super().add_arguments(parser)
        parser.add_argument("--name", default="", help="what to call the batch (default: the file's name)")
        parser.add_argument("--shared", default="", help='parameters under those of each line, as --shared="--ar 16:9"')
        parser.add_argument("--template", default="", help='a prompt such as "a {{subject}} at dusk", or @FILE with it')
        parser.add_argument("--format", choices=["text", "csv"], help="how to read the file (default: by its name)")
        parser.add_argument("--priority", choices=[each.name.lower() for each in Priority], default="normal")
        parser.add_argument("--dry-run", action="store_true", help="check and sum up; queue nothing and keep nothing")
        parser.add_argument("--skip-impossible", action="store_true", help="queue the rest where lines cannot work")
        parser.add_argument(
            "--keep-duplicates", action="store_true", help="queue the same prompt as often as it stands"
        )

    def handle(self, *, user: str, account: str | None, dry_run: bool, as_json: bool, **options) -> None:
        person = self.person(user)
        batch = self._draft(person, self.account(person, account), options)
        try:
            run = review.dry_run(batch)
            impossible = run.counts.get(LineLevel.IMPOSSIBLE, 0)
            if dry_run:
                self._tell(batch, run, as_json)
            if impossible and not options["skip_impossible"]:
                self._refuse(batch, impossible, told=dry_run)
            if dry_run:
                return
            self._confirm(batch, person)
        finally:
            drafting.discard(batch)  # unless it is a draft no more
        if not as_json:
            self._say_left_out(run)
        self.finish(Job.objects.filter(batch=batch), wait=options["wait"], timeout=options["timeout"], as_json=as_json)

    def _draft(self, person: User, account: Account | None, options: dict[str, Any]) -> Batch:
        try:
            batch = drafting.draft(
                person, _written(options), name=options["name"], shared=options["shared"], account=account,
                priority=Priority[options["priority"].upper()],
            )  # fmt: skip
        except CannotDraft as error:
            raise CommandError("\n".join([*error.problems, "Nothing was queued."]), returncode=USAGE) from None
        if options["keep_duplicates"]:
            drafting.choose(batch, None, True, LineLevel.DUPLICATE)
        return batch

    def _confirm(self, batch: Batch, person: User) -> None:
        try:
            confirming.confirm(batch, person)
        except confirming.CannotConfirm as error:
            raise CommandError("\n".join([*error.problems, "Nothing was queued."]), returncode=USAGE) from None

    def _refuse(self, batch: Batch, impossible: int, *, told: bool) -> None:
        lines = [] if told else [_line(row) for row in review.lines(batch, LineLevel.IMPOSSIBLE, limit=SHOWN)]
        more = [f"… and {impossible - len(lines):,} more."] if lines and impossible > len(lines) else []
        end = f"{_count(impossible, 'line')} cannot work. Nothing was queued; --skip-impossible queues the rest."
        raise CommandError("\n".join([*lines, *more, end]), returncode=USAGE)

    def _say_left_out(self, run: DryRun) -> None:
        for notice in run.notices:
            self.stderr.write(notice)
        twins = run.counts.get(LineLevel.DUPLICATE, 0)
        if twins and run.chosen < run.total - run.counts.get(LineLevel.IMPOSSIBLE, 0):
            self.stderr.write(f"{_count(twins, 'duplicate')} left out; --keep-duplicates queues them too.")
        if run.counts.get(LineLevel.IMPOSSIBLE):
            self.stderr.write(f"{_count(run.counts[LineLevel.IMPOSSIBLE], 'line')} left out that cannot work.")

    def _tell(self, batch: Batch, run: DryRun, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(_report(batch, run), indent=2, ensure_ascii=False))
            return
        for level in (LineLevel.IMPOSSIBLE, LineLevel.DUPLICATE, LineLevel.WARNING):
            count = run.counts.get(level, 0)
            if count:
                self.stdout.write(f"{level.label}: {count:,}")
                self.stdout.writelines(f"  {_line(row)}\n" for row in review.lines(batch, level, limit=SHOWN))
                if count > SHOWN:
                    self.stdout.write(f"  … and {count - SHOWN:,} more; --json shows all of them")
        self.stdout.write("\n".join(_summary(batch, run)))


class _Formatter(RawDescriptionHelpFormatter, DjangoHelpFormatter):
    """Keeps the lines of the exit codes apart."""


def _written(options: dict[str, Any]) -> Written:
    file, template = options["file"], options["template"]
    name = "" if file == STDIN else Path(file).name
    text = _read(file)
    if template:
        pattern = _read(template[1:]) if template.startswith("@") else template
        return Written(BatchSource.TEMPLATE, template=pattern, variables=text)
    if options["format"]:
        name = f"{Path(name).stem or 'prompts'}.{'csv' if options['format'] == 'csv' else 'txt'}"
    return Written(BatchSource.FILE, text=text, filename=name)


def _read(file: str) -> str:
    """The text of a file. Raises CommandError."""
    try:
        if file == STDIN:
            source = getattr(sys.stdin, "buffer", None)
            return reading.decode(source.read() if source else sys.stdin.read().encode(), "Standard input")
        with Path(file).open("rb") as content:
            return reading.decode(content.read(reading.MOST_BYTES + 1), file)
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.", returncode=USAGE) from None
    except CannotDraft as error:
        raise CommandError(str(error), returncode=USAGE) from None


def _line(row: BatchLine) -> str:
    return f"Line {row.number}: {row.problem}"


def _count(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def _summary(batch: Batch, run: DryRun) -> Iterator[str]:
    yield from run.notices
    lanes = ", ".join(f"{count:,} {lane}" for lane, count in sorted(run.lanes.items()))
    yield f"{_count(run.chosen, 'job')} on {batch.account}" + (f" ({lanes})" if lanes else "")
    yield f"about {run.gpu_minutes.normalize():f} minutes of fast GPU time"
    if run.forecast:
        rough = ", a rough guess" if run.forecast.is_rough else ""
        span = f"{run.forecast.median / 60:.0f} to {run.forecast.p90 / 60:.0f} minutes"
        yield f"about {span} until all have ended{rough}"
    else:
        yield "how long it takes is not known: nothing like it has run here yet"
    for limit in run.limits:
        yield f"budget: {limit.used:,} of {limit.most:,} used ({limit.whose}, {limit.what.replace('_', ' ')})"
    yield "Nothing was queued: this was a dry run."


def _report(batch: Batch, run: DryRun) -> dict[str, Any]:
    rows = batch.lines.order_by("position").values("number", "text", "level", "problem", "is_chosen")
    return {
        "name": batch.name,
        "account": batch.account.name,
        "total": run.total,
        "chosen": run.chosen,
        "counts": {level: run.counts.get(level, 0) for level in LineLevel.values},
        "lanes": run.lanes,
        "gpu_minutes": float(run.gpu_minutes),
        "forecast": run.forecast
        and {"median": run.forecast.median, "p90": run.forecast.p90, "is_rough": run.forecast.is_rough},
        "budgets": [
            {"whose": limit.whose, "what": limit.what, "used": limit.used, "most": limit.most} for limit in run.limits
        ],
        "notices": list(run.notices),
        "lines": list(rows),
    }
