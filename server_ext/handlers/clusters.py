"""Act on one cluster, through the gateway, as the person."""

from jupyter_server.auth.decorator import authorized
from tornado import web

from server_ext.handlers.base import GatehouseHandler


class EnvironmentHandler(GatehouseHandler):
    """The kernel's packages against the cluster's."""

    @web.authenticated
    @authorized
    async def get(self, cluster: str) -> None:
        """Answer with an :class:`hub_ext.contract.environment.EnvironmentComparison`.

        Query: ``kernel``, the name of a kernelspec, ``python3`` by default; ``fresh=1`` leaves the short cache out.
        """
        kernel = self.get_query_argument("kernel", "python3")
        fresh = self.get_query_argument("fresh", "") == "1"
        specs = self.kernel_spec_manager
        self.answer(await self.settings["gatehouse_checks"].compare(specs, kernel, cluster, fresh=fresh))


class StopHandler(GatehouseHandler):
    """Stop a cluster of the person's own."""

    @web.authenticated
    @authorized
    async def post(self, cluster: str) -> None:
        """Ask the gateway to stop it; 204 when it has begun to."""
        await self.settings["gatehouse_clusters"].stop(cluster)
        self.set_status(204)
        self.finish()
