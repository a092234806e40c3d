"""Fetches a saved file once more whose copy on our disk is missing or damaged, while the upstream still has it."""

import logging
from datetime import timedelta

from django.utils import timezone

from generations.engine import clients
from generations.media import findings, library, looks
from generations.media.errors import NotSaved
from generations.models import Image
from midjourney.upstream import MediaError, UpstreamError

logger = logging.getLogger(__name__)

KEPT_FOR = timedelta(days=62)  # useapi-v3.md §9: the service forgets a job after that


def is_whole(image: Image) -> bool:
    """Whether our file is there and is what was saved."""
    try:
        return findings.digest(image.path) == image.sha256
    except OSError:
        return False


def can_be_fetched(image: Image) -> bool:
    """Whether the upstream may still have it."""
    return bool(image.job.remote_id) and timezone.now() - image.created_at < KEPT_FOR


def repair(image: Image) -> bool:
    """Fetch the file anew unless it is whole; return whether it is whole now. What went wrong is on the row."""
    if is_whole(image):
        Image.objects.filter(pk=image.pk).update(error_code="")
        return True
    before = {"path": image.path, "thumbnails": image.thumbnails}
    try:
        upstream = clients.client_for(image.job.account)
        fetched = library.fetch(upstream, _link(image, upstream), image.kind)
        facts = library.publish(fetched)
    except (NotSaved, UpstreamError, MediaError) as error:
        Image.objects.filter(pk=image.pk).update(error_code=error.code)
        logger.warning("file not repaired image=%s code=%s", image.pk, error.code)
        return False
    except OSError as error:
        Image.objects.filter(pk=image.pk).update(error_code=library.disk_error_code(error))
        return False
    if not Image.objects.filter(pk=image.pk, path=image.path).update(error_code="", **facts):
        library.discard(facts)  # another worker was quicker
        return True
    library.discard(before)
    image.thumbnails = facts["thumbnails"]
    looks.keep(image)
    logger.info("file repaired image=%s", image.pk)
    return True


def _link(image: Image, upstream) -> str:
    """A fresh link where the service still knows the job; else the one that was kept."""
    try:
        reply = upstream.job(image.job.remote_id)
    except UpstreamError:
        if image.source_url:
            return image.source_url
        raise
    for media in reply.media:
        if (media.kind, media.position) == (image.kind, image.position):
            return media.url
    if image.source_url:
        return image.source_url
    raise MediaError("The service names no such file any more.", code="media_gone")
