"""Jobs of which the upstream may know more than we do."""

from django.db.models import Q

from accounts.models import Account
from generations.models import Job, JobStatus


def in_doubt(account: Account) -> list[Job]:
    """Jobs of which the upstream may know more than we do; also those sent once and back in the queue since."""
    sent = Q(status__in=[JobStatus.SUBMITTING, JobStatus.UNCERTAIN], sent_at__isnull=False)
    back = Q(status=JobStatus.QUEUED, attempt__gt=0)
    doubtful = Job.objects.unfinished().filter(sent | back, account=account)
    # Sorted here: asked to sort, SQLite would rather walk through all that the account ever did.
    return sorted(doubtful.select_related("channel", "account"), key=lambda job: job.pk)
