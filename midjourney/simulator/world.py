"""Everything the simulator knows: accounts, jobs and their indexes. One lock; every critical section is short."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass, field, replace
from typing import Any

from midjourney.simulator import ids, timing
from midjourney.simulator.accounts import Account, Channel, new_account, token_words
from midjourney.simulator.clock import Clock, Segment
from midjourney.simulator.config import Options
from midjourney.simulator.faults import Active, FaultBook, Stage
from midjourney.simulator.jobs import EXPIRY_SECONDS, FINAL, Job, Lane, Status
from midjourney.simulator.prompts import Prompt
from midjourney.simulator.recipes import Recipe
from midjourney.simulator.replies import JOB_NOT_FOUND, UNAUTHORIZED, Json, Refusal
from midjourney.simulator.stats import Counters
from midjourney.simulator.store import Journal

_LETTERS: dict[str, str] = {"image": "i", "video": "v", "": ""}
_MODERATED = ("Banned prompt detected", "The prompt may conflict with the community standards (simulated)")


@dataclass(slots=True)
class Draft:
    """A job that is about to be accepted."""

    verb: str
    lane: Lane
    kind: timing.Kind
    request: Json
    prompt: Prompt
    content: str = ""
    recipe: Recipe | None = None
    buttons: list[str] = field(default_factory=list)
    result: Json = field(default_factory=dict)
    parent: Job | None = None
    button: str = ""
    reply_url: str = ""
    origin: str = ""
    faults: list[Active] = field(default_factory=list)
    refusal: tuple[str, str] | None = None
    show_type: bool = True
    foreign: bool = False
    lasts: float | None = None


class World:
    """Accounts, jobs and the clock they live by."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.clock = Clock(options.speed)
        self.journal = Journal(options.state_dir)
        self.faults = FaultBook()
        self.counters = Counters()
        self.lock = threading.RLock()
        self.accounts: dict[str, Account] = {}
        self.jobs: dict[str, Job] = {}
        self.blocks: dict[int, Job] = {}
        self.guids: dict[str, Job] = {}
        self._allowed = {ids.account_key(token) for token in options.tokens}
        self._choice = random.Random(f"choice/{options.seed}")
        self._load()
        for token in options.tokens:
            self.authenticate(token)

    def authenticate(self, token: str) -> Account:
        """The account of a token, made on first use. Raises Refusal 401 for anything else (useapi-v3.md §1)."""
        found = ids.TOKEN.match(token)
        key = ids.account_key(token)
        if not found or (self._allowed and key not in self._allowed):
            raise Refusal(401, UNAUTHORIZED)
        account = self.accounts.get(key)
        if account is None:
            with self.lock:
                account = self.accounts.get(key)
                if account is None:
                    account = new_account(key, int(found[1]), token_words(found[2]), self.options)
                    self.accounts[key] = account
                    self.journal.write("account", key=key, user=account.user, words=account.words)
                    for channel in account.channels.values():
                        self.save_channel(account, channel)
        return account

    def save_channel(self, account: Account, channel: Channel) -> None:
        self.journal.write("channel", account=account.key, **channel.as_record())

    def remove_channel(self, account: Account, channel: str) -> None:
        with self.lock:
            if account.channels.pop(channel, None) is None:
                raise Refusal(404)
            self.journal.write("channel-gone", account=account.key, channel=channel)

    def find(self, account: Account, jobid: str) -> Job:
        """A job of this account. Raises Refusal 404 or 410 (useapi-v3.md §5.2)."""
        job = self.jobs.get(jobid)
        if job is None or job.account != account.key or not job.listed or "vanish" in job.faults:
            raise Refusal(404, JOB_NOT_FOUND)
        sim = self.clock.sim()
        if sim - job.accepted > EXPIRY_SECONDS or ("expired" in job.faults and not job.is_running(sim)):
            raise Refusal(410, f"Job {jobid} has expired")
        return job

    def choose_channel(
        self, account: Account, named: str, lane: Lane, blocked_text: str | None = None, *, force: bool = False
    ) -> Channel:
        """The channel a job goes to: the named one, or any with room (useapi-v3.md §9, §10).

        Raises Refusal 400, 429 or 596. With `blocked_text` the channel is blocked first, as the fault 596 does.
        """
        if named and named not in account.channels:
            raise Refusal(400, f"Unable to find configuration for channel {named}", code=400)
        candidates = [account.channels[named]] if named else list(account.channels.values())
        if not candidates:
            raise Refusal(400, "No channels configured", code=400)
        sim = self.clock.sim()
        if blocked_text is not None:
            self.block(account, candidates[0], blocked_text)
            raise self._blocked(candidates[0])
        open_channels = [channel for channel in candidates if not channel.error]
        if not open_channels:
            raise self._blocked(candidates[0])
        free = [channel for channel in open_channels if channel.has_room(lane, sim)]
        if free:
            return free[0] if len(free) == 1 else self._choice.choice(free)
        if force or not self.options.enforce_limits:
            return open_channels[0]
        self.counters.add("full", lane or "total")
        executing = [job.jobid for channel in open_channels for job in channel.busy(sim)]
        limits = ", ".join(f"{c.max_jobs}/{c.max_image_jobs}/{c.max_video_jobs}" for c in open_channels)
        raise Refusal(
            429,
            f"No free slot for {lane or 'a'} job (maxJobs/maxImageJobs/maxVideoJobs {limits}), retry in 10..30 seconds",
            executingJobs=executing,
            code=429,
        )

    def block(self, account: Account, channel: Channel, text: str) -> None:
        """Set or, with an empty text, clear the error of a channel (useapi-v3.md §10)."""
        with self.lock:
            channel.error = text
            self.save_channel(account, channel)

    def accept(self, account: Account, channel: Channel, draft: Draft) -> Job:
        """Make the job, write it down, and let it run. The caller holds the lock since it chose the channel."""
        rng = random.Random(f"{self.options.seed}/{account.key}/{account.made}")
        account.made += 1
        wall = self.clock.wall()
        letter = _LETTERS[draft.lane]
        before = wall - rng.uniform(0.034, 0.170)
        jobid = ids.job_id(before, rng.randrange(1_000_000), letter, account.user, channel.channel)
        while jobid in self.jobs:
            jobid = ids.job_id(before, rng.randrange(1_000_000), letter, account.user, channel.channel)
        snowflake = ids.snowflake_block(wall, rng)
        while snowflake in self.blocks:
            snowflake += ids.BLOCK
        lasts = timing.duration(draft.kind, rng, self.options) * timing.speed_factor(draft.prompt, channel.settings)
        lasts = draft.lasts if draft.lasts is not None else lasts
        seed = _seed_of(draft, rng)
        job = Job(
            jobid=jobid,
            account=account.key,
            channel=channel.channel,
            verb=draft.verb,
            lane=draft.lane,
            created_wall=wall,
            accepted=self.clock.sim(),
            lasts=lasts,
            starts=timing.start_after(rng, lasts),
            outcome="completed",
            request=draft.request,
            snowflake=snowflake,
            guid=ids.guid(rng),
            seed=seed,
            origin=draft.origin,
            show_type=draft.show_type,
            parent=draft.parent.jobid if draft.parent else "",
            button=draft.button,
            effective=draft.content,
            speed=timing.speed_word(draft.prompt, channel.settings),
            reply_url=draft.reply_url or channel.reply_url,
            recipe=_recipe_record(draft.recipe, seed),
            result=draft.result,
            buttons=draft.buttons,
            foreign=draft.foreign,
        )
        _spoil(job, draft, rng)
        self._add(job)
        self.journal.write("job", **job.as_record())
        return job

    def change(self, job: Job) -> None:
        """Write down what has become of a job."""
        self.journal.write("change", **job.as_record())

    def cancel(self, job: Job) -> None:
        """Stop following a job. Raises Refusal where it has already ended (useapi-v3.md §9)."""
        with self.lock:
            sim = self.clock.sim()
            if not job.is_running(sim):
                status = job.phase(sim).status
                raise Refusal(
                    self.options.cancel_finished,
                    f"Job {job.jobid} is {status} and cannot be cancelled",
                    code=self.options.cancel_finished,
                )
            word: Status = "cancelled" if "cancelled-word" in job.faults else "failed"
            job.cancel(sim, word)
            self.change(job)

    def stick(self, job: Job) -> None:
        """Let a job hang until the 14-minute limit, as a broken event stream does (useapi-v3.md §7.1)."""
        with self.lock:
            sim = self.clock.sim()
            if job.is_running(sim) and job.frozen is None:
                job.get_stuck(sim)
                self.change(job)

    def advance(self, seconds: float) -> None:
        """Move simulated time ahead."""
        segment = self.clock.advance(seconds)
        self.journal.write("clock", wall=segment.wall, sim=segment.sim, speed=segment.speed)

    def reset(self) -> None:
        """Forget all jobs, faults and counters, and give every account its first channels back."""
        with self.lock:
            self.jobs.clear()
            self.blocks.clear()
            self.guids.clear()
            self.faults.clear()
            self.counters.clear()
            self.journal.clear()
            first = self.clock.first()
            self.journal.write("clock", wall=first.wall, sim=first.sim, speed=first.speed)
            segment = self.clock.advance(0)
            self.journal.write("clock", wall=segment.wall, sim=segment.sim, speed=segment.speed)
            self._choice.seed(f"choice/{self.options.seed}")
            for key, old in self.accounts.items():
                fresh = new_account(key, old.user, old.words, self.options)
                old.channels, old.made = fresh.channels, 0
                self.journal.write("account", key=key, user=old.user, words=old.words)
                for channel in old.channels.values():
                    self.save_channel(old, channel)

    def _blocked(self, channel: Channel) -> Refusal:
        return Refusal(596, channel.error, channel=channel.channel, code=596)

    def _add(self, job: Job) -> None:
        self.jobs[job.jobid] = job
        self.blocks[job.snowflake] = job
        self.guids[job.guid] = job
        channel = self.accounts[job.account].channels.get(job.channel)
        if channel is not None:
            channel.running[job.jobid] = job
        parent = self.jobs.get(job.parent)
        if parent is not None and not job.foreign:
            label = job.button or job.verb
            parent.children[job.jobid] = label
            if label == "seed" or (label in {"U1", "U2", "U3", "U4"}):
                parent.once[label] = job.jobid

    def _load(self) -> None:
        segments: list[Segment] = []
        for record in self.journal.read():
            kind = record.pop("t")
            if kind == "clock":
                segments.append(Segment(**record))
            else:
                self._replay(kind, record)
        if not segments:
            first = self.clock.first()
            self.journal.write("clock", wall=first.wall, sim=first.sim, speed=first.speed)
            return
        segment = self.clock.restore(segments)
        self.journal.write("clock", wall=segment.wall, sim=segment.sim, speed=segment.speed)

    def _replay(self, kind: str, record: dict[str, Any]) -> None:
        if kind == "account":
            self.accounts[record["key"]] = Account(record["key"], record["user"], record["words"])
        elif kind == "channel":
            account = self.accounts[record.pop("account")]
            running = account.channels[record["channel"]].running if record["channel"] in account.channels else {}
            account.channels[record["channel"]] = Channel(**record, running=running)
        elif kind == "channel-gone":
            self.accounts[record["account"]].channels.pop(record["channel"], None)
        elif kind == "job":
            self._add(Job(**record))
            self.accounts[record["account"]].made += 1
        elif kind == "change":
            job = self.jobs[record["jobid"]]
            for name in (
                "lasts",
                "outcome",
                "code",
                "error",
                "details",
                "buttons",
                "frozen",
                "planned",
                "result",
                "recipe",
            ):
                setattr(job, name, record[name])


