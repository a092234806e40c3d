"""What is worth keeping of prompts: templates with variables, and styles, which are saved sets of parameters."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class KeptQuerySet(models.QuerySet[Any]):
    def visible_to(self, user) -> "KeptQuerySet":
        """Their own, and what is shared with the team."""
        return self.filter(Q(owner_id=user.pk) | Q(is_shared=True)) if user.is_active else self.none()

    def editable_by(self, user) -> "KeptQuerySet":
        """Their own; for admins also those that came with the studio, which nobody owns."""
        if not user.is_active:
            return self.none()
        return self.filter(Q(owner_id=user.pk) | Q(owner=None)) if user.is_admin else self.filter(owner_id=user.pk)


class Kept(models.Model):
    """Owner, name and audience. `made_for` is the key of the model version that was in force when it was saved."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="%(class)ss", null=True, blank=True
    )
    name = models.CharField(max_length=80)
    is_shared = models.BooleanField("shared with the team", default=False)
    made_for = models.CharField(max_length=12, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(null=True, blank=True)

    objects = KeptQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class TemplateKind(models.TextChoices):
    IMAGE = "image", "Image"
    VIDEO = "video", "Video"


class PromptTemplate(Kept):
    """A prompt with variables such as `{{subject}}`, filled in before it is sent."""

    kind = models.CharField(max_length=5, choices=TemplateKind, default=TemplateKind.IMAGE)
    text = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="template_name_once", fields=["owner", "name"],
                violation_error_message="You have a template of this name already.",
            ),
            models.CheckConstraint(name="template_kind_known", condition=Q(kind__in=TemplateKind.values)),
        ]  # fmt: skip
        indexes = [models.Index(name="template_shared", fields=["name"], condition=Q(is_shared=True))]


class Style(Kept):
    """Parameters that are applied to a prompt in one click, as they would be typed: `--ar 16:9 --raw --s 250`."""

    parameters = models.CharField(max_length=1000)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="style_name_once", fields=["owner", "name"],
                violation_error_message="You have a style of this name already.",
            ),
        ]  # fmt: skip
        indexes = [models.Index(name="style_shared", fields=["name"], condition=Q(is_shared=True))]
