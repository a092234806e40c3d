"""Who may look at what. Everything that shows somebody else's picture asks here.

A picture is seen by its owner, by whom it was given to, and through a collection: by the collection's owner and whom
the collection was given to. Pictures that are in the trash or not saved yet are seen by nobody but their owner.
"""

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from generations.gallery import pages
from generations.gallery.query import parse
from generations.models import Collection, CollectionEntry, Grant, Image
from generations.models.image import ImageQuerySet

MOST_SMART = 30  # collections that are searches, and that one member sees pictures through, newest first

SHOWABLE = Q(saved_at__isnull=False, trashed_at=None)


def viewable_images(user) -> Q:
    """The condition of `ImageQuerySet.viewable_by`. One query for the smart collections, and those of their words."""
    given = Exists(Grant.objects.reaching(user).filter(image=OuterRef("pk")))
    seen = Collection.objects.plain().filter(visible_collections(user))
    inside = Exists(CollectionEntry.objects.filter(image=OuterRef("pk"), collection__in=seen))
    shared = Q(given) | Q(inside)
    for collection in smart_given_to(user)[:MOST_SMART]:
        shared |= Q(pk__in=pictures(collection).order_by().values("pk"))
    return Q(owner_id=user.pk) | SHOWABLE & shared


def visible_collections(user) -> Q:
    """The condition of `CollectionQuerySet.visible_to`."""
    return Q(owner_id=user.pk) | Q(Exists(Grant.objects.reaching(user).filter(collection=OuterRef("pk"))))


def smart_given_to(user) -> QuerySet[Collection]:
    """Searches under a name that others have given to this member or to the team."""
    given = Exists(Grant.objects.reaching(user).filter(collection=OuterRef("pk")))
    return (
        Collection.objects.filter(given).exclude(query="").exclude(owner=user).select_related("owner").order_by("-pk")
    )


def pictures(collection: Collection) -> ImageQuerySet:
    """What others see of a collection: what lies in it, or what its search finds among its owner's pictures."""
    if collection.is_smart:
        query = parse(collection.query, today=timezone.localdate())
        # A search of which nothing was understood would find everything.
        return pages.pictures(collection.owner, query) if query else Image.objects.none()
    return Image.objects.filter(SHOWABLE, entries__collection=collection)


def holds(collection: Collection, image: Image) -> bool:
    """Whether others see this picture in that collection."""
    return pictures(collection).filter(pk=image.pk).exists()


def viewers(image: Image) -> QuerySet[User]:
    """The active members who may look at a picture, its owner among them."""
    grants = Grant.objects.filter(_of(image))
    everybody = User.objects.filter(is_active=True)
    if grants.filter(user=None).exists():
        return everybody
    given = Exists(grants.filter(user=OuterRef("pk")))
    keeps = Exists(CollectionEntry.objects.filter(image=image, collection__query="", collection__owner=OuterRef("pk")))
    return everybody.filter(Q(pk=image.owner_id) | Q(given) | Q(keeps))


def _of(image: Image) -> Q:
    """The grants that show a picture: its own, and those of the collections it is seen in."""
    plain = Collection.objects.plain().filter(entries__image=image)
    shared = Collection.objects.filter(owner=image.owner_id, grants__isnull=False).exclude(query="").distinct()
    found = [each.pk for each in shared.select_related("owner") if holds(each, image)]
    return Q(image=image) | Q(collection__in=plain) | Q(collection__in=found)


def grants_of(image: Image, user) -> QuerySet[Grant]:
    """What lets a member see somebody else's picture, with the collections it is seen through."""
    rows = Grant.objects.reaching(user).select_related("collection__owner", "created_by")
    plain = rows.filter(Q(image=image) | Q(collection__query="", collection__entries__image=image))
    through = rows.filter(collection__owner=image.owner_id).exclude(collection__query="")
    smart = [grant.pk for grant in through if grant.collection and holds(grant.collection, image)]
    return rows.filter(Q(pk__in=plain.values("pk")) | Q(pk__in=smart))
