"""Makes the thumbnails of a saved file anew where some are missing."""

import logging

from generations.media import library, looks, pictures, videos
from generations.media.errors import NotSaved
from generations.media.storages import media
from generations.models import Image, Reference

logger = logging.getLogger(__name__)


def are_there(row: Image | Reference) -> bool:
    """Whether there is each that is made today, with something in it."""
    made = {pictures.nominal(entry[2]) for entry in row.thumbnails}
    return made == set(pictures.THUMBNAILS) and all(_has_content(entry[2]) for entry in row.thumbnails)


def make_again(row: Image | Reference) -> bool:
    """Make them from the original, which must be whole; return whether that worked."""
    examine = videos.examine if row.content_type == "video/mp4" else pictures.examine
    folder, _, name = row.path.rpartition("/")
    with library.scratch() as beside:
        try:
            with media().at_hand(row.path) as path:
                facts = examine(path, beside)
            named = {file: file.replace(beside.name, name.partition(".")[0], 1) for _, _, file in facts.thumbnails}
            media().keep({f"{folder}/{new}": beside.with_name(file) for file, new in named.items()})
        except (NotSaved, OSError) as error:
            logger.warning("thumbnails not made path=%s error=%s", row.path, type(error).__name__)
            return False
    made = [[width, height, f"{folder}/{named[file]}"] for width, height, file in facts.thumbnails]
    # Where the file was fetched anew meanwhile, that brought thumbnails of its own.
    if not type(row)._default_manager.filter(pk=row.pk, path=row.path).update(thumbnails=made):
        return True
    for left_over in {entry[2] for entry in row.thumbnails} - {entry[2] for entry in made}:
        media().delete(left_over)
    if isinstance(row, Image):
        row.thumbnails = made
        looks.keep(row)
    return True


def _has_content(relative: str) -> bool:
    try:
        return media().size(relative) > 0
    except OSError:
        return False
