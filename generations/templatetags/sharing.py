"""Template tags of sharing."""

import re

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from generations.media import pictures
from generations.models import Comment, Image, Pick
from generations.sharing import prompts
from generations.templatetags.jobs import Addresses

register = template.Library()


@register.filter
def public_addresses(image: Image, root: str) -> Addresses:
    """Where a picture's files are for somebody with the link whose page is `root`."""
    folder = f"{root}{image.ref}"
    thumbnails = [f"{folder}/{pictures.nominal(path)}.webp" for _, _, path in image.thumbnails]
    sized = zip(thumbnails, image.thumbnails, strict=True)
    return Addresses(
        original=f"{folder}/original",
        small=thumbnails[0] if thumbnails else "",
        large=thumbnails[-1] if thumbnails else "",
        srcset=", ".join(f"{address} {thumbnail[0]}w" for address, thumbnail in sized),
    )


@register.filter
def pick_of(picked: dict[int, Pick], image: Image) -> Pick | None:
    return picked.get(image.pk)


@register.filter
def said(comment: Comment) -> SafeString:
    """A comment's text, escaped, with the names that it mentions set off."""
    names = sorted(
        {name for person in comment.mentions.all() for name in _called(person) if name}, key=len, reverse=True
    )
    if not names:
        return format_html_join("", "{}", [(comment.text,)])
    pieces = re.split(rf"(@(?:{'|'.join(map(re.escape, names))})(?![^\W_]))", comment.text, flags=re.IGNORECASE)
    return format_html_join("", "{}{}{}", [_set_off(piece, number % 2 == 1) for number, piece in enumerate(pieces)])


def _called(person) -> list[str]:
    return [person.name, *person.name.split()[:1], person.email.partition("@")[0]]


def _set_off(piece: str, is_name: bool) -> tuple[SafeString | str, str, SafeString | str]:
    return (SafeString("<strong>"), piece, SafeString("</strong>")) if is_name else ("", piece, "")


@register.filter
def prompt_shown(image: Image) -> str:
    """A picture's prompt as others read it."""
    return prompts.shown(image)
