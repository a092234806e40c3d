"""Which long background task runs where: a row for each that may run at once, held by a heartbeat."""

from django.db import models
from django.utils import timezone


class TaskSlot(models.Model):
    key = models.CharField(max_length=120, primary_key=True)
    holder = models.CharField(max_length=40, blank=True)
    beat_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.key
