"""A job: one request to the upstream, from waiting for its turn to its pictures on disk."""

import logging
import uuid
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account, Channel
from generations.explanations import MAY_HAVE_COST
from generations.models import chain, ledger
from generations.models.batch import Batch
from generations.models.feed import Feed
from generations.models.priority import Priority
from generations.models.prompt import Prompt
from generations.models.share import Share
from generations.models.states import FINAL, HOLDS_SLOT, MOVES, UNFINISHED, JobStatus, words

logger = logging.getLogger(__name__)


class Lane(models.TextChoices):
    IMAGE = "image", "Image"
    VIDEO = "video", "Video"
    OTHER = "", "Other"


class Verb(models.TextChoices):
    """useapi-v3.md §6.1."""

    IMAGINE = "imagine", "Imagine"
    BUTTON = "button", "Button"
    DESCRIBE = "describe", "Describe"
    BLEND = "blend", "Blend"
    SEED = "seed", "Seed"
    SETTINGS = "settings", "Settings"
    INFO = "info", "Info"
    FAST = "fast", "Fast"
    RELAX = "relax", "Relax"
    TURBO = "turbo", "Turbo"
    VARIABILITY = "variability", "Variability"
    REMIX = "remix", "Remix"


# They bring no pictures, but a number or a state for something else.
QUIET = (
    Verb.SEED, Verb.SETTINGS, Verb.INFO, Verb.FAST, Verb.RELAX, Verb.TURBO, Verb.VARIABILITY, Verb.REMIX,
)  # fmt: skip


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, user) -> "JobQuerySet":
        """The jobs this person may see: their own. Admins audit on the admin site, which has its own door."""
        return self.filter(owner_id=user.pk) if user.is_active else self.none()

    def steerable_by(self, user) -> "JobQuerySet":
        """The jobs whose place in the queue this person may change: their own; for leads all on accounts of theirs."""
        if not user.is_lead:
            return self.visible_to(user)
        return self.filter(account__in=Account.objects.visible_to(user))

    def holding_slots(self) -> "JobQuerySet":
        return self.filter(status__in=words(HOLDS_SLOT))

    def waiting(self) -> "JobQuerySet":
        """Those that would start if there were a slot: queued, and not held back with their batch."""
        return self.filter(status=JobStatus.QUEUED, held=False)

    def unfinished(self) -> "JobQuerySet":
        return self.filter(status__in=words(UNFINISHED))

    def alone(self) -> "JobQuerySet":
        """Those with a card on Create.

        A batch has a page of its own, what only reads shows where it was asked, and what was imported ran nowhere.
        """
        return self.filter(batch=None).exclude(verb__in=QUIET).exclude(status=JobStatus.DONE, remote_id="")

    def for_cards(self) -> "JobQuerySet":
        """With everything that a card shows, in a fixed number of queries."""
        return self.select_related("account", "channel", "prompt").prefetch_related("images", "inputs__reference")


