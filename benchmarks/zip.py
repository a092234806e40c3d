"""What an archive of two gigabytes costs the site, and how soon its first byte comes."""

import hashlib
import os
import re
import time
import uuid
from pathlib import Path
from typing import Any

import requests
from django.conf import settings
from django.urls import reverse

from accounts.models import Account, User
from benchmarks import processes, workload
from benchmarks.figures import Figure
from benchmarks.site import Site, running, session_of
from benchmarks.studio import empty
from generations.gallery import facts
from generations.media import library
from generations.models import Image, Job, JobStatus, Prompt

BLOCK = 1 << 20


def measure(*, tick: float, files: int, megabytes: int) -> tuple[list[Figure], dict[str, Any]]:
    """Take so many files of so many MB each home as one archive, after a small one that warms the site up."""
    empty()
    owner = workload.member("takes")
    images = _fill(owner, files, megabytes * 1_000_000)
    with running() as site:
        session = _sign_in(site, owner)
        _take_home(site, session, images[:2])
        before = sum(map(processes.forget_peak, site.workers))
        first, size, digest = _take_home(site, session, images)
        peak = sum(map(processes.high_water, site.workers))
    figures = [
        Figure("zip_bytes_ratio", size / (files * megabytes * 1e6), least=1.0, most=1.01, about="archive ÷ files"),
        Figure("zip_memory_growth_mb", (peak - before) / 1e6, most=64, about=f"{size / 1e9:.1f} GB"),
        Figure("zip_first_byte_seconds", first, most=1.0, about="from sending the form"),
    ]
    return figures, {"sha256": digest, "before": before, "peak": peak}


def _fill(owner: User, count: int, size: int) -> list[Image]:
    """Files of random bytes at their beginning and nothing after it, which take no room on the disk."""
    account = Account(name="Account", base_url="http://127.0.0.1:1/v3/midjourney")
    account.set_token("user:1001-benchmark")
    account.save()
    prompt = Prompt.objects.create(owner=owner, account=account, text="an archive", idempotency_key=uuid.uuid4().hex)
    job = Job.objects.create(
        owner=owner, account=account, prompt=prompt, text="an archive", status=JobStatus.DONE, remote_id="j1"
    )
    made = []
    for number in range(count):
        name = uuid.UUID(int=number).hex
        _sparse(library.full_path(f"{name[:2]}/{name}.png"), size)
        made.append(Image(
            job=job, owner=owner, kind="single", position=number + 1, saved_at=job.created_at, bytes=size,
            path=f"{name[:2]}/{name}.png", sha256=hashlib.sha256(name.encode()).hexdigest(), width=4096, height=4096,
            content_type="image/png", thumbnails=[], **facts.of_job(job),
        ))  # fmt: skip
    return Image.objects.bulk_create(made)


def _sparse(path: Path, size: int) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.write_bytes(os.urandom(4096))
    os.truncate(path, size)


def _sign_in(site: Site, owner: User) -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # no proxy of this machine in between
    session.cookies.set(settings.SESSION_COOKIE_NAME, session_of(owner))
    return session


def _take_home(site: Site, session: requests.Session, images: list[Image]) -> tuple[float, int, str]:
    """Send the form that chooses an archive and read it: seconds from there to its first byte, bytes, checksum."""
    address = f"{site.url}{reverse('generations:download-choose')}"
    page = session.get(address, params={"image": str(images[0].ref)}, timeout=60)
    form = {
        "csrfmiddlewaretoken": re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)[0],
        "images": " ".join(str(image.ref) for image in images), "pattern": "{prompt} {position}", "told": "json",
    }  # fmt: skip
    begin, size, digest = time.perf_counter(), 0, hashlib.sha256()
    with session.post(address, data=form, stream=True, timeout=60) as answer:
        block = answer.raw.read(1)
        first = time.perf_counter() - begin
        while block:
            size += len(block)
            digest.update(block)
            block = answer.raw.read(BLOCK)
    if answer.headers["Content-Type"] != "application/zip" or size != int(answer.headers["Content-Length"]):
        raise RuntimeError(f"the archive came as {answer.headers['Content-Type']} of {size} bytes")
    return first, size, digest.hexdigest()
