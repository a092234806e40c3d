"""What somebody may do with what is shared: view, comment, contribute, manage, each including those before it."""

from dataclasses import dataclass

from accounts.models import User
from generations.models import Collection, CollectionEntry, Grant, Image, ShareRole
from generations.sharing import seeing

LADDER = (ShareRole.VIEW, ShareRole.COMMENT, ShareRole.CONTRIBUTE, ShareRole.MANAGE)

# What can be chosen: nothing is added to a picture, and nothing by hand to a search.
OF_IMAGE = (ShareRole.VIEW, ShareRole.COMMENT)
OF_SMART = (ShareRole.VIEW, ShareRole.COMMENT, ShareRole.MANAGE)


@dataclass(frozen=True)
class Access:
    """How far somebody's access goes. `by` shared it, `through` is the collection it is seen in."""

    role: str
    shows_prompts: bool = False
    is_owner: bool = False
    by: User | None = None
    through: Collection | None = None

    def allows(self, role: str) -> bool:
        return includes(self.role, role)


def includes(given: str, wanted: str) -> bool:
    """Whether a role reaches as far as another."""
    return given in LADDER and wanted in LADDER and LADDER.index(given) >= LADDER.index(wanted)


def offered(thing: Image | Collection) -> tuple[ShareRole, ...]:
    """The roles that make sense for this picture or collection."""
    if isinstance(thing, Image):
        return OF_IMAGE
    return OF_SMART if thing.is_smart else LADDER


def may(user, thing: Image | Collection, role: str) -> bool:
    """Whether this member may do with a picture or collection what that role says."""
    found = of(user, thing)
    return found is not None and found.allows(role)


def of(user, thing: Image | Collection) -> Access | None:
    """A member's access; None for what they may not even see."""
    return of_image(user, thing) if isinstance(thing, Image) else of_collection(user, thing)


def of_collection(user, collection: Collection) -> Access | None:
    if not user.is_active:
        return None
    if collection.owner_id == user.pk:
        return Access(ShareRole.MANAGE, shows_prompts=True, is_owner=True)
    rows = Grant.objects.reaching(user).filter(collection=collection).select_related("created_by")
    return _best([(grant, True) for grant in rows])


def of_image(user, image: Image) -> Access | None:
    if not user.is_active:
        return None
    if image.owner_id == user.pk:
        return Access(ShareRole.MANAGE, shows_prompts=True, is_owner=True)
    if not image.is_saved or image.trashed_at:
        return None
    keeps = CollectionEntry.objects.filter(image=image, collection__query="", collection__owner=user)
    kept = keeps.select_related("collection", "added_by").first()
    if kept is not None:  # somebody added it to this member's own collection, whose owner reads the prompts in it
        return Access(ShareRole.COMMENT, shows_prompts=True, by=kept.added_by, through=kept.collection)
    # Whoever owns a collection shows the prompts of their own pictures in it, not those of what others added.
    rows = [(grant, _owner_of(grant) in {None, image.owner_id}) for grant in seeing.grants_of(image, user)]
    return _best(rows)


def _owner_of(grant: Grant) -> int | None:
    return grant.collection.owner_id if grant.collection else None


def _best(rows: list[tuple[Grant, bool]]) -> Access | None:
    """The furthest of several grants, and the prompts if any of them shows them."""
    if not rows:
        return None
    best, _ = max(rows, key=lambda row: (LADDER.index(row[0].role), -row[0].pk))
    shows = any(grant.shows_prompts and counts for grant, counts in rows)
    return Access(best.role, shows_prompts=shows, by=best.created_by, through=best.collection)
