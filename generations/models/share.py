"""A member's line on an account: where the next of their jobs stands, and how much of the slots they have had.

Turns are given by start-time fair queueing: using a slot moves the member's `spent` on by the seconds used, divided by
the member's weight, and the member with the least goes next. Who has not competed for a while starts where the others
are, so nobody saves up turns and nobody pays for slots that were idle (engine/turns.py, docs/budgets.md).
"""

from collections.abc import Iterable

from django.conf import settings
from django.db import models

from accounts.models import Account


class Share(models.Model):
    account = models.ForeignKey(Account, models.CASCADE, related_name="shares")
    lane = models.CharField(max_length=5, blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="shares")
    # The channel that this line's jobs need, by primary key, or 0 for any: a full channel holds up its own line only.
    bound_to = models.BigIntegerField(default=0)

    # In weighted slot-seconds, kept in the line that is bound to none: used so far, and before the last turn.
    spent = models.FloatField(default=0.0)
    started = models.FloatField(default=0.0)
    competes = models.BooleanField(default=False)  # had something to start at every turn given here since its own
    # The same against those in other lanes, where all lanes together want more slots than there are.
    account_spent = models.FloatField(default=0.0)
    account_started = models.FloatField(default=0.0)
    served_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="share_once", fields=["account", "lane", "owner", "bound_to"]),
        ]

    def __str__(self) -> str:
        return f"{self.owner_id} on {self.account_id} {self.lane}: {self.spent:.0f} s"

    @staticmethod
    def ensure(jobs: Iterable) -> None:
        """Make the lines that these jobs stand in, where they are not there yet."""
        places = {(job.account_id, job.lane, job.owner_id, bound) for job in jobs for bound in {0, job.bound_to}}
        Share.objects.bulk_create(
            [
                Share(account_id=account, lane=lane, owner_id=owner, bound_to=bound)
                for account, lane, owner, bound in sorted(places)
            ],
            ignore_conflicts=True,
        )
