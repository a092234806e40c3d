"""Makes the thumbnails of a saved file anew where some are missing."""

import logging

from generations.media import library, pictures, videos
from generations.media.errors import NotSaved
from generations.models import Image, Reference

logger = logging.getLogger(__name__)


def are_there(row: Image | Reference) -> bool:
    """Whether there is each that is made today, on the disk with something in it."""
    made = {pictures.nominal(entry[2]) for entry in row.thumbnails}
    return made == set(pictures.THUMBNAILS) and all(_has_content(entry[2]) for entry in row.thumbnails)


def make_again(row: Image | Reference) -> bool:
    """Make them from the original, which must be whole; return whether that worked."""
    path = library.full_path(row.path)
    examine = videos.examine if row.content_type == "video/mp4" else pictures.examine
    try:
        facts = examine(path, path.with_suffix(""))
    except (NotSaved, OSError) as error:
        logger.warning("thumbnails not made path=%s error=%s", row.path, type(error).__name__)
        return False
    folder = row.path.rpartition("/")[0]
    made = [[width, height, f"{folder}/{name}"] for width, height, name in facts.thumbnails]
    # Where the file was fetched anew meanwhile, that brought thumbnails of its own.
    if type(row)._default_manager.filter(pk=row.pk, path=row.path).update(thumbnails=made):
        for path in {entry[2] for entry in row.thumbnails} - {entry[2] for entry in made}:
            library.full_path(path).unlink(missing_ok=True)
    return True


def _has_content(relative: str) -> bool:
    try:
        return library.full_path(relative).stat().st_size > 0
    except OSError:
        return False
