"""Ends what is idle, too old, left behind or no longer paid for, with the reason to its owner.

The timers are here, where no user code reaches.

A server's last use is the hub's word; a cluster's is the gateway's, which takes it from the operating system and not
from the cluster's own scheduler.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from hub_ext import clock
from hub_ext.contract.admission import Kind, Lease
from hub_ext.contract.errors import GatehouseError, Unavailable
from hub_ext.metrics import Metrics
from hub_ext.policy.ending import Ending, Life, ending, warning
from hub_ext.service.desk import Desk
from hub_ext.service.hub_api import HubApi
from hub_ext.service.live import Changes
from hub_ext.service.stopping import Stopper
from hub_ext.service.watching import BudgetWatch

log = logging.getLogger(__name__)
_AT_ONCE = 20
"""Stops that hub and gateway are asked for at the same time; the rest follow."""

_Running = tuple[Lease, Life]


class Enforcer:
    """Holds what runs against its profile's idle time and lifetime, and against the budgets.

    Args:
        desk: knows what runs, and notes what ends.
        budgets: knows whose budget is used up.
        hub: knows when each server was last used.
        stopper: stops.
        changes: tells the streams.
        metrics: counts what ends, by reason.
        server_grace: how long a cluster may outlive its person's servers, where it ends with them.
        warn: how long before an end its owner is told.
    """

    def __init__(
        self,
        desk: Desk,
        budgets: BudgetWatch,
        hub: HubApi,
        stopper: Stopper,
        changes: Changes,
        *,
        metrics: Metrics,
        server_grace: timedelta,
        warn: timedelta,
    ) -> None:
        self._desk = desk
        self._budgets = budgets
        self._hub = hub
        self._stopper = stopper
        self._changes = changes
        self._metrics = metrics
        self._server_grace = server_grace
        self._warn = warn
        self._warned: dict[str, Ending] = {}
        self._at_once = asyncio.Semaphore(_AT_ONCE)

    async def check(self) -> None:
        """Stop everything whose time or money is over; what cannot be stopped now is tried again the next time."""
        await self._check_budgets()
        await self._check_times()

    async def _check_budgets(self) -> None:
        seen = await asyncio.to_thread(self._budgets.look)
        if seen.everybody:
            self._changes.of_all()
        for user in seen.told:
            self._changes.of(user)
        await self._end_all(seen.due)

    async def _check_times(self) -> None:
        running = await asyncio.to_thread(self._desk.running)
        if not running:
            return
        used = await self._used(running)
        now = clock.now()
        due: list[tuple[Lease, Ending]] = []
        warned: dict[str, Ending] = {}
        for lease, told in running:
            # A server is idle by what the hub says now, or not at all.
            life = replace(told, active_at=used.get(lease.id), seen_at=now) if lease.kind is Kind.server else told
            why = ending(lease, life, now=now, server_grace=self._server_grace)
            if why is not None:
                due.append((lease, why))
                continue
            soon = warning(lease, life, now=now, window=self._warn)
            if soon is not None:
                warned[lease.id] = soon
            if self._warned.get(lease.id) != soon:  # the account says it by itself; here its readers are told to look
                self._changes.of(lease.user)
        self._warned = warned
        await self._end_all(due)

    async def _used(self, running: Sequence[_Running]) -> Mapping[str, datetime]:
        """Return lease -> last use of every server; while the hub does not say, nothing is idle."""
        servers = [(lease, life) for lease, life in running if lease.kind is Kind.server]
        if not servers:
            return {}
        try:
            active = await self._hub.active_servers()
        except Unavailable as error:
            log.warning("No server is stopped for being idle: %s", error.line)
            return {}
        known = {lease.id: life.active_at for lease, life in servers}
        used = {lease.id: active[lease.ref] for lease, _ in servers if lease.ref in active}
        news = {id_: at for id_, at in used.items() if known[id_] != at}
        if news:
            await asyncio.to_thread(self._desk.seen, news)
        return used

    async def _end_all(self, due: Sequence[tuple[Lease, Ending]]) -> None:
        """End these side by side: the hub takes up to ten seconds for one server, and nobody else waits for it."""
        await asyncio.gather(*(self._end(lease, why) for lease, why in due))

    async def _end(self, lease: Lease, why: Ending) -> None:
        try:
            async with self._at_once:
                await self._stopper.stop(lease)
        except GatehouseError as error:
            log.warning("%s of %s should end [%s], but: %s", lease.ref, lease.user, why.reason.value, error.line)
            return
        log.info("Ending %s of %s [%s]", lease.ref, lease.user, why.reason.value)
        await asyncio.to_thread(self._desk.ending, lease, why)
        self._metrics.ended(lease.kind, why.reason)
        self._changes.of(lease.user)
