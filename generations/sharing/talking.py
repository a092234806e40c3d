"""Comments on pictures, and whom they mention."""

import re
from collections import defaultdict
from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from generations.models import Comment, Image
from generations.sharing import seeing

LONGEST = 2000
MOST = 200  # comments that a picture shows, the last ones
MOST_NAMES = 12  # that are suggested under the box
_LETTER = r"[^\W_]"


def of_image(image: Image) -> list[Comment]:
    """What was said about a picture, in order. Two queries."""
    rows = image.comments.select_related("author").prefetch_related("mentions").order_by("-pk")
    return list(rows[:MOST])[::-1]


def say(author: User, image: Image, text: str) -> Comment:
    """Write a comment and note whom it mentions: active members who see the picture."""
    others = seeing.viewers(image).exclude(pk=author.pk)
    with transaction.atomic():
        comment = Comment.objects.create(image=image, author=author, text=text.strip()[:LONGEST])
        comment.mentions.set(mentioned(comment.text, others))
    return comment


def may_delete(user, comment: Comment) -> bool:
    """Whoever wrote it, and whose picture it is about."""
    return user.pk in {comment.author_id, comment.image.owner_id}


def mentionable(image: Image, user) -> list[str]:
    """Names that can stand behind an @, for the words under the box."""
    people = seeing.viewers(image).exclude(pk=user.pk).order_by("name", "pk")[:MOST_NAMES]
    return list(dict.fromkeys(str(person) for person in people))


def mentioned(text: str, people: Iterable[User]) -> list[User]:
    """Whom a text names behind an @: by the whole name, the address before its @, or a first name that only one has."""
    if "@" not in text:
        return []
    found: dict[int, User] = {}
    for name, who in _names(people):
        # A longer name that was found is cut out, so that "@Mia Berg" is not "@Mia" as well.
        text, count = re.subn(rf"(?<!{_LETTER})@{re.escape(name)}(?!{_LETTER})", " ", text, flags=re.IGNORECASE)
        if count:
            found |= {person.pk: person for person in who}
    return list(found.values())


def _names(people: Iterable[User]) -> list[tuple[str, list[User]]]:
    """What people are called, longest first. A name that several have means all; a part of one must be clear."""
    whole: dict[str, list[User]] = defaultdict(list)
    parts: dict[str, list[User]] = defaultdict(list)
    for person in people:
        whole[person.name.casefold() or person.email].append(person)
        parts[person.email.partition("@")[0].casefold()].append(person)
        if " " in person.name:
            parts[person.name.split()[0].casefold()].append(person)
    for name, who in parts.items():
        if name not in whole and len({person.pk for person in who}) == 1:
            whole[name] = who
    return sorted(((name, who) for name, who in whole.items() if name), key=lambda pair: -len(pair[0]))


def mentions_of(user) -> QuerySet[Comment]:
    """Comments that name this member, on pictures that they still see, newest first."""
    seen = Image.objects.viewable_by(user).filter(seeing.SHOWABLE)
    rows = Comment.objects.filter(mentions=user, image__in=seen).exclude(author=user)
    return rows.select_related("author", "image").prefetch_related("mentions").order_by("-pk")
