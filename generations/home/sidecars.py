"""What goes home with a picture: its prompt, its parameters and where it came from, as plain data and as JSON."""

import json
from typing import Any

from generations.models import Image

FORMAT = "mjstudio picture 1"


def facts(image: Image) -> dict[str, Any]:
    """All that is told about a picture; needs its job, the job's parent and the picture's tags.

    The same picture always gives the same, so that an archive can be made twice.
    """
    job = image.job
    return {
        "format": FORMAT,
        "ref": str(image.ref),
        "prompt": job.text,
        "parameters": job.parameters,
        "seed": image.seed,
        "model": image.model or None,
        "kind": image.kind,
        "made_by": image.made_by,
        "created_at": image.created_at.isoformat(),
        "job": str(job.ref),
        "position": image.position,
        "button": job.button or None,
        "parents": _parents(image),
        "width": image.width,
        "height": image.height,
        "seconds": image.seconds,
        "sha256": image.sha256,
        "rating": image.rating,
        "favourite": image.favourite,
        "note": image.note,
        "tags": sorted(tag.name for tag in image.tags.all()),
    }


def _parents(image: Image) -> list[dict[str, Any]]:
    """What it was made from: a job, and which of its pictures; 0 is all of them."""
    parent = image.job.parent
    return [{"job": str(parent.ref), "position": image.job.parent_position}] if parent else []


def as_json(told: dict[str, Any]) -> bytes:
    return (json.dumps(told, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "replace")
