"""The job object as it goes over the wire (useapi-v3.md §6)."""

from __future__ import annotations

from typing import Any

from midjourney.simulator import discord, ids
from midjourney.simulator.accounts import Channel
from midjourney.simulator.jobs import Job, Phase
from midjourney.simulator.links import Links
from midjourney.simulator.recipes import PICTURES, Recipe, from_record, preview_size
from midjourney.simulator.replies import Json

_GRIDLIKE = frozenset({"imagine", "button", "blend"})
PREVIEW, FILE, SINGLES = 2, 8, 11
"""Where in a job's block of snowflakes its attachments are."""


class Payloads:
    """Builds job objects; `scale` is `--picture-scale`."""

    def __init__(self, scale: float) -> None:
        self._scale = scale

    def job(self, job: Job, channel: Channel | None, sim: float, links: Links) -> Json:
        """The job as it was at that simulated time."""
        phase = job.phase(sim)
        unknown = "unknown-status" in job.faults and phase.status in {"started", "progress"}
        value: Json = {
            "jobid": job.jobid,
            "verb": job.verb,
            "status": "queued-upstream" if unknown else phase.status,
            "created": ids.iso(job.created_wall),
            "request": _without_ref(job) if "no-ref" in job.faults else job.request,
        }
        if job.lane and job.show_type:
            value["jobType"] = job.lane
        changed = links.clock.wall_of(job.accepted + phase.since)
        if phase.since > 0:
            value["updated"] = ids.iso(max(changed, job.created_wall))
        final = not job.is_running(sim)
        if final:
            _add_outcome(value, job)
        response = self._response(job, channel, phase, changed, links)
        if response:
            value["response"] = response
        return value

    def _response(self, job: Job, channel: Channel | None, phase: Phase, wall: float, links: Links) -> Json:
        if phase.status == "created":
            return {}
        if phase.status in {"started", "progress"}:
            response = self._running(job, channel, phase, links)
        elif phase.status == "moderated" and job.starts is None:
            command = str(job.request.get("prompt") or "")
            response = discord.moderated_message(job, channel, wall, command)
        elif phase.status == "completed":
            response = self._completed(job, channel, wall, links)
        elif phase.status == "moderated":
            response = {
                **discord.base_message(job, wall),
                "content": f"**{job.effective}** - <@{discord.mention(channel)['id']}> (Stopped)",
                "mentions": [discord.mention(channel)],
            }
        else:
            response = {}
        if response and job.reply_ref and "no-ref" not in job.faults:
            response["replyRef"] = job.reply_ref
        return response

    def _running(self, job: Job, channel: Channel | None, phase: Phase, links: Links) -> Json:
        where = "Waiting to start" if phase.percent is None else f"{phase.percent}%"
        response: Json = {
            "id": str(job.snowflake + 1),
            "channel_id": job.channel,
            "type": 0,
            "content": f"**{job.effective}** - <@{discord.mention(channel)['id']}> ({where}) ({job.speed})",
            "attachments": [],
        }
        if phase.percent is None:
            return response
        response["progress_percent"] = phase.percent
        if job.verb in _GRIDLIKE and job.lane == "image" and "no-preview" not in job.faults:
            size = preview_size(from_record(job.recipe), self._scale)
            preview = discord.attachment(job, PREVIEW, "grid_0.webp", "image/webp", size, links)
            response["attachments"].append(preview)
        return response

    def _completed(self, job: Job, channel: Channel | None, wall: float, links: Links) -> Json:
        response = discord.base_message(job, wall)
        response["content"] = _final_content(job, channel)
        response["mentions"] = [discord.mention(channel)]
        response["buttons"] = list(job.buttons)
        if job.verb in _GRIDLIKE and "no-media" not in job.faults:
            self._add_files(response, job, channel, links)
        if job.buttons:
            link = f"https://www.midjourney.com/jobs/{job.guid}" if job.verb in _GRIDLIKE else ""
            response["components"] = discord.components(job.buttons, job.guid, link)
        else:
            del response["buttons"]
        if job.verb == "seed":
            self._add_seed(response, job, channel, links)
        if job.verb == "describe":
            _add_suggestions(response, job, links)
        if "settings" in job.result:
            response["settings"] = job.result["settings"]
        if "text" in job.result:
            response["embeds"] = [{"type": "rich", "description": job.result["text"]}]
        if job.children:
            response["children"] = {
                jobid: {"jobid": jobid, "button": "" if label == "seed" else label}
                for jobid, label in job.children.items()
            }
        if job.once:
            response["executeOnce"] = dict(job.once)
        return response

    def _add_files(self, response: Json, job: Job, channel: Channel | None, links: Links) -> None:
        recipe = from_record(job.recipe)
        if job.lane == "video":
            count = int(job.result.get("videos", PICTURES))
            name = discord.filename(job, channel, "webp")
            size = preview_size(recipe, self._scale)
            file = discord.attachment(job, FILE, name, "image/webp", size, links)
            response["attachments"] = [{**file, "flags": 32}]
            response["videoUx"] = [{"id": n + 1, "url": links.video(job.guid, n)} for n in range(count)]
            return
        name = discord.filename(job, channel, "png")
        size = grid_size(recipe, self._scale)
        response["attachments"] = [discord.attachment(job, FILE, name, "image/png", size, links)]
        if "no-singles" not in job.faults:
            count = 1 if recipe.solo else PICTURES
            response["imageUx"] = [{"id": n + 1, "url": links.image(job.guid, n)} for n in range(count)]

    def _add_seed(self, response: Json, job: Job, channel: Channel | None, links: Links) -> None:
        """The seed and the four single images (useapi-v3.md §6.5, §6.6)."""
        text = f"**{job.effective}**\n**Job ID**: {job.result['guid']}\n**seed** {job.result['seed']}"
        response["content"] = text
        response["seed"] = {"value": job.result["seed"], "content": text}
        recipe = from_record(job.recipe)
        count = 1 if recipe.solo else PICTURES
        response["attachments"] = [
            discord.attachment(job, SINGLES + n, f"0_{n}.png", "image/png", recipe.pixels(self._scale), links)
            for n in range(count)
        ]


