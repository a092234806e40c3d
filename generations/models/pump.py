"""Who drives the queue: a row for each pump that may run, held by a heartbeat."""

from django.db import models
from django.utils import timezone


class PumpSlot(models.Model):
    number = models.PositiveSmallIntegerField(primary_key=True)
    holder = models.CharField(max_length=40, blank=True)
    beat_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"pump {self.number}"
