"""From a request to its answer: routes, who may ask, and the faults on the way."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from midjourney.simulator import ids
from midjourney.simulator.accounts import BLOCK_TEXT, Account, add_channel
from midjourney.simulator.admin import Admin
from midjourney.simulator.config import Options
from midjourney.simulator.endpoints import VERBS, Call, check_common
from midjourney.simulator.faults import Active, Stage, in_token
from midjourney.simulator.fields import Fields, read_fields
from midjourney.simulator.incoming import Request
from midjourney.simulator.jobs import Job
from midjourney.simulator.links import Links
from midjourney.simulator.media import MediaServer
from midjourney.simulator.payloads import Payloads
from midjourney.simulator.replies import NO_SUBSCRIPTION, Json, Refusal, Reply, json_reply
from midjourney.simulator.spoiling import instead, spoil
from midjourney.simulator.sse import stream
from midjourney.simulator.webhooks import Webhooks
from midjourney.simulator.world import World

BASE = "/v3/midjourney/"
_ROUTES = [
    (re.compile(r"accounts"), "accounts"),
    (re.compile(r"accounts/reset/(?P<channel>[^/]+)"), "accounts/reset/{channel}"),
    (re.compile(r"accounts/(?P<channel>[^/]+)"), "accounts/{channel}"),
    (re.compile(rf"jobs/(?P<verb>{'|'.join(VERBS)})"), "jobs/"),
    (re.compile(r"jobs"), "jobs"),
    (re.compile(r"jobs/(?P<jobid>[^/]+)"), "jobs/{jobid}"),
]


@dataclass(slots=True)
class Ask:
    """A request on its way through the API."""

    request: Request
    label: str
    parts: dict[str, str]
    account: Account | None
    fields: Fields
    is_gone: Callable[[], bool]
    faults: list[Active] = field(default_factory=list)

    @property
    def who(self) -> Account:
        if self.account is None:
            raise Refusal(401, "Unauthorized")
        return self.account


class App:
    """The simulator behind its HTTP server."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.world = World(options)
        self.payloads = Payloads(options.picture_scale)
        self.secret = f"{options.seed}/attachments".encode()
        self.webhooks = Webhooks(self.world.clock, self.world.counters, self.payload)
        self.media = MediaServer(self.world, self.secret, options)
        self.admin = Admin(self.world, self.webhooks, self.media)
        for job in self.world.jobs.values():
            if job.is_running(self.world.clock.sim()):
                self.webhooks.follow(job, self.world.clock.sim())
        self._handlers: dict[str, Callable[[Ask], Reply]] = {
            "POST accounts": self._add_account,
            "GET accounts": self._accounts,
            "GET accounts/{channel}": self._account,
            "DELETE accounts/{channel}": self._remove_account,
            "POST accounts/reset/{channel}": self._reset_account,
            "GET jobs": self._running,
            "GET jobs/{jobid}": self._job,
            "DELETE jobs/{jobid}": self._cancel,
            **{f"POST jobs/{verb}": self._submit for verb in VERBS},
        }

    def start(self) -> None:
        self.webhooks.start()

    def close(self) -> None:
        self.webhooks.stop()
        self.media.close()
        self.world.journal.close()

    def payload(self, job: Job, sim: float, origin: str = "") -> Json:
        """The job object at that simulated time."""
        account = self.world.accounts[job.account]
        links = Links(origin or job.origin, self.world.clock, self.secret, self.options.cdn == "own")
        with self.world.lock:
            return self.payloads.job(job, account.channels.get(job.channel), sim, links)

    def answer(self, request: Request, is_gone: Callable[[], bool]) -> Reply:
        """The answer to a request, faults included."""
        if request.path.startswith("/_simulator"):
            return self.admin.answer(request)
        if request.path.startswith(BASE):
            return self._api(request, is_gone)
        found = self.media.route(request)
        if found:
            return found()
        if request.path == "/":
            text = f"A simulated UseAPI v3 for Midjourney. Base URL: {request.origin}{BASE.rstrip('/')}\n"
            return Reply(200, text.encode(), "text/plain; charset=utf-8")
        return json_reply(404, {"error": "Not found"})

    def _api(self, request: Request, is_gone: Callable[[], bool]) -> Reply:
        label, parts = _match(request)
        self.world.counters.add("requests", label)
        ask = Ask(request, label, parts, None, Fields(), is_gone)
        refusal: Refusal | None = None
        try:
            ask.account = self.world.authenticate(request.token)
        except Refusal as exc:
            refusal = exc
        try:
            if request.method == "POST":
                ask.fields = read_fields(request.headers.get("Content-Type", ""), request.body)
        except Refusal as exc:
            refusal = refusal or exc
        ask.faults = self._faults(ask)
        reply = self._carry_out(ask, refusal)
        for fault in ask.faults:
            if fault.stage is Stage.AFTER:
                reply = spoil(reply, fault)
        self.world.counters.add("answers", f"{label} {reply.status or 'dropped'}")
        return reply

    def _carry_out(self, ask: Ask, refusal: Refusal | None) -> Reply:
        try:
            for fault in ask.faults:
                if fault.stage is not Stage.BEFORE or (fault.name == "596" and ask.label.startswith("POST jobs/")):
                    continue
                if fault.name == "delay-before":
                    time.sleep(fault.seconds if fault.seconds is not None else 5.0)
                reply = instead(fault)
                if reply:
                    return reply
            if refusal:
                raise refusal
            handler = self._handlers.get(ask.label)
            if handler is None:
                known = any(label.split(" ", 1)[1] == ask.label.split(" ", 1)[1] for label in self._handlers)
                raise Refusal(405 if known else 404, "Method not allowed" if known else "Not found")
            return handler(ask)
        except Refusal as exc:
            return exc.reply()

    def _faults(self, ask: Ask) -> list[Active]:
        """Every fault that strikes: token words first, then standing orders, then the prompt's words."""
        account, is_job = ask.account, ask.label.startswith("POST jobs/")
        stages = {Stage.BEFORE, Stage.AFTER} | ({Stage.JOB, Stage.MEDIA, Stage.HOOK} if is_job else set())
        channel = self._channel_of(ask)
        struck = in_token(account.words, ask.request.method) if account else []
        user = account.user if account else None
        struck += self.world.faults.claim(ask.label, stages, channel=channel, user=user)
        if is_job:
            hooks = {Stage.HOOK}
            struck += self.world.faults.claim("webhook", hooks, channel=channel, user=user)
            prompt = ask.fields.values.get("prompt")
            if isinstance(prompt, str) and account:
                reference = str(ask.fields.values.get("replyRef") or "")
                struck += self.world.faults.in_prompt(account.key, prompt, reference)
        for fault in struck:
            self.world.counters.add("faults", fault.name)
        return struck

    def _channel_of(self, ask: Ask) -> str:
        named = ask.fields.values.get("channel") or ask.parts.get("channel")
        if isinstance(named, str) and named:
            return named
        found = ids.JOB_ID.match(str(ask.fields.values.get("jobId") or ask.parts.get("jobid") or ""))
        if found:
            return found[5]
        channels = list(ask.account.channels) if ask.account else []
        return channels[0] if len(channels) == 1 else ""

    def _add_account(self, ask: Ask) -> Reply:
        with self.world.lock:
            channel, is_new = add_channel(ask.who, ask.fields)
            self.world.save_channel(ask.who, channel)
            return json_reply(201 if is_new else 200, channel.payload())

    def _accounts(self, ask: Ask) -> Reply:
        channels = ask.who.channels
        if not channels:
            raise Refusal(404)
        return json_reply(200, {name: channel.payload() for name, channel in list(channels.items())})

    def _account(self, ask: Ask) -> Reply:
        channel = ask.who.channels.get(ask.parts["channel"])
        if channel is None:
            raise Refusal(404)
        return json_reply(200, channel.payload())

    def _remove_account(self, ask: Ask) -> Reply:
        self.world.remove_channel(ask.who, ask.parts["channel"])
        return Reply(204)

    def _reset_account(self, ask: Ask) -> Reply:
        channel = ask.who.channels.get(ask.parts["channel"])
        if channel is None:
            raise Refusal(404)
        self.world.block(ask.who, channel, "")
        return Reply(204)

    def _running(self, ask: Ask) -> Reply:
        return json_reply(200, self.running(ask.who))

    def running(self, account: Account) -> Json:
        """Running jobs and capacity per channel; costs in proportion to what runs (useapi-v3.md §9)."""
        sim, wall = self.world.clock.sim(), self.world.clock.wall()
        channels: dict[str, Json] = {}
        with self.world.lock:
            for name, channel in account.channels.items():
                jobs = [job for job in channel.busy(sim) if "vanish" not in job.faults]
                channels[name] = {
                    "total": len(jobs),
                    "images": sum(job.lane == "image" for job in jobs),
                    "videos": sum(job.lane == "video" for job in jobs),
                    "maxJobs": channel.max_jobs,
                    "maxImageJobs": channel.max_image_jobs,
                    "maxVideoJobs": channel.max_video_jobs,
                    "jobs": [_listed(job, wall) for job in jobs],
                }
        totals = {key: sum(channel[key] for channel in channels.values()) for key in ("total", "images", "videos")}
        return {**totals, "channels": channels}

    def _job(self, ask: Ask) -> Reply:
        job = self.world.find(ask.who, ask.parts["jobid"])
        return json_reply(200, self.payload(job, self.world.clock.sim(), ask.request.origin))

    def _cancel(self, ask: Ask) -> Reply:
        job = self.world.find(ask.who, ask.parts["jobid"])
        self.world.cancel(job)
        self.webhooks.follow(job, job.ends)
        return Reply(204)

    def _submit(self, ask: Ask) -> Reply:
        if "nosub" in ask.who.words:
            raise Refusal(402, NO_SUBSCRIPTION)
        check_common(ask.fields)
        blocked = next((fault.text or BLOCK_TEXT for fault in ask.faults if fault.name == "596"), None)
        call = Call(self.world, ask.who, ask.parts["verb"], ask.fields, ask.request.origin, ask.faults, blocked)
        job, is_new = VERBS[call.verb](call)
        if is_new:
            self.webhooks.follow(job, job.accepted)
        sim = self.world.clock.sim()
        if not ask.fields.flag("stream", default=True):
            return json_reply(201 if is_new else 200, self.payload(job, job.accepted if is_new else sim, job.origin))
        origin = ask.request.origin
        return stream(
            job, self.world.clock, lambda told, at: self.payload(told, at, origin), ask.is_gone, self._stream_broke
        )

    def _stream_broke(self, job: Job) -> None:
        self.world.stick(job)
        self.webhooks.follow(job, self.world.clock.sim())


def _listed(job: Job, wall: float) -> Json:
    seconds = max(0, int(wall - job.created_wall))
    value: Json = {
        "jobId": job.jobid,
        "channel": job.channel,
        "created": ids.iso(job.created_wall),
        "elapsed": f"{seconds // 60:02d}:{seconds % 60:02d}",
    }
    if job.lane:
        value["jobType"] = job.lane
    return value


def _match(request: Request) -> tuple[str, dict[str, str]]:
    path = request.path.removeprefix(BASE).strip("/")
    for pattern, name in _ROUTES:
        found = pattern.fullmatch(path)
        if not found or (name == "jobs/" and request.method != "POST"):
            continue
        parts = found.groupdict()
        return f"{request.method} {name}{parts['verb'] if name == 'jobs/' else ''}", parts
    return f"{request.method} unknown", {}
