"""Whether this machine's clock may be trusted beside those of the other machines.

Leases, reservations and the quarantine of a lost answer compare moments that several machines wrote down. A clock that
is further off than their margins could judge a lost answer too early, and that costs money.
"""

import logging
from datetime import datetime

from django.db import connection
from django.utils import timezone

logger = logging.getLogger(__name__)

MOST_OFF = 2.0  # seconds; the quarantine has three in reserve


def is_trusted() -> bool:
    """False where this machine's clock and the database server's differ by too much; the log says by how much.

    SQLite has no clock of its own: then there is one machine only.
    """
    if connection.vendor != "postgresql":
        return True
    off = seconds_off()
    if abs(off) <= MOST_OFF:
        return True
    logger.error(
        "this machine's clock is %.1f seconds off the database server's: nothing is sent from here until it is set", off
    )
    return False


def seconds_off() -> float:
    """By how many seconds this machine's clock is ahead of the database server's, as far as can be told.

    Where the answer took long, the most harmless of the possible differences.
    """
    before = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        there: datetime = cursor.fetchone()[0]
    after = timezone.now()
    if before <= there <= after:
        return 0.0
    return (before - there).total_seconds() if there < before else (after - there).total_seconds()
