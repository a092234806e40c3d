"""Who may see what: grants to people and the team, public links, and what visitors and colleagues say.

What follows from these rows is decided in generations/sharing/.
"""

import secrets
import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from generations.models.collection import Collection
from generations.models.image import Image


class ShareRole(models.TextChoices):
    """What somebody may do with what is shared; each includes those before it."""

    VIEW = "view", "View"
    COMMENT = "comment", "Comment"
    CONTRIBUTE = "contribute", "Add pictures"
    MANAGE = "manage", "Manage"


OF_PERSON, OF_TEAM = Q(user__isnull=False), Q(user=None)
ONE_THING = Q(image__isnull=False, collection=None) | Q(image=None, collection__isnull=False)


class GrantQuerySet(models.QuerySet["Grant"]):
    def reaching(self, user) -> "GrantQuerySet":
        """What lets this member see something: given to them, or to the team, which is everybody active."""
        return self.filter(Q(user_id=user.pk) | OF_TEAM) if user.is_active else self.none()


class Grant(models.Model):
    """Lets a person, or with `user` None the whole team, see a picture or a collection."""

    image = models.ForeignKey(Image, models.CASCADE, related_name="grants", null=True, blank=True)
    collection = models.ForeignKey(Collection, models.CASCADE, related_name="grants", null=True, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="grants", null=True, blank=True
    )  # fmt: skip
    role = models.CharField(max_length=10, choices=ShareRole, default=ShareRole.VIEW)
    shows_prompts = models.BooleanField(default=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = GrantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="grant_of_one_thing", condition=ONE_THING),
            # Two of each, because databases differ in whether two empty places are the same.
            models.UniqueConstraint(name="grant_image_once", fields=["image", "user"], condition=OF_PERSON),
            models.UniqueConstraint(name="grant_collection_once", fields=["collection", "user"], condition=OF_PERSON),
            models.UniqueConstraint(name="grant_image_team_once", fields=["image"], condition=OF_TEAM),
            models.UniqueConstraint(name="grant_collection_team_once", fields=["collection"], condition=OF_TEAM),
        ]
        indexes = [
            # The team feed, and what was shared with me.
            models.Index(name="grant_to", fields=["user", "-created_at", "-id"]),
        ]

    def __str__(self) -> str:
        return f"grant {self.pk}"

    @property
    def thing(self) -> Image | Collection:
        return self.image or self.collection  # type: ignore[return-value]


def new_key() -> str:
    """128 random bits as 22 characters."""
    return secrets.token_urlsafe(16)


class PublicLinkQuerySet(models.QuerySet["PublicLink"]):
    def open(self) -> "PublicLinkQuerySet":
        """Those that show something: not revoked, not expired, and made by somebody who is still here."""
        unexpired = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
        return self.filter(unexpired, revoked_at=None, created_by__is_active=True)


class PublicLink(models.Model):
    """Shows a picture or a collection to whoever has the address."""

    key = models.CharField(max_length=22, default=new_key, unique=True)
    image = models.ForeignKey(Image, models.CASCADE, related_name="links", null=True, blank=True)
    collection = models.ForeignKey(Collection, models.CASCADE, related_name="links", null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="links")
    title = models.CharField(max_length=120, blank=True)
    password = models.CharField(max_length=128, blank=True)  # hashed
    allows_download = models.BooleanField(default=False)
    shows_prompts = models.BooleanField(default=False)
    takes_picks = models.BooleanField(default=False)
    views = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = PublicLinkQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(name="link_of_one_thing", condition=ONE_THING)]
        indexes = [models.Index(name="link_mine", fields=["created_by", "-id"])]

    def __str__(self) -> str:
        return f"link {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("generations:public", args=[self.key])

    @property
    def thing(self) -> Image | Collection:
        return self.image or self.collection  # type: ignore[return-value]

    @property
    def is_open(self) -> bool:
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > timezone.now())


class Comment(models.Model):
    """Words about a picture, by a member who may say something to it."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    image = models.ForeignKey(Image, models.CASCADE, related_name="comments")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="comments")
    text = models.TextField(max_length=2000)
    mentions = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="mentioned_in", blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(name="comment_of_image", fields=["image", "id"])]

    def __str__(self) -> str:
        return f"comment {self.pk}"


class Pick(models.Model):
    """What a visitor with a link marked or wrote; a visitor is a random name in a signed cookie."""

    link = models.ForeignKey(PublicLink, models.CASCADE, related_name="picks")
    image = models.ForeignKey(Image, models.CASCADE, related_name="picks")
    visitor = models.CharField(max_length=22)
    name = models.CharField(max_length=60, blank=True)  # what the visitor calls themselves
    chosen = models.BooleanField(default=False)
    note = models.TextField(max_length=1000, blank=True)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(name="pick_once", fields=["link", "image", "visitor"])]
        indexes = [models.Index(name="pick_of_image", fields=["image", "id"])]

    def __str__(self) -> str:
        return f"pick {self.pk}"
