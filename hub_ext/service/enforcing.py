"""Ends what is idle, too old, or no longer paid for, with the reason to its owner.

The timers are here, where user code cannot reach them.

A server's last use is the hub's word. A cluster's idle time is watched by its own scheduler, as Dask Gateway does it,
and its longest life from here.
"""

import asyncio
import logging
from datetime import UTC, datetime

from hub_ext.contract.admission import Kind, Lease
from hub_ext.contract.errors import GatehouseError, Unavailable
from hub_ext.policy.ending import Ending, ending
from hub_ext.service.desk import Desk
from hub_ext.service.hub_api import HubApi
from hub_ext.service.live import Changes
from hub_ext.service.stopping import Stopper
from hub_ext.service.watching import BudgetWatch

log = logging.getLogger(__name__)


class Enforcer:
    """Holds what runs against its profile's idle time and lifetime, and against the budgets."""

    def __init__(self, desk: Desk, budgets: BudgetWatch, hub: HubApi, stopper: Stopper, changes: Changes) -> None:
        self._desk = desk
        self._budgets = budgets
        self._hub = hub
        self._stopper = stopper
        self._changes = changes

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
        for lease, why in seen.due:
            await self._end(lease, why)

    async def _check_times(self) -> None:
        running = await asyncio.to_thread(self._desk.running)
        if not running:
            return
        active = await self._active()
        now = datetime.now(UTC)
        for lease, started_at in running:
            last = active.get(lease.ref) if lease.kind is Kind.server else None
            why = ending(lease, started_at=started_at, active_at=last, now=now)
            if why is not None:
                await self._end(lease, why)

    async def _active(self) -> dict[str, datetime]:
        """Return when each server was last used; while the hub does not say, nothing is idle."""
        try:
            return await self._hub.active_servers()
        except Unavailable as error:
            log.warning("Nobody is stopped for being idle: %s", error.line)
            return {}

    async def _end(self, lease: Lease, why: Ending) -> None:
        try:
            await self._stopper.stop(lease)
        except GatehouseError as error:
            log.warning("%s of %s should end [%s], but: %s", lease.ref, lease.user, why.reason.value, error.line)
            return
        log.info("Ending %s of %s [%s]", lease.ref, lease.user, why.reason.value)
        await asyncio.to_thread(self._desk.ending, lease, why)
        self._changes.of(lease.user)
