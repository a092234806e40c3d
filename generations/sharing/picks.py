"""What visitors of a link mark and write, and how the owner reads it."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Q
from django.utils import timezone

from generations.models import Image, Pick, PublicLink
from generations.sharing import giving
from generations.sharing.visitors import Visitor

LONGEST_NOTE = 1000
MOST_VISITORS = 200  # of one link that leave something
MOST_READ = 300  # that one page shows


class TooMany(Exception):
    """The link has had as many visitors as it takes."""


def of_visitor(link: PublicLink, who: Visitor | None, images: Iterable[Image]) -> dict[int, Pick]:
    """What this visitor has left on these pictures, by the picture's primary key."""
    if who is None:
        return {}
    rows = Pick.objects.filter(link=link, visitor=who.key, image__in=[image.pk for image in images])
    return {pick.image_id: pick for pick in rows}


def leave(
    link: PublicLink, image: Image, who: Visitor, *, chosen: bool | None = None, note: str | None = None
) -> Pick | None:
    """Mark a picture or write to it; what is None stays. Nothing is kept of what is empty. Raises TooMany."""
    mine = Pick.objects.filter(link=link, image=image, visitor=who.key)
    pick = mine.first() or Pick(link=link, image=image, visitor=who.key)
    if pick.pk is None and _is_full(link, who):
        raise TooMany
    pick.chosen = pick.chosen if chosen is None else chosen
    pick.note = pick.note if note is None else note.strip()[:LONGEST_NOTE]
    pick.name, pick.changed_at = who.name, timezone.now()
    if not pick.chosen and not pick.note:
        mine.delete()
        return None
    Pick.objects.update_or_create(
        link=link,
        image=image,
        visitor=who.key,
        defaults={"chosen": pick.chosen, "note": pick.note, "name": pick.name, "changed_at": pick.changed_at},
    )
    return pick


def rename(link: PublicLink, who: Visitor) -> None:
    """Put what a visitor calls themselves beside everything that they have left."""
    Pick.objects.filter(link=link, visitor=who.key).update(name=who.name)


def _is_full(link: PublicLink, who: Visitor) -> bool:
    others = Pick.objects.filter(link=link).exclude(visitor=who.key)
    return others.values("visitor").distinct().count() >= MOST_VISITORS


@dataclass
class Said:
    """What visitors left on one picture."""

    image: Image
    picks: list[Pick] = field(default_factory=list)

    @property
    def chosen(self) -> int:
        return sum(pick.chosen for pick in self.picks)


def of_thing(thing: giving.Thing) -> list[Said]:
    """What visitors left through the links to something: the most chosen pictures first. Two queries."""
    via = {f"link__{name}": value for name, value in giving.of(thing).items()}
    rows = Pick.objects.filter(Q(image__trashed_at=None), **via).select_related("image", "link").order_by("-changed_at")
    return _grouped(rows[:MOST_READ])


def of_image(image: Image) -> list[Pick]:
    """What visitors left on a picture, whichever link they came by."""
    return list(image.picks.select_related("link").order_by("-changed_at")[:MOST_READ])


def _grouped(rows: Iterable[Pick]) -> list[Said]:
    found: dict[int, Said] = {}
    for pick in rows:
        found.setdefault(pick.image_id, Said(pick.image)).picks.append(pick)
    return sorted(found.values(), key=lambda said: -said.chosen)
