"""Webhooks: where the service may tell of jobs by itself, so that they need not be asked for so often."""

from django.conf import settings
from django.urls import reverse

from accounts.models import Account


def reply_url(account: Account) -> str:
    """The address to send along with a job; "" where the studio has no address that the service could reach."""
    if not settings.PUBLIC_URL_IS_SET:
        return ""
    return settings.PUBLIC_URL + reverse("generations:hook", args=[account.hook_key])
