"""What a finished job says about something other than itself: the seed of its parent, the settings of its channel.

Inside the transaction of the move that completes the job.
"""

from functools import partial

from django.db import transaction
from django.utils import timezone

from accounts.models import Channel
from generations import account_settings
from generations.account_settings import READS, SPEEDS
from generations.models import Job, Verb
from midjourney.upstream import JobReply


def keep(job: Job, reply: JobReply) -> None:
    """Write down what the answer of a seed job or of one of the settings family brought."""
    if job.verb == Verb.SEED and job.parent is not None:
        job.parent.touch(seed=job.parent.seed if reply.seed is None else reply.seed)  # its page says either
    elif job.verb in account_settings.VERBS and job.channel_id is not None:
        _keep_settings(job, job.channel_id, reply)


def _keep_settings(job: Job, channel_pk: int, reply: JobReply) -> None:
    channel = Channel.objects.select_for_update(no_key=True).get(pk=channel_pk)
    now = timezone.now()
    found = dict(reply.settings)
    if job.verb in SPEEDS:  # one of the three is on
        found = {**{speed.value: speed == job.verb for speed in SPEEDS}, **found}
    whole = job.verb in READS and found
    channel.settings = found if whole else {**channel.settings, **found}
    channel.settings_at = now if found else channel.settings_at
    fields = ["settings", "settings_at"]
    if job.verb == Verb.INFO:
        channel.info, channel.info_at = reply.text, now
        fields += ["info", "info_at"]
    channel.save(update_fields=fields)
    if job.verb not in READS:
        transaction.on_commit(partial(account_settings.read_back, job))
