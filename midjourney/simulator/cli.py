"""The command line of the simulator."""

from __future__ import annotations

import argparse
import errno
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from midjourney.simulator.config import DEFAULT_TOKEN, Options, parse_channels
from midjourney.simulator.faults import FAULTS, TOKEN_WORDS, Stage
from midjourney.simulator.server import Simulator
from midjourney.simulator.store import StateInUse


def fault_help() -> str:
    """The tables of fault names and token words, as `--help` prints them."""
    lines = [
        "faults (POST /_simulator/faults, or sim:NAME in a prompt; sim:429x3 three times, sim:slow=10 ten seconds):"
    ]
    for stage in Stage:
        lines.append(f"  {stage.value}")
        lines += [f"    {name:<20} {text}" for name, (own, text) in FAULTS.items() if own is stage]
    lines += ["", "words in a token's own part, between dashes (user:7-team-ch2-max12):"]
    lines += [f"    {word:<20} {text}" for word, text in TOKEN_WORDS.items()]
    return "\n".join(lines)


def parse(argv: Sequence[str]) -> tuple[Options, str]:
    """The options of a command line, and `--channels` as it was given."""
    parser = argparse.ArgumentParser(
        prog="python -m midjourney.simulator",
        description="A UseAPI v3 (Midjourney) server with a clock, quotas and faults. Any token user:<n>-<text> works.",
        epilog=fault_help(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--host", default="127.0.0.1")
    add("--port", type=int, default=8090, help="0 takes a free one")
    add("--speed", type=float, default=20.0, help="divides all durations (20); 0 stops the clock")
    add("--seed", type=int, default=1, help="everything drawn follows from it")
    add("--state-dir", type=Path, help="keeps jobs and rendered files here; without it all is forgotten at the end")
    add("--token", action="extend", nargs="+", default=[], help=f"accept only these, e.g. {DEFAULT_TOKEN}")
    add("--channels", default="1", help="how many per account, or ID[=maxJobs[/maxImage[/maxVideo]]],...")
    add("--max-jobs", type=int, default=3, help="jobs at once per channel (1-15)")
    add("--max-image-jobs", type=int, help="image jobs at once per channel (default: as --max-jobs)")
    add("--max-video-jobs", type=int, help="video jobs at once per channel (default: as --max-jobs)")
    add("--no-limits", action="store_true", help="accept jobs beyond the limits; stats show how far they went")
    add("--cdn", choices=("real", "own"), default="real", help="host in imageUx and videoUx")
    add("--picture-scale", type=float, default=1.0, help="0.1 draws tiny pictures")
    add("--duration-mean", type=float, help="mean seconds of an image job, log-normal; other kinds in proportion")
    add("--duration-sigma", type=float, default=0.35, help="sigma of the logarithm")
    add("--cancel-finished", type=int, default=400, help="status for cancelling a finished job")
    add("--cache-mb", type=int, default=512, help="rendered files kept at most")
    add("--verbose", action="store_true", help="log requests (never tokens)")
    values: dict[str, Any] = vars(parser.parse_args(argv))
    values["tokens"] = tuple(values.pop("token"))
    values["cache_bytes"] = values.pop("cache_mb") * 1024 * 1024
    values["enforce_limits"] = not values.pop("no_limits")
    channels = values.pop("channels")
    options = Options(**values)
    problem = _problem(options, channels)
    if problem:
        parser.error(problem)
    return options, channels


def main(argv: Sequence[str] | None = None) -> int:
    """Run until a signal comes. Returns the exit code."""
    options, channels = parse(sys.argv[1:] if argv is None else argv)
    values = {name: getattr(options, name) for name in Options.__dataclass_fields__}
    for derived in ("channels", "channel_count"):
        del values[derived]
    try:
        simulator = Simulator(channels=channels, **values)
    except (OSError, StateInUse) as exc:
        print(_start_problem(options, exc), file=sys.stderr)  # noqa: T201
        return 1
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    simulator.start()
    print(f"simulator: {simulator.url} (speed {options.speed:g}, seed {options.seed})", flush=True)  # noqa: T201
    stop.wait()
    simulator.stop()
    sys.stdout.flush()
    # Threads that still render or stream are daemons in native code; waiting for them could take seconds.
    os._exit(0)


def _problem(options: Options, channels: str) -> str:
    if options.speed < 0:
        return "--speed must not be negative"
    if not 0 < options.picture_scale <= 2:
        return "--picture-scale must be above 0 and at most 2"
    for name in ("max_jobs", "max_image_jobs", "max_video_jobs"):
        value = getattr(options, name)
        if value is not None and not 1 <= value <= 15:
            return f"--{name.replace('_', '-')} must be from 1 to 15"
    try:
        parse_channels(channels, options)
    except ValueError as exc:
        return str(exc)
    return ""


def _start_problem(options: Options, exc: Exception) -> str:
    if isinstance(exc, OSError) and exc.errno == errno.EADDRINUSE:
        return f"simulator: port {options.port} on {options.host} is in use; choose another with --port"
    return f"simulator: cannot start: {exc}"
