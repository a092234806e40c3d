"""Puts every stored token under the newest key, so that the older ones can be dropped."""

from django.core.management.base import BaseCommand, CommandError

from accounts import encryption
from accounts.models import Account


class Command(BaseCommand):
    help = "Encrypt every stored token anew under the first key of TOKEN_KEYS. Safe to repeat."

    def handle(self, **options) -> str:
        rotated, unreadable = 0, []
        for account in Account.objects.order_by("pk"):
            old = account.token_encrypted
            try:
                new = encryption.rotate(old)
            except encryption.Unreadable:
                unreadable.append(account.name)
                continue
            # Only where nobody has replaced the token meanwhile.
            rotated += Account.objects.filter(pk=account.pk, token_encrypted=old).update(token_encrypted=new)
        if unreadable:
            raise CommandError(
                f"{rotated} tokens were encrypted anew. No key of TOKEN_KEYS reads those of: {', '.join(unreadable)}. "
                "Put their old key back into the list, or paste those tokens again."
            )
        return f"{rotated} token{'' if rotated == 1 else 's'} encrypted anew under the first key."
