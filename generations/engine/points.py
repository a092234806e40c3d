"""Named points between the instructions that money and files depend on, at which tests end a process.

`reached` does nothing unless a hook is installed. In order of a job's way:

| Point | Stands after | Before |
|---|---|---|
| `claim.reserved` | the job moved to submitting | the claim's commit |
| `claim.committed` | the claim's commit | the thread that sends is started |
| `send.taken` | the sending thread has begun | `sent_at` is written |
| `send.begun` | `sent_at` is committed | the request's first byte |
| `send.answered` | the upstream's answer, or its failure | anything of it is recorded |
| `adopt.moved` | the upstream id is written | its commit |
| `adopt.committed` | the upstream id is committed | the rest of the answer is taken in |
| `send.recorded` | the answer to the submission is recorded | the thread's end |
| `complete.moved` | the move to saving | the rows of its files, in the same transaction |
| `complete.expected` | the rows of its files | the commit of both |
| `complete.committed` | that commit | a saver is asked for |
| `save.reserved` | a saver has reserved the job | anything is fetched |
| `save.fetched` | a file is written aside and synced | it is looked into |
| `save.examined` | it was decoded and has its thumbnails | it is renamed |
| `save.renamed` | it stands at its place, synced | its row is filled |
| `save.filled` | its row is filled | the next file |
| `save.complete` | all files of the job are there | the move to done |
| `save.done` | the move to done is committed | the next job |
| `requeue.moved` | the move back to the queue | its commit |

A test installs a hook with `install`, or, in a process of its own, with the environment variable `STUDIO_POINTS_HOOK`
naming a function as `package.module:function`. The variable counts only where the settings have `ALLOW_POINTS = True`;
the studio's own settings do not.
"""

import importlib
import os
from collections.abc import Callable

from django.conf import settings

HOOK_VARIABLE = "STUDIO_POINTS_HOOK"

Hook = Callable[[str], None]
_hook: Hook | None = None
_looked = False

NAMES = (
    "claim.reserved", "claim.committed",
    "send.taken", "send.begun", "send.answered", "adopt.moved", "adopt.committed", "send.recorded",
    "complete.moved", "complete.expected", "complete.committed",
    "save.reserved", "save.fetched", "save.examined", "save.renamed", "save.filled", "save.complete", "save.done",
    "requeue.moved",
)  # fmt: skip


def reached(name: str) -> None:
    """Say that the point of this name was reached, in whatever thread that happens."""
    if not _looked:
        _look()
    if _hook is not None:
        _hook(name)


def install(hook: Hook | None) -> None:
    """Call `hook` with the name of every point that this process reaches from now on; None removes it."""
    global _hook, _looked
    _hook, _looked = hook, True


def _look() -> None:
    """Take the hook from the environment, where the settings are those of a test."""
    path = os.environ.get(HOOK_VARIABLE, "") if getattr(settings, "ALLOW_POINTS", False) else ""
    module, _, name = path.partition(":")
    install(getattr(importlib.import_module(module), name) if name else None)
