"""What the studio needs of any Midjourney service: types, errors and one protocol.

A service that stands beside UseAPI is a new package next to `useapi/` that implements `Upstream`
and raises the errors below; the apps do not change.

The exception tree answers two questions, "may I send this again?" and "may it have cost something?":

    UpstreamError         may_resend  may_have_cost
    ├── Unreachable       yes         no     nothing was sent, or it was only a read: try again later
    ├── Busy              yes         no     429: slots taken or a rate limit; see retry_after
    ├── OutcomeUnknown    no          yes    sent, no usable answer: look it up, never send it again
    ├── Refused           no          no     400, 422, moderated: the request needs changing
    ├── BadToken          yes         no     401: once the account has a token that works
    ├── NoService         yes         no     402, a web page instead of JSON, nothing there: once the service is back
    ├── ChannelBlocked    yes         no     596: on another channel, or once a person has cleared it
    ├── Gone              no          no     404 or 410 of one job: the service no longer knows it
    └── MediaError        yes         no     a result file could not be fetched; see its code
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, BinaryIO, ClassVar, Literal, Protocol

Lane = Literal["image", "video", ""]
"""The capacity lane of a job; "" for jobs that only count towards the total (seed, settings, …)."""

MediaKind = Literal["grid", "single", "video", "preview"]


class UpstreamError(Exception):
    """A service did not do what was asked.

    `code` is a short symbol to store and to word elsewhere; `message` is the service's own words, or ours where it
    had none. Neither ever holds a token.
    """

    may_resend: ClassVar[bool] = False
    may_have_cost: ClassVar[bool] = False
    default_code: ClassVar[str] = "upstream_error"

    def __init__(self, message: str = "", *, code: str = "", status: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.status = status


class Unreachable(UpstreamError):
    """Nothing was sent, or it was only a read; trying again later is free."""

    may_resend = True
    default_code = "unreachable"


class Busy(UpstreamError):
    """429: no free slot, or a rate limit. `retry_after` is in seconds, None when the service did not say."""

    may_resend = True
    default_code = "busy"

    def __init__(
        self, message: str = "", *, code: str = "", status: int | None = 429, retry_after: float | None = None
    ) -> None:
        super().__init__(message, code=code, status=status)
        self.retry_after = retry_after


class OutcomeUnknown(UpstreamError):
    """It was sent and no usable answer came; it may be running and charged.

    `absence_is_proof` is False where the service may run the job without ever listing it (504, "job queued"), so that
    not finding it says nothing.
    """

    may_have_cost = True
    default_code = "lost_answer"

    def __init__(
        self, message: str = "", *, code: str = "", status: int | None = None, absence_is_proof: bool = True
    ) -> None:
        super().__init__(message, code=code, status=status)
        self.absence_is_proof = absence_is_proof


class Refused(UpstreamError):
    """400 or 422: this request will never work as it is. `details` is the service's longer text."""

    default_code = "refused"

    def __init__(self, message: str = "", *, code: str = "", status: int | None = None, details: str = "") -> None:
        super().__init__(message, code=code, status=status)
        self.details = details


class BadToken(UpstreamError):
    """401: the service does not accept this token."""

    may_resend = True
    default_code = "bad_token"


class NoService(UpstreamError):
    """402 (code `no_subscription`), or nothing that speaks the protocol at that address (code `no_service`)."""

    may_resend = True
    default_code = "no_service"


class ChannelBlocked(UpstreamError):
    """596: the channel waits for a person to answer a moderation message or a captcha."""

    may_resend = True
    default_code = "channel_blocked"

    def __init__(self, message: str = "", *, code: str = "", status: int | None = 596, channel: str = "") -> None:
        super().__init__(message, code=code, status=status)
        self.channel = channel


class Gone(UpstreamError):
    """404 (code `job_not_found`) or 410 (code `job_expired`) of one job."""

    default_code = "job_not_found"


class MediaError(UpstreamError):
    """A result file could not be fetched.

    Codes: `media_host_refused` (not on the allow-list), `media_gone` (403, 404 or 410: expired or deleted),
    `media_too_large`, `media_unreachable` (network, time-out, 5xx).
    """

    may_resend = True
    default_code = "media_unreachable"


@dataclass(frozen=True, slots=True)
class Media:
    """One result file as the service names it. `position` is 0 for a grid, 1 to 4 for singles and videos."""

    url: str
    kind: MediaKind
    position: int = 0
    content_type: str = ""
    width: int | None = None
    height: int | None = None
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Child:
    """A job that was made from another; `button` is "" where the service does not say which one was pressed."""

    job_id: str
    button: str = ""


