"""The client of UseAPI v3 as the engine sees it: `midjourney.upstream.Upstream` on top of the endpoints."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import BinaryIO

from midjourney.upstream import (
    BadToken,
    ChannelInfo,
    Download,
    JobReply,
    NoService,
    Refused,
    RunningJob,
    Submission,
    Upload,
)

from .download import Downloader
from .endpoints import Common, Endpoints, Placed
from .hosts import DEFAULT_MEDIA_HOSTS, MediaHosts, origin_of
from .tokens import can_be_sent
from .transport import Backoff, Timeouts, Transport

DEFAULT_BASE_URL = "https://api.useapi.net/v3/midjourney"


class UseApi(Endpoints):
    """A UseAPI v3 account. Safe to share between threads and to keep across a fork.

    `media_hosts` lists the hosts, as `host` or `host:port`, that result files may come from besides the API's own
    origin. Raises NoService for a base URL that is none, and BadToken for a token that no header can carry.
    """

    def __init__(
        self,
        base_url: str,
        token: str,
        *,
        media_hosts: Iterable[str] = DEFAULT_MEDIA_HOSTS,
        timeouts: Timeouts | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        base_url = base_url.strip().rstrip("/")
        own = origin_of(base_url)
        if own is None or "?" in base_url or "#" in base_url:
            raise NoService("The base URL is not a plain http or https address.")
        if not can_be_sent(token):
            raise BadToken("The token is empty or has characters that cannot be sent.")
        super().__init__(Transport(base_url, token, timeouts or Timeouts(), backoff or Backoff()))
        self._downloader = Downloader(self._transport, MediaHosts(own, media_hosts))

    def __repr__(self) -> str:
        return f"UseApi({self._transport.base_url!r}, token=[hidden])"

    def channels(self) -> tuple[ChannelInfo, ...]:
        """The account's channels; empty where it has none."""
        return self.accounts()

    def running(self) -> tuple[RunningJob, ...]:
        """Every job that runs on the account now, from other programs too, in one request."""
        return self.list_jobs().jobs

    def submit(self, submission: Submission, *, deadline: float | None = None) -> JobReply:
        """Send a request that may cost money, once, before `deadline` (a `time.monotonic()` value) or not at all.

        Raises Refused, without sending, for a verb that is not known or a number of images that cannot be right.
        """
        send = self._senders().get(submission.verb)
        if send is None:
            raise Refused(f"The service has no command {submission.verb!r}.")
        common: Common = {
            "reply_ref": submission.reply_ref,
            "reply_url": submission.reply_url,
            "deadline": deadline,
        }
        return send(submission, {**common, "channel": submission.channel}, common)

    def _senders(self) -> dict[str, Callable[[Submission, Placed, Common], JobReply]]:
        return {
            "imagine": lambda job, placed, _: self.imagine(job.prompt, **placed),
            "button": lambda job, _, common: self.button(
                job.parent, job.button, mask=job.mask, prompt=job.prompt, **common
            ),
            "describe": lambda job, placed, _: self.describe(_only_image(job), **placed),
            "blend": lambda job, placed, _: self.blend(job.images, dimensions=job.dimensions, **placed),
            "seed": lambda job, _, common: self.seed(job.parent, **common),
            "settings": lambda _job, placed, _: self.settings(**placed),
            "info": lambda _job, placed, _: self.info(**placed),
            "fast": lambda _job, placed, _: self.fast(**placed),
            "relax": lambda _job, placed, _: self.relax(**placed),
            "turbo": lambda _job, placed, _: self.turbo(**placed),
            "variability": lambda _job, placed, _: self.variability(**placed),
            "remix": lambda _job, placed, _: self.remix(**placed),
        }

    def add_channel(self, discord: str, *, max_jobs: int, max_image_jobs: int, max_video_jobs: int) -> ChannelInfo:
        """Add the channel of a Discord token, or give it other limits (useapi-v3.md §3)."""
        return self.add_account(
            discord, max_jobs=max_jobs, max_image_jobs=max_image_jobs, max_video_jobs=max_video_jobs
        )

    def remove_channel(self, channel: str) -> None:
        """Take a channel out of the account."""
        self.delete_account(channel)

    def reset_channel(self, channel: str) -> None:
        """Clear a channel's block after a person has done what the service asked for."""
        self.reset_account(channel)

    def download(self, url: str, target: BinaryIO, *, max_bytes: int, max_seconds: float) -> Download:
        """Stream a result file into `target`: files of cdn.midjourney.com through the API's proxy where it works.

        Raises MediaError. Nothing is repeated; rewind `target` before another try.
        """
        return self._downloader.download(url, target, max_bytes=max_bytes, max_seconds=max_seconds)

    def close(self) -> None:
        """Give back the pooled connections of this process; the client can still be used."""
        self._transport.sessions.close()


def _only_image(submission: Submission) -> str | Upload:
    if len(submission.images) != 1:
        raise Refused(f"Describe takes one image, not {len(submission.images)}.")
    return submission.images[0]
