"""Who is watching: one open stream per browser tab, told when something of theirs changed."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from hub_ext.usage.channel import EVERYBODY


class Changes:
    """Passes on that something changed, by person. Many changes at once become one."""

    def __init__(self) -> None:
        self._watchers: dict[asyncio.Event, str] = {}
        self._made_here: set[str] | None = None

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
        """Tell the person's streams, here and at every other replica."""
        self.heard_of(user)
        if self._made_here is not None:
            self._made_here.add(user)

    def of_all(self) -> None:
        """Tell every stream, here and at every other replica."""
        self.heard_of_all()
        if self._made_here is not None:
            self._made_here.add(EVERYBODY)

    def heard_of(self, user: str) -> None:
        """Tell the person's streams here."""
        for changed, watcher in self._watchers.items():
            if watcher == user:
                changed.set()

    def heard_of_all(self) -> None:
        """Tell every stream here."""
        for changed in self._watchers:
            changed.set()

    def gather(self) -> None:
        """From now on keep what was changed here, for the other replicas."""
        self._made_here = set()

    def gathered(self) -> frozenset[str]:
        """Return who was told of since the last time."""
        users = frozenset(self._made_here or ())
        if self._made_here is not None:
            self._made_here.clear()
        return users

    def __len__(self) -> int:
        return len(self._watchers)
