"""A query of the search box as conditions on pictures."""

from datetime import UTC, date, datetime, time, timedelta
from functools import reduce
from operator import and_
from typing import Any

from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from generations.gallery import fulltext
from generations.gallery.query import Query, Term
from generations.models import Collection, CollectionEntry, Grant, ImageKind, ImageTag, Job, PublicLink, Tag
from generations.models.image import ImageQuerySet

CLOSE = 0.02  # pictures have whole pixels, so a ratio is met as nearly as that
_COMPARED = {":": "", ">": "__gt", "<": "__lt", ">=": "__gte", "<=": "__lte"}
_SHAPES = {"landscape": Q(width__gt=F("height")), "portrait": Q(width__lt=F("height")), "square": Q(width=F("height"))}


def apply(images: ImageQuerySet, query: Query, user) -> ImageQuerySet:
    """Narrow pictures of this member to what the query asks for."""
    texts = [term for term in query.terms if term.kind in {"words", "phrase"}]
    wanted = [_text(term) for term in texts if not term.negated]
    if wanted:
        images = images.filter(fulltext.Matches(wanted, is_common=fulltext.are_common(wanted)))
    for term in texts:
        if term.negated:
            images = images.exclude(fulltext.Matches([_text(term)], is_common=True))
    others = [_condition(term, user) for term in query.terms if term.kind not in {"words", "phrase"}]
    return images.filter(reduce(and_, others)) if others else images


def _text(term: Term) -> fulltext.Term:
    return fulltext.Term(term.value.split(" "), goes_on=term.kind == "words")


def _condition(term: Term, user) -> Q:
    condition = _of_kind(term, user)
    return ~condition if term.negated else condition


def _of_kind(term: Term, user) -> Q:
    match term.kind:
        case "number":
            return _number(term)
        case "is":
            return _flag(term.value)
        case "kind":
            plain = {"grid": Q(kind=ImageKind.GRID), "single": Q(kind=ImageKind.SINGLE)}
            return plain.get(term.value, Q(made_by=term.value))
        case "model":
            return Q(model=term.value)
        case "shape":
            return _SHAPES[term.value]
        case "ratio":
            return _ratio(term.value)
        case "tag":
            tags = Tag.objects.filter(owner=user, key=term.value)
            return Q(Exists(ImageTag.objects.filter(image=OuterRef("pk"), tag__in=tags)))
        case "collection":
            found = Collection.objects.owned_by(user).plain().filter(name__iexact=term.value)
            return Q(Exists(CollectionEntry.objects.filter(image=OuterRef("pk"), collection__in=found)))
        case "account":
            return Q(Exists(Job.objects.filter(pk=OuterRef("job"), account__name__iexact=term.value)))
        case "person":  # decides whose pictures are searched (pages.py); among those it says nothing more
            return Q()
        case _:
            return _dated(term.name, date.fromisoformat(term.value))


def _number(term: Term) -> Q:
    condition = Q(**{f"{term.name}{_COMPARED[term.operator]}": int(term.value)})
    # Said as well, since SQLite does not conclude by itself that its index of rated pictures will do.
    return condition & Q(rating__gt=0) if term.name == "rating" and _is_above_none(term) else condition


def _is_above_none(term: Term) -> bool:
    return term.operator == ">" or (term.operator in {":", ">="} and term.value != "0")


def _flag(name: str) -> Q:
    match name:
        case "favourite" | "rejected":
            return Q(**{name: True})
        case "rated":
            return Q(rating__gt=0)
        case "noted":
            return ~Q(note="")
        case "video":
            return Q(kind=ImageKind.VIDEO)
        case "tagged":
            return Q(Exists(ImageTag.objects.filter(image=OuterRef("pk"))))
        case "shared":
            return _shared()
        case _:
            return Q(Exists(Job.objects.filter(parent=OuterRef("job"), parent_position=OuterRef("position"))))


def _shared() -> Q:
    """Somebody else sees it: by itself, or as part of a collection."""
    given, linked = Grant.objects.all(), PublicLink.objects.open()
    shelves = Collection.objects.plain().filter(
        Exists(given.filter(collection=OuterRef("pk"))) | Exists(linked.filter(collection=OuterRef("pk")))
    )
    inside = CollectionEntry.objects.filter(image=OuterRef("pk"), collection__in=shelves)
    alone = Exists(given.filter(image=OuterRef("pk"))) | Exists(linked.filter(image=OuterRef("pk")))
    return Q(alone) | Q(Exists(inside))


def _ratio(value: str) -> Q:
    width, height = (int(part) for part in value.split(":"))
    exact: Any = F("height") * (width / height)
    return Q(width__gte=exact * (1 - CLOSE), width__lte=exact * (1 + CLOSE))


def _dated(name: str, day: date) -> Q:
    zone = timezone.get_current_timezone()
    begin = datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)
    end = datetime.combine(day + timedelta(days=1), time.min, tzinfo=zone).astimezone(UTC)
    match name:
        case "before":
            return Q(created_at__lt=begin)
        case "after":
            return Q(created_at__gte=begin)
        case _:
            return Q(created_at__gte=begin, created_at__lt=end)
