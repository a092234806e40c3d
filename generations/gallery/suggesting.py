"""What may come next in the search box: filters, their values, and the member's own tags and collections."""

from dataclasses import dataclass

from accounts.models import Account, User
from generations.gallery import query, words
from generations.models import Collection, Tag

MOST = 8
_VALUES = {"is": query.FLAGS, "kind": query.KINDS, "shape": query.SHAPES}
_SAID = {
    "is": "favourite, rejected, rated, tagged …", "kind": "how it was made", "model": "model version",
    "ratio": "aspect ratio", "shape": "landscape, portrait, square", "tag": "your tags", "in": "your collections",
    "account": "where it was made", "person": "what a colleague shares with you",
    "before": "made before a day", "after": "made since a day", "on": "made on a day", "rating": "stars",
    "stylize": "parameter", "chaos": "parameter", "weird": "parameter", "seed": "seed",
}  # fmt: skip


@dataclass(frozen=True)
class Suggestion:
    """`text` is the whole box once this is chosen; `shown` what is offered, `said` what it means."""

    text: str
    shown: str
    said: str = ""
    goes_on: bool = False  # a value is still to be typed


def suggest(user, typed: str) -> list[Suggestion]:
    """What the last, unfinished word of the box may become; at most two queries."""
    kept, _, last = typed[-query.LONGEST :].rpartition(" ")
    before = f"{kept} " if kept else ""
    minus = "-" if last.startswith(("-", "−")) else ""
    bare = last.lstrip("-−")
    name, colon, value = bare.partition(":")
    name = query.ALIASES.get(name.lower(), name.lower())
    if colon:
        found = _values(user, name, value.strip('"'))
        return [Suggestion(f"{before}{minus}{name}:{_quoted(each)} ", each) for each in found]
    if not bare:
        return []
    matching = [each for each in query.FIELDS if each.startswith(name)]
    return [
        Suggestion(f"{before}{minus}{each}{_mark(each)}", query.EXAMPLES[each], _SAID[each], True) for each in matching
    ][:MOST]


def _mark(name: str) -> str:
    return ">=" if name == "rating" else ">" if name in query.NUMBERS and name != "seed" else ":"


def _values(user, name: str, begun: str) -> list[str]:
    low = words.fold(begun)
    if name in _VALUES:
        return [each for each in _VALUES[name] if each.startswith(low)][:MOST]
    if name == "tag":
        rows = Tag.objects.filter(owner=user, key__startswith=low).order_by("key")
        return list(rows.values_list("name", flat=True)[:MOST])
    if name == "in":
        found = Collection.objects.owned_by(user).plain().filter(name__istartswith=begun).order_by("name")
        return list(found.values_list("name", flat=True)[:MOST])
    if name == "account":
        known = Account.objects.visible_to(user).filter(name__istartswith=begun).order_by("name")
        return list(known.values_list("name", flat=True)[:MOST])
    if name == "person":
        people = User.objects.filter(is_active=True, name__istartswith=begun).exclude(pk=user.pk).exclude(name="")
        return list(people.order_by("name").values_list("name", flat=True)[:MOST])
    return []


def _quoted(value: str) -> str:
    return f'"{value}"' if " " in value else value
