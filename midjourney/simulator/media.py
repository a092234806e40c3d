"""Result files: signed attachments, Midjourney's CDN and the proxy to it (useapi-v3.md §11)."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from functools import partial
from urllib.parse import unquote, urlsplit

from midjourney.simulator import ids, rendering
from midjourney.simulator.cache import RenderCache
from midjourney.simulator.config import Options
from midjourney.simulator.faults import FAULTS, Active, Stage, in_token
from midjourney.simulator.incoming import Request
from midjourney.simulator.jobs import Job
from midjourney.simulator.links import CDN, LIFETIME, OWN_CDN, is_signed
from midjourney.simulator.payloads import FILE, PREVIEW, SINGLES
from midjourney.simulator.recipes import Recipe, from_record
from midjourney.simulator.replies import Refusal, Reply
from midjourney.simulator.spoiling import instead, spoil, spoil_media
from midjourney.simulator.world import World

PROXY = "/v1/proxy/cdn-midjourney"
_ATTACHMENT = re.compile(r"(?:/media)?(?P<path>/attachments/(?P<channel>\d+)/(?P<snowflake>\d{1,20})/[^/]+)")
_IMAGE = re.compile(r"/(?P<guid>[0-9a-f-]{36})/0_(?P<index>\d)(?:_\d+_N)?\.(?P<kind>jpeg|jpg|png|webp)")
_VIDEO = re.compile(r"/video/(?P<guid>[0-9a-f-]{36})/(?P<index>\d)\.mp4")
_BROWSER = re.compile(r"Mozilla/\d", re.IGNORECASE)
_FORBIDDEN = b"<html><head><title>Attention Required!</title></head><body>Sorry, you have been blocked</body></html>"


class MediaServer:
    """Finds the job behind a link and renders what it shows, once."""

    def __init__(self, world: World, secret: bytes, options: Options) -> None:
        self._world = world
        self._secret = secret
        self._scale = options.picture_scale
        self._own_cdn = options.cdn == "own"
        self.cache = RenderCache(options.state_dir, options.cache_bytes)

    def close(self) -> None:
        self.cache.close()

    def route(self, request: Request) -> Callable[[], Reply] | None:
        """How to answer, if the path is one of a result file."""
        if _ATTACHMENT.fullmatch(request.raw_path):
            return partial(self._serve, "GET attachments", request, self._attachment)
        if request.path.startswith(OWN_CDN + "/"):
            return partial(self._serve, "GET cdn", request, self._cdn)
        if request.path.rstrip("/") == PROXY:
            return partial(self._serve, "GET proxy", request, self._proxy)
        return None

    def _serve(self, label: str, request: Request, handler: Callable[[Request], tuple[Reply, Job | None]]) -> Reply:
        self._world.counters.add("requests", label)
        faults = self._faults(label, request)
        try:
            before = next(
                (reply for fault in faults if fault.stage is Stage.BEFORE and (reply := instead(fault))), None
            )
            reply, job = (before, None) if before else handler(request)
        except Refusal as exc:
            reply, job = exc.reply(), None
        for fault in faults:
            if fault.stage is Stage.MEDIA:
                reply = spoil_media(reply, fault.name, seconds=fault.seconds, location=fault.location)
            elif fault.stage is Stage.AFTER:
                reply = spoil(reply, fault)
        if job and reply.status == 200:
            for name in job.faults:
                if FAULTS[name][0] is Stage.MEDIA:
                    reply = spoil_media(reply, name, seconds=job.fault_seconds, location=job.fault_location)
        self._world.counters.add("answers", f"{label} {reply.status or 'dropped'}")
        return reply

    def _faults(self, label: str, request: Request) -> list[Active]:
        found = _ATTACHMENT.fullmatch(request.raw_path)
        stages = {Stage.BEFORE, Stage.AFTER, Stage.MEDIA}
        struck = self._world.faults.claim(label, stages, channel=found["channel"] if found else "")
        for fault in struck:
            self._world.counters.add("faults", fault.name)
        return struck

    def _attachment(self, request: Request) -> tuple[Reply, Job | None]:
        found = _ATTACHMENT.fullmatch(request.raw_path)
        if not found or not is_signed(self._secret, found["path"], request.query):
            raise Refusal(403, "This content is no longer available.")
        snowflake = int(found["snowflake"])
        job = self._world.blocks.get(ids.owner_block(snowflake))
        if job is None or job.channel != found["channel"]:
            raise Refusal(404, "Not found")
        # `ex` is in wall time, as on the real service; what ends a link here is simulated time.
        since = min(job.ends, self._world.clock.sim()) if job.is_running(self._world.clock.sim()) else job.ends
        if self._world.clock.sim() - since > LIFETIME:
            raise Refusal(403, "This content is no longer available.")
        return self._attached(job, snowflake - job.snowflake, request.query), job

    def _attached(self, job: Job, number: int, query: dict[str, str]) -> Reply:
        recipe = from_record(job.recipe) if job.recipe else None
        if recipe is None:
            raise Refusal(404, "Not found")
        resize = _wanted_size(query)
        if number == PREVIEW:
            return self._render(recipe, "preview", 0, "image/webp")
        if number == FILE and job.lane == "video":
            return self._render(recipe, "video-preview", 0, "image/webp")
        if number == FILE and job.verb == "describe":
            return self._render(recipe, "single", 1, "image/webp", resize)
        if number == FILE:
            return self._render(recipe, "grid", 0, "image/png", resize)
        if SINGLES <= number < SINGLES + 4:
            return self._render(recipe, "single", number - SINGLES + 1, "image/png", resize)
        raise Refusal(404, "Not found")

    def _cdn(self, request: Request) -> tuple[Reply, Job | None]:
        """The CDN itself refuses whoever does not look like a browser."""
        if not _BROWSER.search(request.headers.get("User-Agent") or ""):
            return Reply(403, _FORBIDDEN, "text/html; charset=utf-8"), None
        return self._asset(request.path.removeprefix(OWN_CDN))

    def _proxy(self, request: Request) -> tuple[Reply, Job | None]:
        """The proxy asks for a token and serves one host only."""
        account = self._world.authenticate(request.token)
        for fault in in_token(account.words, request.method):
            reply = instead(fault) if fault.stage is Stage.BEFORE else None
            if reply:
                return reply, None
        target = request.query.get("cdnUrl", "")
        if target.startswith(f"{CDN}/"):
            return self._asset(urlsplit(target).path)
        if self._own_cdn and urlsplit(target).path.startswith(f"{OWN_CDN}/"):
            return self._asset(urlsplit(target).path.removeprefix(OWN_CDN))
        raise Refusal(400, "Parameter cdnUrl must be an https://cdn.midjourney.com/ URL", code=400)

    def _asset(self, path: str) -> tuple[Reply, Job | None]:
        image, video = _IMAGE.fullmatch(unquote(path)), _VIDEO.fullmatch(unquote(path))
        found = image or video
        job = self._world.guids.get(found["guid"]) if found else None
        if found is None or job is None or job.is_running(self._world.clock.sim()) or not job.recipe:
            raise Refusal(404, "Not found")
        index, recipe = int(found["index"]), from_record(job.recipe)
        if video:
            if job.lane != "video" or index >= int(job.result.get("videos", 4)):
                raise Refusal(404, "Not found")
            return self._render(recipe, "video", index + 1, "video/mp4"), job
        if job.lane == "video" or index >= (1 if recipe.solo else 4):
            raise Refusal(404, "Not found")
        kind = {"jpg": "jpeg"}.get(found["kind"], found["kind"])
        return self._render(recipe, "single", index + 1, f"image/{kind}"), job

    def _render(
        self, recipe: Recipe, role: rendering.Role, number: int, kind: str, resize: tuple[int, int] | None = None
    ) -> Reply:
        order = rendering.RenderOrder(recipe, role, number, kind, self._scale, resize)
        text = json.dumps([recipe.as_record(), role, number, kind, self._scale, resize], sort_keys=True)
        name = f"{hashlib.sha256(text.encode()).hexdigest()[:40]}.{kind.rsplit('/', 1)[-1]}"
        content = self.cache.get(name, lambda: rendering.render(order))
        return Reply(200, content, kind, {"Cache-Control": "public, max-age=31536000"})


def _wanted_size(query: dict[str, str]) -> tuple[int, int] | None:
    width, height = query.get("width", ""), query.get("height", "")
    if width.isdigit() and height.isdigit() and 0 < int(width) <= 4096 and 0 < int(height) <= 4096:
        return int(width), int(height)
    return None
