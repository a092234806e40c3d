"""From an answer or a broken connection to the one error of the tree that says what may be done next.

The rule behind every line: a request that may have started a paid job is never reported as free to repeat, and a
service that is not there is never reported as a job that is gone (useapi-v3.md §5.2, §10, §13).
"""

from __future__ import annotations

import re
from typing import Literal

import requests
from urllib3.exceptions import MaxRetryError

from midjourney.upstream import (
    BadToken,
    Busy,
    ChannelBlocked,
    Gone,
    NoService,
    OutcomeUnknown,
    Refused,
    Unreachable,
    UpstreamError,
)

from .answers import Answer
from .values import identifier, mapping
from .wire import Stage

Kind = Literal["new_job", "child_job", "job", "cancel", "list", "accounts", "account"]
"""What a call is about.

`new_job` and `child_job` are the POSTs that may cost, the second with a parent job; `job` and `cancel` are GET and
DELETE of one job; `list` is the list of running jobs and whatever else has nothing that could be missing; `accounts`
is the list of channels and `account` one of them.
"""

PAID: frozenset[Kind] = frozenset({"new_job", "child_job"})

BLOCKED = 596
_ABOUT_A_JOB: frozenset[Kind] = frozenset({"child_job", "job", "cancel"})

# 408 and 499 come from gateways that gave up waiting: the request may have reached the service behind them.
_GATEWAY_GAVE_UP = frozenset({408, 499})

_MODERATION = re.compile(
    r"moderat|\bbanned\b|community (?:guidelines|standards)|content policy|violat|inappropriate|\bnsfw\b|"
    r"\bblocked (?:word|phrase|prompt|content|by)|(?:prompt|image|word|phrase|content)s? (?:is|was|are|were) blocked",
    re.IGNORECASE,
)

_NEVER_LEFT = (
    requests.exceptions.ConnectTimeout,
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidHeader,
    requests.exceptions.InvalidProxyURL,
)


def error_for(kind: Kind, answer: Answer) -> UpstreamError | None:
    """The error that `answer` means for a call of this kind, or None where it may be read as a result."""
    status = answer.status
    if answer.is_success:
        return no_service(answer) if answer.is_html else None
    if kind == "accounts" and status == 404 and answer.is_empty:
        return None  # how the service says that there are no channels (§3)
    if kind == "child_job" and status == 409 and answer.code != BLOCKED and not answer.is_html:
        return None  # an execute-once button was pressed before; the caller looks for the job that it made (§5.2)
    if kind == "job" and status in {400, 409, 412, 422} and is_job(answer.data):
        return None  # a moderated job may come with its own code as HTTP status (§13-8)
    if BLOCKED in (status, answer.code):
        return ChannelBlocked(_words(answer, "The channel is blocked."), channel=answer.channel)
    return _by_status(kind, answer)


def _by_status(kind: Kind, answer: Answer) -> UpstreamError:
    status = answer.status
    if status == 401:
        return BadToken(_words(answer, "The service does not accept the token."), status=status)
    if status == 402:
        words = _words(answer, "The subscription has ended.")
        return NoService(words, code="no_subscription", status=status)
    if status == 429:
        words = _words(answer, "No free slot, or too many requests.")
        return Busy(words, status=status, retry_after=answer.retry_after())
    if status in {404, 405, 410}:
        return _not_there(kind, answer)
    if status >= 500 or status in _GATEWAY_GAVE_UP:
        return _broken(kind, answer)
    if status < 400 or answer.is_html:
        return no_service(answer)
    if kind == "cancel" and status in {400, 409, 422}:
        return _refused(answer, "already_ended")
    return _refused(answer, "moderated" if reads_as_moderation(f"{answer.error} {answer.details}") else "refused")


def _not_there(kind: Kind, answer: Answer) -> UpstreamError:
    """404, 405 and 410: one thing is missing, or the whole service is.

    Only an answer in the service's own form, or an empty one, is believed to speak of one job: a web page, a
    gateway's text or another program's JSON means that the service is not there, and no job is lost for that.
    """
    status = answer.status
    believable = status != 405 and (answer.is_empty or answer.has_words)
    if kind in _ABOUT_A_JOB and believable:
        code = "job_expired" if status == 410 else "job_not_found"
        return Gone(_words(answer, "The service no longer knows this job."), code=code, status=status)
    if kind == "account" and status == 404 and believable:
        return Gone(_words(answer, "The service does not know this channel."), code="channel_not_found", status=status)
    return no_service(answer)


def _broken(kind: Kind, answer: Answer) -> UpstreamError:
    status = answer.status
    words = _words(answer, f"The service answered with HTTP {status}.")
    if kind not in PAID:
        return Unreachable(words, code="server_error", status=status)
    if 504 in (status, answer.code):
        # "Job queued": Midjourney runs it, the API never lists it (§5.2).
        return OutcomeUnknown(words, code="upstream_queued", status=status, absence_is_proof=False)
    return OutcomeUnknown(words, status=status)


def _refused(answer: Answer, code: str) -> Refused:
    words = _words(answer, f"The service refused the request (HTTP {answer.status}).")
    return Refused(words, code=code, status=answer.status, details=answer.details)


def no_service(answer: Answer) -> NoService:
    """What answers at this address is not the API (§0: the hosted service has ended)."""
    reason = "a web page" if answer.is_html else f"HTTP {answer.status}"
    said = f" {answer.error}" if answer.error else ""
    return NoService(f"No Midjourney API answers at this address: {reason} came instead.{said}", status=answer.status)


def unusable(kind: Kind, answer: Answer) -> UpstreamError:
    """A 2xx that cannot be read: half an answer, no JSON, or JSON without what was asked for."""
    if answer.code == BLOCKED:
        return ChannelBlocked(_words(answer, "The channel is blocked."), channel=answer.channel)
    words = _words(answer, "The service's answer could not be read.")
    if kind in PAID:
        return OutcomeUnknown(words, status=answer.status)
    return Unreachable(words, code="server_error", status=answer.status)


def network_error(kind: Kind, exc: BaseException, stage: Stage) -> UpstreamError:
    """A connection that failed. What left the machine, or may have, is only repeated where that is free."""
    reason = _reason(exc)
    nothing_left = stage == "connecting" or (stage == "idle" and isinstance(exc, _NEVER_LEFT))
    if kind in PAID and not nothing_left:
        return OutcomeUnknown(f"The request was sent, but no answer came ({reason}).")
    if stage == "sent":
        return Unreachable(f"No answer came ({reason}).")
    return Unreachable(f"Could not connect ({reason}).")


def reads_as_moderation(words: str) -> bool:
    """Whether the service's words speak of content; it reports plain syntax errors the same way (§6.5)."""
    return bool(_MODERATION.search(words))


def is_job(data: object) -> bool:
    """Whether `data` is a job object rather than an error."""
    job = mapping(data)
    return bool(identifier(job.get("jobid"))) and isinstance(job.get("status"), str)


def _words(answer: Answer, otherwise: str) -> str:
    return answer.error or otherwise


def _reason(exc: BaseException) -> str:
    """The name of the innermost cause. Never its text: libraries quote addresses and headers there."""
    inner = exc.args[0] if exc.args and isinstance(exc.args[0], BaseException) else exc
    if isinstance(inner, MaxRetryError) and inner.reason is not None:
        inner = inner.reason
    return type(inner).__name__
