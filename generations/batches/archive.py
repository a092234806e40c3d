"""All results of a batch as one ZIP, streamed: neither in memory nor on disk as a whole."""

from collections.abc import Iterator

from generations.models import Batch


def archive(batch: Batch) -> Iterator[bytes]:
    """The bytes of a ZIP of every saved original, named by line and words, and a listing, batch.csv."""
    raise NotImplementedError


def archive_name(batch: Batch) -> str:
    """What to call the file, such as `harbour-studies.zip`."""
    raise NotImplementedError
