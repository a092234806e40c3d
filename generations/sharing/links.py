"""Public links: what somebody without an account sees who has the address.

A link that is unknown, revoked or expired, or whose picture is gone, is answered alike: there is nothing here.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.hashers import check_password, make_password
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models import User
from generations.gallery import collecting, pages
from generations.models import Collection, Image, PublicLink
from generations.models.image import ImageQuerySet
from generations.sharing import giving, seeing

DAYS = {"1": 1, "7": 7, "30": 30, "": None}  # how long a link can last, as the form says it
SECRET = "generations.sharing"  # noqa: S105  # the name of what is signed, no secret


@dataclass(frozen=True)
class Terms:
    """What a link allows, as its maker says it."""

    title: str = ""
    days: int | None = None
    password: str = ""
    allows_download: bool = False
    shows_prompts: bool = False
    takes_picks: bool = False


@dataclass(frozen=True)
class PublicPage:
    images: list[Image]
    older: str  # the key of the next page, "" at the end


def create(by: User, thing: giving.Thing, terms: Terms) -> PublicLink:
    """Make a link. Only the owner of what it shows shows prompts as well."""
    return PublicLink.objects.create(
        **giving.of(thing),
        created_by=by,
        title=terms.title,
        password=make_password(terms.password) if terms.password else "",
        allows_download=terms.allows_download,
        shows_prompts=terms.shows_prompts and by.pk == thing.owner_id,
        takes_picks=terms.takes_picks,
        expires_at=timezone.now() + timedelta(days=terms.days) if terms.days else None,
    )


def of_thing(thing: giving.Thing) -> QuerySet[PublicLink]:
    """The links to something: open ones first, then those that ended; newest first."""
    rows = PublicLink.objects.filter(**giving.of(thing)).select_related("created_by")
    return rows.order_by(F("revoked_at").asc(nulls_first=True), "-pk")


def revoke(link: PublicLink) -> bool:
    """Close a link for good; return whether it was open until now."""
    return bool(PublicLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=timezone.now()))


def opened(key: str) -> PublicLink | None:
    """The link with this key, while it shows something."""
    rows = PublicLink.objects.open().select_related("image", "collection__owner")
    link = rows.filter(key=key).first()
    if link is None or (link.image and (not link.image.is_saved or link.image.trashed_at)):
        return None
    return link


def mark(link: PublicLink) -> str:
    """What a browser keeps once it knew the password; another one after the password has changed."""
    return salted_hmac(SECRET, f"{link.key} {link.password}").hexdigest()[:24] if link.password else ""


def is_password(link: PublicLink, text: str) -> bool:
    return check_password(text, link.password)


def count_view(link: PublicLink) -> None:
    PublicLink.objects.filter(pk=link.pk).update(views=F("views") + 1)


# What it shows


def pictures(link: PublicLink) -> ImageQuerySet:
    if link.collection:
        return seeing.pictures(link.collection)
    return Image.objects.filter(seeing.SHOWABLE, pk=link.image_id or 0)


def page(collection: Collection, before: str = "") -> PublicPage:
    """A page of a collection's pictures as others see them, in its own order, or a search's newest first."""
    if collection.is_smart:
        found = pages.of(seeing.pictures(collection), before)
        return PublicPage(found.images, found.older)
    entries = collecting.entries(collection, before)
    return PublicPage(entries.images, entries.older)


def neighbours(collection: Collection, image: Image) -> tuple[Image | None, Image | None]:
    """The pictures before and after one in a collection. Two queries, for a plain one three."""
    rows = seeing.pictures(collection)
    if collection.is_smart:
        at, pk = image.created_at, image.pk
        newer = rows.filter(Q(created_at__gt=at) | Q(created_at=at, pk__gt=pk)).order_by("created_at", "pk").first()
        older = rows.filter(Q(created_at__lt=at) | Q(created_at=at, pk__lt=pk)).order_by("-created_at", "-pk").first()
        return newer, older
    entries = collection.entries.filter(image__saved_at__isnull=False, image__trashed_at=None).select_related("image")
    here = entries.filter(image=image).first()
    if here is None:
        return None, None
    earlier = entries.filter(Q(position__lt=here.position) | Q(position=here.position, pk__lt=here.pk))
    later = entries.filter(Q(position__gt=here.position) | Q(position=here.position, pk__gt=here.pk))
    before, after = earlier.order_by("-position", "-pk").first(), later.order_by("position", "pk").first()
    return before.image if before else None, after.image if after else None


def shows_prompt(link: PublicLink, image: Image) -> bool:
    """Whether visitors read this picture's prompt: never that of a picture which somebody else added."""
    return link.shows_prompts and image.owner_id == link.thing.owner_id
