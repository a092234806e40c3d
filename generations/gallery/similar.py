"""What is like a picture: its near-duplicates, and pictures whose prompts share its words. Only its owner's own.

Near-duplicates have a perceptual hash that differs by a few bits (docs/decisions/0021). Candidates share a quarter of
the hash but for one bit, which an index answers; their distance is counted here.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from generations.gallery import fulltext, words
from generations.models import Image, ImageLook
from generations.models.image import ImageQuerySet
from generations.models.look import hamming

MOST = 60  # pictures of each kind that are shown
CANDIDATES = 5_000  # that are compared, the newest first

CLOSE = 10  # bits, of 64; measured in docs/decisions/0021
SAME = 4  # bits up to which no two different pictures came

CONSIDERED = 12  # words of a prompt whose pictures are counted, the longest
ASKED = 8  # words that are asked for together at first, the rarest of these
RANKED = 300  # pictures that share any of them, whose words are compared, the newest
LISTED = 5_000  # pictures, of everybody's, that one question lists at most on SQLite


@dataclass(frozen=True)
class Near:
    """A picture that looks like another: by so many of 64 bits it looks otherwise."""

    image: Image
    distance: int

    @property
    def likeness(self) -> str:
        """In a word, for its badge."""
        return "Same" if self.distance <= SAME else "Close"


@dataclass(frozen=True)
class Alike:
    """Pictures whose prompts share words, and the words that were asked for, the rarest first."""

    images: list[Image]
    words: list[str]


def pool(user) -> ImageQuerySet:
    """Where everything here is looked for: what this member's own gallery shows."""
    return Image.objects.visible_to(user).in_gallery()


def near(user, image: Image, phash: int) -> list[Near]:
    """Near-duplicates of a picture, the nearest first, then the newest; in two statements."""
    shown = Exists(pool(user).filter(pk=OuterRef("image_id")))
    candidates = ImageLook.objects.near(user, phash).exclude(image=image).filter(shown).order_by("-image_id")
    found = [(hamming(phash, other), -pk) for pk, other in candidates.values_list("image_id", "phash")[:CANDIDATES]]
    nearest = sorted(each for each in found if each[0] <= CLOSE)[:MOST]
    images = pool(user).in_bulk([-pk for _, pk in nearest])
    return [Near(images[-pk], distance) for distance, pk in nearest if -pk in images]


def alike(user, image: Image, without: Collection[int] = ()) -> Alike:
    """Pictures of this member's other jobs whose prompts share words with this one's; at most five statements.

    First those that share all of its distinctive words, then those that share the rarer half of them, each time the
    newest first; then those that share any rare one, most words first. `without` are primary keys of pictures that are
    not wanted.
    """
    counted = _distinctive(image)
    wanted = [word for word, _ in counted]
    rare = [word for word, count in counted if count < fulltext.MANY] or wanted[:1]
    found: list[Image] = []
    for asked in (wanted, wanted[: (len(wanted) + 1) // 2]):
        if asked and len(found) < MOST:
            others = _holding(user, image, [_whole(word) for word in asked], [*without, *_pks(found)])
            found += others[: MOST - len(found)]
    if rare and len(found) < MOST:
        any_of_them = fulltext.AnyOf([_whole(word) for word in rare])
        others = _holding(user, image, [any_of_them], [*without, *_pks(found)])
        found += _most_shared(others, wanted, MOST - len(found))
    return Alike(found, wanted)


def _distinctive(image: Image) -> list[tuple[str, int]]:
    """The rarest words of a picture's prompt that pictures of other jobs have too, the rarest first; in one statement.

    With each, how many pictures have it, counted in the index up to `fulltext.MANY`; among equals the longer word
    comes first.
    """
    considered = sorted(words.telling(image.words), key=len, reverse=True)[:CONSIDERED]
    counts = fulltext.counts([[_whole(word)] for word in considered], without_job=image.job_id)
    counted = [(word, count) for word, count in zip(considered, counts, strict=True) if count]
    return sorted(counted, key=lambda each: each[1])[:ASKED]


def _holding(user, image: Image, terms: list[fulltext.Term], without: Collection[int]) -> ImageQuerySet:
    """Pictures of other jobs whose words hold these, the newest first."""
    matching = pool(user).filter(fulltext.Matches(terms, newest=LISTED))
    return matching.exclude(job=image.job_id).exclude(pk__in=without).order_by("-created_at", "-id")


def _whole(word: str) -> fulltext.Term:
    return fulltext.Term([word], goes_on=False)


def _pks(images: Iterable[Image]) -> Iterator[int]:
    return (image.pk for image in images)


def _most_shared(others: ImageQuerySet, wanted: Collection[str], most: int) -> list[Image]:
    """Of the first of these pictures so many that share most of the words, in their order among equals."""
    rows = [(pk, set(text.split())) for pk, text in others.values_list("pk", "words")[:RANKED]]
    best = [pk for pk, theirs in sorted(rows, key=lambda row: -len(row[1].intersection(wanted)))[:most]]
    images = others.in_bulk(best)
    return [images[pk] for pk in best if pk in images]
