"""Keyboard shortcuts: the one table behind both `static/js/keys.js` and the list that `?` shows."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shortcut:
    """`keys` are pressed one after the other. Either opens a page (`url_name`) or uses the element of the page that
    carries `data-key="<target>"`: a field gets the focus, anything else a click."""

    keys: str
    does: str
    url_name: str = ""
    target: str = ""
    only_admins: bool = False


GENERAL = "Everywhere"
REGION = "Painting a region: arrows move, Space paints, Enter closes"
GALLERY = "Gallery: arrows move, Enter opens, Space ticks, Shift with an arrow goes on ticking"
GO = "Go to"

SHORTCUTS: dict[str, tuple[Shortcut, ...]] = {
    GENERAL: (
        Shortcut("?", "Show these keys", target="shortcuts"),
        Shortcut("n", "Write a prompt", target="prompt"),
        Shortcut("h", "Prompts written before; in an empty box the arrow up", target="recall"),
    ),
    GALLERY: (
        Shortcut("/", "Search", target="search"),
        Shortcut("v", "Choose many, or be done with it", target="select"),
        Shortcut("o", "Open a stack, or close it", target="stack"),
        Shortcut("f", "Favourite, or no longer", target="mark-favourite"),
        *(Shortcut(str(number), f"Rate {number}", target=f"mark-rating-{number}") for number in range(1, 6)),
        Shortcut("0", "No rating", target="mark-rating-0"),
        Shortcut("x", "Reject, or no longer", target="mark-rejected"),
        Shortcut("Delete", "Move to the trash", target="mark-trash"),
    ),
    REGION: (
        Shortcut("b", "Brush", target="region-brush"),
        Shortcut("r", "Rectangle", target="region-rectangle"),
        Shortcut("l", "Lasso", target="region-lasso"),
        Shortcut("e", "Erase", target="region-erase"),
        Shortcut("[", "Smaller brush", target="region-smaller"),
        Shortcut("]", "Larger brush", target="region-larger"),
        Shortcut("u", "Undo", target="region-undo"),
        Shortcut("y", "Redo", target="region-redo"),
        Shortcut("i", "Invert", target="region-invert"),
    ),
    GO: (
        Shortcut("g c", "Create", url_name="generations:create"),
        Shortcut("g b", "Batches", url_name="generations:batch-list"),
        Shortcut("g g", "Gallery", url_name="generations:gallery"),
        Shortcut("g l", "Library", url_name="generations:library"),
        Shortcut("g a", "Accounts", url_name="accounts:account-list"),
        Shortcut("g p", "People", url_name="accounts:people", only_admins=True),
        Shortcut("g s", "Settings", url_name="accounts:preferences"),
    ),
}
