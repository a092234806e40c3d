"""Adds an API account from a shell."""

import sys
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from accounts import connecting
from accounts.addresses import clean_base_url
from accounts.models import Account, User
from midjourney.services import token_format_error
from midjourney.upstream import UpstreamError

USAGE = 2


class Command(BaseCommand):
    help = (
        "Verify a token upstream, store the account with its channels and print its id. On failure nothing is stored."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("name", help="what people will know the account by")
        parser.add_argument("--token-file", required=True, help="a file that holds the token, or - for standard input")
        parser.add_argument("--base-url", default=settings.USEAPI_BASE_URL, help="where the service is")
        parser.add_argument("--owner", help="e-mail address; then only they and admins may use the account")

    def handle(self, *, name: str, token_file: str, base_url: str, owner: str | None, **options) -> str:
        name = name.strip()
        if not name or len(name) > 80:
            raise CommandError("The name must have 1 to 80 characters.", returncode=USAGE)
        if Account.objects.filter(name=name).exists():
            raise CommandError(f"There is an account named {name!r} already.", returncode=USAGE)
        token = _read_token(token_file)
        problem = token_format_error("useapi", token)
        if problem:
            raise CommandError(problem, returncode=USAGE)
        person = _person(owner)
        account = Account(name=name, base_url=_address(base_url), owner=person, for_everyone=person is None)
        try:
            channels = connecting.add_account(account, token, members=[person] if person else [])
        except UpstreamError as error:
            raise CommandError(f"{connecting.in_words(error)} Nothing was stored.") from None
        self.stderr.write(f"{name}: {channels} channel{'' if channels == 1 else 's'}")
        return str(account.pk)


def _read_token(file: str) -> str:
    try:
        return (sys.stdin.read() if file == "-" else Path(file).read_text()).strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise CommandError(f"{file} cannot be read: {reason}.", returncode=USAGE) from None


def _address(base_url: str) -> str:
    try:
        return clean_base_url(base_url)
    except ValidationError as error:
        raise CommandError(f"--base-url: {' '.join(error.messages)}", returncode=USAGE) from None


def _person(email: str | None) -> User | None:
    if not email:
        return None
    person = User.objects.filter(email__iexact=email).first()
    if person is None:
        raise CommandError(f"There is nobody with the address {email}.", returncode=USAGE)
    return person
