"""A selection of pictures × an action: the buttons that their jobs offer."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from accounts.models import Account, Channel, User
from generations import kinds
from generations.actions import catalogue, reach
from generations.actions.catalogue import CUSTOM_ZOOM, ONCE, REGION
from generations.actions.costs import minutes
from generations.batches.composing import impossible, mark_twin
from generations.models import BatchLine, Image, Job, JobStatus, Verb

PICK, VARY = "U", "V"  # the button is this and the picture's position
NEEDS_MORE = {REGION, CUSTOM_ZOOM}  # a mask, or a prompt of its own
CHUNK = 500
_ORDER = (
    PICK, VARY, "Upscale (Subtle)", "Upscale (Creative)", "Upscale (2x)", "Upscale (4x)", "Redo Upscale (Subtle)",
    "Redo Upscale (Creative)", "Redo Upscale (2x)", "Redo Upscale (4x)", "Vary (Subtle)", "Vary (Strong)",
    "Zoom Out 2x", "Zoom Out 1.5x", "Make Square", "⬅️", "➡️", "⬆️", "⬇️", "Animate (Low motion)",
    "Animate (High motion)", "Extend (Low motion)", "Extend (High motion)", "🔄",
)  # fmt: skip


@dataclass(frozen=True)
class Action:
    """Something that can be done with pictures. `key` goes into `Written.action`, `label` is shown.

    `count` is how many of the pictures that were asked about offer it, `lane` "image" or "video".
    """

    key: str
    label: str
    lane: str
    count: int = 0


def offered(images: Iterable[Image]) -> list[Action]:
    """The actions that at least one of these pictures' jobs offers, in a fixed order. Load the images with their job.

    Those that need a mask or a prompt for each picture are left out.
    """
    counts: Counter[str] = Counter()
    lanes: dict[str, str] = {}
    for image in images:
        for key in _keys(image):
            counts[key] += 1
            lanes.setdefault(key, catalogue.read(key, image.job.lane).lane)
    order = {key: place for place, key in enumerate(_ORDER)}
    keys = sorted(counts, key=lambda key: (order.get(key, len(order)), key))
    return [Action(key, label_of(key), lanes[key], counts[key]) for key in keys]


def label_of(key: str) -> str:
    """The name of an action for people."""
    return {PICK: "Pick, to upscale or change it on its own (U)", VARY: "Vary (V)"}.get(key, kinds.button_label(key))


def _keys(image: Image) -> list[str]:
    """The keys of the actions that can be done with this picture."""
    if image.job.verb == Verb.DESCRIBE or not image.job.remote_id:
        return []
    own = {f"{key}{image.position}": key for key in (PICK, VARY)}
    numbered = {f"{key}{number}" for key in (PICK, VARY) for number in range(1, 5)}
    labels = [str(label) for label in image.job.buttons]
    return [own.get(label, label) for label in labels if label in own or label not in numbered | NEEDS_MORE]


def button_for(image: Image, key: str) -> str:
    """The button to press for this picture, exactly as its job offers it; "" where it does not."""
    wanted = f"{key}{image.position}" if key in {PICK, VARY} else key
    return next((str(label) for label in image.job.buttons if label == wanted), "") if key in _keys(image) else ""


def compose(owner: User, refs: Sequence[str], key: str) -> list[BatchLine]:
    """The rows of a draft, not saved: one for each picture, in the order of the selection."""
    images = _load(owner, refs)
    usable = set(Account.objects.visible_to(owner).values_list("pk", flat=True))
    channels = set(Channel.objects.filter(removed_at=None).values_list("pk", flat=True))
    rows = [_row(number, images.get(ref), key, usable, channels) for number, ref in enumerate(refs, start=1)]
    for position, row in enumerate(rows, start=1):
        row.position = position
    _mark_twins(rows)
    return rows


def _load(owner: User, refs: Sequence[str]) -> dict[str, Image]:
    valid = [ref for ref in refs if _is_ref(ref)]
    found: dict[str, Image] = {}
    for at in range(0, len(valid), CHUNK):
        images = Image.objects.visible_to(owner).filter(ref__in=valid[at : at + CHUNK])
        found |= {str(image.ref): image for image in images.select_related("job").defer("job__upstream")}
    return found


def _is_ref(ref: str) -> bool:
    try:
        return str(UUID(ref)) == ref
    except ValueError:
        return False


def _row(number: int, image: Image | None, key: str, usable: set[int], channels: set[int]) -> BatchLine:
    if image is None:
        return impossible(number, "", "This picture is not in your gallery. Take it out of the selection.")
    parent = image.job
    button = button_for(image, key)
    problem = "" if button else f"Midjourney does not offer “{label_of(key)}” for this picture. {_hint(parent, key)}"
    problem = problem or _unreachable(parent, usable, channels)
    if problem:
        return impossible(number, parent.text, problem.strip(), parent=parent, button=button or key[:60])
    lane = catalogue.read(button, parent.lane).lane
    return BatchLine(
        number=number,
        text=parent.text,
        parent=parent,
        parent_position=image.position,
        button=button,
        lane=lane,
        kind=kinds.of_button(button),
        gpu_minutes=minutes(parent, button, lane),
    )


def _hint(parent: Job, key: str) -> str:
    is_of_four = "U1" in parent.buttons
    return "Pick it out of its four first." if is_of_four and key not in {PICK, VARY} else ""


def _unreachable(parent: Job, usable: set[int], channels: set[int]) -> str:
    """Why nothing can be pressed on a job although it offers it; "" where it can."""
    if parent.account_id not in usable:
        return reach.NOT_SHARED
    if parent.channel_id not in channels:
        return reach.NO_CHANNEL
    return reach.age_problem(parent)


def _mark_twins(rows: list[BatchLine]) -> None:
    """Leave out a button that is pressed twice, and one that works once only and has been pressed."""
    pressed = _pressed({row.parent_id for row in rows if row.button in ONCE and row.parent_id})
    first: dict[tuple[int, str], int] = {}
    for row in rows:
        if row.is_chosen and row.parent_id:
            press = (row.parent_id, row.button)
            earlier = first.setdefault(press, row.number)
            if earlier != row.number:
                mark_twin(row, f"The same action on the same job as in line {earlier}.")
            elif press in pressed:
                mark_twin(row, "This was done before, and Midjourney does it once; its result is in your gallery.")


def _pressed(parents: set[int]) -> set[tuple[int, str]]:
    """Once-only buttons that were pressed, or are about to be."""
    ended_badly = (JobStatus.FAILED, JobStatus.REFUSED, JobStatus.CANCELLED)
    ordered = sorted(parents)
    return {
        press
        for at in range(0, len(ordered), CHUNK)
        for press in Job.objects.filter(parent__in=ordered[at : at + CHUNK], button__in=ONCE)
        .exclude(status__in=ended_badly)
        .values_list("parent_id", "button")
    }