def _seed_of(draft: Draft, rng: random.Random) -> int:
    drawn = rng.getrandbits(32)
    wanted = draft.prompt.parameters.get("seed")
    return int(wanted) if wanted else drawn


def _recipe_record(recipe: Recipe | None, seed: int) -> Json:
    if recipe is None:
        return {}
    return (recipe if recipe.solo else replace(recipe, seed=seed)).as_record()


def _spoil(job: Job, draft: Draft, rng: random.Random) -> None:
    """Apply what the request and its faults do to the job's course."""
    struck = [fault for fault in draft.faults if fault.stage is not Stage.BEFORE]
    job.faults = [fault.name for fault in struck]
    for fault in struck:
        job.fault_seconds = fault.seconds if fault.seconds is not None else job.fault_seconds
        job.fault_location = fault.location or job.fault_location
    names = set(job.faults)
    job.listed = "504-runs-anyway" not in names
    refusal = draft.refusal or (_MODERATED if "moderated" in names else None)
    if "invalid" in names:
        refusal = ("Invalid parameter", "Unrecognized parameter(s): `--simulated`")
    if refusal:
        job.starts, job.lasts = None, timing.moderated_after(rng)
        job.outcome, job.code, (job.error, job.details) = "moderated", 422, refusal
    elif "stopped" in names:
        job.lasts *= 0.6
        job.outcome, job.code, job.error, job.details = "moderated", 422, "Job was stopped", "(Stopped)"
    elif "fail" in names:
        job.lasts *= 0.6
        job.outcome, job.code, job.error = "failed", 500, "Midjourney failed to process the job (simulated)"
    elif "long" in names:
        job.lasts = 600.0
    elif "quick" in names:
        job.lasts, job.starts = 3.0, 0.5
    elif "timeout" in names:
        job.get_stuck(job.accepted + (job.starts or 0.0) + (job.lasts - (job.starts or 0.0)) * 0.5)
        job.lasts = 14 * 60.0
    if job.outcome in FINAL - {"completed"}:
        job.buttons = []
