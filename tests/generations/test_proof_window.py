"""How long a job's absence from the list proves that it never started."""

from datetime import timedelta

import pytest
from django.utils import timezone

from generations.engine.settlement import proof_window
from generations.engine.timing import Timing
from generations.models import JobStatus
from tests import factories

pytestmark = pytest.mark.django_db
S = JobStatus


def window(sent_before: float, accepted_before: float) -> float:
    """Seconds in which absence is proof for a lost job, beside one sent and accepted so long before its end."""
    now = timezone.now()
    done = factories.make_job(
        status=S.DONE,
        ended_at=now,
        sent_at=now - timedelta(seconds=sent_before),
        accepted_at=now - timedelta(seconds=accepted_before),
    )
    lost = factories.make_job(account=done.account, status=S.UNCERTAIN, sent_at=now)
    quiet, until = proof_window(lost, Timing())
    return (until - quiet).total_seconds()


def test_a_job_that_was_found_late_does_not_make_its_account_look_quick():
    usual = window(sent_before=33, accepted_before=32)
    assert window(sent_before=33, accepted_before=4) == usual > 0


def test_an_account_whose_jobs_are_quick_leaves_no_window():
    assert window(sent_before=16, accepted_before=15) <= 0
    assert window(sent_before=16, accepted_before=3) <= 0
