"""What a month cost me: the service's answer, passed on."""

from jupyter_server.auth.decorator import authorized
from tornado import web

from server_ext.handlers.base import GatehouseHandler


class CostsHandler(GatehouseHandler):
    """The person's own costs of one month."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Answer with the service's :class:`hub_ext.contract.costs.MonthCosts`.

        Query: ``month``, such as ``2026-11``; this month by default.
        """
        self.finish(await self.settings["gatehouse_proxy"].costs(self.get_query_argument("month", "")))
