"""Keeps the ledger as long as it is to be kept: removes what is older, once a day, little by little."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from hub_ext import clock
from hub_ext.metrics import Metrics
from hub_ext.usage import retention
from hub_ext.usage.database import Connection, Database
from hub_ext.usage.trying import repeated

log = logging.getLogger(__name__)

_BATCHES = 20
"""The most batches of one check: budgets and idle ends are watched in the same round."""


def nothing_closed(_connection: Connection) -> datetime | None:
    """Say that months are not closed here, so that none has to be waited for."""
    return None


class Keeper:
    """Removes what is too old. Only the leader's is asked.

    Args:
        database: the ledger.
        days: how long what has ended is kept; 0: for ever.
        metrics: counts what was removed.
        closed_until: says until when months are closed; nothing later is removed. None: months are not closed.
    """

    def __init__(
        self,
        database: Database,
        days: int,
        metrics: Metrics,
        closed_until: Callable[[Connection], datetime | None] = nothing_closed,
    ) -> None:
        self._database = database
        self._days = days
        self._metrics = metrics
        self._closed_until = closed_until
        self._done_on: object = None

    async def check(self) -> None:
        """Remove some, until there is nothing left to remove today."""
        now = clock.now()
        if not self._days or self._done_on == now.date():
            return
        for _ in range(_BATCHES):
            if not await asyncio.to_thread(self.remove, now):
                self._done_on = now.date()
                return

    @repeated
    def remove(self, now: datetime) -> dict[str, int]:
        """Remove some, in one transaction; return table -> rows. When there is no more, write down how much it was."""
        with self._database.write() as connection:
            limit = retention.limit_of(now, self._days, self._closed_until(connection))
            counts = retention.remove_some(connection, limit)
            if not counts:
                retention.tell(connection, now)
        for table, count in counts.items():
            self._metrics.removed.labels(table).inc(count)
        if counts:
            text = ", ".join(f"{count} {table}" for table, count in counts.items())
            log.info("Removed what ended before %s: %s", limit.date(), text)
        return counts
