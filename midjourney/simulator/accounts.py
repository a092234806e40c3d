"""Accounts and their channels (useapi-v3.md §3), made on first use of a token."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from typing import Any

from midjourney.simulator import ids
from midjourney.simulator.config import Options
from midjourney.simulator.faults import TOKEN_WORDS
from midjourney.simulator.fields import Fields
from midjourney.simulator.jobs import Job
from midjourney.simulator.replies import Json, Refusal

DISCORD = re.compile(r"^[A-Za-z0-9_.-]{10,200}$")
BLOCK_TEXT = "Pending mod message"

NEW_SETTINGS: Json = {
    "version": "7",
    "stylize": 100,
    "raw": False,
    "personalization": False,
    "public": True,
    "remix": False,
    "variability": True,
    "turbo": False,
    "fast": True,
    "relax": False,
    "suffix": "",
}


@dataclass(slots=True)
class Channel:
    """A Discord DM channel with its limits, its Midjourney settings and the jobs that run on it."""

    channel: str
    discord: str
    max_jobs: int
    max_image_jobs: int
    max_video_jobs: int
    reply_url: str = ""
    error: str = ""
    settings: Json = field(default_factory=lambda: dict(NEW_SETTINGS))
    running: dict[str, Job] = field(default_factory=dict)

    def payload(self) -> Json:
        """The channel as `GET /accounts` shows it (useapi-v3.md §3)."""
        value: Json = {
            "discord": self.discord,
            "channel": self.channel,
            "maxJobs": self.max_jobs,
            "maxImageJobs": self.max_image_jobs,
            "maxVideoJobs": self.max_video_jobs,
        }
        if self.reply_url:
            value["replyUrl"] = self.reply_url
        if self.error:
            value["error"] = self.error
        return value

    def busy(self, sim: float) -> list[Job]:
        """The jobs that hold a slot now; those that have ended are forgotten on the way."""
        for jobid in [jobid for jobid, job in self.running.items() if not job.is_running(sim)]:
            del self.running[jobid]
        return [job for job in self.running.values() if job.listed]

    def has_room(self, lane: str, sim: float) -> bool:
        """Whether one more job of that lane fits in all three limits (useapi-v3.md §9)."""
        jobs = self.busy(sim)
        if len(jobs) >= self.max_jobs:
            return False
        limit = {"image": self.max_image_jobs, "video": self.max_video_jobs}.get(lane)
        return limit is None or sum(job.lane == lane for job in jobs) < limit

    def user_id(self) -> str:
        """The Discord user whose DM this is; personal data in every real payload."""
        return str(300_000_000_000_000_000 + ids.digest("user", self.channel) % 99_000_000_000_000_000)

    def user_name(self) -> str:
        return f"studio_{ids.digest('name', self.channel) % 10_000:04d}"

    def as_record(self) -> dict[str, Any]:
        return {
            "channel": self.channel,
            "discord": self.discord,
            "max_jobs": self.max_jobs,
            "max_image_jobs": self.max_image_jobs,
            "max_video_jobs": self.max_video_jobs,
            "reply_url": self.reply_url,
            "error": self.error,
            "settings": self.settings,
        }


@dataclass(slots=True)
class Account:
    """What one token sees. `words` are the fault words in its token; the token itself is not kept."""

    key: str
    user: int
    words: dict[str, int] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    made: int = 0


def token_words(secret: str) -> dict[str, int]:
    """The known words of a token's own part, each with the number behind it: `bad7-max12` is bad 7 and max 12."""
    words: dict[str, int] = {}
    for part in re.split(r"[-_.]", secret.lower()):
        found = re.match(r"([a-z]+)(\d*)", part)
        if found and found[1] in TOKEN_WORDS:
            words[found[1]] = int(found[2] or 0)
    return words


def new_account(key: str, user: int, words: dict[str, int], options: Options) -> Account:
    """An account with the channels that its token and the options give it."""
    account = Account(key, user, words)
    if "empty" in words:
        return account
    specs = options.channel_specs()
    if words.get("ch"):
        specs = (options.limits(""),) * min(words["ch"], 50)
    for index, spec in enumerate(specs):
        channel = spec.channel or ids.channel_for(key, index)
        rng = random.Random(f"discord/{channel}")
        total = min(words.get("max") or spec.max_jobs, 15)
        image = min(words.get("max") or spec.max_image_jobs, 12)
        video = min(words.get("max") or spec.max_video_jobs, 12)
        account.channels[channel] = Channel(channel, redact(_invented_discord(rng)), total, image, video)
        if "blocked" in words:
            account.channels[channel].error = BLOCK_TEXT
    return account


def redact(discord: str) -> str:
    """First three, dots, last three (useapi-v3.md §3)."""
    return f"{discord[:3]}...{discord[-3:]}"


def add_channel(account: Account, fields: Fields) -> tuple[Channel, bool]:
    """Add a channel or change the one of that Discord account; says whether it is new (useapi-v3.md §3)."""
    discord = fields.text("discord", required=True)
    if not DISCORD.match(discord):
        raise Refusal(400, "Parameter discord is not a valid Discord token", code=400)
    total = fields.whole("maxJobs", 1, 15, default=3)
    image = fields.whole("maxImageJobs", 1, 12, default=min(3, total))
    video = fields.whole("maxVideoJobs", 1, 12, default=min(3, total))
    for name, value in (("maxImageJobs", image), ("maxVideoJobs", video)):
        if value > total:
            raise Refusal(400, f"Parameter {name} ({value}) must not exceed maxJobs ({total})", code=400)
    reply_url = fields.link("replyUrl", limit=2048)
    key = ids.channel_for("discord", discord)
    known = account.channels.get(key)
    if known:
        known.discord, known.reply_url = redact(discord), reply_url
        known.max_jobs, known.max_image_jobs, known.max_video_jobs = total, image, video
        return known, False
    channel = Channel(key, redact(discord), total, image, video, reply_url)
    account.channels[key] = channel
    return channel, True


def _invented_discord(rng: random.Random) -> str:
    return "MT" + "".join(rng.choice("ABCDEFGHIJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz") for _ in range(24))
