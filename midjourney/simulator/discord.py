"""The raw Discord message inside a job's `response` (useapi-v3.md §6.4, §6.5), personal data included."""

from __future__ import annotations

import base64
import re
from typing import Any

from midjourney.simulator import ids
from midjourney.simulator.accounts import Channel
from midjourney.simulator.buttons import DESCRIBE, custom_id
from midjourney.simulator.faults import without_words
from midjourney.simulator.jobs import Job
from midjourney.simulator.links import Links
from midjourney.simulator.replies import Json

BOT = "936929561302675456"


def base_message(job: Job, wall: float) -> Json:
    """The fields that every finished message has."""
    return {
        "id": str(job.snowflake + 9),
        "channel_id": job.channel,
        "channel_type": 1,
        "type": 0,
        "flags": 0,
        "timestamp": ids.discord_time(wall),
        "edited_timestamp": None,
        "pinned": False,
        "tts": False,
        "mention_everyone": False,
        "mention_roles": [],
        "embeds": [],
        "attachments": [],
        "components": [],
        "author": author(),
    }


def author() -> Json:
    return {
        "id": BOT,
        "username": "Midjourney Bot",
        "bot": True,
        "discriminator": "9282",
        "global_name": None,
        "avatar": None,
        "public_flags": 589_824,
    }


def mention(channel: Channel | None) -> Json:
    """The Discord user: personal data that a client has to strip (useapi-v3.md §11)."""
    name = channel.user_name() if channel else "studio"
    return {
        "id": channel.user_id() if channel else "0",
        "username": name,
        "global_name": name.replace("_", " ").title(),
        "discriminator": "0",
        "avatar": None,
        "public_flags": 0,
    }


def attachment(job: Job, number: int, filename: str, kind: str, size: tuple[int, int], links: Links) -> Json:
    """One file of a message; `size` in bytes is an estimate, because pictures are drawn when first fetched."""
    width, height = size
    snowflake = str(job.snowflake + number)
    url, proxy_url = links.attachment(job, snowflake, filename)
    per_pixel = 1.43 if kind == "image/png" else 0.28
    return {
        "id": snowflake,
        "filename": filename,
        "content_type": kind,
        "size": int(width * height * per_pixel),
        "width": width,
        "height": height,
        "url": url,
        "proxy_url": proxy_url,
        "placeholder": base64.b64encode(ids.digest("placeholder", job.guid).to_bytes(8, "big") * 3).decode()[:28],
        "placeholder_version": 1,
        "content_scan_version": 3,
    }


def filename(job: Job, channel: Channel | None, extension: str) -> str:
    """`<discordusername>_<first words>_<uuid>.png`, as Midjourney names its files."""
    words = re.findall(r"[A-Za-z0-9]+", re.split(r"\s--", without_words(job.effective))[0])
    words = [word for word in words if word not in {"https", "s", "mj", "run"}][:6]
    name = channel.user_name() if channel else "studio"
    return "_".join([name, *words, f"{job.guid}.{extension}"])


def components(labels: list[str], guid: str, link: str = "") -> list[Json]:
    """Rows of at most five buttons, numbered through as Discord does, with the link to the web at the end."""
    rows: list[Json] = []
    number = 0
    for start in range(0, len(labels), 5):
        number += 1
        row: Json = {"type": 1, "id": number, "components": []}
        for label in labels[start : start + 5]:
            number += 1
            row["components"].append(_button(label, number, guid))
        rows.append(row)
    if link and rows:
        target = rows[-1]["components"]
        if len(target) == 5:
            number += 1
            target = []
            rows.append({"type": 1, "id": number, "components": target})
        target.append({"type": 2, "style": 5, "id": number + 1, "label": "\u200b", "url": link})
    return rows


def moderated_message(job: Job, channel: Channel | None, wall: float, command: str) -> Json:
    """The ephemeral red embed of a refused request, field for field (useapi-v3.md §6.5)."""
    user = mention(channel)
    short = {"id": user["id"], "username": user["username"]}
    interaction: dict[str, Any] = {"id": str(job.snowflake), "name": job.verb, "type": 2, "user": short}
    retry = f"MJ::Job::Retry::{ids.digest('retry', job.guid):022d}"
    resubmit = {"type": 2, "style": 2, "id": 2, "label": "Resubmit", "custom_id": retry}
    return {
        **base_message(job, wall),
        "id": str(job.snowflake + 9),
        "nonce": ids.nonce(job.jobid),
        "type": 20,
        "flags": 64,
        "position": 0,
        "content": "",
        "mentions": [],
        "application_id": BOT,
        "webhook_id": BOT,
        "components": [{"type": 1, "id": 1, "components": [resubmit]}],
        "embeds": [
            {
                "id": str(job.snowflake + 10),
                "type": "rich",
                "title": job.error,
                "description": job.details,
                "color": 16_711_680,
                "content_scan_version": 0,
                "footer": {"text": f"/{job.verb} {command}".strip()},
            }
        ],
        "interaction": interaction,
        "interaction_metadata": {**interaction, "command_type": 1, "authorizing_integration_owners": {"0": "0"}},
    }


def _button(label: str, number: int, guid: str) -> Json:
    button: Json = {"type": 2, "style": 2, "id": number}
    if label.isascii():
        button["label"] = label
    else:
        button["emoji"] = {"name": label}
    button["custom_id"] = f"MJ::Job::PicReader::{label[0]}" if label in DESCRIBE[:4] else custom_id(label, guid)
    return button
