"""A member's reference pictures: kept once each, on our own disk, without what a camera or a program wrote into them.

In a prompt's text a reference stands as `ref:9f3a61c2`; what is sent in its place is an address that the service can
reach (generations/references/links.py).
"""

import secrets
import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from generations.models.image import Image
from generations.models.job import Job


def new_code() -> str:
    """What stands behind `ref:` in a prompt."""
    return secrets.token_hex(4)


class ReferenceQuerySet(models.QuerySet["Reference"]):
    def visible_to(self, user) -> "ReferenceQuerySet":
        return self.filter(owner_id=user.pk) if user.is_active else self.none()

    def in_library(self) -> "ReferenceQuerySet":
        """Those that were not taken out; the others stay for the jobs that used them."""
        return self.filter(removed_at=None)


class Reference(models.Model):
    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="references")
    code = models.CharField(max_length=8, default=new_code)
    name = models.CharField(max_length=120, blank=True)  # for people; never sent
    source = models.ForeignKey(Image, models.SET_NULL, related_name="references", null=True, blank=True)

    path = models.CharField(max_length=200)  # below MEDIA_ROOT
    content_type = models.CharField(max_length=40)
    bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)  # of the file as it is kept
    origin_sha256 = models.CharField(max_length=64, blank=True)  # of the file as it came
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    color = models.CharField(max_length=7, blank=True)
    thumbnails = models.JSONField(default=list, blank=True)  # [[width, height, path], …] below MEDIA_ROOT

    created_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(default=timezone.now)  # the library shows what was used last first
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = ReferenceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="reference_code_once", fields=["owner", "code"]),
            models.UniqueConstraint(name="reference_kept_once", fields=["owner", "sha256"]),
        ]
        indexes = [
            models.Index(name="reference_library", fields=["owner", "-used_at", "-id"], condition=Q(removed_at=None)),
            models.Index(name="reference_origin", fields=["owner", "origin_sha256"], condition=~Q(origin_sha256="")),
        ]

    def __str__(self) -> str:
        return f"reference {self.pk}"

    @property
    def token(self) -> str:
        """How it is written in a prompt."""
        return f"ref:{self.code}"

    def thumbnail_url(self) -> str:
        return reverse("generations:reference-thumbnail", args=[self.ref])


class InputRole(models.TextChoices):
    """What a job does with a picture. The first six stand in its prompt; describe and blend send the file itself."""

    IMAGE = "image", "Image prompt"
    STYLE = "style", "Style"
    CHARACTER = "character", "Character"
    OMNI = "omni", "Omni"
    EDIT = "edit", "Edit"
    START = "start", "Start frame"
    END = "end", "End frame"
    DESCRIBE = "describe", "Described"
    BLEND = "blend", "Blended"


class JobInput(models.Model):
    """A picture that a job is made from, in order."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="inputs")
    reference = models.ForeignKey(Reference, models.PROTECT, related_name="uses")
    role = models.CharField(max_length=9, choices=InputRole)
    position = models.PositiveSmallIntegerField(default=1)  # from 1 within its role

    class Meta:
        constraints = [models.UniqueConstraint(name="input_once", fields=["job", "role", "position"])]
        ordering = ["job", "role", "position"]

    def __str__(self) -> str:
        return f"{self.role} {self.position} of job {self.job_id}"
