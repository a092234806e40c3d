"""The key of a page that goes on where another ended: a moment and a primary key, as one text in an address."""

from datetime import datetime

from django.utils.dateparse import parse_datetime


def write_key(moment: datetime, pk: int) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S.%fZ}_{pk}"


def read_key(key: str) -> tuple[datetime, int] | None:
    """The two parts of a key; None for a text that is none of ours."""
    words, _, pk = key.partition("_")
    try:
        moment = parse_datetime(words)
    except ValueError:
        return None
    # Years that a time zone could push out of the calendar are no key of ours.
    is_ours = moment is not None and moment.tzinfo is not None and 1970 <= moment.year < 9999
    return (moment, int(pk)) if moment and is_ours and pk.isdecimal() and len(pk) < 19 else None
