"""Rendered files on disk, bounded: the least recently used go first."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path


class RenderCache:
    """Renders each file once, at most two at a time, however many ask for it together."""

    def __init__(self, state_dir: Path | None, limit: int) -> None:
        self._own = state_dir is None
        self.directory = Path(tempfile.mkdtemp(prefix="mj-simulator-")) if state_dir is None else state_dir / "media"
        self.directory.mkdir(parents=True, exist_ok=True)
        self._limit = limit
        self._lock = threading.Lock()
        self._slots = threading.BoundedSemaphore(2)
        self._busy: dict[str, threading.Lock] = {}
        self._sizes: OrderedDict[str, int] = OrderedDict()
        self._total = 0
        self._scan()

    def get(self, name: str, render: Callable[[], bytes]) -> bytes:
        """The file of that name, rendered now if it is not there."""
        content = self._read(name)
        if content is not None:
            return content
        with self._lock:
            busy = self._busy.setdefault(name, threading.Lock())
        with busy:
            content = self._read(name)
            if content is None:
                with self._slots:
                    content = render()
                self._keep(name, content)
        with self._lock:
            self._busy.pop(name, None)
        return content

    def clear(self) -> None:
        with self._lock:
            names = list(self._sizes)
            self._sizes.clear()
            self._total = 0
        for name in names:
            (self.directory / name).unlink(missing_ok=True)

    def close(self) -> None:
        if self._own:
            shutil.rmtree(self.directory, ignore_errors=True)

    def _read(self, name: str) -> bytes | None:
        with self._lock:
            if name not in self._sizes:
                return None
            self._sizes.move_to_end(name)
        try:
            return (self.directory / name).read_bytes()
        except OSError:
            return None

    def _keep(self, name: str, content: bytes) -> None:
        with contextlib.suppress(OSError):
            unfinished = self.directory / f"{name}.part"
            unfinished.write_bytes(content)
            os.replace(unfinished, self.directory / name)
            with self._lock:
                self._total += len(content) - self._sizes.pop(name, 0)
                self._sizes[name] = len(content)
                gone = self._evict()
            for old in gone:
                (self.directory / old).unlink(missing_ok=True)

    def _evict(self) -> list[str]:
        gone = []
        while self._total > self._limit and len(self._sizes) > 1:
            name, size = self._sizes.popitem(last=False)
            self._total -= size
            gone.append(name)
        return gone

    def _scan(self) -> None:
        for file in sorted(self.directory.iterdir(), key=lambda path: path.stat().st_mtime):
            if file.suffix == ".part":
                file.unlink(missing_ok=True)
                continue
            self._sizes[file.name] = file.stat().st_size
            self._total += self._sizes[file.name]
        for old in self._evict():
            (self.directory / old).unlink(missing_ok=True)
