"""Every endpoint of UseAPI v3 as a method (useapi-v3.md §2)."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypedDict, TypeVar, Unpack
from urllib.parse import quote

from midjourney.upstream import ChannelInfo, Gone, JobReply, NoService, OutcomeUnknown, Refused, Upload, UpstreamError

from . import results
from .answers import Answer
from .bodies import blended, described, request_body
from .errors import Kind, unusable
from .parsing import JobList, channel_info, channel_list, job_list, job_reply
from .transport import Call, Transport
from .values import identifier, mapping

Result = TypeVar("Result")

CANCEL_TRIES = 2


class Common(TypedDict, total=False):
    """What every POST that makes a job may say (§4.1).

    `reply_ref` is our own reference, echoed in answers; `reply_url` the webhook for this job; `deadline` the
    `time.monotonic()` value after which nothing is sent any more (Unreachable, code `too_late`).
    """

    reply_ref: str
    reply_url: str
    deadline: float | None


class Placed(Common, total=False):
    """The same for jobs that have no parent to fix their channel; "" leaves the choice to the service."""

    channel: str


class Endpoints:
    """One method per endpoint, on a transport. Each raises the errors of `midjourney.upstream`.

    The methods that make a job may cost money and send once; GET repeats itself (`Backoff`), DELETE of a job once.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    # Accounts (§3)

    def accounts(self) -> tuple[ChannelInfo, ...]:
        """All channels. An empty 404 means that there are none."""

        def read(answer: Answer) -> tuple[ChannelInfo, ...]:
            return () if answer.status == 404 else _needed("accounts", answer, channel_list(answer.data))

        return self._transport.exchange(self._get("accounts", "accounts", "accounts"), read)

    def account(self, channel: str) -> ChannelInfo:
        """One channel. Raises Gone (`channel_not_found`)."""
        call = self._get(f"accounts/{_segment(channel)}", "accounts/{channel}", "account", channel)
        return self._transport.exchange(call, _reader("account", lambda data: channel_info(data, channel)))

    def add_account(
        self, discord: str, *, max_jobs: int = 3, max_image_jobs: int = 3, max_video_jobs: int = 3, reply_url: str = ""
    ) -> ChannelInfo:
        """Add or update the channel of a Discord token, which is as secret as a password. Free, but sent once.

        No limit may be above that of all jobs together (§3).
        """
        images, videos = min(max_image_jobs, max_jobs), min(max_video_jobs, max_jobs)
        limits = {"maxJobs": max_jobs, "maxImageJobs": images, "maxVideoJobs": videos}
        body = {"discord": discord, **limits, **({"replyUrl": reply_url} if reply_url else {})}
        call = Call("POST", "accounts", "accounts", "list", body={"json": body}, secrets=(discord,))
        return self._transport.exchange(call, _reader("list", channel_info))

    def delete_account(self, channel: str) -> None:
        """Remove a channel. Raises Gone (`channel_not_found`)."""
        call = Call("DELETE", f"accounts/{_segment(channel)}", "accounts/{channel}", "account", channel)
        self._transport.exchange(call, _nothing)

    def reset_account(self, channel: str) -> None:
        """Clear the block of a channel, once a person has done what Midjourney asked for (§10).

        Tries the path of the vendor's page, and the other order only where that one is not served.
        """
        path = _segment(channel)
        call = Call("POST", f"accounts/reset/{path}", "accounts/reset/{channel}", "account", channel)
        try:
            self._transport.exchange(call, _nothing)
        except (Gone, NoService) as error:
            if error.status not in {404, 405}:
                raise
            other = Call("POST", f"accounts/{path}/reset", "accounts/{channel}/reset", "account", channel)
            self._transport.exchange(other, _nothing)

    # Jobs that may cost (§4)

    def imagine(self, prompt: str, **common: Unpack[Placed]) -> JobReply:
        """Text, with image URLs where wanted, to four images or a video (§4.2)."""
        return self._create("imagine", {"prompt": prompt}, {}, common)

    def describe(self, image: str | Upload, **common: Unpack[Placed]) -> JobReply:
        """An image, by URL or as a file of at most 10 MB, to four prompts (§4.4)."""
        return self._create("describe", *described(image), common)

    def blend(self, images: Sequence[str | Upload], *, dimensions: str = "", **common: Unpack[Placed]) -> JobReply:
        """Two to five images to one grid; `dimensions` is Portrait, Square or Landscape (§4.5)."""
        urls, files = blended(images)
        return self._create("blend", {**urls, "blendDimensions": dimensions}, files, common)

    def button(
        self, parent: str, button: str, *, mask: str = "", prompt: str = "", **common: Unpack[Common]
    ) -> JobReply:
        """Press a button of a completed job; `mask` is the bare base64 of a WebP (§4.3, §8).

        `U1` to `U4` run once per parent: pressing again brings the job that the first press made, in any status.
        Raises Gone where the parent is not known any more.
        """
        fields = {"jobId": parent, "button": button, "mask": mask, "prompt": prompt}
        return self._create_child("button", parent, button, fields, common)

    def seed(self, parent: str, **common: Unpack[Common]) -> JobReply:
        """The seed of a completed image job, once per parent like `U1` (§4.6, §8.2). Raises Gone for the parent."""
        return self._create_child("seed", parent, "seed", {"jobId": parent}, common)

    def settings(self, **common: Unpack[Placed]) -> JobReply:
        """Read the settings panel (§4.7). The channel is needed where the account has several, here and below."""
        return self._create("settings", {}, {}, common)

    def info(self, **common: Unpack[Placed]) -> JobReply:
        """Read plan and usage (§4.7)."""
        return self._create("info", {}, {}, common)

    def fast(self, **common: Unpack[Placed]) -> JobReply:
        """Set the account to fast mode."""
        return self._create("fast", {}, {}, common)

    def relax(self, **common: Unpack[Placed]) -> JobReply:
        """Set the account to relax mode."""
        return self._create("relax", {}, {}, common)

    def turbo(self, **common: Unpack[Placed]) -> JobReply:
        """Set the account to turbo mode."""
        return self._create("turbo", {}, {}, common)

    def variability(self, **common: Unpack[Placed]) -> JobReply:
        """Flip high and low variation: a toggle, so a repeat undoes it (§4.7)."""
        return self._create("variability", {}, {}, common)

    def remix(self, **common: Unpack[Placed]) -> JobReply:
        """Flip remix mode: a toggle, so a repeat undoes it (§4.7)."""
        return self._create("remix", {}, {}, common)

    # Reading and stopping jobs (§9)

    def list_jobs(self) -> JobList:
        """The running jobs and how busy each channel is.

        Raises Unreachable (`server_error`) for a list that cannot be read whole: what it leaves out would pass for
        ended.
        """
        return self._transport.exchange(self._get("jobs", "jobs", "list"), _reader("list", job_list))

    def job(self, job_id: str) -> JobReply:
        """One job, for 62 days after it was made. Raises Gone."""
        call = self._get(f"jobs/{_job_segment(job_id)}", "jobs/{id}", "job", job_id)
        return self._transport.exchange(call, _reader("job", lambda data: job_reply(data, asked=job_id)))

    def cancel(self, job_id: str) -> None:
        """Stop following a running job; Midjourney may still finish and bill it (§9).

        Raises Refused (`already_ended`) where there is nothing to stop any more, also when an answer to a first try
        was lost; and Gone.
        """
        call = Call("DELETE", f"jobs/{_job_segment(job_id)}", "jobs/{id}", "cancel", job_id, tries=CANCEL_TRIES)
        self._transport.exchange(call, _nothing)

    def _get(self, path: str, name: str, kind: Kind, about: str = "") -> Call:
        return Call("GET", path, name, kind, about, tries=self._transport.backoff.tries)

    def _create(self, verb: str, fields: Mapping[str, str], files: Mapping[str, Upload], common: Placed) -> JobReply:
        call = _creation("new_job", verb, fields, files, common)
        return self._send_once(call, _created("new_job"))

    def _create_child(self, verb: str, parent: str, label: str, fields: Mapping[str, str], common: Common) -> JobReply:
        call = _creation("child_job", verb, fields, {}, {**common, "channel": ""}, about=parent)
        read = _created("child_job")
        reply = self._send_once(call, lambda answer: answer if answer.status == 409 else read(answer))
        return self._made_before(parent, label, reply) if isinstance(reply, Answer) else reply

    def _send_once(self, call: Call, read: Callable[[Answer], Result]) -> Result:
        """Send what may cost. A web page as the answer is only believed if the service is not there for a read either.

        A gateway may show its page with status 200 although the service behind it took the request.
        """
        try:
            return self._transport.exchange(call, read)
        except NoService as error:
            if error.status is None or not 200 <= error.status < 300 or not self._is_there():
                raise
            words = "A web page came instead of an answer, but the service is there and may have taken the request."
            raise OutcomeUnknown(words, status=error.status) from error

    def _is_there(self) -> bool:
        """Whether the API answers at this address; in doubt it does."""
        try:
            self._transport.exchange(Call("GET", "jobs", "jobs", "list"), _nothing)
        except NoService as error:
            return error.code != "no_service"
        except UpstreamError:
            return True
        return True

    def _made_before(self, parent: str, label: str, conflict: Answer) -> JobReply:
        """The job of an execute-once button that was pressed before: named in the 409, or among the children (§5.2)."""
        named = identifier(mapping(conflict.data).get("jobid")) or identifier(mapping(conflict.data).get("jobId"))
        for job_id in filter(None, (named, *results.job_ids(conflict.data))):
            if job_id != parent:
                return self.job(job_id)
        for child in self.job(parent).children:
            if _same_label(child.button, label):
                return self.job(child.job_id)
        words = conflict.error or "This was done before, and the service does not say which job it made."
        raise Refused(words, code="already_executed", status=409)


