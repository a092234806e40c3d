"""Collections of pictures, tags, and what was done to many pictures at once so that it can be undone."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from generations.models.image import Image


class CollectionQuerySet(models.QuerySet["Collection"]):
    def owned_by(self, user) -> "CollectionQuerySet":
        return self.filter(owner_id=user.pk) if user.is_active else self.none()

    def visible_to(self, user) -> "CollectionQuerySet":
        """One's own, and those that were shared with this member or with the team."""
        from generations.sharing import seeing  # it asks the search, which knows the models

        return self.filter(seeing.visible_collections(user)) if user.is_active else self.none()

    def plain(self) -> "CollectionQuerySet":
        """Those that pictures are put into; the others are searches under a name."""
        return self.filter(query="")


class Collection(models.Model):
    """Pictures under a name, in an order of one's own; with a `query`, whatever that search finds at the time."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="collections")
    name = models.CharField(max_length=80)
    description = models.TextField(max_length=2000, blank=True)
    query = models.CharField(max_length=500, blank=True)  # of a smart one, in the language of gallery/query.py
    cover = models.ForeignKey(Image, models.SET_NULL, related_name="+", null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)

    objects = CollectionQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(name="collection_name_once", fields=["owner", "name"])]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("generations:collection-detail", args=[self.ref])

    @property
    def is_smart(self) -> bool:
        return bool(self.query)


class CollectionEntry(models.Model):
    """A picture's place in a collection. Positions leave room between them, so that one move writes one row."""

    collection = models.ForeignKey(Collection, models.CASCADE, related_name="entries")
    image = models.ForeignKey(Image, models.CASCADE, related_name="entries")
    position = models.BigIntegerField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(name="entry_once", fields=["collection", "image"])]
        indexes = [models.Index(name="entry_order", fields=["collection", "position", "id"])]

    def __str__(self) -> str:
        return f"image {self.image_id} in collection {self.collection_id}"


class Tag(models.Model):
    """A member's own word for pictures; written as it was first written, the same whatever its case."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="tags")
    name = models.CharField(max_length=40)
    key = models.CharField(max_length=40)  # the name, folded
    images = models.ManyToManyField(Image, through="ImageTag", related_name="tags")

    class Meta:
        constraints = [models.UniqueConstraint(name="tag_once", fields=["owner", "key"])]

    def __str__(self) -> str:
        return self.name


class ImageTag(models.Model):
    image = models.ForeignKey(Image, models.CASCADE, related_name="+", db_index=False)
    tag = models.ForeignKey(Tag, models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(name="image_tag_once", fields=["image", "tag"])]

    def __str__(self) -> str:
        return f"tag {self.tag_id} of image {self.image_id}"


class GalleryChange(models.Model):
    """Something done to one or many pictures, with what was before, so that it can be undone for a day."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    what = models.CharField(max_length=20)  # a name of gallery/changes.py
    before = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(name="change_recent", fields=["owner", "-id"], condition=Q(undone_at=None))]

    def __str__(self) -> str:
        return f"{self.what} {self.pk}"
