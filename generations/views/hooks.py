"""Where the service tells of jobs by itself. The path is the only credential; nothing said here is believed unread."""

import json
import logging

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.models import Account
from generations import hooks

logger = logging.getLogger(__name__)

MOST_BYTES = 1_000_000


@csrf_exempt
@login_not_required
@require_POST
def hook(request: HttpRequest, key: str) -> HttpResponse:
    """Take an event in. The answer is the same whatever it was, within a moment: the service does not read it."""
    account = Account.objects.filter(hook_key=key).first() if len(key) <= 43 else None
    if account is None:
        raise Http404
    length = request.headers.get("Content-Length", "")
    if not length.isdecimal() or int(length) > MOST_BYTES:
        return HttpResponse(status=200)
    try:
        data = json.loads(request.body)
    except (ValueError, RecursionError):
        logger.info("webhook unreadable account=%s", account.pk)
        return HttpResponse(status=200)
    hooks.take_in(account, data)
    return HttpResponse(status=200)
