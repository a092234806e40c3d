"""Many prompts, or many actions on pictures, that were checked together and are controlled together."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, ProtectedError, Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account
from generations.models.priority import Priority
from generations.models.states import UNFINISHED


class BatchStatus(models.TextChoices):
    DRAFT = "draft", "Draft"  # a dry run: nothing is queued before its owner has confirmed
    RUNNING = "running", "Running"
    PAUSED = "paused", "Paused"  # what waits goes on waiting; what runs ends
    STOPPED = "stopped", "Stopped"  # what waited was dropped


class BatchSource(models.TextChoices):
    LINES = "lines", "Pasted lines"
    FILE = "file", "File"
    TEMPLATE = "template", "Template and variables"
    GALLERY = "gallery", "Pictures and an action"


class BatchQuerySet(models.QuerySet["Batch"]):
    def visible_to(self, user) -> "BatchQuerySet":
        return self.filter(owner_id=user.pk) if user.is_active else self.none()

    def going(self) -> "BatchQuerySet":
        """Confirmed ones of which something has not ended, newest first."""
        unfinished = Exists(self.filter(pk=OuterRef("pk"), jobs__status__in=UNFINISHED))
        return self.filter(unfinished, status__in=[BatchStatus.RUNNING, BatchStatus.PAUSED]).order_by("-pk")


def let_drafts_go(collector, field, sub_objs, using) -> None:
    """An account may go with the drafts that were written for it, not with what was confirmed."""
    confirmed = set(sub_objs.exclude(status=BatchStatus.DRAFT))
    if confirmed:
        raise ProtectedError("The account has batches that were confirmed.", confirmed)
    models.CASCADE(collector, field, sub_objs, using)


class Batch(models.Model):
    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="batches")
    account = models.ForeignKey(Account, let_drafts_go, related_name="batches")
    name = models.CharField(max_length=120)
    source = models.CharField(max_length=8, choices=BatchSource, default=BatchSource.LINES)
    # What was typed or uploaded, by the name of its field, so that a draft can be changed and a batch run again.
    written = models.JSONField(default=dict, blank=True)
    shared = models.CharField(max_length=1000, blank=True)  # parameters for every line that does not set its own
    priority = models.SmallIntegerField(choices=Priority, default=Priority.NORMAL)
    status = models.CharField(max_length=8, choices=BatchStatus, default=BatchStatus.DRAFT)
    # The form makes one for each showing; sending it twice finds the first draft.
    idempotency_key = models.CharField(max_length=64)
    again_of = models.ForeignKey("self", models.SET_NULL, related_name="again", null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True, blank=True)

    objects = BatchQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="batch_once_per_key", fields=["owner", "idempotency_key"]),
            models.CheckConstraint(name="batch_status_known", condition=Q(status__in=BatchStatus.values)),
            models.CheckConstraint(
                name="batch_confirmed_when",
                condition=Q(status=BatchStatus.DRAFT, confirmed_at=None)
                | (~Q(status=BatchStatus.DRAFT) & Q(confirmed_at__isnull=False)),
            ),
        ]
        indexes = [models.Index(name="batch_owner_newest", fields=["owner", "-id"])]
        verbose_name_plural = "batches"

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("generations:batch-detail", args=[self.ref])


class LineLevel(models.TextChoices):
    OK = "ok", "Fine"
    WARNING = "warning", "Worth a look"
    DUPLICATE = "duplicate", "Twice"
    IMPOSSIBLE = "impossible", "Cannot work"


class BatchLine(models.Model):
    """One final prompt, or one action, of a draft. Its job is made when the draft is confirmed."""

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="lines")
    number = models.PositiveIntegerField()  # of the line it came from, from 1; a permutation gives several the same
    position = models.PositiveIntegerField()  # its place in the batch, from 1
    text = models.TextField(blank=True)  # the final prompt; what was written where it cannot work
    parent = models.ForeignKey("generations.Job", models.SET_NULL, related_name="+", null=True, blank=True)
    parent_position = models.PositiveSmallIntegerField(default=0)  # which of the parent's pictures; 0 is all of them
    button = models.CharField(max_length=100, blank=True)
    level = models.CharField(max_length=10, choices=LineLevel, default=LineLevel.OK)
    problem = models.CharField(max_length=500, blank=True)  # what is odd about it and what to do
    # What its job will be, so that a draft is summed up without reading every prompt again.
    lane = models.CharField(max_length=5, default="image")
    kind = models.CharField(max_length=60, blank=True)
    gpu_minutes = models.DecimalField(max_digits=8, decimal_places=3, default=0)
    is_chosen = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="batch_line_position", fields=["batch", "position"]),
            models.CheckConstraint(
                name="batch_line_impossible_not_chosen",
                condition=~Q(level=LineLevel.IMPOSSIBLE) | Q(is_chosen=False),
            ),
        ]
        indexes = [models.Index(name="batch_line_level", fields=["batch", "level", "position"])]
        ordering = ["batch", "position"]

    def __str__(self) -> str:
        return f"line {self.number} of batch {self.batch_id}"
