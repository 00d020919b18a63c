"""Whose a pod is beside the ledger: the hub's or the gateway's, who end it as they end everything of theirs."""

import logging
from dataclasses import dataclass

from hub_ext.contract.errors import Unavailable
from hub_ext.service.gateway_api import GatewayApi
from hub_ext.service.hub_api import HubApi
from hub_ext.service.stopping import Stopper

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Sides:
    """The hub and the gateway."""

    hub: HubApi
    gateway: GatewayApi
    stopper: Stopper

    async def servers(self) -> set[str] | None:
        """Return the hub's servers as ``user/server``; None: it does not say."""
        try:
            return set(await self.hub.servers())
        except Unavailable as error:
            log.warning("Pods of servers are not compared with the hub: %s", error.line)
            return None

    async def lives(self, cluster: str) -> bool | None:
        """Say whether the gateway knows a cluster as one that has not ended; None: it does not say."""
        try:
            return await self.gateway.lives(cluster)
        except Unavailable as error:
            log.warning("Pods of %s are not compared with the gateway: %s", cluster, error.line)
            return None
