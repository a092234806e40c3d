"""Stores a file that was brought back: on our disk, with a job that is done, its prompt and its picture."""

import hashlib
import math
import tempfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Account, User
from generations import enqueue
from generations.gallery import facts, words
from generations.home.returning.reading import Told
from generations.media import library, looks, pictures, videos
from generations.media.library import Fetched
from generations.models import Image, ImageKind, ImageTag, Job, JobEvent, JobStatus, Lane, Origin, Prompt, Tag
from midjourney import prompt as language

BLOCK = 1 << 20


def is_video(path: Path) -> bool:
    """By its content, whatever it is called. Raises OSError."""
    with open(path, "rb") as file:
        return file.read(12)[4:8] == videos.MAGIC


def digest(path: Path) -> str:
    """The checksum by which the same file is known again. Raises OSError."""
    checksum = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(BLOCK):
            checksum.update(block)
    return checksum.hexdigest()


def verify(path: Path, kind: str) -> None:
    """Raises NotSaved where the file could not be stored; nothing is kept. Raises OSError."""
    examine = videos.examine if kind == ImageKind.VIDEO else pictures.examine
    with tempfile.TemporaryDirectory() as folder:
        examine(path, Path(folder) / "picture")


def store(owner: User, account: Account, fetched: Fetched, told: Told, name: str) -> Image | None:
    """The picture, or None where somebody was quicker with the same file. Raises NotSaved, OSError."""
    saved = library.publish(fetched)
    try:
        with transaction.atomic():
            image = _rows(owner, account, fetched, told, name, saved)
    except BaseException as error:
        library.discard(saved)
        if isinstance(error, IntegrityError):
            return None
        raise
    looks.keep(image)
    return image


def _rows(owner: User, account: Account, fetched: Fetched, told: Told, name: str, saved: dict[str, Any]) -> Image:
    at = told.created_at or timezone.now()
    kind = _kind(fetched, told)
    job = _job(owner, account, told, fetched, at, (saved["width"], saved["height"]), name)
    copied = facts.of_job(job) | {"made_by": Origin.IMPORT, "model": _model(told, job)}
    if told.seed is not None:
        copied["seed"] = told.seed
    image = Image.objects.create(
        job=job, owner=owner, kind=kind, position=_position(job, kind, told), saved_at=timezone.now(), created_at=at,
        rating=told.rating, favourite=told.favourite, note=told.note, **copied, **saved,
    )  # fmt: skip
    for tag in told.tags:
        row, _ = Tag.objects.get_or_create(owner=owner, key=words.fold(tag)[:40], defaults={"name": tag})
        ImageTag.objects.get_or_create(image=image, tag=row)
    return image


def _kind(fetched: Fetched, told: Told) -> str:
    if fetched.kind == ImageKind.VIDEO:
        return ImageKind.VIDEO
    return ImageKind.GRID if told.is_grid else ImageKind.SINGLE


def _job(
    owner: User, account: Account, told: Told, fetched: Fetched, at: datetime, size: tuple[int, int], name: str
) -> Job:
    """The job of this file's group, which is made with its first file. It never stood in a line and ran nowhere."""
    key = f"import-{hashlib.sha256((told.group or fetched.sha256).encode()).hexdigest()[:50]}"
    known = Job.objects.filter(prompt__owner=owner, prompt__idempotency_key=key).first()
    if known is not None:
        return known
    prompt = Prompt.objects.create(owner=owner, account=account, text=told.prompt, idempotency_key=key)
    Prompt.objects.filter(pk=prompt.pk).update(created_at=at)
    fields = enqueue.facts(told.prompt)
    if fetched.kind == ImageKind.VIDEO:
        fields["lane"] = Lane.VIDEO
    shape = math.gcd(*size)
    fields |= {"ratio_width": min(size[0] // shape, 10_000), "ratio_height": min(size[1] // shape, 10_000)}
    job = Job(
        owner=owner, account=account, prompt=prompt, status=JobStatus.DONE, seed=told.seed, created_at=at, ended_at=at,
        **fields,
    )  # fmt: skip
    # Not through save(), which makes a line for it to stand in.
    Job.objects.bulk_create([job])
    JobEvent.objects.create(job=job, status=JobStatus.DONE, code="imported", note=name[:500])
    return job


def _model(told: Told, job: Job) -> str:
    """What the file or the prompt says; today's default says nothing about a picture of the past."""
    parsed = language.parse(job.text)
    return told.model or (language.effective_version(parsed)[:12] if language.stated_version(parsed) else "")


def _position(job: Job, kind: str, told: Told) -> int:
    """The place it had, or the next one that is free."""
    if kind == ImageKind.GRID and not job.images.filter(kind=kind).exists():
        return 0
    taken = set(job.images.filter(kind=kind).values_list("position", flat=True))
    wanted = max(told.position, 1)
    while wanted in taken:
        wanted += 1
    return wanted


def with_date_of(path: Path, told: Told) -> Told:
    """With the date of the file where nothing tells another. Raises OSError."""
    if told.created_at is not None:
        return told
    at = datetime.fromtimestamp(path.stat().st_mtime, tz=timezone.get_current_timezone())
    return replace(told, created_at=min(at, timezone.now()))
