"""What can be done to one picture or to many at once, and undone: marks, tags, collections, the trash.

Every change says how many pictures it really changed, and keeps what was before.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from generations.gallery import collecting, words
from generations.models import Collection, CollectionEntry, GalleryChange, Image, ImageTag, Tag
from generations.models.image import ImageQuerySet

MOST = 5000  # pictures of one change
PORTION = 500
UNDONE_WITHIN = timedelta(days=1)
RATINGS = range(6)
LONGEST_TAG = 40

FIELDS = ("favourite", "rejected", "rating", "trash", "restore")
WHAT = (*FIELDS, "tag", "untag", "collect", "uncollect")


class CannotChange(Exception):
    """It cannot be done. The message says why and what to do."""


@dataclass(frozen=True)
class Done:
    """`changed` of `looked_at` pictures are different now; `row` undoes it, None where there is nothing to undo."""

    what: str
    value: str
    changed: int
    looked_at: int
    row: GalleryChange | None

    @property
    def words(self) -> str:
        """What was done, in a sentence."""
        if not self.looked_at:
            return "No picture was chosen."
        if not self.changed:
            return f"Nothing changed: {'it was' if self.looked_at == 1 else 'all of them were'} so already."
        some = "1 picture" if self.changed == 1 else f"{self.changed:,} pictures"
        rest = self.looked_at - self.changed
        others = f"; {rest:,} {'was' if rest == 1 else 'were'} so already" if rest else ""
        return f"{some} {_verb(self.what, self.value)}{others}."


def _verb(what: str, value: str) -> str:
    match what:
        case "favourite":
            return "marked as favourite" if value == "1" else "no longer favourite"
        case "rejected":
            return "rejected" if value == "1" else "no longer rejected"
        case "rating":
            return f"rated {value}" if value != "0" else "without a rating"
        case "trash":
            return f"in the trash, for {settings.TRASH_DAYS} days"
        case "restore":
            return "back in the gallery"
        case "tag":
            return f"tagged “{value}”"
        case "untag":
            return f"without the tag “{value}”"
        case "collect":
            return f"added to “{value}”"
        case _:
            return f"taken out of “{value}”"


def apply(user, images: ImageQuerySet, what: str, value: str = "") -> Done:
    """Do something with pictures of this member, at most `MOST` of them. Raises CannotChange."""
    mine = images.filter(owner_id=user.pk).order_by("-created_at", "-id")
    pks = list(mine.values_list("pk", flat=True)[: MOST + 1])
    if len(pks) > MOST:
        raise CannotChange(f"At most {MOST:,} pictures can be changed at once. Narrow the search, or choose fewer.")
    with transaction.atomic():
        if what in FIELDS:
            return _set(user, pks, what, value)
        if what in {"tag", "untag"}:
            return _tag(user, pks, what, value)
        if what in {"collect", "uncollect"}:
            return _collect(user, pks, what, value)
    raise CannotChange("There is no such thing to do with pictures.")


def undo(user, change: GalleryChange) -> int:
    """Put back what was before; return how many pictures that concerns. Raises CannotChange."""
    with transaction.atomic():
        fresh = GalleryChange.objects.filter(pk=change.pk, owner_id=user.pk, undone_at=None)
        if not fresh.filter(at__gt=timezone.now() - UNDONE_WITHIN).update(undone_at=timezone.now()):
            raise CannotChange("This was undone before, or it is more than a day ago.")
        return sum(_back(user, change.what, key, pks) for key, pks in change.before.items())


def _back(user, what: str, key: str, pks: list[int]) -> int:
    mine = Image.objects.filter(owner_id=user.pk)
    count = 0
    for some in _portions(pks):
        match what:
            case "favourite" | "rejected":
                count += mine.filter(pk__in=some).update(**{what: key == "1"})
            case "rating":
                count += mine.filter(pk__in=some).update(rating=int(key))
            case "trash" | "restore":
                count += mine.filter(pk__in=some).update(trashed_at=None if what == "trash" else timezone.now())
            case "tag":
                count += ImageTag.objects.filter(tag_id=key, tag__owner=user.pk, image__in=some).delete()[0]
            case "untag":
                tag = Tag.objects.filter(pk=key, owner_id=user.pk).first()
                count += len(_add_tags(tag, mine.filter(pk__in=some))) if tag else 0
            case "collect":
                entries = CollectionEntry.objects.filter(collection_id=key, collection__owner=user.pk, image__in=some)
                count += entries.delete()[0]
            case "uncollect":
                collection = Collection.objects.owned_by(user).filter(pk=key).first()
                kept = list(mine.filter(pk__in=some).values_list("pk", flat=True))
                count += len(collecting.add(user, collection, kept)) if collection else 0
    return count


# Fields


def _set(user, pks: list[int], what: str, value: str) -> Done:
    field, new = _field(what, value)
    before: dict[str, list[int]] = {}
    changed = 0
    for some in _portions(pks):
        rows = Image.objects.filter(pk__in=some, owner_id=user.pk).select_for_update(no_key=True)
        changing = []
        for pk, old in rows.values_list("pk", field):
            if (old is None) != (new is None) if field == "trashed_at" else old != new:
                before.setdefault("" if field == "trashed_at" else str(int(old)), []).append(pk)
                changing.append(pk)
        changed += Image.objects.filter(pk__in=changing).update(**{field: new})
    return Done(what, value, changed, len(pks), _note(user, what, before))


def _field(what: str, value: str) -> tuple[str, Any]:
    match what:
        case "favourite" | "rejected":
            if value not in {"0", "1"}:
                raise CannotChange("Say 1 for yes or 0 for no.")
            return what, value == "1"
        case "rating":
            if not (value.isascii() and value.isdecimal() and len(value) == 1 and int(value) in RATINGS):
                raise CannotChange("A rating is 1 to 5, or 0 for none.")
            return what, int(value)
        case "trash":
            return "trashed_at", timezone.now()
        case _:
            return "trashed_at", None


# Tags


def tag_named(user, name: str, *, makes: bool) -> Tag | None:
    """The member's tag of this name, whatever its case. Raises CannotChange for what is no name."""
    name = " ".join(name.split())
    key = words.fold(name)
    if not key or len(name) > LONGEST_TAG or len(key) > LONGEST_TAG or '"' in name:
        raise CannotChange(f"A tag has 1 to {LONGEST_TAG} characters and no quotation marks.")
    if makes:
        return Tag.objects.get_or_create(owner=user, key=key, defaults={"name": name})[0]
    return Tag.objects.filter(owner=user, key=key).first()


