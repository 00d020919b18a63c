"""Several processes that call the service at once, and a watcher who reads the database meanwhile."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import text

from hub_ext.contract.errors import Unavailable
from hub_ext.usage.database import Database

Call = tuple[str, str, Any]
"""Method, path below the service's prefix, body."""

_HELD = text(
    'select "group", sum(base_cores + workers * worker_cores) as millicores'
    " from leases where state <> 'released' group by \"group\""
)
_CALLER = Path(__file__).parent / "caller.py"


class Crowd:
    """Processes that share the work; half of them prefer each replica.

    Args:
        urls: of the replicas, with prefix and slash.
        token: that all of them call with.
        processes: how many.
        at_once: how many calls each has under way.
    """

    def __init__(self, urls: Sequence[str], token: str, *, processes: int = 8, at_once: int = 20) -> None:
        self._urls = list(urls)
        self._token = token
        self._processes = processes
        self._at_once = at_once

    @contextmanager
    def calling(self, calls: Sequence[Call]) -> Iterator[list[dict[str, Any]]]:
        """Start calling; the answers are there, in the order of the calls, when the block has ended."""
        answers: list[dict[str, Any]] = [{} for _ in calls]
        parts = [range(number, len(calls), self._processes) for number in range(self._processes)]
        threads = [
            threading.Thread(target=self._one, args=(number, calls, part, answers)) for number, part in enumerate(parts)
        ]
        for thread in threads:
            thread.start()
        try:
            yield answers
        finally:
            for thread in threads:
                thread.join()

    def call(self, calls: Sequence[Call]) -> list[dict[str, Any]]:
        """Call and return the answers."""
        with self.calling(calls) as answers:
            pass
        return answers

    def _one(self, number: int, calls: Sequence[Call], part: range, answers: list[dict[str, Any]]) -> None:
        first = number % len(self._urls)
        task = {
            "urls": self._urls[first:] + self._urls[:first],
            "token": self._token,
            "at_once": self._at_once,
            "calls": [calls[index] for index in part],
        }
        told = subprocess.run(
            [sys.executable, str(_CALLER)], input=json.dumps(task).encode(), stdout=subprocess.PIPE, check=True
        )
        for index, answer in zip(part, json.loads(told.stdout), strict=True):
            answers[index] = answer


def held(database: Database) -> dict[str, int]:
    """Return the cores that each group holds now: from the rows themselves, past the code that is tested."""
    with database.read() as connection:
        return {row.group: row.millicores // 1000 for row in connection.execute(_HELD)}


class Watcher:
    """Reads again and again what each group holds.

    Args:
        url: of the database, which it reads by itself: the service is not asked about itself.
    """

    def __init__(self, url: str) -> None:
        self.most: dict[str, int] = {}
        """Group -> the most that was ever seen."""
        self.looks = 0
        self._url = url
        self._over = threading.Event()

    @contextmanager
    def watching(self, *, outages: bool = False) -> Iterator["Watcher"]:
        """Watch during the block.

        Args:
            outages: whether the database may be away meanwhile; then there is nothing to see.
        """
        thread = threading.Thread(target=self._watch, args=((Unavailable,) if outages else (),))
        thread.start()
        try:
            yield self
        finally:
            self._over.set()
            thread.join()

    def _watch(self, away: tuple[type[Exception], ...]) -> None:
        database = Database(self._url)
        while not self._over.wait(0.05):
            with suppress(*away):
                for group, cores in held(database).items():
                    self.most[group] = max(cores, self.most.get(group, cores))
                self.looks += 1
        database.close()
