"""A channel of an account: the Discord conversation that jobs run in, with its limits."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models.account import Account


class ChannelQuerySet(models.QuerySet["Channel"]):
    def visible_to(self, user) -> "ChannelQuerySet":
        return self.filter(account__in=Account.objects.visible_to(user))

    def open(self) -> "ChannelQuerySet":
        """Channels that exist upstream and are not blocked."""
        return self.filter(removed_at=None, block_message="")


class Channel(models.Model):
    account = models.ForeignKey(Account, models.CASCADE, related_name="channels")
    remote_id = models.CharField(max_length=200)
    max_jobs = models.PositiveSmallIntegerField(default=3)
    max_image_jobs = models.PositiveSmallIntegerField(default=3)
    max_video_jobs = models.PositiveSmallIntegerField(default=3)
    block_message = models.CharField(max_length=500, blank=True)  # 596, useapi-v3.md §10
    blocked_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)  # no longer listed upstream
    synced_at = models.DateTimeField(default=timezone.now)

    # Jobs of other programs as last listed, {upstream id: lane}; they use slots too.
    foreign_jobs = models.JSONField(default=dict, blank=True)
    # Nothing is sent before this: the polite gap after a send, or a back-off after 429.
    send_after = models.DateTimeField(default=timezone.now)
    busy_answers = models.PositiveSmallIntegerField(default=0)  # 429s in a row

    # What the upstream account said of itself when it was last asked (useapi-v3.md §4.7, §6.7).
    settings = models.JSONField(default=dict, blank=True)
    settings_at = models.DateTimeField(null=True, blank=True)
    info = models.TextField(blank=True)
    info_at = models.DateTimeField(null=True, blank=True)

    objects = ChannelQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="channel_once_per_account", fields=["account", "remote_id"]),
            models.CheckConstraint(name="channel_limit_positive", condition=Q(max_jobs__gte=1)),
        ]
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.account.name} …{self.remote_id[-4:]}"

    @property
    def is_open(self) -> bool:
        return self.removed_at is None and not self.block_message

    @property
    def remix(self) -> bool | None:
        """Whether remix was on when the settings were last read; None where nobody has read them."""
        value = self.settings.get("remix")
        return None if value is None else str(value).lower() in {"true", "1", "on"}

    def limit(self, lane: str) -> int:
        """How many jobs of this lane may run at once; "" is any lane."""
        return {"image": self.max_image_jobs, "video": self.max_video_jobs}.get(lane, self.max_jobs)