def grid_size(recipe: Recipe, scale: float) -> tuple[int, int]:
    """Pixels of a job's one file: the four pictures two by two, or the one."""
    width, height = recipe.pixels(scale)
    return (width, height) if recipe.solo else (width * 2, height * 2)


def _final_content(job: Job, channel: Channel | None) -> str:
    user = discord.mention(channel)["id"]
    if job.verb in {"describe", "settings", "info", "fast", "relax", "turbo", "variability", "remix"}:
        return str(job.result.get("content", ""))
    suffix = ""
    if job.verb == "button" and job.button.startswith("U") and job.button[1:].isdigit():
        suffix = f"Image #{job.button[1:]} "
    if job.lane == "video":
        web = f"(<https://midjourney.com/jobs/{job.guid}>)"
        return f"**{job.effective}** - {suffix}<@{user}> [(Open on website for full quality)]{web} ({job.speed})"
    return f"**{job.effective}** - {suffix}<@{user}> ({job.speed})"


def _add_outcome(value: Json, job: Job) -> None:
    for name, content in (("code", job.code), ("error", job.error), ("errorDetails", job.details)):
        if content:
            value[name] = content


def _add_suggestions(response: Json, job: Job, links: Links) -> None:
    texts: list[str] = job.result["suggestions"]
    width, height = job.result["size"]
    url, proxy_url = links.attachment(job, str(job.snowflake + FILE), "described.webp")
    response.update(type=20, content="", attachments=[], mentions=[])
    image: dict[str, Any] = {"url": url, "proxy_url": proxy_url, "width": width, "height": height}
    description = "\n\n".join(f"{number}\ufe0f\u20e3 {text}" for number, text in enumerate(texts, 1))
    response["embeds"] = [{"type": "rich", "description": description, "image": image}]


def _without_ref(job: Job) -> Json:
    return {name: value for name, value in job.request.items() if name != "replyRef"}
