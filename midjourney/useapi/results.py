"""What a job brought: files, children, seed, descriptions, texts (useapi-v3.md §6.4 to §6.6, §8)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from midjourney.upstream import Child, Lane, Media, MediaKind

from .redaction import without_people
from .values import entries, identifier, integer, mapping, text

HIGHEST_SEED = 2**32 - 1

_JOB_ID = re.compile(r"j\d{10,25}[a-z]?-u\d+-c\d+-bot:\w+")
_UPSCALE = re.compile(r"U[1-4]|(?:Redo )?Upscale\b.*", re.DOTALL)
_KEYCAP = re.compile("[1-9]\ufe0f?\u20e3")
_SEED = re.compile(r"seed\W*(\d+)", re.IGNORECASE)
_PERCENT = re.compile(r"\((\d{1,3})%\)")
_BOLD = re.compile(r"\*\*(.+?)\*\*(?=\s+-\s|\s*\n|\s*$)", re.DOTALL)
_LINKED_TEXT = re.compile(r"\[([^\[\]\n]{0,300})\]\(<?https?://[^)\s]*\)?")
_TYPES = {".jpeg": "image/jpeg", ".jpg": "image/jpeg", ".png": "image/png", ".webp": "image/webp", ".mp4": "video/mp4"}
_NO_FILES = frozenset({"describe", "settings", "info", "fast", "relax", "turbo", "variability", "remix"})
_DEEPEST = 6


def media(job: Mapping[str, Any], *, verb: str, lane: Lane, status: str) -> tuple[Media, ...]:
    """The job's files, best source first for each place.

    - Unfinished: the running message's picture, if any, is a preview (§6.5).
    - Video: the clips of `videoUx`; the attachment is only an animated preview. A clip that came as the attachment
      itself counts where `videoUx` is missing.
    - Upscale (`U1` to `U4`, `Upscale …`, `Redo Upscale …`): one picture, position 1. Attachment and a lone `imageUx`
      entry show the same picture, so the attachment is named once, for its size and full quality.
    - Seed: four singles from the attachments (§6.6).
    - Anything else: the attachment is the grid, position 0, and `imageUx` names the singles.
    - Describe and the settings family bring none; what a describe shows is the picture that was sent.
    """
    response = mapping(job.get("response"))
    attached = list(_attachments(response.get("attachments")))
    singles = _placed(response.get("imageUx"), "single")
    clips = _placed(response.get("videoUx"), "video")
    if verb in _NO_FILES:
        return ()
    if status != "completed":
        return _as(attached[:1], "preview") if status in {"created", "started", "progress"} else ()
    if clips or lane == "video":
        return _clips(attached, clips)
    if verb == "seed":
        own = list(_attachments(mapping(response.get("seed")).get("attachments")))
        return _as((own or attached)[:4], "single", first=1) or singles
    if _is_upscale(job) and len(singles) <= 1:
        return _as(attached[:1], "single", first=1) or singles
    return _as(attached[:1], "grid") + singles


def _clips(attached: list[Media], clips: tuple[Media, ...]) -> tuple[Media, ...]:
    films = [one for one in attached if one.content_type.startswith("video/")]
    previews = [one for one in attached if not one.content_type.startswith("video/")]
    return _as(previews[:1], "preview") + (clips or _as(films[:4], "video", first=1))


def _is_upscale(job: Mapping[str, Any]) -> bool:
    return bool(_UPSCALE.fullmatch(text(mapping(job.get("request")).get("button")).strip()))


def _attachments(value: Any) -> Iterator[Media]:
    for entry in map(mapping, entries(value)):
        if url := _link(entry.get("url")):
            yield Media(
                url=url,
                kind="grid",
                content_type=text(entry.get("content_type"), 100).lower() or _type_of(url),
                width=integer(entry.get("width"), 1),
                height=integer(entry.get("height"), 1),
                size=integer(entry.get("size"), 1, 2**62),
            )


def _placed(value: Any, kind: MediaKind) -> tuple[Media, ...]:
    """`imageUx` and `videoUx`: entries of id 1 to 4, in order; the place in the list where the id is missing."""
    found: dict[int, Media] = {}
    for index, entry in enumerate(entries(value), start=1):
        url = _link(mapping(entry).get("url", entry))
        position = integer(mapping(entry).get("id"), 1, 4) or index
        if url and position <= 4 and position not in found:
            found[position] = Media(url=url, kind=kind, position=position, content_type=_type_of(url))
    return tuple(found[position] for position in sorted(found))


def _as(files: list[Media], kind: MediaKind, first: int = 0) -> tuple[Media, ...]:
    return tuple(
        Media(one.url, kind, position, one.content_type, one.width, one.height, one.size)
        for position, one in enumerate(files, start=first)
    )


def _link(value: Any) -> str:
    url = text(value, 4097).strip()
    return url if url.startswith(("https://", "http://")) and len(url) <= 4096 else ""


def _type_of(url: str) -> str:
    path = url.partition("?")[0].lower()
    return next((kind for ending, kind in _TYPES.items() if path.endswith(ending)), "")


def children(job: Mapping[str, Any]) -> tuple[Child, ...]:
    """Jobs made from this one, out of `children` and `executeOnce`, whose shapes are not known (§13-7).

    Maps and lists, ids as keys or as values, with the button beside or above them, are all understood.
    """
    own = identifier(job.get("jobid"))
    found: dict[str, str] = {}
    for place in (mapping(job.get("response")), job):
        for name in ("children", "executeOnce"):
            for job_id, button in _family(place.get(name), "", 0):
                if job_id != own:
                    found[job_id] = found.get(job_id) or button
    return tuple(Child(job_id, button) for job_id, button in found.items())


def job_ids(value: Any) -> tuple[str, ...]:
    """Every job id anywhere in `value`, in order."""
    return tuple(dict.fromkeys(job_id for job_id, _ in _family(value, "", 0)))


def _family(value: Any, label: str, depth: int) -> Iterator[tuple[str, str]]:
    if depth > _DEEPEST:
        return
    if isinstance(value, str):
        if match := _JOB_ID.search(value[:1000]):
            yield match[0], label
    elif isinstance(value, list):
        for entry in value[:200]:
            yield from _family(entry, label, depth + 1)
    elif isinstance(value, dict):
        button = text(value.get("button"), 100)
        for key, entry in list(value.items())[:200]:
            if _JOB_ID.fullmatch(str(key)):
                yield str(key), text(mapping(entry).get("button", entry), 100)
            elif key in {"jobid", "jobId", "id", "button"} or button:
                yield from _family(entry, button or label, depth + 1)
            else:
                yield from _family(entry, text(key, 100), depth + 1)


def seed(job: Mapping[str, Any], verb: str) -> int | None:
    """The seed, in the order of §6.6; from text only for seed jobs, and the last one there.

    A prompt may say "seed" itself, and the message repeats the prompt before it names the value.
    """
    response = mapping(job.get("response"))
    for place in (response.get("seed"), job.get("seed")):
        value = integer(mapping(place).get("value", place), 0, HIGHEST_SEED)
        if value is not None:
            return value
    if verb != "seed":
        return None
    for words in (mapping(response.get("seed")).get("content"), response.get("content")):
        for digits in reversed(_SEED.findall(text(words))):
            if (value := integer(digits, 0, HIGHEST_SEED)) is not None:
                return value
    return None


def suggestions(job: Mapping[str, Any], verb: str) -> tuple[str, ...]:
    """The prompts that a describe job offers, split at their keycap numbers (§6.5)."""
    if verb != "describe":
        return ()
    response = mapping(job.get("response"))
    texts = [text(mapping(embed).get("description")) for embed in entries(response.get("embeds"))]
    for words in (*texts, text(response.get("content"))):
        parts = (_LINKED_TEXT.sub(r"\1", part).strip() for part in _KEYCAP.split(words)[1:])
        if found := tuple(part for part in parts if part):
            return found[:9]
    return ()


def account_text(job: Mapping[str, Any], verb: str) -> str:
    """Plan and usage as an info job tells them (§4.7), without the line that says whose they are."""
    if verb != "info":
        return ""
    embeds = entries(mapping(job.get("response")).get("embeds"))
    told = next((words for embed in embeds if (words := text(mapping(embed).get("description")))), "")
    kept = [line for line in told.splitlines() if "user id" not in line.lower()]
    return without_people("\n".join(kept)).strip()


def progress(response: Mapping[str, Any], status: str) -> int | None:
    """Percent; 100 once completed, whatever the answer says (§13-6)."""
    if status == "completed":
        return 100
    said = integer(response.get("progress_percent"), 0, 100)
    if said is None and (found := _PERCENT.findall(text(response.get("content")))):
        said = integer(found[-1], 0, 100)  # the prompt stands first and may hold percentages of its own
    return said


def effective_prompt(response: Mapping[str, Any]) -> str:
    """The prompt as Midjourney ran it, suffix included, from between the stars of `content` (§4.2, §6.4)."""
    match = _BOLD.match(text(response.get("content")).lstrip())
    return without_people(match[1]) if match else ""