def _creation(
    kind: Kind, verb: str, fields: Mapping[str, str], files: Mapping[str, Upload], common: Placed, about: str = ""
) -> Call:
    shared = {
        "channel": common.get("channel", ""),
        "replyRef": common.get("reply_ref", ""),
        "replyUrl": common.get("reply_url", ""),
    }
    return Call(
        "POST",
        f"jobs/{verb}",
        f"jobs/{verb}",
        kind,
        about or shared["replyRef"],
        deadline=common.get("deadline"),
        body=request_body({**fields, **shared}, files),
    )


def _created(kind: Kind) -> Callable[[Answer], JobReply]:
    return _reader(kind, lambda data: job_reply(data, status="created"))


def _reader(kind: Kind, parse: Callable[[Any], Result | None]) -> Callable[[Answer], Result]:
    return lambda answer: _needed(kind, answer, parse(answer.data))


def _needed(kind: Kind, answer: Answer, found: Result | None) -> Result:
    if found is None:
        raise unusable(kind, answer)
    return found


def _nothing(_answer: Answer) -> None:
    """204 and other successes without anything to read."""


def _same_label(one: str, other: str) -> bool:
    """Labels are compared after NFC (§8.1); what the service calls a seed's entry is not known, so case is ignored."""
    return unicodedata.normalize("NFC", one).casefold() == unicodedata.normalize("NFC", other).casefold()


def _segment(value: str) -> str:
    """One path segment. Raises Gone for what would name another path: nothing upstream has such an id."""
    if value in {"", ".", ".."}:
        raise Gone("There is no such channel.", code="channel_not_found")
    return quote(value, safe="")


def _job_segment(job_id: str) -> str:
    """The colon of a job id stays as it is, as in the vendor's own samples (§2)."""
    if job_id in {"", ".", ".."}:
        raise Gone("There is no such job.", code="job_not_found")
    return quote(job_id, safe=":")
