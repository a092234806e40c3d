"""The shapes of the parameter data. The data itself is in `versions.py` and `table.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Literal

Support = Literal["yes", "no", "disputed"]
"""Whether a version knows a parameter; "disputed" where the sources contradict each other or say nothing."""


class Kind(StrEnum):
    """What a parameter takes, and so how its value is read, judged and shown."""

    FLAG = "flag"
    INTEGER = "integer"
    DECIMAL = "decimal"
    RATIO = "ratio"
    CHOICE = "choice"
    VERSION = "version"
    URL = "url"
    URLS = "urls"
    REFERENCES = "references"  # URLs, numeric codes or the word random
    CODES = "codes"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class Version:
    """A model. `key` is "7" or "niji 7"; a date is None where no source gives it."""

    key: str
    label: str
    since: date | None = None
    default_from: date | None = None
    note: str = ""

    @property
    def is_niji(self) -> bool:
        return self.key.startswith("niji")

    @property
    def number(self) -> str:
        """The value of `--v` or `--niji` that chooses it."""
        return self.key.removeprefix("niji ")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a value may be: from `low` to `high` (both included) in steps of `step`, or one of `choices`."""

    low: Decimal | None = None
    high: Decimal | None = None
    step: Decimal = Decimal(1)
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of the prompt language.

    `name` is canonical and `aliases` are the other names, all without dashes. `default` is what Midjourney does
    without it, "" where that is not one value. `needs` names what it is pointless without: another parameter, or
    "image" for an image prompt. `group` joins the parameters of which the last one wins. `per_version` holds the
    limits that differ from `limits`. `label` and `help` are for people.
    """

    name: str
    kind: Kind
    label: str
    help: str
    aliases: tuple[str, ...] = ()
    default: str = ""
    limits: Limits = Limits()
    per_version: Mapping[str, Limits] = field(default_factory=dict)
    support: Mapping[str, Support] = field(default_factory=dict)
    needs: str = ""
    replaced_by: str = ""
    group: str = ""
    value_optional: bool = False
    with_video: bool = False
    only: Literal["", "video", "button"] = ""

    @property
    def is_flag(self) -> bool:
        return self.kind is Kind.FLAG

    @property
    def takes_several(self) -> bool:
        return self.kind in {Kind.URLS, Kind.REFERENCES, Kind.CODES, Kind.WORDS}


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two parameters that do not go together. `value` narrows the first one to that value; "" means any."""

    code: str
    name: str
    value: str
    other: str
    message: str


@dataclass(frozen=True, slots=True)
class Role:
    """What a reference image can be used for. `parameter` is "" for a leading URL: an image prompt or a start frame.

    `most` is how many there may be, 0 for any number; `only` says that the role is one of videos.
    """

    name: Literal["image", "style", "character", "omni", "edit", "start", "end"]
    label: str
    help: str
    parameter: str
    weight: str
    most: int = 0
    only: Literal["", "video"] = ""
    support: Support = "yes"


@dataclass(frozen=True, slots=True)
class Cost:
    """GPU use in relation to one grid of four images in fast mode; see `prompt.cost` for how they combine."""

    minutes_per_grid: Decimal
    video: Decimal
    video_batch: int
    draft: Decimal
    oref: Decimal
    turbo: Decimal
    relax: Decimal
