"""The circuit breaker of an account: a service that does not answer is left alone, and tried with one request.

| | how one knows | what is sent |
|---|---|---|
| closed | no failures | everything |
| open | `retry_at` lies ahead | nothing |
| half open | failures, and `retry_at` has passed | the list, alone; when it answers, the breaker is closed |

It stands in the account's row, so all pumps and savers go by it, and a restart forgets nothing.
"""

import logging
import random
from datetime import datetime, timedelta

from django.utils import timezone

from accounts import syncing
from accounts.models import Account, AccountState
from generations.engine.timing import Timing
from midjourney.upstream import BadToken, Busy, NoService, Unreachable, UpstreamError

logger = logging.getLogger(__name__)

MOST_FAILURES = 20  # counted; the wait has long been at its cap


def is_open(account: Account, now: datetime) -> bool:
    return account.retry_at is not None and account.retry_at > now


def is_half_open(account: Account) -> bool:
    """Whether the next request has to be the list, alone."""
    return bool(account.failures) or account.state == AccountState.UNREACHABLE


def opens(error: object) -> bool:
    """Whether this failure of a read is the service's as a whole, and not about one job."""
    return isinstance(error, (Unreachable, NoService, BadToken, Busy))


def failed(account: Account, error: UpstreamError, timing: Timing) -> datetime:
    """A read failed: open the breaker, for longer each time; return until when."""
    syncing.record_trouble(account, error)
    return back_off(account, timing, asked=error.retry_after if isinstance(error, Busy) else None)


def back_off(account: Account, timing: Timing, asked: float | None = None) -> datetime:
    """Leave an account alone for a while, longer each time, or as long as the service `asked`; return until when."""
    now = timezone.now()
    failures, retry_at = Account.objects.values_list("failures", "retry_at").get(pk=account.pk)
    if retry_at and retry_at > now:  # one outage is one failure, however many requests meet it
        return retry_at
    seconds = max(delay(failures, timing), min(asked or 0.0, timing.backoff_cap))
    until = now + timedelta(seconds=seconds)
    same = Account.objects.filter(pk=account.pk, retry_at=retry_at)
    if same.update(failures=min(failures + 1, MOST_FAILURES), retry_at=until):
        logger.warning("account left alone account=%s seconds=%.1f failures=%s", account.pk, seconds, failures + 1)
    return until


def suspect(account: Account) -> None:
    """An answer got lost: before the next job is sent, the list has to answer."""
    Account.objects.filter(pk=account.pk, failures=0).update(failures=1)


def answered(account: Account, *, shows_subscription: bool = False) -> None:
    """The service answered: close the breaker, where it is not closed."""
    if account.failures or account.retry_at or account.state in syncing.ENDED_BY_ANSWER - {AccountState.READY}:
        syncing.record_answer(account, shows_subscription=shows_subscription)
        account.failures, account.retry_at = 0, None


def delay(times: int, timing: Timing) -> float:
    """Seconds to wait after `times` failures in a row: exponential, capped, with jitter."""
    return min(timing.backoff_cap, timing.backoff_base * 2**times) * random.uniform(0.75, 1.25)
