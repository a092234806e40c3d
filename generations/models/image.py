"""A result file: a picture or a video, expected first and saved later, on the team's own disk."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from generations.models.job import Job


class ImageKind(models.TextChoices):
    GRID = "grid", "Grid"
    SINGLE = "single", "Picture"
    VIDEO = "video", "Video"


class Origin(models.TextChoices):
    """How a picture came to be, as one looks for it."""

    IMAGINE = "imagine", "From a prompt"
    UPSCALE = "upscale", "Upscale"
    VARIATION = "variation", "Variation"
    ZOOM = "zoom", "Zoom or pan"
    BLEND = "blend", "Blend"
    VIDEO = "video", "Video"
    IMPORT = "import", "Imported"


class ImageQuerySet(models.QuerySet["Image"]):
    def visible_to(self, user) -> "ImageQuerySet":
        """What this member made: theirs to see and to act on."""
        return self.filter(owner_id=user.pk) if user.is_active else self.none()

    def viewable_by(self, user) -> "ImageQuerySet":
        """What this member may look at: their own, and what others have shared and not thrown away."""
        from generations.sharing import seeing  # it asks the search, which knows the models

        return self.filter(seeing.viewable_images(user)) if user.is_active else self.none()

    def saved(self) -> "ImageQuerySet":
        # Said as the indexes say it: SQLite believes nothing else to be the same condition.
        return self.filter(saved_at__isnull=False)

    def not_yet_safe(self) -> "ImageQuerySet":
        """Results that exist upstream only; their links die after a day."""
        return self.filter(saved_at=None, given_up_at=None)

    def in_gallery(self) -> "ImageQuerySet":
        """What the gallery shows: saved pictures and videos; a grid only repeats its four pictures."""
        return self.saved().filter(in_gallery=True, trashed_at=None)

    def in_trash(self) -> "ImageQuerySet":
        return self.saved().filter(trashed_at__isnull=False)


class Image(models.Model):
    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    job = models.ForeignKey(Job, models.PROTECT, related_name="images")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="images")
    kind = models.CharField(max_length=6, choices=ImageKind)
    position = models.PositiveSmallIntegerField(default=0)  # 0 for a grid, 1 to 4 otherwise
    in_gallery = models.BooleanField(default=True)

    # What it is, copied from its job when it is expected, so that it can be found without going through jobs.
    family = models.BigIntegerField(default=0)  # the first job of its family, by primary key
    made_by = models.CharField(max_length=10, choices=Origin, default=Origin.IMAGINE)
    model = models.CharField(max_length=12, blank=True)  # the key of the model version, such as "7" or "niji 6"
    words = models.TextField(blank=True)  # what a search looks at: the prompt's words, folded (gallery/words.py)
    stylize = models.PositiveSmallIntegerField(null=True, blank=True)
    chaos = models.PositiveSmallIntegerField(null=True, blank=True)
    weird = models.PositiveSmallIntegerField(null=True, blank=True)
    seed = models.BigIntegerField(null=True, blank=True)

    # What its owner thinks of it.
    favourite = models.BooleanField(default=False)
    rejected = models.BooleanField(default=False)
    rating = models.PositiveSmallIntegerField(default=0)  # 1 to 5, 0 for none
    note = models.TextField(blank=True)
    trashed_at = models.DateTimeField(null=True, blank=True)

    # Where the upstream keeps it. Such links can be traced to an account, so no page ever shows one; the upstream
    # itself may be given it back, for a picture that is used as a reference.
    source_url = models.TextField(blank=True)
    error_code = models.CharField(max_length=40, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)

    # Ours, all set at once when it is saved.
    saved_at = models.DateTimeField(null=True, blank=True)
    path = models.CharField(max_length=200, blank=True)  # below MEDIA_ROOT
    content_type = models.CharField(max_length=40, blank=True)
    bytes = models.BigIntegerField(null=True, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    seconds = models.FloatField(null=True, blank=True)  # of a video
    color = models.CharField(max_length=7, blank=True)  # shown until the thumbnail is there
    thumbnails = models.JSONField(default=list, blank=True)  # [[width, height, path], …] below MEDIA_ROOT
    created_at = models.DateTimeField(default=timezone.now)  # when its job ended: what belongs together stays so

    objects = ImageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="image_once_per_place", fields=["job", "kind", "position"]),
            models.CheckConstraint(name="image_rating_known", condition=Q(rating__lte=5)),
            models.CheckConstraint(
                name="image_saved_is_whole",
                condition=Q(saved_at=None)
                | (~Q(path="") & ~Q(sha256="") & Q(bytes__isnull=False) & Q(width__isnull=False)),
            ),
        ]
        indexes = [
            # The gallery: a person's pictures, newest first, by keyset.
            models.Index(
                name="image_gallery",
                fields=["owner", "-created_at", "-id"],
                condition=Q(in_gallery=True, saved_at__isnull=False, trashed_at=None),
            ),
            # The few among the many: each a short list of its own, newest first.
            models.Index(
                name="image_favourite",
                fields=["owner", "-created_at", "-id"],
                condition=Q(favourite=True, in_gallery=True, saved_at__isnull=False, trashed_at=None),
            ),
            models.Index(
                name="image_rated",
                fields=["owner", "rating", "-created_at", "-id"],
                condition=Q(rating__gt=0, in_gallery=True, saved_at__isnull=False, trashed_at=None),
            ),
            models.Index(
                name="image_made_by",
                fields=["owner", "made_by", "-created_at", "-id"],
                condition=Q(in_gallery=True, saved_at__isnull=False, trashed_at=None),
            ),
            # The pictures of a stack, and which of them stands for it.
            models.Index(
                name="image_family",
                fields=["owner", "family", "-created_at", "-id"],
                condition=Q(in_gallery=True, saved_at__isnull=False, trashed_at=None),
            ),
            models.Index(
                name="image_seed", fields=["owner", "seed", "-created_at", "-id"], condition=Q(seed__isnull=False)
            ),
            # The trash, those that went in first leave first.
            models.Index(name="image_trash", fields=["owner", "trashed_at"], condition=Q(trashed_at__isnull=False)),
            # "Not yet safe", counted on pages and by studio_status.
            models.Index(name="image_unsaved", fields=["owner"], condition=Q(saved_at=None, given_up_at=None)),
        ]
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return f"{self.kind} {self.position} of job {self.job_id}"

    @property
    def is_saved(self) -> bool:
        return self.saved_at is not None

    @property
    def is_video(self) -> bool:
        return self.kind == ImageKind.VIDEO

    def original_url(self) -> str:
        return reverse("generations:image-original", args=[self.ref])

    def thumbnail_url(self, width: int) -> str:
        return reverse("generations:image-thumbnail", args=[self.ref, width])

    @property
    def extension(self) -> str:
        return {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp", "video/mp4": "mp4"}.get(
            self.content_type, "bin"
        )
