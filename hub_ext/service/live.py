"""Who is watching: one open stream per browser tab, told when something of theirs changed."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Changes:
    """Passes on that something changed, by person. Many changes at once become one."""

    def __init__(self) -> None:
        self._watchers: dict[asyncio.Event, str] = {}

    @contextmanager
    def watching(self, user: str) -> Iterator[asyncio.Event]:
        """Give an event that is set whenever something of this person, or of a group's budget, changed."""
        changed = asyncio.Event()
        self._watchers[changed] = user
        try:
            yield changed
        finally:
            del self._watchers[changed]

    def of(self, user: str) -> None:
        """Tell the person's streams."""
        for changed, watcher in self._watchers.items():
            if watcher == user:
                changed.set()

    def of_all(self) -> None:
        """Tell every stream."""
        for changed in self._watchers:
            changed.set()

    def __len__(self) -> int:
        return len(self._watchers)
