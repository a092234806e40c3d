"""A folder of pictures and videos into somebody's gallery, with what is known of each."""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Account, User
from generations.commanding import USAGE
from generations.home.returning import history
from generations.home.returning.history import Entry
from generations.home.returning.taking import BAD, DONE, KNOWN, WOULD, Outcome, Taking


class Command(BaseCommand):
    help = (
        "Import a folder of pictures and videos (PNG, JPEG, WebP, MP4) into the gallery of a member. Prompts come from "
        "a JSON file beside each, from XMP, PNG text or EXIF, from a .txt beside it, or from its name. The same file "
        "is imported once. Ends with 0 when all is there, 1 when something could not be had, 2 on bad input."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("folder", type=Path, help="the folder; folders in it are looked through as well")
        parser.add_argument("--user", required=True, help="e-mail address of the member the pictures belong to")
        parser.add_argument("--account", help="name of the account that they are filed under; by default the first")
        parser.add_argument("--history", type=Path, help="the job_history.json of the old program")
        parser.add_argument("--dry-run", action="store_true", help="check everything; keep and fetch nothing")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print the result as JSON")

    def handle(self, *, folder: Path, user: str, dry_run: bool, as_json: bool, **options: Any) -> None:
        person = _person(user)
        taking = Taking(person, _account(person, options["account"]), dry_run=dry_run)
        entries = _history(options["history"])
        files = _files(folder)
        if not files and not entries:
            raise CommandError(f"There are no pictures in {folder}. Nothing was imported.", returncode=USAGE)
        outcomes = []
        for outcome in _all(taking, folder, files, entries):
            outcomes.append(outcome)
            if not as_json and (dry_run or outcome.outcome in BAD):
                self.stdout.write(_line(outcome))
        self.stdout.write(_report(outcomes) if as_json else _summary(outcomes))
        if any(outcome.outcome in BAD for outcome in outcomes):
            sys.exit(1)


def _all(taking: Taking, folder: Path, files: list[Path], entries: list[Entry]) -> Iterator[Outcome]:
    """The files of the folder, and what of the history is not among them."""
    told = history.by_file_name(entries)
    for path in files:
        yield taking.file(path, str(path.relative_to(folder)), told)
    here = {path.name for path in files}
    for entry in entries:
        for url in entry.urls:
            if history.name_of(url) not in here or history.name_of(url) not in told:
                yield taking.address(url, entry.told)


def _person(email: str) -> User:
    user = User.objects.filter(email__iexact=email).first()
    if user is None or not user.is_active:
        raise CommandError(f"There is nobody active with the address {email}. Nothing was imported.", returncode=USAGE)
    return user


def _account(person: User, name: str | None) -> Account:
    """The account of this name; without one the first that they may use, else the first there is."""
    usable = Account.objects.visible_to(person)
    if name is not None:
        account = usable.filter(name=name).first()
        if account is None:
            names = ", ".join(usable.values_list("name", flat=True)) or "none"
            raise CommandError(f"{person.email} may use no account named {name!r}. Usable: {names}.", returncode=USAGE)
        return account
    account = usable.order_by("pk").first() or Account.objects.order_by("pk").first()
    if account is None:
        raise CommandError(
            "There is no account to file the pictures under. Add one with manage.py add_account; no job is sent to it.",
            returncode=USAGE,
        )
    return account


def _history(path: Path | None) -> list[Entry]:
    try:
        return history.read(path) if path else []
    except history.BadHistory as bad:
        raise CommandError(f"{bad} Nothing was imported.", returncode=USAGE) from None


def _files(folder: Path) -> list[Path]:
    """Pictures and videos by their endings, in order; nothing hidden, and nothing that a link leads to."""
    if not folder.is_dir():
        raise CommandError(f"{folder} is no folder. Nothing was imported.", returncode=USAGE)
    found = []
    for path in folder.rglob("*"):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.suffix.lower() in history.ENDINGS and not hidden and path.is_file() and not path.is_symlink():
            found.append(path)
    return sorted(found)


def _line(outcome: Outcome) -> str:
    said = outcome.why or (f"{outcome.prompt[:80]} (from {outcome.prompt_from})" if outcome.prompt else "")
    return f"{outcome.outcome:<18} {outcome.file}{': ' if said else ''}{said}"


def _summary(outcomes: list[Outcome]) -> str:
    counts = Counter(outcome.outcome for outcome in outcomes)
    parts = [f"{counts[each]:,} {each}" for each in (DONE, WOULD, KNOWN, *BAD) if counts[each]]
    kept = "" if not counts[WOULD] else " This was a dry run; nothing was kept."
    return f"{', '.join(parts)}.{kept}"


def _report(outcomes: list[Outcome]) -> str:
    counts = Counter(outcome.outcome.replace(" ", "_") for outcome in outcomes)
    return json.dumps({"counts": counts, "files": [asdict(each) for each in outcomes]}, indent=2, ensure_ascii=False)
