"""A look at every file on the disk: which are whole, damaged, missing, or nobody's."""

from django.db import models
from django.utils import timezone


class MediaCheck(models.Model):
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    files = models.PositiveIntegerField(default=0)
    bytes = models.BigIntegerField(default=0)
    damaged = models.PositiveIntegerField(default=0)
    missing = models.PositiveIntegerField(default=0)
    orphans = models.PositiveIntegerField(default=0)
    orphan_bytes = models.BigIntegerField(default=0)
    repaired = models.PositiveIntegerField(default=0)
    details = models.JSONField(default=dict, blank=True)  # the first of each kind: {"missing": [image pk, …], …}

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"media check {self.pk}"
