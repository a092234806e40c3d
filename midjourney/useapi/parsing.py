"""From the service's JSON to the types of `midjourney.upstream`: lenient, and never raising.

Unknown fields are ignored and odd ones count as missing (useapi-v3.md §13). Only the list of running jobs is read
strictly: what is absent there is taken to have ended, so a list that cannot be read whole is not a list.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from midjourney.upstream import ChannelInfo, JobReply, Lane, RunningJob

from . import results
from .redaction import redacted_job, without_people
from .values import entries, identifier, integer, mapping, moment, text

_ID = re.compile(r"j\d{10,25}(?P<letter>[a-z]?)-u\d+-c(?P<channel>\d+)-bot\b")
_LETTERS: dict[str, Lane] = {"i": "image", "v": "video"}
_LANES: dict[str, Lane] = {"image": "image", "video": "video"}
DEFAULT_LIMIT = 3


@dataclass(frozen=True, slots=True)
class ChannelLoad:
    """How busy a channel is: jobs that run there, and its limits (useapi-v3.md §9)."""

    info: ChannelInfo
    total: int
    images: int
    videos: int


@dataclass(frozen=True, slots=True)
class JobList:
    """The answer of the list of running jobs. Idle channels may be missing from `channels`."""

    jobs: tuple[RunningJob, ...]
    channels: tuple[ChannelLoad, ...] = ()


def job_reply(data: Any, *, asked: str = "", status: str = "unknown") -> JobReply | None:
    """The job in `data`, or None where there is none.

    `asked` is the id that was asked for, where one was: an answer without an id is then believed if it has a status,
    and one about another job is not. `status` is assumed where the answer says none.
    """
    job = _job_object(data)
    job_id = _job_id(job) or (asked if isinstance(job.get("status"), str) else "")
    if not job_id or (asked and job_id != asked):
        return None
    status = text(job.get("status"), 40).strip().lower().replace("canceled", "cancelled") or status
    verb = text(job.get("verb"), 40).strip().lower()
    lane = lane_of(job_id, job.get("jobType"))
    request, response = mapping(job.get("request")), mapping(job.get("response"))
    error, details = _error(job, response, status)
    raw = redacted_job(job)
    return JobReply(
        job_id=job_id,
        status=status,
        verb=verb,
        lane=lane,
        channel=channel_of(job_id) or identifier(request.get("channel")) or identifier(response.get("channel_id")),
        created=moment(job.get("created")),
        updated=moment(job.get("updated")),
        code=integer(job.get("code"), 0, 9999),
        error=error,
        error_details=details,
        progress=results.progress(response, status),
        prompt=text(request.get("prompt")),
        effective_prompt=results.effective_prompt(response),
        reply_ref=_reply_ref(job, request, response),
        buttons=_buttons(response),
        media=results.media(job, verb=verb, lane=lane, status=status),
        children=results.children(job),
        seed=results.seed(job, verb),
        suggestions=results.suggestions(job, verb),
        settings=mapping(raw.get("response")).get("settings", {}),
        text=results.account_text(job, verb),
        parent=identifier(request.get("jobId")),
        button=text(request.get("button"), 100),
        raw=raw,
    )


def _job_object(data: Any) -> Mapping[str, Any]:
    """The job itself; stream events wrap it as `{"event": …, "job": …}` (§7.1), so a job within is found too."""
    job = mapping(data)
    return job if _job_id(job) else mapping(job.get("job")) or job


def _job_id(job: Mapping[str, Any]) -> str:
    return identifier(job.get("jobid")) or identifier(job.get("jobId"))


def _error(job: Mapping[str, Any], response: Mapping[str, Any], status: str) -> tuple[str, str]:
    """Title and detail of what went wrong; from the red message itself where the fields are missing (§6.5)."""
    error, details = text(job.get("error"), 500), text(job.get("errorDetails"), 4000)
    if not error and status in {"failed", "moderated"}:
        embed = mapping(next(iter(entries(response.get("embeds"))), None))
        error, details = text(embed.get("title"), 500), details or text(embed.get("description"), 4000)
    return without_people(error), without_people(details)


def _reply_ref(job: Mapping[str, Any], *places: Mapping[str, Any]) -> str:
    """Our reference, from request, response or top level in that order (§13-4)."""
    return next(filter(None, (identifier(place.get("replyRef")) for place in (*places, job))), "")


def _buttons(response: Mapping[str, Any]) -> tuple[str, ...]:
    """The labels exactly as offered: they are sent back letter by letter (§8.1)."""
    labels = (text(label, 101) for label in entries(response.get("buttons")))
    return tuple(dict.fromkeys(label for label in labels if label.strip() and len(label) <= 100))[:60]


def lane_of(job_id: str, job_type: Any) -> Lane:
    """The lane from `jobType`, else from the letter in the id (§6.3, §13-5)."""
    lane = _LANES.get(text(job_type, 20).strip().lower(), "")
    match = _ID.match(job_id)
    return lane or (_LETTERS.get(match["letter"], "") if match else "")


def channel_of(job_id: str) -> str:
    """The channel that a job id names, or ""."""
    match = _ID.match(job_id)
    return match["channel"] if match else ""


def channel_list(data: Any) -> tuple[ChannelInfo, ...] | None:
    """The channels of an account, from the map of §3 or a list; None where `data` is neither."""
    if not isinstance(data, dict | list):
        return None
    pairs = list(data.items()) if isinstance(data, dict) else [("", entry) for entry in data]
    found = [channel for key, entry in pairs if (channel := channel_info(entry, key)) is not None]
    return None if pairs and not found else tuple(found)


def channel_info(data: Any, key: str = "") -> ChannelInfo | None:
    """One channel; `key` is its id where the entry itself does not say it."""
    entry = mapping(data)
    channel = identifier(entry.get("channel")) or identifier(key)
    if not channel or not isinstance(data, dict):
        return None
    limit = _limit(entry.get("maxJobs"), DEFAULT_LIMIT)
    error = entry.get("error")
    return ChannelInfo(
        channel=channel,
        max_jobs=limit,
        max_image_jobs=_limit(entry.get("maxImageJobs"), min(DEFAULT_LIMIT, limit)),
        max_video_jobs=_limit(entry.get("maxVideoJobs"), min(DEFAULT_LIMIT, limit)),
        # Its presence is what blocks, so an error that is not a text blocks as well (§3).
        block_message=(without_people(text(error, 1000)) or "blocked") if error else "",
    )


def _limit(value: Any, default: int) -> int:
    found = integer(value, 0, 1000)
    return default if found is None else found


def job_list(data: Any) -> JobList | None:
    """The running jobs (§9); None where the answer is not a whole list."""
    top = mapping(data)
    if not isinstance(top.get("channels"), dict):
        return JobList(jobs=()) if integer(top.get("total")) == 0 and not top.get("channels") else None
    jobs: list[RunningJob] = []
    loads: list[ChannelLoad] = []
    for key, entry in top["channels"].items():
        found = _running_on(mapping(entry), identifier(key))
        info = channel_info(entry, key)
        if found is None or info is None:
            return None
        jobs += found
        loads.append(
            ChannelLoad(info, *(_limit(mapping(entry).get(name), 0) for name in ("total", "images", "videos")))
        )
    return JobList(tuple(jobs), tuple(loads))


def _running_on(channel: Mapping[str, Any], key: str) -> list[RunningJob] | None:
    listed = channel.get("jobs")
    if not isinstance(listed, list):
        return None if listed or integer(channel.get("total")) != 0 else []
    found = [_running(mapping(entry), key) for entry in listed]
    return None if None in found else [job for job in found if job is not None]


def _running(entry: Mapping[str, Any], channel: str) -> RunningJob | None:
    job_id = identifier(entry.get("jobId")) or identifier(entry.get("jobid"))
    if not job_id:
        return None
    return RunningJob(
        job_id=job_id,
        channel=identifier(entry.get("channel")) or channel or channel_of(job_id),
        lane=lane_of(job_id, entry.get("jobType")),
        created=moment(entry.get("created")),
    )
