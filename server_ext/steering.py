"""Steering one cluster as its person: other workers, adaptive scaling, new worker processes."""

import asyncio
from contextlib import suppress
from time import time
from typing import Any

from hub_ext.contract.steering import AdaptRequest, ScaleRequest, Steered
from server_ext.clusters import Clusters

RESTART_SECONDS = 20
"""How long a worker may take to let go of its process; afterwards the scheduler drops it."""


START_SECONDS = 10
"""How long a cluster that is starting is waited for; below the time in which the gateway must answer."""


class Steering:
    """Scale, adapt and restart.

    Args:
        clusters: how the gateway is reached.
    """

    def __init__(self, clusters: Clusters) -> None:
        self._clusters = clusters

    async def scale(self, name: str, asked: ScaleRequest) -> Steered:
        """Ask for so many workers; returns when the scheduler knows.

        Raises:
            GatehouseError: in the gateway's words where it has any.
        """
        return await self._post(name, "scale", {"count": asked.workers})

    async def adapt(self, name: str, asked: AdaptRequest) -> Steered:
        """Switch adaptive scaling on, with these bounds, or off.

        Raises:
            GatehouseError: as :meth:`scale`.
        """
        return await self._post(name, "adapt", asked.model_dump())

    async def restart(self, name: str) -> None:
        """End every worker process and let new ones start; returns when the old ones have ended.

        As ``Client.restart`` does it: the scheduler forgets all tasks first, so that whatever broke the workers is not
        sent to the new ones. A worker's nanny starts its next process; where there is none, or it takes long, the
        gateway starts another worker in its place.

        Raises:
            GatehouseError: if there is no such running cluster, or the gateway does not answer.
        """
        async with self._clusters.scheduler(name) as scheduler:
            with suppress(TimeoutError):  # a worker did not end in time: the scheduler dropped it, the gateway ends it
                await scheduler.restart(
                    timeout=RESTART_SECONDS, wait_for_workers=False, stimulus_id=f"gatehouse-restart-{time()}"
                )

    async def _post(self, name: str, verb: str, body: dict[str, Any]) -> Steered:
        """Send what ``GatewayCluster.scale`` and ``adapt`` send.

        These make a warning of what the gateway says, which is the whole process's and not this request's.
        """
        async with self._clusters.gateway(name) as gateway:
            await _begun(gateway, name)
            url = f"{gateway.address}/api/v1/clusters/{name}/{verb}"
            response = await gateway._request("POST", url, json=body)  # noqa: SLF001 - see above
            told = await response.json()
        return Steered(message="" if told.get("ok", True) else told.get("msg") or "")


async def _begun(gateway: Any, name: str) -> None:
    """Wait a little for a cluster that is starting.

    Its person reads "running" as soon as its scheduler runs; the gateway says so with the scheduler's first heartbeat.
    """
    last = time() + START_SECONDS
    while time() < last and (await gateway.get_cluster(name)).status.name == "PENDING":  # noqa: ASYNC110 - it can only be asked
        await asyncio.sleep(0.5)