def _tag(user, pks: list[int], what: str, name: str) -> Done:
    tag = tag_named(user, name, makes=what == "tag" and bool(pks))
    if tag is None:
        return Done(what, name, 0, len(pks), None)
    done: list[int] = []
    for some in _portions(pks):
        if what == "tag":
            done += _add_tags(tag, Image.objects.filter(pk__in=some))
        else:
            rows = ImageTag.objects.filter(tag=tag, image__in=some)
            done += rows.values_list("image_id", flat=True)
            rows.delete()
    return Done(what, tag.name, len(done), len(pks), _note(user, what, {str(tag.pk): done}))


def _add_tags(tag: Tag, images: ImageQuerySet) -> list[int]:
    have = set(ImageTag.objects.filter(tag=tag, image__in=images).values_list("image_id", flat=True))
    new = [pk for pk in images.values_list("pk", flat=True) if pk not in have]
    ImageTag.objects.bulk_create([ImageTag(tag=tag, image_id=pk) for pk in new], ignore_conflicts=True)
    return new


# Collections


def _collect(user, pks: list[int], what: str, ref: str) -> Done:
    collection = _collection(user, ref)
    done: list[int] = []
    if what == "collect":
        for some in _portions(list(reversed(pks))):  # the newest comes last, as it would have one by one
            done += collecting.add(user, collection, some)
    else:
        for some in _portions(pks):
            entries = CollectionEntry.objects.filter(collection=collection, image__in=some)
            done += entries.values_list("image_id", flat=True)
            entries.delete()
    if done:
        Collection.objects.filter(pk=collection.pk).update(changed_at=timezone.now())
    return Done(what, collection.name, len(done), len(pks), _note(user, what, {str(collection.pk): done}))


def _collection(user, ref: str) -> Collection:
    try:
        found = Collection.objects.owned_by(user).plain().filter(ref=ref).first()
    except (ValueError, TypeError, ValidationError):
        found = None
    if found is None:
        raise CannotChange("Choose one of your collections.")
    return found


def _note(user, what: str, before: dict[str, list[int]]) -> GalleryChange | None:
    kept = {key: pks for key, pks in before.items() if pks}
    return GalleryChange.objects.create(owner=user, what=what, before=kept) if kept else None


def _portions(pks: Sequence[int]) -> Iterator[Sequence[int]]:
    for at in range(0, len(pks), PORTION):
        yield pks[at : at + PORTION]
