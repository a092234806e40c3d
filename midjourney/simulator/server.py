"""The simulator as an object: started on a thread by tests, or for good by the command line."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from midjourney.simulator import ids
from midjourney.simulator.accounts import BLOCK_TEXT
from midjourney.simulator.app import BASE, App
from midjourney.simulator.config import DEFAULT_TOKEN, Options, parse_channels
from midjourney.simulator.handler import HttpServer
from midjourney.simulator.jobs import FINAL
from midjourney.simulator.replies import Json


class Simulator:
    """A UseAPI v3 server on a thread and a free port.

        with Simulator(speed=1000, seed=1) as simulator:
            requests.get(f"{simulator.url}/jobs", headers=simulator.headers)

    `speed=0` stops the clock: only `advance` moves it, which makes a test independent of the machine. Pictures are
    tiny unless `picture_scale` says otherwise.
    """

    def __init__(
        self,
        *,
        speed: float = 1000.0,
        seed: int = 1,
        host: str = "127.0.0.1",
        port: int = 0,
        channels: int | str = 1,
        max_jobs: int = 3,
        picture_scale: float = 0.1,
        state_dir: Path | str | None = None,
        token: str = DEFAULT_TOKEN,
        **options: Any,
    ) -> None:
        chosen = Options(
            host=host,
            port=port,
            speed=speed,
            seed=seed,
            max_jobs=max_jobs,
            picture_scale=picture_scale,
            state_dir=Path(state_dir) if state_dir is not None else None,
            **options,
        )
        count, specs = parse_channels(str(channels), chosen)
        self.options = replace(chosen, channel_count=count, channels=specs)
        self.token = token
        self.app = App(self.options)
        try:
            self._server = HttpServer((host, port), self.app, verbose=self.options.verbose)
        except OSError:
            self.app.close()
            raise
        self._thread: threading.Thread | None = None
        name = f"[{host}]" if ":" in host else host
        self.origin = f"http://{name}:{self._server.server_port}"
        self.url = f"{self.origin}{BASE.rstrip('/')}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Answer requests from now on."""
        self.app.start()
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Close the port and every connection."""
        if self._thread:
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()
        self._server.close_connections()
        self.app.close()

    @property
    def headers(self) -> dict[str, str]:
        """What authenticates as `token`."""
        return {"Authorization": f"Bearer {self.token}"}

    @property
    def channels(self) -> tuple[str, ...]:
        """The channel ids of `token`."""
        return self.channels_of(self.token)

    @property
    def channel(self) -> str:
        """The first channel id of `token`."""
        return self.channels[0]

    def channels_of(self, token: str) -> tuple[str, ...]:
        """The channel ids of any token."""
        return tuple(self.app.world.authenticate(token).channels)

    def token_for(self, number: int, words: str = "simulator") -> str:
        """A valid token of another account; `words` may hold token words such as `ch2-max12`."""
        return f"user:{number}-{words}"

    def fault(self, endpoint: str, fault: str, times: int | None = 1, **kw: Any) -> None:
        """Let `fault` strike the next `times` requests to `endpoint` (None: until cleared).

        Also takes seconds, status, text, location, channel, token and skip.
        """
        self.app.admin.add_fault({"endpoint": endpoint, "fault": fault, "times": times, **kw})

    def clear_faults(self) -> None:
        self.app.admin.clear_faults({})

    def stats(self) -> Json:
        """The body of `GET /_simulator/stats`."""
        return self.app.admin.stats({})

    def count(self, endpoint: str) -> int:
        """How many requests came to `POST jobs/imagine`, `GET jobs/{jobid}`, `GET proxy`, …, refused ones too."""
        return self.app.world.counters.get("requests").get(endpoint, 0)

    def advance(self, seconds: float) -> None:
        """Move simulated time ahead; returns when the webhooks that came due have been sent."""
        self.app.admin.advance({"advance": seconds})

    def finish(self, jobid: str = "") -> None:
        """Move simulated time to the end of that job, or of every running one."""
        world = self.app.world
        jobs = [world.jobs[jobid]] if jobid else list(world.jobs.values())
        self.advance(max([0.0, *(job.ends - world.clock.sim() for job in jobs)]) + 0.001)

    def settle(self) -> bool:
        """Wait until every webhook that is due has been sent."""
        return self.app.webhooks.settle()

    def start_foreign(
        self,
        channel: str = "",
        *,
        kind: Literal["image", "video"] = "image",
        prompt: str = "another program's picture",
        seconds: float | None = None,
        force: bool = False,
        token: str = "",
    ) -> str:
        """Start a job as another program on the account would; its id."""
        body = {"channel": channel, "kind": kind, "prompt": prompt, "seconds": seconds, "force": force}
        return str(self.app.admin.foreign({**body, "token": token or self.token})["jobId"])

    def block(self, channel: str = "", text: str = BLOCK_TEXT, *, token: str = "") -> None:
        """Block a channel until it is reset; an empty text clears it."""
        self.app.admin.block({"channel": channel, "text": text, "token": token or self.token})

    def reset(self) -> None:
        """Forget jobs, faults and counters."""
        self.app.admin.reset({})

    def job(self, jobid: str) -> Json:
        """A job as `GET /jobs/{jobid}` shows it, found or not found by the API."""
        return self.app.payload(self.app.world.jobs[jobid], self.app.world.clock.sim(), self.origin)

    def jobs(self, *, reply_ref: str | None = None) -> list[Json]:
        """Every job ever accepted, unlisted ones too, in order."""
        jobs = [job for job in list(self.app.world.jobs.values()) if reply_ref in {None, job.reply_ref}]
        return [self.job(job.jobid) for job in sorted(jobs, key=lambda job: job.accepted)]

    def running(self) -> list[str]:
        """The ids of the jobs that run now, unlisted and foreign ones too."""
        sim = self.app.world.clock.sim()
        return [job.jobid for job in list(self.app.world.jobs.values()) if job.phase(sim).status not in FINAL]

    def account_key(self, token: str = "") -> str:
        """What stands for a token in the journal."""
        return ids.account_key(token or self.token)
