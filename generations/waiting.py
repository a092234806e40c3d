"""Why a queued job waits, in one short line, computed for a whole page of jobs at once."""

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone
from django.utils.timesince import timeuntil

from accounts.models import Account, AccountState, Channel, Role, User
from generations.engine.capacity import ChannelUse, channels_use
from generations.explanations import explain
from generations.models import Job, JobStatus


class Waiting:
    """The reasons of the queued ones among some jobs; at most four queries whatever their number."""

    def __init__(self, jobs: Iterable[Job]) -> None:
        queued = [job for job in jobs if job.status == JobStatus.QUEUED]
        account_ids = {job.account_id for job in queued}
        self.now: datetime = timezone.now()
        self.accounts: dict[int, Account] = {}
        self.use: dict[int, list[ChannelUse]] = {}
        if account_ids:
            self.accounts = Account.objects.in_bulk(account_ids)
            for entry in channels_use(Channel.objects.filter(account__in=account_ids, removed_at=None)).values():
                self.use.setdefault(entry.channel.account_id, []).append(entry)
        self.shut_out = self._shut_out(queued)

    def _shut_out(self, queued: list[Job]) -> set[tuple[int, int]]:
        """Owner and account of jobs whose owner may no longer use the account."""
        chosen = [job for job in queued if not self.accounts[job.account_id].for_everyone]
        wanted = {(job.owner_id, job.account_id) for job in chosen}
        if not wanted:
            return set()
        people = User.objects.filter(pk__in={owner for owner, _ in wanted})
        allowed = set(people.values_list("pk", "chosen_accounts"))
        admins = set(people.filter(role=Role.ADMIN).values_list("pk", flat=True))
        return {pair for pair in wanted if pair not in allowed and pair[0] not in admins}

    def reason(self, job: Job) -> str:
        """What this job waits for; "" for one that does not wait."""
        if job.status != JobStatus.QUEUED or job.account_id not in self.accounts:
            return ""
        account = self.accounts[job.account_id]
        if (job.owner_id, job.account_id) in self.shut_out:
            return f"{account} is no longer shared with you. Cancel this, or ask an admin"
        return self._account_reason(account) or self._channel_reason(account, job)

    def _account_reason(self, account: Account) -> str:
        match account.state:
            case AccountState.PAUSED:
                because = f": {account.state_reason}" if account.state_reason else ""
                return f"{account} is paused{because}"
            case AccountState.BAD_TOKEN | AccountState.NO_SUBSCRIPTION:
                return explain(account.state).what
        if account.retry_at and account.retry_at > self.now:
            return f"{account} cannot be reached; trying again in {timeuntil(account.retry_at, self.now)}"
        return ""

    def _channel_reason(self, account: Account, job: Job) -> str:
        entries = self.use.get(account.pk, [])
        if not entries:
            return f"{account} has no channel yet"
        usable = [entry for entry in entries if entry.channel.is_open]
        if not usable:
            return "Every channel is blocked until an admin resets it"
        used = sum(entry.used(job.lane) for entry in usable)
        limit = sum(min(entry.channel.limit(job.lane), entry.channel.max_jobs) for entry in usable)
        if not any(entry.free(job.lane) for entry in usable):
            return f"{used} of {limit} slots in use" if used >= limit else "All slots in use"
        if all(entry.channel.send_after > self.now for entry in usable if entry.free(job.lane)):
            return "A short pause between two submissions"
        return "Next in line"
