"""An append-only journal, so that the simulator survives its own death at any moment."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from pathlib import Path

from midjourney.simulator.replies import Json


class StateInUse(RuntimeError):
    """Another simulator holds this state directory."""


class Journal:
    """One JSON object a line, handed to the kernel before the answer goes out.

    That survives `kill -9` of the process. It is not synced to the disk, so a power cut may lose the last lines.
    """

    def __init__(self, state_dir: Path | None) -> None:
        self._file = -1
        self._path: Path | None = None
        if state_dir is None:
            return
        state_dir.mkdir(parents=True, exist_ok=True)
        self._path = state_dir / "journal.jsonl"
        self._file = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as exc:
            os.close(self._file)
            raise StateInUse(f"{state_dir} is in use by another simulator") from exc

    def read(self) -> Iterator[Json]:
        """Every record of earlier runs; a line that a death cut short is removed."""
        if self._path is None:
            return
        good = 0
        with self._path.open("rb") as lines:
            for line in lines:
                if not line.endswith(b"\n"):
                    break
                try:
                    record = json.loads(line)
                except ValueError:
                    break
                good += len(line)
                yield record
        if good < self._path.stat().st_size:
            os.ftruncate(self._file, good)

    def write(self, kind: str, **values: object) -> None:
        """Append one record."""
        if self._file < 0:
            return
        line = json.dumps({"t": kind, **values}, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        while line:
            line = line[os.write(self._file, line) :]

    def clear(self) -> None:
        """Forget everything."""
        if self._file >= 0:
            os.ftruncate(self._file, 0)

    def close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
