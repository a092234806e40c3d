"""The model versions and since when each is the default. Source: useapi-v3.md §12, read on `AS_OF`."""

from __future__ import annotations

from datetime import date

from midjourney.parameters.model import Version

AS_OF = date(2026, 11, 22)
SOURCE = "useapi-v3.md §12"

VERSIONS: tuple[Version, ...] = (
    Version("1", "V1"),
    Version("2", "V2"),
    Version("3", "V3"),
    Version("4", "V4"),
    Version("5", "V5"),
    Version("5.1", "V5.1"),
    Version("5.2", "V5.2"),
    Version("6", "V6"),
    # The reference starts with V7; that V6.1 was the default before it is general knowledge, and so the oldest answer.
    Version("6.1", "V6.1", default_from=date.min),
    Version("7", "V7", default_from=date(2025, 6, 17)),
    Version("8", "V8", note="Not in the reference's table: disputed wherever V7 and V8.1 differ."),
    Version(
        "8.1",
        "V8.1",
        since=date(2026, 4, 30),
        default_from=date(2026, 6, 10),
        note="Alpha from 14 April 2026. The guides for it contradict each other.",
    ),
    Version("niji 4", "Niji 4"),
    Version("niji 5", "Niji 5"),
    Version("niji 6", "Niji 6"),
    Version("niji 7", "Niji 7", note="The current niji model."),
)

_BY_KEY = {version.key: version for version in VERSIONS}

CURRENT_NIJI = "niji 7"


def known_version(key: str) -> Version | None:
    """The version with this key ("7", "niji 6"), or None."""
    return _BY_KEY.get(key)


def default_version(on: date) -> str:
    """The key of the model that Midjourney uses on that day when a prompt names none."""
    dated = [(version.default_from, version.key) for version in VERSIONS if version.default_from is not None]
    return max(pair for pair in dated if pair[0] <= on)[1]
