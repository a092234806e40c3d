"""The simulator's own API under `/_simulator/`, for tests and for curious people on the same machine."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from midjourney.simulator import faults
from midjourney.simulator.accounts import BLOCK_TEXT, Account, Channel
from midjourney.simulator.config import DEFAULT_TOKEN
from midjourney.simulator.endpoints import Call, imagine
from midjourney.simulator.fields import Fields
from midjourney.simulator.incoming import Request
from midjourney.simulator.jobs import Job
from midjourney.simulator.media import MediaServer
from midjourney.simulator.replies import Json, Refusal, Reply, json_reply
from midjourney.simulator.stats import summary
from midjourney.simulator.webhooks import Webhooks
from midjourney.simulator.world import World


class Admin:
    """Faults, clock, counters, blocks and foreign jobs. Answers loopback clients only."""

    def __init__(self, world: World, webhooks: Webhooks, media: MediaServer) -> None:
        self._world = world
        self._webhooks = webhooks
        self._media = media
        self._routes: dict[str, Callable[[Json], Json]] = {
            "GET health": self.health,
            "GET stats": self.stats,
            "GET faults": self.list_faults,
            "POST faults": self.add_fault,
            "DELETE faults": self.clear_faults,
            "POST reset": self.reset,
            "POST clock": self.advance,
            "POST foreign": self.foreign,
            "POST block": self.block,
        }

    def answer(self, request: Request) -> Reply:
        """The answer to a request under `/_simulator/`."""
        if not request.is_local:
            return json_reply(403, {"error": "only from this machine"})
        handler = self._routes.get(f"{request.method} {request.path.removeprefix('/_simulator').strip('/')}")
        if handler is None:
            return json_reply(404, {"error": "Not found", "routes": list(self._routes)})
        try:
            body: Any = json.loads(request.body) if request.body.strip() else {}
            if not isinstance(body, dict):
                raise ValueError("the body must be a JSON object")
            return json_reply(200, handler(body))
        except Refusal as exc:
            return exc.reply()
        except (ValueError, TypeError) as exc:
            return json_reply(400, {"error": str(exc)})

    def health(self, _: Json) -> Json:
        clock = self._world.clock
        return {"status": "ok", "speed": clock.speed, "simulated_seconds": round(clock.sim(), 3)}

    def stats(self, _: Json) -> Json:
        """Counters, starts, payments and peaks."""
        with self._world.lock:
            limits = {
                channel.channel: {
                    "total": channel.max_jobs,
                    "image": channel.max_image_jobs,
                    "video": channel.max_video_jobs,
                }
                for account in self._world.accounts.values()
                for channel in account.channels.values()
            }
            jobs = list(self._world.jobs.values())
        return summary(jobs, self._world.counters, limits, self._world.clock.sim())

    def list_faults(self, _: Json) -> Json:
        known = {name: f"{stage.value}: {text}" for name, (stage, text) in faults.FAULTS.items()}
        return {"standing": self._world.faults.standing(), "known": known, "token_words": faults.TOKEN_WORDS}

    def add_fault(self, body: Json) -> Json:
        self._world.faults.add(faults.read_order(body))
        return {"standing": self._world.faults.standing()}

    def clear_faults(self, _: Json) -> Json:
        self._world.faults.clear()
        return {"standing": []}

    def reset(self, _: Json) -> Json:
        self._world.reset()
        self._webhooks.forget()
        self._media.cache.clear()
        return {"status": "ok"}

    def advance(self, body: Json) -> Json:
        """Move the clock by `advance` seconds and `hours`, and let all webhooks that came due be sent."""
        seconds = float(body.get("advance") or body.get("seconds") or 0) + 3600 * float(body.get("hours") or 0)
        if seconds < 0:
            raise ValueError("time cannot go backwards")
        self._world.advance(seconds)
        self._webhooks.settle()
        return self.health({})

    def foreign(self, body: Json) -> Json:
        """Start a job as another program on the same account would; `force` ignores the limits."""
        account = self._account(str(body.get("token") or ""), str(body.get("channel") or ""))
        video = body.get("kind") == "video"
        text = str(body.get("prompt") or "another program's picture")
        values: Json = {"prompt": f"https://img.example.org/start.webp {text} --video" if video else text}
        lasts = body.get("seconds")
        call = Call(self._world, account, "imagine", Fields(values), foreign=True)
        call.lasts = None if lasts is None else float(lasts)
        if body.get("channel"):
            values["channel"] = body["channel"]
        with self._world.lock:
            call.force = bool(body.get("force"))
            job, _ = imagine(call)
        return {"jobId": job.jobid, "channel": job.channel}

    def block(self, body: Json) -> Json:
        """Block a channel with `text`; an empty text clears it."""
        channel = str(body.get("channel") or "")
        account = self._account(str(body.get("token") or ""), channel)
        found: Channel | None = account.channels.get(channel) or next(iter(account.channels.values()), None)
        if found is None:
            raise ValueError(f"no channel {channel!r}")
        self._world.block(account, found, str(body.get("text", BLOCK_TEXT)))
        return found.payload()

    def job(self, jobid: str) -> Job | None:
        return self._world.jobs.get(jobid)

    def _account(self, token: str, channel: str) -> Account:
        if token:
            return self._world.authenticate(token)
        accounts = list(self._world.accounts.values())
        if channel:
            for account in accounts:
                if channel in account.channels:
                    return account
            raise ValueError(f"no account has channel {channel!r}")
        if len(accounts) > 1:
            raise ValueError("several accounts: say which token or channel")
        return accounts[0] if accounts else self._world.authenticate(DEFAULT_TOKEN)
