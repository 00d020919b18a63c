"""For administrators, by scope: everybody's servers, clusters, decisions and intervals; stopping."""

from hub_ext import clock
from hub_ext.contract.account import Stopped, StopRequest
from hub_ext.contract.errors import InvalidRequest
from hub_ext.contract.paths import SCOPE_OPERATE, SCOPE_READ
from hub_ext.contract.reasons import Reason
from hub_ext.service.handlers.base import ServiceHandler


class OverviewHandler(ServiceHandler):
    """``GET admin/overview``."""

    async def get(self) -> None:
        """Answer with everything at a glance."""
        self.need(SCOPE_READ)
        self.reply(await self.run(self.views.overview))


class ServersHandler(ServiceHandler):
    """``GET admin/servers``."""

    async def get(self) -> None:
        """Answer with everybody's servers."""
        self.need(SCOPE_READ)
        self.reply(await self.run(self.views.servers))


class ClustersHandler(ServiceHandler):
    """``GET admin/clusters``."""

    async def get(self) -> None:
        """Answer with everybody's clusters."""
        self.need(SCOPE_READ)
        self.reply(await self.run(self.views.clusters))


class DecisionsHandler(ServiceHandler):
    """``GET admin/decisions?limit=``."""

    async def get(self) -> None:
        """Answer with the newest decisions first."""
        self.need(SCOPE_READ)
        self.reply(await self.run(self.views.decisions, self.number("limit", 200, 5000)))


class LedgerHandler(ServiceHandler):
    """``GET admin/ledger?month=2026-11&group=&user=&limit=``."""

    async def get(self) -> None:
        """Answer with the month's intervals and their sum."""
        self.need(SCOPE_READ)
        month = self.get_query_argument("month", f"{clock.now():%Y-%m}")
        group = self.get_query_argument("group", "") or None
        user = self.get_query_argument("user", "") or None
        limit = self.number("limit", 500, 100_000)
        try:
            page = await self.run(self.views.ledger, month, group=group, user=user, limit=limit)
        except ValueError as error:
            raise InvalidRequest(str(error)) from error
        self.reply(page)


class StopHandler(ServiceHandler):
    """``POST admin/stop``: stop somebody's server or cluster, with a note to them."""

    async def post(self) -> None:
        """Stop it through the hub or the gateway, and write down who did and why."""
        self.need(SCOPE_OPERATE)
        asked = self.message(StopRequest)
        record = await self.run(self.desk.owner, asked.lease)
        await self.stopper.stop(record.lease)
        await self.run(self.desk.stopping, record, actor=self.current_person.name, note=asked.note)
        self.metrics.ended(record.lease.kind, Reason.blocked)
        self.changes.of(record.lease.user)
        lease = record.lease
        text = f"{lease.user}'s {lease.kind.value} {lease.name or lease.profile} is stopping."
        self.reply(Stopped(lease=lease.id, message=text))
