"""Letting people and the team see something, changing how far that goes, and taking it back."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from generations.models import Collection, Grant, Image, PublicLink, ShareRole
from generations.sharing import roles

Thing = Image | Collection
MANAGE = ShareRole.MANAGE


def of(thing: Thing) -> dict[str, Any]:
    """How grants and links name what they are about."""
    return {"image": thing} if isinstance(thing, Image) else {"collection": thing}


def grants(thing: Thing) -> QuerySet[Grant]:
    """Who has access: the team first, then people by name."""
    rows = Grant.objects.filter(**of(thing)).filter(Q(user=None) | Q(user__is_active=True))
    return rows.select_related("user").order_by(F("user__name").asc(nulls_first=True), "pk")


def candidates(thing: Thing) -> QuerySet[User]:
    """Active members who have not been given it yet."""
    taken = Grant.objects.filter(user__isnull=False, **of(thing)).values("user")
    return User.objects.filter(is_active=True).exclude(pk=thing.owner_id).exclude(pk__in=taken)


def give(by: User, thing: Thing, to: User | None, role: str, *, shows_prompts: bool = False) -> Grant:
    """Let a member, or with None the team, see something; what they had before is replaced.

    Only its owner shows prompts to others, and only roles that make sense for it are given.
    """
    if role not in roles.offered(thing):
        role = ShareRole.VIEW
    shows = shows_prompts and by.pk == thing.owner_id
    with transaction.atomic():
        grant, _ = Grant.objects.update_or_create(
            **of(thing), user=to, defaults={"role": role, "shows_prompts": shows, "created_by": by}
        )
        _close_links_of_others(thing)
    return grant


def change(by: User, grant: Grant, role: str, *, shows_prompts: bool) -> bool:
    """Change how far a grant goes; return whether that made sense. Whether prompts show is for the owner to say."""
    if role not in roles.offered(grant.thing):
        return False
    shows = shows_prompts if by.pk == grant.thing.owner_id else grant.shows_prompts
    with transaction.atomic():
        Grant.objects.filter(pk=grant.pk).update(role=role, shows_prompts=shows)
        _close_links_of_others(grant.thing)
    return True


def take_back(grant: Grant) -> None:
    """End a grant, and with it what the member could do by it."""
    thing = grant.thing
    with transaction.atomic():
        grant.delete()
        _close_links_of_others(thing)


def _close_links_of_others(thing: Thing) -> None:
    """Revoke public links made by members who no longer manage the collection."""
    rows = PublicLink.objects.filter(revoked_at=None, **of(thing)).exclude(created_by=thing.owner_id)
    lost = [link.pk for link in rows.select_related("created_by") if not roles.may(link.created_by, thing, MANAGE)]
    PublicLink.objects.filter(pk__in=lost).update(revoked_at=timezone.now())


@dataclass(frozen=True)
class Place:
    """A collection that a picture is seen in by others, with whom."""

    collection: Collection
    has_team: bool
    people: int
    links: int
    is_mine: bool

    @property
    def words(self) -> str:
        """Who sees it, as in "the team, 2 people, 1 public link"."""
        people = f"{self.people} {'person' if self.people == 1 else 'people'}" if self.people else ""
        links = f"{self.links} public link{'' if self.links == 1 else 's'}" if self.links else ""
        owner = "" if self.is_mine else str(self.collection.owner)
        return ", ".join(part for part in (owner, "the team" if self.has_team else "", people, links) if part)


def places(image: Image) -> list[Place]:
    """The collections through which others see a picture: shared ones, and other members' own. One query."""
    now = timezone.now()
    open_link = Q(links__revoked_at=None) & (Q(links__expires_at=None) | Q(links__expires_at__gt=now))
    rows = (
        Collection.objects.plain()
        .filter(entries__image=image)
        .select_related("owner")
        .annotate(
            people=Count("grants", filter=Q(grants__user__is_active=True), distinct=True),
            teams=Count("grants", filter=Q(grants__isnull=False, grants__user=None), distinct=True),
            open_links=Count("links", filter=open_link & Q(links__isnull=False), distinct=True),
        )
        .order_by("name")
    )
    found = [Place(row, bool(row.teams), row.people, row.open_links, row.owner_id == image.owner_id) for row in rows]
    return [place for place in found if place.words]


@dataclass(frozen=True)
class Summary:
    """Who sees something at the moment, for the top of its share page."""

    has_team: bool
    people: int
    links: int

    @property
    def is_private(self) -> bool:
        return not (self.has_team or self.people or self.links)


def summary(found: list[Grant], links: list[PublicLink]) -> Summary:
    people = [grant for grant in found if grant.user_id]
    return Summary(len(people) < len(found), len(people), sum(link.is_open for link in links))
