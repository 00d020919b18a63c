"""Grants of clusters whose gateway is several processes: what one of them knows is on the cluster's object.

A scheduler on Kubernetes tells its wish only when that changes, so every cluster is asked for again by a timer, on each
replica. Two replicas get the same answer from the service and write only what differs. Two that steer the same cluster
at the same moment are told apart by the object: what was read is written back only where nobody wrote meanwhile, else
the whole step is done again.
"""

import asyncio
import json
from http import HTTPStatus
from typing import Any

from dask_gateway_server.models import ClusterStatus
from kubernetes_asyncio.client.rest import ApiException
from traitlets import Float
from traitlets.config import LoggingConfigurable

from hub_ext.cluster.granting import grant_of
from hub_ext.cluster.kube.objects import STEERING
from hub_ext.contract.admission import Grant

_PATH = "/metadata/annotations/gatehouse~1steering"
_TRIES = 5
_AT_ONCE = 8
"""Clusters that are asked for at the same time."""
_MOVED = {HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY}
"""How an API server says that a patch's ``test`` failed."""


class Moved(Exception):
    """Another replica has steered the cluster meanwhile."""


class KubeGranting(LoggingConfigurable):
    """Put in front of ``GatehouseBackendMixin`` and ``KubeBackend``."""

    clusters: dict[str, Any]
    informer: Any
    custom_client: Any
    crd_version: str
    client: Any
    later: Any
    _locks: Any
    _steered: Any
    _ask: Any
    _push: Any
    steers_alone = False

    grant_check_seconds = Float(
        5.0,
        min=0.1,
        help="""
        How often the service is asked what each cluster may have. A scheduler on Kubernetes says only once what it
        wants, so a changed grant is found, and a smaller one obeyed, after so many seconds at most.
        """,
    ).tag(config=True)

    # -- what is on the object ---------------------------------------------------------------------------------------

    async def read(self, name: str) -> dict[str, Any]:
        """Return a cluster's object as the API server has it now.

        Raises:
            ApiException: there is none, or the API server is away.
        """
        found: dict[str, Any] = await self.custom_client.get_namespaced_custom_object(*self._place(name))
        return found

    def known(self, name: str) -> dict[str, Any]:
        """Return a cluster's object as it was last heard of; empty: there is none."""
        found: dict[str, Any] = self.informer.get(name) or {}
        return found

    def running_workers(self, name: str, _reported: int) -> int:
        """Return the worker pods that hold a place, as the controller counted them."""
        return int(self.known(name).get("status", {}).get("gatehouse", {}).get("workers", 0))

    def granted_before(self, name: str) -> int:
        """Return the grant on the object: the last one, whichever replica asked for it."""
        return int(self.known(name).get("spec", {}).get("replicas", 0))

    def last_grant(self, name: str) -> Grant | None:
        """As :meth:`granted_before`: what this replica remembers may be older."""
        return grant_of(self.granted_before(name)) if self.known(name) else None

    def is_own_host(self, host: str) -> bool:
        """Whether an address may be a scheduler's. The engine uses none of them: it knows the services' names."""
        return bool(host)

    async def steering_before(self, name: str) -> dict[str, Any]:
        """Return how the cluster is steered, as the API server has it now."""
        try:
            annotations = (await self.read(name))["metadata"].get("annotations") or {}
        except ApiException as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            return {}
        self._seen[name] = annotations.get(STEERING)
        note: dict[str, Any] = json.loads(annotations.get(STEERING) or "{}")
        return note

    async def note_steering(self, name: str, note: dict[str, Any]) -> None:
        """Write how the cluster is steered.

        Raises:
            Moved: another replica wrote since it was read.
        """
        before, after = self._seen.get(name), json.dumps(note, sort_keys=True)
        if before == after:
            return
        steps = [{"op": "test", "path": _PATH, "value": before}] if before is not None else []
        try:
            await self._patch(name, [*steps, {"op": "add", "path": _PATH, "value": after}])
        except ApiException as error:
            if error.status in _MOVED:
                raise Moved(name) from error
            if error.status != HTTPStatus.NOT_FOUND:
                raise
        self._seen[name] = after

    # -- what is asked -----------------------------------------------------------------------------------------------

    async def setup(self, app: Any) -> None:
        """Begin with no memory of any object. Called by the gateway at its start."""
        self._seen: dict[str, str | None] = {}
        await super().setup(app)

    async def on_cluster_heartbeat(self, cluster_name: str, msg: Any) -> None:
        """As the mixin; done again where another replica was faster."""
        await self._steadily(super().on_cluster_heartbeat, cluster_name, msg)

    async def forward_message_to_scheduler(self, cluster: Any, msg: dict[str, Any]) -> None:
        """As the mixin; done again where another replica was faster: nothing has gone out by then."""
        await self._steadily(super().forward_message_to_scheduler, cluster, msg)

    async def keep_granting(self) -> None:
        """Ask for every running cluster, for as long as the gateway runs."""
        turns = asyncio.Semaphore(_AT_ONCE)
        while True:
            await asyncio.sleep(self.grant_check_seconds)
            running = [name for name, one in self.clusters.items() if one.status == ClusterStatus.RUNNING]
            await asyncio.gather(*(self._in_turn(turns, name) for name in running))

    async def _in_turn(self, turns: asyncio.Semaphore, name: str) -> None:
        async with turns:
            try:
                await self._steadily(self.regrant, name)
            except Exception:
                self.log.exception("Cluster %s was not asked for", name)

    async def regrant(self, name: str) -> None:
        """Ask again what a cluster may have, and obey: its scheduler has nothing to say, but the service may."""
        async with self._locks[name]:
            cluster = self.clusters.get(name)
            if cluster is None or cluster.status != ClusterStatus.RUNNING:
                return
            running = self.running_workers(name, 0)
            steering = await self._steered(name, cluster.config.get("first_workers", 0))
            grant = await self._ask(name, steering, steering.wish, running)
            allowed, order = steering.settle(grant.workers, running)
            if order is None and running > allowed and steering.told == allowed:
                order = steering.tell(allowed)  # it may not have heard: nothing else would tell it again
            await self.note_steering(name, steering.note)
            if allowed != self.granted_before(name):
                await self._patch(name, [{"op": "add", "path": "/spec/replicas", "value": allowed}])
        if order is not None and cluster.api_address:
            await self._push(cluster, order)

    async def _steadily(self, step: Any, *told: Any) -> None:
        for _ in range(_TRIES - 1):
            try:
                return await step(*told)
            except Moved:
                continue
        return await step(*told)

    # -- the API server ----------------------------------------------------------------------------------------------

    def _place(self, cluster: str) -> tuple[str, str, str, str, str]:
        namespace, name = cluster.split(".")
        return "gateway.dask.org", self.crd_version, namespace, "daskclusters", name

    async def _patch(self, cluster: str, steps: list[dict[str, Any]]) -> None:
        await self.custom_client.patch_namespaced_custom_object(*self._place(cluster), steps)
