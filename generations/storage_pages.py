"""What the page of the storage shows: the last check of the files, and how much of the disk is whose."""

from dataclasses import dataclass

from django.db.models import Count, Q, Sum

from accounts.models import User
from generations.media import repair
from generations.media.storages import media
from generations.models import Image, MediaCheck, Reference


@dataclass
class Use:
    """What a member, or with `person` None everybody, keeps on the disk. Thumbnails are not counted."""

    person: User | None
    pictures: int = 0
    picture_bytes: int = 0
    trashed: int = 0
    trash_bytes: int = 0
    references: int = 0
    reference_bytes: int = 0

    @property
    def bytes(self) -> int:
        return self.picture_bytes + self.trash_bytes + self.reference_bytes


@dataclass(frozen=True)
class Problem:
    """A file that the check found missing or damaged."""

    finding: str
    row: Image | Reference
    can_be_fetched: bool
    is_back: bool

    @property
    def is_image(self) -> bool:
        return isinstance(self.row, Image)


FIGURES = ("pictures", "picture_bytes", "trashed", "trash_bytes", "references", "reference_bytes")


def use_by_member() -> list[Use]:
    """Everybody who keeps something, the most first: one query for each table, and one for the names."""
    trashed = Q(trashed_at__isnull=False)
    images = Image.objects.saved().values("owner").order_by()
    found: dict[int, dict[str, int]] = {}
    figures = images.annotate(
        pictures=Count("pk", filter=~trashed),
        picture_bytes=Sum("bytes", filter=~trashed, default=0),
        trashed=Count("pk", filter=trashed),
        trash_bytes=Sum("bytes", filter=trashed, default=0),
    )
    references = Reference.objects.values("owner").order_by()
    figures_of_references = references.annotate(references=Count("pk"), reference_bytes=Sum("bytes"))
    rows: list[dict] = [*map(dict, figures), *map(dict, figures_of_references)]
    for row in rows:
        found.setdefault(row.pop("owner"), {}).update(row)
    people = User.objects.in_bulk(found)
    return sorted((Use(people[pk], **use) for pk, use in found.items()), key=lambda use: -use.bytes)


def total(uses: list[Use]) -> Use:
    return Use(None, **{name: sum(getattr(use, name) for use in uses) for name in FIGURES})


def free_bytes() -> int | None:
    """What is left on the disk of the pictures; a bucket does not say."""
    return media().free_bytes()


def last_check() -> MediaCheck | None:
    """The newest that has ended."""
    return MediaCheck.objects.exclude(ended_at=None).order_by("-pk").first()


def problems(check: MediaCheck) -> list[Problem]:
    """The files that it found missing or damaged, as they are now: two queries."""
    found = []
    images = _named(check, "")
    for image in Image.objects.filter(pk__in=images).select_related("owner", "job").order_by("pk"):
        fetchable = repair.can_be_fetched(image)
        found.append(Problem(images[image.pk], image, fetchable, _is_back(image.path, images[image.pk], check)))
    references = _named(check, "_references")
    for reference in Reference.objects.filter(pk__in=references).select_related("owner").order_by("pk"):
        finding = references[reference.pk]
        found.append(Problem(finding, reference, False, _is_back(reference.path, finding, check)))
    return found


def _named(check: MediaCheck, suffix: str) -> dict[int, str]:
    return {pk: finding for finding in ("missing", "damaged") for pk in check.details.get(f"{finding}{suffix}", [])}


def _is_back(path: str, finding: str, check: MediaCheck) -> bool:
    """Whether a file that was missing is there, or one that was damaged has been written since."""
    try:
        written = media().get_modified_time(path)
    except OSError:
        return False
    return finding == "missing" or written > check.started_at
