"""A line of messages on disk: first in, first out, safe against a kill at any moment.

One file per message, written beside and renamed into place, so that a file is either whole or not there. The names
count up, so that the order survives a restart. Without a directory the line is kept in memory.
"""

import os
from collections import OrderedDict
from pathlib import Path


class Outbox:
    """Messages that wait to be sent, oldest first.

    Args:
        directory: where they wait; made if missing. None: memory only.
        limit: the most messages that are kept; beyond it the oldest is dropped and counted in ``dropped``.
    """

    def __init__(self, directory: Path | None, limit: int = 100_000) -> None:
        self.directory = directory
        self.limit = limit
        self.dropped = 0
        self._waiting: OrderedDict[int, str | None] = OrderedDict()
        if directory is not None:
            directory.mkdir(parents=True, exist_ok=True)
            for left_over in directory.glob("*.tmp"):
                left_over.unlink()
            for number in sorted(int(path.stem) for path in directory.glob("*.json")):
                self._waiting[number] = None
        self._next = max(self._waiting, default=0) + 1

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, text: str) -> None:
        """Append a message; it is on disk when this returns."""
        number, self._next = self._next, self._next + 1
        if self.directory is None:
            self._waiting[number] = text
        else:
            path = self._path(number)
            beside = path.with_suffix(".tmp")
            with beside.open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
            self._waiting[number] = None
        while len(self._waiting) > self.limit:
            self.remove(next(iter(self._waiting)))
            self.dropped += 1

    def first(self, count: int) -> list[tuple[int, str]]:
        """Return up to ``count`` of the oldest messages, each with the number by which it is removed."""
        numbers = [number for number, _ in zip(self._waiting, range(count), strict=False)]
        return [(number, self._read(number)) for number in numbers]

    def remove(self, number: int) -> None:
        """Forget a message that has arrived."""
        self._waiting.pop(number, None)
        if self.directory is not None:
            self._path(number).unlink(missing_ok=True)

    def _read(self, number: int) -> str:
        kept = self._waiting[number]
        return kept if kept is not None else self._path(number).read_text(encoding="utf-8")

    def _path(self, number: int) -> Path:
        if self.directory is None:
            raise RuntimeError("this outbox has no directory")
        return self.directory / f"{number:012d}.json"