class Job(models.Model):
    # In our URLs, and sent as replyRef, by which a lost answer is recognised.
    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    prompt = models.ForeignKey(Prompt, models.PROTECT, related_name="jobs")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="jobs")
    account = models.ForeignKey(Account, models.PROTECT, related_name="jobs")
    channel = models.ForeignKey(Channel, models.PROTECT, related_name="jobs", null=True, blank=True)
    retry_of = models.ForeignKey("self", models.SET_NULL, related_name="retries", null=True, blank=True)

    # Pressing a button on another job's result. `parent_position` is which of its pictures, 0 all of them; `root` is
    # the first job of the family, None for that one itself.
    parent = models.ForeignKey("self", models.PROTECT, related_name="children", null=True, blank=True)
    parent_position = models.PositiveSmallIntegerField(default=0)
    root = models.ForeignKey("self", models.PROTECT, related_name="family", null=True, blank=True, db_index=False)
    button = models.CharField(max_length=100, blank=True)
    mask = models.CharField(max_length=200, blank=True)  # what Vary (Region) repaints: a WebP below MEDIA_ROOT
    # A step of a chain: held until this one has ended upstream, and dropped where that failed.
    waits_for = models.ForeignKey(
        "self", models.PROTECT, related_name="followers", null=True, blank=True, db_index=False
    )
    # The collection that its pictures go into. By name, since collections know pictures and pictures know jobs.
    into = models.ForeignKey(
        "generations.Collection", models.SET_NULL, related_name="+", null=True, blank=True, db_index=False
    )
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="jobs", null=True, blank=True)
    batch_line = models.PositiveIntegerField(null=True, blank=True)  # the number of the line it came from

    verb = models.CharField(max_length=12, choices=Verb, default=Verb.IMAGINE)
    lane = models.CharField(max_length=5, choices=Lane, default=Lane.IMAGE, blank=True)
    text = models.TextField(blank=True)  # exactly what is sent
    parameters = models.JSONField(default=dict, blank=True)  # as the panel shows them
    ratio_width = models.PositiveSmallIntegerField(default=1)
    ratio_height = models.PositiveSmallIntegerField(default=1)
    kind = models.CharField(max_length=60, blank=True)  # verb, speed and version: what its duration depends on
    fingerprint = models.CharField(max_length=64, blank=True)  # the same for the same prompt, parameters and pictures

    # Its place in line (models/priority.py).
    priority = models.SmallIntegerField(choices=Priority, default=Priority.NORMAL)
    turn_at = models.DateTimeField(default=timezone.now)
    held = models.BooleanField(default=False)  # its batch is paused, or the step before it has not ended
    bound_to = models.BigIntegerField(default=0)  # the channel it must run on, by primary key; 0 is any

    status = models.CharField(max_length=10, choices=JobStatus, default=JobStatus.QUEUED)
    progress = models.PositiveSmallIntegerField(null=True, blank=True)
    error_code = models.CharField(max_length=40, blank=True)
    error_text = models.CharField(max_length=1000, blank=True)  # the upstream's own words
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    cancel_sent_at = models.DateTimeField(null=True, blank=True)
    # An uncertain job that nothing can settle any more waits for a person to say whether it ran.
    needs_person = models.BooleanField(default=False)
    absence_is_proof = models.BooleanField(default=True)

    remote_id = models.CharField(max_length=200, blank=True)
    remote_created_at = models.DateTimeField(null=True, blank=True)
    upstream = models.JSONField(default=dict, blank=True)  # the last answer, redacted
    buttons = models.JSONField(default=list, blank=True)
    seed = models.BigIntegerField(null=True, blank=True)
    suggestions = models.JSONField(default=list, blank=True)  # the prompts that a describe job brought
    hinted_at = models.DateTimeField(null=True, blank=True)  # a webhook said that it ended; one read has to confirm it

    attempt = models.PositiveSmallIntegerField(default=0)  # claims so far; an answer counts only for its own attempt
    estimate = models.FloatField(default=0.0)  # slot-seconds that its claim was charged with, corrected at its end
    counted_on = models.DateField(null=True, blank=True)  # the day whose budget it was taken from
    reserved_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)  # the last instant at which it was certainly not sent
    lost_at = models.DateTimeField(null=True, blank=True)  # after this nothing of that attempt can still arrive
    accepted_at = models.DateTimeField(null=True, blank=True)
    looked_at = models.DateTimeField(null=True, blank=True)  # details last fetched
    gone_at = models.DateTimeField(null=True, blank=True)  # first "not found"; one alone proves nothing
    ended_at = models.DateTimeField(null=True, blank=True)  # upstream was done with it
    save_attempts = models.PositiveSmallIntegerField(default=0)
    save_due_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    change = models.BigIntegerField(default=0)  # the owner's feed value of the last change

    objects = JobQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="job_status_known", condition=Q(status__in=JobStatus.values)),
            models.UniqueConstraint(
                name="job_remote_id_once", fields=["account", "remote_id"], condition=~Q(remote_id="")
            ),
            models.CheckConstraint(
                name="job_slot_has_channel", condition=~Q(status__in=HOLDS_SLOT) | Q(channel__isnull=False)
            ),
        ]
        indexes = [
            # Claiming: the head of each member's line on an account, without touching the table. SQLite needs the
            # columns of the condition in the index to believe that it can do without.
            models.Index(
                name="job_in_line",
                fields=["account", "lane", "owner", "bound_to", "turn_at", "id", "status", "held"],
                condition=Q(status=JobStatus.QUEUED, held=False),
            ),
            # What waits by owner, batch and kind: counted for pages and forecasts without touching the table.
            models.Index(
                name="job_waits_by_kind",
                fields=["account", "held", "owner", "batch", "lane", "kind"],
                condition=Q(status=JobStatus.QUEUED),
            ),
            # Counting used slots, on every claim and every tick.
            models.Index(
                name="job_holds_slot",
                fields=["account", "channel", "lane", "owner"],
                condition=Q(status__in=HOLDS_SLOT),
            ),
            # What a person or an account has under way.
            models.Index(name="job_owner_unfinished", fields=["owner", "status"], condition=Q(status__in=UNFINISHED)),
            models.Index(
                name="job_account_unfinished",
                fields=["account", "status", "attempt"],
                condition=Q(status__in=UNFINISHED),
            ),
            # How many of a member's jobs run, on all accounts, for their budget.
            models.Index(name="job_owner_holds", fields=["owner"], condition=Q(status__in=HOLDS_SLOT)),
            # A family, for its tree; and the steps that wait for a job.
            models.Index(name="job_of_family", fields=["root", "id"], condition=Q(root__isnull=False)),
            models.Index(name="job_next_step", fields=["waits_for"], condition=Q(waits_for__isnull=False)),
            # "You already have this."
            models.Index(name="job_same", fields=["owner", "fingerprint", "-id"], condition=~Q(fingerprint="")),
            # A batch by state.
            models.Index(name="job_of_batch", fields=["batch", "status", "id"], condition=Q(batch__isnull=False)),
            # The last durations of a kind of job, for forecasts.
            models.Index(name="job_durations", fields=["kind", "-id"], condition=Q(status=JobStatus.DONE)),
            # The sweep that picks up results that are not saved yet.
            models.Index(name="job_saving", fields=["save_due_at"], condition=Q(status=JobStatus.SAVING)),
            # "What changed since N for me?"
            models.Index(name="job_owner_change", fields=["owner", "change"]),
            # A person's jobs, newest first, by keyset.
            models.Index(name="job_owner_newest", fields=["owner", "-id"]),
            # The same for those of no batch.
            models.Index(name="job_owner_alone", fields=["owner", "-id"], condition=Q(batch=None)),
        ]

    def __str__(self) -> str:
        return f"job {self.pk}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self._state.adding:
            Share.ensure([self])
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("generations:job-detail", args=[self.ref])

    @property
    def is_final(self) -> bool:
        return self.status in FINAL

    @property
    def holds_slot(self) -> bool:
        return self.status in HOLDS_SLOT

    @property
    def can_cancel(self) -> bool:
        """Whether asking to cancel can still change anything."""
        stoppable = {JobStatus.QUEUED, JobStatus.SUBMITTING, JobStatus.UNCERTAIN, JobStatus.RUNNING}
        return self.status in stoppable and self.cancel_requested_at is None

    @property
    def retry_is_free(self) -> bool:
        """Whether it ended without having cost anything: refused, or never accepted by the upstream."""
        if self.status == JobStatus.REFUSED:
            return self.error_code not in MAY_HAVE_COST
        # The step of a chain has nothing to act on where the one before it came to nothing.
        in_vain = self.error_code in {"ran_untracked", "chain_broken", "not_offered"}
        return self.status in {JobStatus.CANCELLED, JobStatus.FAILED} and not (self.remote_id or in_vain)

    def move(
        self, to: JobStatus, *, code: str = "", note: str = "", actor=None, only_if: dict | None = None, **fields: Any
    ) -> bool:
        """Change status unless someone else did first; return whether it happened.

        `only_if` narrows the move further (say, to one attempt); `fields` are written with it. Status, event and the
        owner's feed commit together. `code` and `note` go into the event.
        """
        now = timezone.now()
        with transaction.atomic():
            # Every change of one of the owner's jobs holds this row, so what is read next stays true until the commit.
            value = Feed.next_value(self.owner_id)
            rows = Job.objects.filter(pk=self.pk, status__in=MOVES[to], **(only_if or {}))
            before = rows.values(*ledger.FIELDS).first()
            moved = bool(rows.update(status=to, change=value, changed_at=now, **fields))
            if moved and before:
                JobEvent.objects.create(
                    job=self, at=now, status=to, previous=before["status"], code=code, note=note[:500], actor=actor
                )
                booked = ledger.settle(before, to, fields.get("error_code", ""), now)
                if booked:
                    Job.objects.filter(pk=self.pk).update(**booked)
                    fields |= booked
                chain.advance(self, to, fields)
                chain.tell_parent(self, to, value)
        if not moved:
            self.refresh_from_db()
            return False
        self._remember(status=to, change=value, changed_at=now, **fields)
        previous = before["status"] if before else "?"
        logger.info("job moved job=%s from=%s to=%s code=%s", self.pk, previous, to, code or "-")
        return True

    def record(self, *, code: str, note: str = "", actor=None, only_if: dict | None = None, **fields: Any) -> bool:
        """Write something down that is not a change of status, with its event; return whether `only_if` held."""
        with transaction.atomic():
            done = self.touch(only_if=only_if, **fields)
            if done:
                JobEvent.objects.create(job=self, status=self.status, code=code, note=note[:500], actor=actor)
        return done

    def touch(self, *, only_if: dict | None = None, **fields: Any) -> bool:
        """Write fields that a page shows, so that the owner's pages hear of it; return whether `only_if` held."""
        with transaction.atomic():
            value = Feed.next_value(self.owner_id)
            done = Job.objects.filter(pk=self.pk, **(only_if or {})).update(change=value, **fields)
        if done:
            self._remember(change=value, **fields)
        return bool(done)

    def _remember(self, **fields: Any) -> None:
        for name, content in fields.items():
            setattr(self, name, content)


class JobEvent(models.Model):
    """A line of a job's timeline. Rows are only ever added."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="events")
    at = models.DateTimeField(default=timezone.now)
    status = models.CharField(max_length=10, choices=JobStatus)
    previous = models.CharField(max_length=10, choices=JobStatus, blank=True)
    code = models.CharField(max_length=40, blank=True)
    note = models.CharField(max_length=500, blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["at", "pk"]
        indexes = [models.Index(name="event_of_job", fields=["job", "at"])]

    def __str__(self) -> str:
        return f"{self.at:%H:%M:%S} {self.status}"
