"""UseAPI v3 (useapi-v3.md): a client that implements `midjourney.upstream.Upstream`."""

from .client import DEFAULT_BASE_URL, UseApi
from .hosts import DEFAULT_MEDIA_HOSTS
from .parsing import ChannelLoad, JobList, job_reply
from .redaction import mask_secrets
from .tokens import token_format_error
from .transport import Backoff, Timeouts

__all__ = [
    "DEFAULT_BASE_URL",
    "DEFAULT_MEDIA_HOSTS",
    "Backoff",
    "ChannelLoad",
    "JobList",
    "Timeouts",
    "UseApi",
    "job_reply",
    "mask_secrets",
    "token_format_error",
]