@dataclass(frozen=True, slots=True)
class JobReply:
    """A job as the service sees it. Every field but `job_id` and `status` may be missing in the answer.

    `status` is one of created, started, progress, completed, failed, moderated, cancelled, or a word that is not
    known yet; ask `is_final` and `is_done` rather than comparing. `progress` is 0 to 100. `parent` is the id of the
    job that a button was pressed on, `button` which one; `text` is what an info job says, without whose it is. `raw`
    is the answer without people's names, links and tokens: safe to store and to show to an admin.
    """

    job_id: str
    status: str
    verb: str = ""
    lane: Lane = ""
    channel: str = ""
    created: datetime | None = None
    updated: datetime | None = None
    code: int | None = None
    error: str = ""
    error_details: str = ""
    progress: int | None = None
    prompt: str = ""
    effective_prompt: str = ""
    reply_ref: str = ""
    buttons: tuple[str, ...] = ()
    media: tuple[Media, ...] = ()
    children: tuple[Child, ...] = ()
    seed: int | None = None
    suggestions: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""
    parent: str = ""
    button: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_done(self) -> bool:
        return self.status == "completed"

    @property
    def is_final(self) -> bool:
        return self.status in {"completed", "failed", "moderated", "cancelled"}

    @property
    def was_cancelled(self) -> bool:
        """Whether a person stopped it: `cancelled`, or failed with the words of useapi-v3.md §6.5."""
        return self.status == "cancelled" or (self.status == "failed" and "cancelled by user" in self.error.lower())


@dataclass(frozen=True, slots=True)
class ChannelInfo:
    """A channel and its limits: jobs that may run at once in all, of images and of videos."""

    channel: str
    max_jobs: int
    max_image_jobs: int
    max_video_jobs: int
    block_message: str = ""


@dataclass(frozen=True, slots=True)
class RunningJob:
    """An entry of the list of running jobs. It says neither prompt nor reference (useapi-v3.md §9)."""

    job_id: str
    channel: str
    lane: Lane = ""
    created: datetime | None = None


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that goes with a request: its bytes, its MIME type and a file name without personal data."""

    content: bytes
    content_type: str
    filename: str


@dataclass(frozen=True, slots=True)
class Submission:
    """A request that makes a job, for any verb.

    imagine needs `prompt`; button needs `parent` and `button` (and `mask` or `prompt` where that button asks for
    them); describe needs one of `images`; blend two to five, each a URL or an `Upload`, and may say `dimensions`
    (Portrait, Square or Landscape); seed needs `parent`; settings, info, fast, relax, turbo, variability and remix
    need `channel` where the account has several.
    """

    verb: str
    prompt: str = ""
    channel: str = ""
    reply_ref: str = ""
    reply_url: str = ""
    parent: str = ""
    button: str = ""
    mask: str = field(default="", repr=False)
    images: tuple[str | Upload, ...] = field(default=(), repr=False)
    dimensions: str = ""


@dataclass(frozen=True, slots=True)
class Download:
    """What a download brought: bytes written and the MIME type that the server claimed."""

    size: int
    content_type: str


class Upstream(Protocol):
    """The calls that the engine makes. Each is one HTTP exchange; reads are retried inside, paid requests never."""

    def channels(self) -> tuple[ChannelInfo, ...]:
        """The account's channels; empty where it has none. Raises BadToken, NoService, Unreachable."""
        ...

    def running(self) -> tuple[RunningJob, ...]:
        """Every job that runs on the account now, from other programs too, in one request."""
        ...

    def job(self, job_id: str) -> JobReply:
        """One job. Raises Gone where the service no longer knows it."""
        ...

    def submit(self, submission: Submission, *, deadline: float | None = None) -> JobReply:
        """Send a request that may cost money, once.

        `deadline` is a `time.monotonic()` value after which nothing is sent any more (Unreachable, code `too_late`):
        a process that was stopped and continued must not send what another has since taken over.
        Raises any error of the tree but Gone for a new prompt.
        """
        ...

    def cancel(self, job_id: str) -> None:
        """Ask to stop a job. Raises Gone, or Refused where it has already ended."""
        ...

    def add_channel(self, discord: str, *, max_jobs: int, max_image_jobs: int, max_video_jobs: int) -> ChannelInfo:
        """Add the channel of a Discord token, or give it other limits. The token is passed on and kept nowhere.

        Raises Refused with the service's words, BadToken (of the account), NoService, Unreachable.
        """
        ...

    def remove_channel(self, channel: str) -> None:
        """Take a channel out of the account. Raises Gone where the service does not know it."""
        ...

    def reset_channel(self, channel: str) -> None:
        """Clear a channel's block after a person has done what the service asked for."""
        ...

    def download(self, url: str, target: BinaryIO, *, max_bytes: int, max_seconds: float) -> Download:
        """Stream a result file into `target`. Raises MediaError."""
        ...

    def close(self) -> None:
        """Give back the pooled connections."""
        ...
