"""What changed for a person since they last looked, as one number.

Each change to one of a person's jobs takes the next value while holding the row, so values are in the order of the
commits and a reader that has seen N misses nothing up to N. Asking "anything new?" is one read by primary key.
"""

from django.conf import settings
from django.db import connection, models, transaction
from django.utils import timezone


class Feed(models.Model):
    owner = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="feed")
    value = models.BigIntegerField(default=0)
    seen_at = models.DateTimeField(default=timezone.now)  # a page of theirs asked; progress is fetched while they look

    def __str__(self) -> str:
        return f"{self.owner_id}: {self.value}"

    @staticmethod
    def next_value(owner_id: int) -> int:
        """Take the owner's next number. Inside a transaction only: the row stays locked until it ends."""
        if not connection.in_atomic_block:
            raise transaction.TransactionManagementError("Feed.next_value needs a transaction.")
        table = connection.ops.quote_name(Feed._meta.db_table)
        with connection.cursor() as cursor:
            # The ORM has no UPDATE … RETURNING; both databases do.
            cursor.execute(
                f"UPDATE {table} SET value = value + 1 WHERE owner_id = %s RETURNING value",  # noqa: S608
                [owner_id],
            )
            row = cursor.fetchone()
        if row is None:
            Feed.objects.get_or_create(owner_id=owner_id)
            return Feed.next_value(owner_id)
        return row[0]
