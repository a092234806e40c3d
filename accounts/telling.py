"""Tells the admins by mail when an account stops until a person has acted. Once for each time that it begins."""

import logging

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django_q.tasks import async_task
from redis.exceptions import RedisError

from accounts.explanations import BLOCKED, STATES
from accounts.models import Account, AccountState, Role, User

logger = logging.getLogger(__name__)

TOLD = {AccountState.BAD_TOKEN, AccountState.NO_SUBSCRIPTION}  # nothing is sent until somebody acts


def later(account_pk: int) -> None:
    """Have the admins told once what is being written now is committed. The task's argument is an id, never words."""
    if has_mail():
        transaction.on_commit(lambda: _enqueue(account_pk))


def has_mail() -> bool:
    return "filebased" not in settings.EMAIL_BACKEND


def _enqueue(account_pk: int) -> None:
    try:
        async_task("accounts.telling.tell_admins", account_pk)
    except RedisError as error:
        logger.warning("mail not queued account=%s error=%s", account_pk, type(error).__name__)


def tell_admins(account_pk: int) -> int:
    """Mail what is wrong with an account to every admin; return to how many. Nothing where it is well again."""
    account = Account.objects.filter(pk=account_pk).first()
    if account is None:
        return 0
    is_blocked = account.channels.filter(removed_at=None).exclude(block_message="").exists()
    if account.state in TOLD:
        why = STATES[account.state]
    elif is_blocked:
        why = BLOCKED
    else:
        return 0
    admins = list(User.objects.filter(is_active=True, role=Role.ADMIN).values_list("email", flat=True))
    link = f"{settings.PUBLIC_URL}/accounts/{account.pk}/"
    body = f"{why.what}\n{why.do}\n\n{link}\n\nJobs that wait keep their place.\n"
    for address in admins:
        send_mail(f"{account.name} needs you", body, settings.DEFAULT_FROM_EMAIL, [address])
    return len(admins)
