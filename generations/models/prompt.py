"""What somebody asked for, as they wrote it; its jobs are what is sent."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Account


class PromptQuerySet(models.QuerySet["Prompt"]):
    def visible_to(self, user) -> "PromptQuerySet":
        return self.filter(owner_id=user.pk) if user.is_active else self.none()


class Prompt(models.Model):
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="prompts")
    account = models.ForeignKey(Account, models.PROTECT, related_name="prompts")
    text = models.TextField()
    # The form makes one for each showing; sending it twice finds the first prompt instead of making a second.
    idempotency_key = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)
    favourite_at = models.DateTimeField(null=True, blank=True)

    objects = PromptQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="prompt_once_per_key", fields=["owner", "idempotency_key"]),
        ]
        indexes = [
            # History, newest first; and the favourites in it.
            models.Index(name="prompt_newest", fields=["owner", "-id"]),
            models.Index(
                name="prompt_favourites", fields=["owner", "-favourite_at"], condition=Q(favourite_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"prompt {self.pk}"
