"""What somebody wants to take home, and how: which pictures, under which names, in which form, with what told.

An order is kept for a week under a random key, so that the archive has an address of its own that a browser can go on
from where it broke off, whatever comes into the gallery meanwhile.
"""

import secrets
import zlib
from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.utils import timezone

from accounts.models import User
from generations import refs
from generations.gallery import pages
from generations.gallery import query as language
from generations.gallery.query import Query
from generations.home import naming
from generations.models import Collection, Image
from generations.models.image import ImageQuerySet

MOST_REFS = 20_000
MOST_ANNOUNCED = 50_000
PORTION = 500
KEPT_FOR = 7 * 86_400  # seconds

AS_THEY_ARE = ""
NOTHING, JSON, XMP = "none", "json", "xmp"


class NotYours(Exception):
    """What is asked for is not there, or belongs to somebody else."""


class TooMany(Exception):
    """More pictures were named than one request may name."""


@dataclass(frozen=True)
class Chosen:
    """Pictures in order, how much they are, and what to call them all."""

    pks: "array[int]"
    bytes: int
    title: str
    fields: dict[str, str] = field(default_factory=dict)  # what names the same pictures in another request
    problems: tuple[str, ...] = ()  # what of a search was not understood

    def __len__(self) -> int:
        return len(self.pks)


@dataclass(frozen=True)
class Order:
    """Chosen pictures and the options for their archive."""

    pks: "array[int]"
    title: str = "pictures"
    pattern: str = naming.DEFAULT
    form: str = AS_THEY_ARE  # or jpeg, png, webp
    told: str = NOTHING

    @property
    def is_announced(self) -> bool:
        """Whether its size is told before and parts of it can be asked for.

        Files as they are make the same archive each time; encoders may change. Beyond some number looking at all of
        them first would keep the browser waiting for too long.
        """
        return not self.form and len(self.pks) <= MOST_ANNOUNCED


def choose(user: User, sent: Mapping[str, Any], named: Iterable[str]) -> Chosen:
    """The pictures that a request names: a `collection`, these refs, or all that `q` finds, with `all` in any case.

    Raises NotYours, TooMany.
    """
    chosen = list(dict.fromkeys(named))
    if collection := sent.get("collection", ""):
        return _of_collection(user, collection)
    is_ticking = "selects" in sent  # the gallery's bar says its search along; nothing ticked there is not everything
    if "q" in sent and (sent.get("all") or not (chosen or is_ticking)):
        return _found(user, sent["q"])
    return _named(user, chosen)


def _named(user: User, named: list[str]) -> Chosen:
    if len(named) > MOST_REFS:
        raise TooMany
    wanted = refs.known(named)
    known: dict[UUID, tuple[int, int]] = {}
    for at in range(0, len(wanted), PORTION):
        rows = Image.objects.visible_to(user).saved().filter(ref__in=wanted[at : at + PORTION])
        known |= {ref: (pk, size or 0) for ref, pk, size in rows.values_list("ref", "pk", "bytes")}
    there = [ref for ref in wanted if ref in known]
    if named and not there:
        raise NotYours
    return Chosen(
        array("Q", (known[ref][0] for ref in there)), sum(known[ref][1] for ref in there), "pictures",
        {"images": " ".join(str(ref) for ref in there)},
    )  # fmt: skip


def _of_collection(user: User, ref: str) -> Chosen:
    collection = Collection.objects.owned_by(user).filter(ref__in=refs.known([ref])).first()
    if collection is None:
        raise NotYours
    if collection.is_smart:
        images = _matching(user, language.parse(collection.query, today=timezone.localdate()))
    else:
        images = Image.objects.visible_to(user).in_gallery().filter(entries__collection=collection)
        images = images.order_by("entries__position", "entries__id")
    return _all_of(images, collection.name, {"collection": str(collection.ref)})


def _found(user: User, text: str) -> Chosen:
    parsed = language.parse(text, today=timezone.localdate())
    chosen = _all_of(_matching(user, parsed), text.strip() or "gallery", {"q": text})
    return replace(chosen, problems=tuple(problem.message for problem in parsed.problems))


def _matching(user: User, parsed: Query) -> ImageQuerySet:
    return pages.pictures(user, parsed).order_by("-created_at", "-id")


def _all_of(images: ImageQuerySet, title: str, fields: dict[str, str]) -> Chosen:
    pks, total = array("Q"), 0
    for pk, size in images.values_list("pk", "bytes").iterator(chunk_size=2000):
        pks.append(pk)
        total += size or 0
    return Chosen(pks, total, title, fields)


def images(user: User, order: Order) -> Iterator[tuple[int, Image]]:
    """Those that are still this member's, numbered as they were chosen, with what is told about them."""
    rows = Image.objects.visible_to(user).saved().select_related("job")
    if order.told == NOTHING:
        rows = rows.only("path", "content_type", "kind", "position", "sha256", "created_at", "seed", "model",
                         "job__text", "job__ref")  # fmt: skip
    else:
        unused = ("job__upstream", "job__buttons", "job__suggestions", "words", "thumbnails", "source_url")
        of_parent = (f"job__parent__{name}" for name in ("upstream", "buttons", "text", "parameters", "suggestions"))
        rows = rows.select_related("job__parent").defer(*unused, *of_parent).prefetch_related("tags")
    pks = order.pks
    for at in range(0, len(pks), PORTION):
        portion = pks[at : at + PORTION]
        known = rows.in_bulk(list(portion))
        for number, pk in enumerate(portion, at + 1):
            if pk in known:
                yield number, known.pop(pk)


def keep(user: User, order: Order) -> str:
    """Keep an order; returns its key."""
    key = secrets.token_urlsafe(16)
    options = {name: getattr(order, name) for name in ("title", "pattern", "form", "told")}
    cache.set(_key(key), {"owner": user.pk, "pks": zlib.compress(order.pks.tobytes()), **options}, KEPT_FOR)
    return key


def kept(user: User, key: str) -> Order:
    """The order of this member under a key. Raises NotYours."""
    found = cache.get(_key(key))
    if not found or found.pop("owner") != user.pk:
        raise NotYours
    pks = array("Q")
    pks.frombytes(zlib.decompress(found.pop("pks")))
    return Order(pks, **found)


def _key(key: str) -> str:
    return f"download:{key}"
